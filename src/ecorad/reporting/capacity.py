"""``ecorad plan capacity``: how many scanners of each modality the demand of the last audit needs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad import __version__
from ecorad.ledger import Workspace
from ecorad.model import InputError
from ecorad.model.clock import MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR, wall_us
from ecorad.model.site_power import WEEKDAYS
from ecorad.planning.capacity import Arrived, Demand, learn, mean_wait_h, smallest, waits_share

from .last_results import result_columns

SCHEMA_VERSION = "1"
NO_MODALITY = "ecorad.capacity.modality"
NO_HOURS = "ecorad.capacity.no_hours"
_LONGEST_CHANGE_MIN = 60.0
Rows = Mapping[str, NDArray[Any]]
More = Callable[[Demand], Demand]


class Department:
    """Exams of the last audit, by modality, in its open hours.

    Raises
    ------
    InputError
        When no audit was made yet.
    """

    def __init__(self, workspace: Workspace, out_path: Path | None = None) -> None:
        folder = out_path or workspace.out_path
        exams, path = result_columns(folder, "exam_energy"), folder / "audit.json"
        if exams is None or not path.exists():
            raise InputError("this rests on an audit: run `ecorad audit` first", code="ecorad.input.no_audit")
        self.audit: dict[str, Any] = json.loads(path.read_text("utf-8"))
        self.zone = workspace.site.timezone
        known = exams["started_utc"] > np.iinfo(np.int64).min
        self._exams: Rows = {name: values[known] for name, values in exams.items()}

    def exams(self, modality: str) -> Rows:
        """Exams of a modality, as the audit wrote them."""
        keys = [row["device"] for row in self.scanners(modality)]
        mine = np.isin(self._exams["device_key"], keys)
        return {name: values[mine] for name, values in self._exams.items()}

    def scanners(self, modality: str) -> list[dict[str, Any]]:
        """Devices of a modality that had exams."""
        own = [row for row in self.audit["devices"] if row["modality"] == modality]
        return [row for row in own if (self._exams["device_key"] == row["device"]).any()]

    def modalities(self) -> list[str]:
        """Those with exams and opening hours, by name."""
        names = sorted({row["modality"] for row in self.audit["devices"] if row["modality"]})
        return [name for name in names if any(row["opening_hours"] for row in self.scanners(name))]

    def arrived(self, modality: str, changeover_min: float | None = None) -> Arrived:
        """Open days of a modality.

        Raises
        ------
        InputError
            When it has no scanner with exams, no opening hours, or no change-over can be seen and none is said.
        """
        scanners = self.scanners(modality)
        if not scanners:
            raise InputError("the last audit has no exams of that modality", code=NO_MODALITY)
        hours = _hours([row["opening_hours"] for row in scanners if row["opening_hours"]])
        if not hours:
            raise InputError("capacity needs opening hours: write opening_hours in site.toml", code=NO_HOURS)
        rows = self.exams(modality)
        if changeover_min is None:
            changeover_min = changeover_min_of(rows)
        start, end = (wall_us(rows[name], self.zone) for name in ("started_utc", "ended_utc"))
        day, hour = start // MICROSECONDS_PER_DAY, start % MICROSECONDS_PER_DAY / MICROSECONDS_PER_HOUR
        starts, place = _counts(day, hour, hours)
        within = place >= 0
        within[within] = ~np.isnan(starts[place[within], hour[within].astype(int)])
        ended = np.array(["end_unknown" not in flags.split("|") for flags in rows["flags"]], dtype=bool)
        timed = within & ended & (end > start)
        return Arrived(starts, (end - start)[timed] / 60e6, place[timed], changeover_min)

    def besides_exams_kwh(self, modality: str) -> list[float]:
        """What each scanner with a meter of its own drew outside exams in the period. [kWh]"""
        keys = {row["device"] for row in self.scanners(modality)}
        own = [one for one in self.audit["meters"] if len(one["devices"]) == 1 and not one["cooling"]]
        meters = [one for one in own if one["devices"][0] in keys]
        parts = ("gaps_kwh", "off_hours_kwh")
        return [sum(one[part] for part in parts) for one in meters if all(one[part] is not None for part in parts)]


def _counts(
    day: NDArray[np.int64], hour: NDArray[np.float64], hours: Mapping[int, tuple[int, int] | None]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Starts by open day and open hour, and the row of each exam; -1 on days that are not open."""
    days = [one for one in np.unique(day).tolist() if hours[(one + 3) % 7] is not None]
    starts = np.full((len(days), 24), np.nan)
    for n, one in enumerate(days):
        opens, closes = hours[(one + 3) % 7] or (0, 0)
        starts[n, opens:closes] = np.histogram(hour[day == one], bins=np.arange(opens, closes + 1))[0]
    return starts, np.where(np.isin(day, days), np.searchsorted(days, day), -1)


def capacity_statement(
    department: Department,
    modality: str,
    *,
    target_min: float,
    shorter: Sequence[float] = (0.25, 0.5),
    changeover_min: float | None = None,
    growth: float = 0.0,
) -> dict[str, Any]:
    """How many scanners of one modality, at what wait, and with shorter exams.

    Parameters
    ----------
    target_min : float
        Mean wait from being ready to the start of the exam. [min]
    shorter : sequence of float
        Shares by which exams might be shorter.
    growth : float
        More patients than in the records, as a share: starts are those served, not those who asked.
    """
    arrived = department.arrived(modality, changeover_min)
    now = len(department.scanners(modality))

    def more(demand: Demand) -> Demand:
        return replace(demand, arrivals_per_h=demand.arrivals_per_h * (1.0 + growth))

    mean, busy = more(arrived.demand()), more(arrived.demand(busiest=True))
    most = max(now, smallest(busy, target_min / 60.0) or 0) + 1
    return {
        "schema_version": SCHEMA_VERSION,
        "software": __version__,
        "period": {name: department.audit["period"][name] for name in ("from", "to")},
        "modality": modality,
        "target_min": target_min,
        "growth": growth,
        "open_days": len(arrived.starts),
        "exams": int(np.nansum(arrived.starts)),
        "timed_exams": len(arrived.minutes),
        "changeover_min": arrived.changeover_min,
        "demand": {"mean_hour": _demand(mean), "busiest_hour": _demand(busy)},
        "scanners_now": now,
        "waits": [_wait(arrived, more, n, now) for n in range(1, most + 1)],
        "needed": [_needed(arrived, more, share, target_min) for share in (0.0, *shorter)],
        "besides_exams_kwh": _range(department.besides_exams_kwh(modality)),
    }


def _needed(arrived: Arrived, more: More, share: float, target_min: float) -> dict[str, Any]:
    """Fewest scanners with exams shorter by a share."""

    def count(demand: Demand) -> float:
        found = smallest(more(demand).shorter(share, arrived.changeover_min / 60.0), target_min / 60.0)
        return math.inf if found is None else float(found)

    return {
        "shorter": share,
        "mean_hour": _interval(learn(arrived, count)),
        "busiest_hour": _interval(learn(arrived, count, busiest=True)),
    }


def _wait(arrived: Arrived, more: More, scanners: int, now: int) -> dict[str, Any]:
    wait = learn(arrived, lambda demand: 60.0 * mean_wait_h(more(demand), scanners))
    busiest = learn(arrived, lambda demand: 60.0 * mean_wait_h(more(demand), scanners), busiest=True)
    demand = more(arrived.demand())
    return {
        "scanners": scanners,
        "is_now": scanners == now,
        "use": demand.offered / scanners,
        "share_who_wait": waits_share(demand, scanners),
        "mean_wait_min": _interval(wait),
        "busiest_hour_wait_min": _interval(busiest),
    }


def _interval(found: tuple[float, float, float]) -> dict[str, float | None]:
    """Endless is ``null``: the queue grows as long as it is so."""
    return {
        name: one if math.isfinite(one) else None for name, one in zip(("value", "low", "high"), found, strict=True)
    }


def _demand(one: Demand) -> dict[str, float]:
    return {
        "arrivals_per_h": one.arrivals_per_h,
        "arrivals_scv": one.arrivals_scv,
        "service_min": 60.0 * one.service_h,
        "service_scv": one.service_scv,
        "offered": one.offered,
    }


def _range(found: Sequence[float]) -> dict[str, Any] | None:
    """The least and the most of several scanners; one alone has no range, and none is told."""
    return {"low": min(found), "high": max(found), "scanners": len(found)} if len(found) > 1 else None


def _hours(rows: Sequence[Mapping[str, Any]]) -> dict[int, tuple[int, int] | None]:
    """Whole open hours by weekday: from the first to open until the last to close."""
    found: dict[int, tuple[int, int] | None] = {}
    for n, name in enumerate(WEEKDAYS):
        spans = [row[name] for row in rows if row.get(name)]
        if not spans:
            found[n] = None
            continue
        opens = min(time.fromisoformat(span[0]) for span in spans)
        closes = max(span[1] for span in spans)
        last = 24 if closes.startswith("24") else math.ceil(_hour(time.fromisoformat(closes)))
        found[n] = (opens.hour, last)
    return found if any(found.values()) else {}


def _hour(moment: time) -> float:
    return moment.hour + moment.minute / 60.0


def changeover_min_of(rows: Rows) -> float:
    """Median gap between two exams of a scanner, gaps of more than an hour left out."""
    gaps: list[float] = []
    for key in np.unique(rows["device_key"].astype(str)):
        mine = rows["device_key"] == key
        order = np.argsort(rows["started_utc"][mine])
        start, end = rows["started_utc"][mine][order], rows["ended_utc"][mine][order]
        between = (start[1:] - np.maximum.accumulate(end)[:-1]) / 60e6
        gaps += between[(between > 0) & (between <= _LONGEST_CHANGE_MIN)].tolist()
    if len(gaps) < 5:
        raise InputError("no change-over can be seen in the records: say --changeover", code="ecorad.capacity.few")
    return float(np.median(gaps))
