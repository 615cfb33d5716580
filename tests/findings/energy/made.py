"""One scanner made of runs of states, as the detectors see it."""

from __future__ import annotations

from datetime import UTC, datetime, time

import numpy as np

from ecorad.factors import marginal_or_average, power_states
from ecorad.findings.energy.view import Setting, View
from ecorad.footprint.energy.drift import no_drift
from ecorad.footprint.energy.opening import from_site
from ecorad.footprint.energy.states import STATES, StateRuns
from ecorad.footprint.results import DeviceEnergy, ExamTable
from ecorad.model import PowerState, Quantity
from ecorad.model.clock import to_us

OPEN = {day: (time(8), time(18)) for day in ("mon", "tue", "wed", "thu", "fri")}
FIRST, LAST = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 16, tzinfo=UTC)  # two weeks from a Monday
KW = {"off": 1.0, "power_save": 2.0, "idle": 4.0, "ready": 6.0, "scan": 20.0}


def at(day: int, hour: float) -> int:
    """Moment of March 2026 in UTC. [us]"""
    return to_us(datetime(2026, 3, day, tzinfo=UTC)) + round(hour * 3.6e9)


def runs(rows, kw=KW) -> StateRuns:
    """Runs from (state, start, end)."""
    names, start, end = zip(*rows, strict=True)
    start, end = np.array(start), np.array(end)
    code = np.array([[state.value for state in STATES].index(name) for name in names], dtype=np.int8)
    energy = np.array([kw[name] for name in names]) * (end - start) / 3.6e9
    levels = {PowerState(name): kw[name] for name in dict.fromkeys(names)}
    return StateRuns(code, start, end, energy, levels, no_drift(int(start[0]), int(end[-1])))


def weeks(night="off", left_on=(), awake_from=8.0, low="off"):
    """Two weeks: idle 8-18 on weekdays, ``night`` else; ``left_on`` evenings stay idle; awake early on weekdays."""
    rows = []
    for day in range(2, 16):
        weekday = (day - 2) % 7 < 5
        state = "idle" if day in left_on else night
        before = "idle" if day - 1 in left_on else night
        rows.append((before, at(day, 0), at(day, awake_from if weekday else 24)))
        if weekday:
            rows += [("idle", at(day, awake_from), at(day, 18)), (state, at(day, 18), at(day, 24))]
    return rows


def device(state_runs: StateRuns, *, key="k", modality="CT", exams=()) -> DeviceEnergy:
    start, end = (np.array([one[n] for one in exams], dtype=np.int64) for n in (0, 1))
    nothing = np.zeros(0, dtype=object)
    table = ExamTable(
        study_key=nothing,
        body_region=nothing,
        tier=np.zeros(0),
        start_us=start,
        end_us=end,
        known_fraction=np.zeros(0),
        flags=nothing,
        parts={},
    )
    given = dict.fromkeys(DeviceEnergy.__dataclass_fields__)
    given |= {
        "device": type("Device", (), {"device_key": key, "alias": key.upper(), "modality": modality})(),
        "meters": (f"meter-{key}",),
        "tier": 3,
        "exams": table,
        "runs": state_runs,
        "opening": from_site(OPEN, "UTC", to_us(FIRST), to_us(LAST)),
        "energy": Quantity(None, "kW.h"),
    }
    return DeviceEnergy(**given)


def setting(**more) -> Setting:
    given = {
        "zone": "UTC",
        "first_us": to_us(FIRST),
        "last_us": to_us(LAST),
        "price": lambda local: 0.2,
        "marginal": marginal_or_average("NL", 2024).intensity,
        "published": {"CT": power_states("CT"), "MR": power_states("MR")},
        "accuracy_percent": {"meter-k": 1.0, "meter-twin": 1.0},
        "opening_hours": OPEN,
    }
    return Setting(**(given | more))


def view(rows, twins=(), exams=(), modality="CT", kw=KW, **more) -> View:
    made = runs(rows, kw)
    return View(device(made, exams=exams, modality=modality), made, setting(**more), twins)
