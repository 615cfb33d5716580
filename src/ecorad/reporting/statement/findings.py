"""The ``findings`` section: what could change tomorrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecorad.findings.energy.detect import energy_findings
from ecorad.findings.energy.finding import Finding
from ecorad.findings.energy.view import Setting
from ecorad.findings.scanner_use.fewer import Together
from ecorad.footprint.results import DepartmentEnergy
from ecorad.model import Period, Site
from ecorad.model.clock import to_us
from ecorad.model.site_power import PowerEntry

from .devices import DeviceFacts
from .method import Choices
from .quantities import quantity


def finding_setting(
    found: DepartmentEnergy,
    site: Site,
    period: Period,
    chosen: Choices,
    *,
    entries: Mapping[str, PowerEntry],
    facts: Mapping[str, DeviceFacts],
) -> Setting:
    """What the detectors need of the site.

    Parameters
    ----------
    entries : mapping of device key to PowerEntry
        What ``site.toml`` says of modes.
    facts : mapping of device key to DeviceFacts
        Maker and model, by which twins are known.
    """
    has_price = site.tariff_per_kwh is not None or bool(site.tariffs)
    return Setting(
        zone=site.timezone,
        first_us=to_us(period.start),
        last_us=to_us(period.end),
        currency=site.currency,
        price=site.price_per_kwh if has_price else None,
        marginal=chosen.marginal,
        entries=entries,
        published=chosen.power_states,
        accuracy_percent={meter.meter_key: meter.accuracy_percent for meter in found.meters},
        models={key: (one.manufacturer, one.model) for key, one in facts.items()},
        opening_hours=site.opening_hours,
    )


def findings_section(
    found: DepartmentEnergy, setting: Setting, together: Sequence[Together] = ()
) -> list[dict[str, Any]]:
    """One row a finding, the largest saving first; only those whose whole interval lies above 0.

    Parameters
    ----------
    together : sequence of Together
        Modalities of which a scanner could stay closed: the same hours as other findings see, from another side.
    """
    rows = [*energy_findings(found, setting), *(one.saving for one in together if one.saving is not None)]
    return [_row(one) for one in sorted(rows, key=lambda row: (-(row.kwh.value or 0.0), row.kind, row.device_key))]


def _row(one: Finding) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "device": one.device_key,
        "alias": one.alias,
        "kwh": quantity(one.kwh),
        "co2e_kg": quantity(one.co2e_kg, "no_grid_zone"),
        "money": quantity(one.money, "no_tariff"),
        "evidence": {"days": one.days, "times": one.times, "mode": one.mode},
        "needs": one.needs,
        "decides": one.decides,
        "against": one.against,
        "command": one.command,
    }
