"""Phases of CT in the ``dose`` section: what each takes, and what one phase less would have saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecorad.footprint.dose.phases import PhaseGroup, PhasesFound, Saving
from ecorad.model import Origin, Quantity

from .quantities import quantity

METHOD = "one_phase_less"


def phases_section(
    found: PhasesFound, groups: Sequence[PhaseGroup], aliases: Mapping[str, str | None]
) -> dict[str, Any]:
    """How many regions of studies have how many phases, and the groups with two or more."""
    return {
        "regions": len(found.regions),
        "multi_phase": sum(len(one.phases) > 1 for one in found.regions),
        "not_told": found.not_told,
        "groups": [_group(one, aliases) for one in groups],
    }


def _group(one: PhaseGroup, aliases: Mapping[str, str | None]) -> dict[str, Any]:
    columns = zip(one.protocols, one.delays_s, one.dlps_mgy_cm, one.doses_msv, one.energies_kwh, strict=True)
    names = ("protocol", "delay_s", "dlp_mgy_cm", "effective_msv", "kwh")
    return {
        "device": one.device_key or None,
        "alias": aliases.get(one.device_key),
        "body_region": one.body_region,
        "exams": one.exams,
        "phases": [dict(zip(names, row, strict=True)) for row in columns],
        "saved_msv": _saved(one.saved_msv, "mSv", Origin.MODELLED, one.factors, "not_written"),
        "saved_kwh": _saved(one.saved_kwh, "kW.h", Origin.MODELLED, (), "not_written"),
    }


def _saved(saving: Saving | None, unit: str, origin: Origin, factors: tuple[str, ...], reason: str) -> dict[str, Any]:
    if saving is None:
        return quantity(Quantity(None, unit, method=METHOD), reason)
    found = Quantity(
        saving.value, unit, low=saving.low, high=saving.high, origin=origin, factors=factors, method=METHOD
    )
    return quantity(found)
