"""The ``findings`` section: what could change tomorrow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecorad.findings.energy.detect import energy_findings
from ecorad.findings.energy.finding import Finding
from ecorad.findings.energy.view import Setting
from ecorad.footprint.results import DepartmentEnergy
from ecorad.model import Period, Site
from ecorad.model.clock import to_us
from ecorad.model.site_power import PowerEntry

from .devices import DeviceFacts
from .method import Choices
from .quantities import quantity


def findings_section(
    found: DepartmentEnergy,
    site: Site,
    period: Period,
    chosen: Choices,
    *,
    entries: Mapping[str, PowerEntry],
    facts: Mapping[str, DeviceFacts],
) -> list[dict[str, Any]]:
    """One row a finding, the largest saving first; only those whose whole interval lies above 0.

    Parameters
    ----------
    entries : mapping of device key to PowerEntry
        What ``site.toml`` says of modes.
    facts : mapping of device key to DeviceFacts
        Maker and model, by which twins are known.
    """
    has_price = site.tariff_per_kwh is not None or bool(site.tariffs)
    setting = Setting(
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
    return [_row(one) for one in energy_findings(found, setting)]


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
