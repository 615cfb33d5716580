"""A night's plan as data: ``power-DATE.json``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ecorad import __version__
from ecorad.model import PowerState, Site
from ecorad.planning.power.roster import Stretch
from ecorad.planning.power.savings import all_saved

from ..statement.quantities import quantity
from .build import NightPlan, Planned

SCHEMA_VERSION = "1"


def plan_statement(made: NightPlan, site: Site) -> dict[str, Any]:
    """The plan with everything it rests on; the same records give the same statement."""
    local = made.night.local()
    sure = [one.saved for one in made.devices if one.saved.is_sure]
    kwh, money, carbon = all_saved(sure, site.currency, made.marginal)
    return {
        "schema_version": SCHEMA_VERSION,
        "software": __version__,
        "site": {"name": site.name, "currency": site.currency},
        "night": {
            "date": made.night.first.isoformat(),
            "from": local[0].isoformat(),
            "to": _end(made).isoformat(),
            "days": made.night.days,
            "slot_min": made.plan.problem.slot_min,
            "timezone": made.night.zone,
        },
        "objective": made.objective,
        "status": made.plan.status,
        "cost": made.plan.cost,
        "bound": made.plan.bound,
        "total": {
            "kwh": quantity(kwh, "no_sure_saving"),
            "money": quantity(money, "no_tariff" if sure else "no_sure_saving"),
            "co2e_kg": quantity(carbon, "no_grid_zone" if sure else "no_sure_saving"),
        },
        "devices": [_device(one) for one in made.devices],
        "roster": [_stretch(row) for row in made.stretches],
        "ready": [
            {
                "devices": list(entry.devices),
                "at_least": entry.at_least,
                "within_min": entry.within_min,
                "hours": None if entry.hours is None else [f"{one:%H:%M}" for one in entry.hours],
            }
            for entry in site.ready
        ],
        "issues": [{"code": issue.code, "where": issue.where, "detail": issue.detail} for issue in made.issues],
    }


def _end(made: NightPlan) -> datetime:
    last = made.night.edges_us[-1]
    return datetime.fromtimestamp(int(last) / 1e6, site_zone(made))


def site_zone(made: NightPlan) -> Any:
    """The zone of the night."""
    return made.night.local()[0].tzinfo


def _device(one: Planned) -> dict[str, Any]:
    learned, saved = one.learned, one.saved
    reason = "few_nights" if saved.nights < 2 else None
    return {
        "device": one.history.key,
        "name": one.history.name,
        "modality": one.history.modality,
        "modes": {
            mode.value: {
                "kw": kw,
                "source": learned.source[mode],
                "start_min": None if mode is PowerState.IDLE else learned.transitions[mode, PowerState.IDLE].minutes,
                "switch_kwh": learned.round_trip_kwh.get(mode, 0.0),
            }
            for mode, kw in learned.power_kw.items()
        },
        "nights": saved.nights,
        "before_kwh": saved.before_kwh,
        "plan_kwh": one.energy_kwh,
        "saves": {
            "kwh": quantity(saved.kwh, reason),
            "money": quantity(saved.money, reason or "no_tariff"),
            "co2e_kg": quantity(saved.co2e_kg, reason or "no_grid_zone"),
        },
        "is_sure": saved.is_sure,
        "expected_unbooked": float(one.before.arrivals.sum()),
        "expected_wait_min": one.wait_min,
        "policies_kwh": None if one.policies is None else dict(one.policies),
    }


def _stretch(row: Stretch) -> dict[str, Any]:
    return {
        "device": row.device,
        "mode": row.mode.value,
        "start": row.start.isoformat(timespec="minutes"),
        "wake": None if row.wake is None else row.wake.isoformat(timespec="minutes"),
        "ready": None if row.ready is None else row.ready.isoformat(timespec="minutes"),
    }
