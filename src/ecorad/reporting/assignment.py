"""``ecorad plan assign``: which exams on which scanner at least energy, and how many low field could take."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad import __version__
from ecorad.intake.register import feed_keys, open_ledger
from ecorad.ledger import Workspace
from ecorad.model import InputError
from ecorad.model.clock import MICROSECONDS_PER_DAY, to_us, wall_us
from ecorad.model.site_power import WEEKDAYS
from ecorad.planning.assignment import Assigned, Cells, DayDemand, Done, assigned, cells

from .capacity import NO_MODALITY, Department, changeover_min_of
from .site_modes import device_entries
from .statement.quantities import quantity

SCHEMA_VERSION = "1"
BOOKED = "ecorad.assign.booked"
ALONE = "ecorad.assign.one_scanner"
_METERED, _KNOWN, _DOES = 3.0, 0.9, 3


@dataclass(frozen=True, kw_only=True, eq=False)
class Fleet:
    """Scanners of one modality with what they did; axes of every table are regions and scanners."""

    modality: str
    rows: tuple[Mapping[str, Any], ...]
    regions: tuple[str, ...]
    done: Done
    can: NDArray[np.bool_]
    changeover_min: float
    meters: tuple[tuple[str, float], ...]

    @property
    def tesla(self) -> NDArray[np.float64]:
        """Field strength of each; not a number where not known. [T]"""
        return np.array([np.nan if row["field_strength_t"] is None else row["field_strength_t"] for row in self.rows])

    def halves(self) -> tuple[Cells, Cells]:
        """Means of the even and of the odd days."""
        shape = (len(self.regions), len(self.rows))
        first, second = (cells(self.done.only(self.done.day % 2 == half), *shape) for half in (0, 1))
        return first, second


def gather_fleet(workspace: Workspace, modality: str, out_path: Path | None, changeover_min: float | None) -> Fleet:
    """The scanners of one modality, out of the last audit and the ledger.

    Raises
    ------
    InputError
        When no audit was made yet, or there are not two scanners to choose from.
    """
    department = Department(workspace, out_path)
    rows = department.scanners(modality)
    if not rows:
        raise InputError("the last audit has no exams of that modality", code=NO_MODALITY)
    if len(rows) < 2:
        raise InputError("there is one scanner of that modality: nothing to choose", code=ALONE)
    with open_ledger(workspace) as ledger:
        study = ledger.columns("study", ["study_key", "body_region"])
    region_of = {key: region for key, region in zip(*study.values(), strict=True) if region}
    exams = department.exams(modality)
    entries = device_entries(workspace)
    told = [entries[row["device"]].regions if row["device"] in entries else () for row in rows]
    seen = [region_of.get(key) for key in exams["study_key"]]
    regions = tuple(sorted({one for one in seen if one} | {one for names in told for one in names}))
    number = {name: n for n, name in enumerate(regions)}
    place = {row["device"]: n for n, row in enumerate(rows)}
    start, end = (wall_us(exams[name], department.zone) for name in ("started_utc", "ended_utc"))
    ended = np.array(["end_unknown" not in flags.split("|") for flags in exams["flags"]], dtype=bool) & (end > start)
    metered = (exams["tier"] == _METERED) & (exams["known_fraction"] >= _KNOWN)
    done = Done(
        day=start // MICROSECONDS_PER_DAY,
        region=np.array([-1 if one is None else number[one] for one in seen], dtype=np.int64),
        scanner=np.array([place[key] for key in exams["device_key"]], dtype=np.int64),
        kwh=np.where(metered, exams["marginal_kwh"], np.nan),
        minutes=np.where(ended, (end - start) / 60e6, np.nan),
    )
    accuracy = {one["meter"]: one["accuracy_percent"] for one in department.audit["meters"]}
    meters = tuple(
        (row["meters"][0], float(accuracy.get(row["meters"][0], 2.0))) if row["meters"] else (row["device"], 2.0)
        for row in rows
    )
    return Fleet(
        modality=modality,
        rows=tuple(rows),
        regions=regions,
        done=done,
        can=_can(done, told, regions),
        changeover_min=changeover_min_of(exams) if changeover_min is None else changeover_min,
        meters=meters,
    )


def _can(done: Done, told: Sequence[tuple[str, ...]], regions: Sequence[str]) -> NDArray[np.bool_]:
    """What the site says that a scanner can examine; else the regions it did at least three times."""
    found = np.zeros((len(regions), len(told)), dtype=bool)
    for s, names in enumerate(told):
        for r, region in enumerate(regions):
            did = np.count_nonzero((done.region == r) & (done.scanner == s)) >= _DOES
            found[r, s] = region in names if names else did
    return found


def days_done(fleet: Fleet, halves: tuple[Cells, Cells], days: int) -> list[DayDemand]:
    """The last days of the records, as they were."""
    known = halves[0].known & halves[1].known & fleet.can
    found = []
    for number in np.unique(fleet.done.day)[-days:].tolist():
        mine = fleet.done.only(fleet.done.day == number)
        movable = (mine.region >= 0) & known[np.maximum(mine.region, 0), mine.scanner]
        planned = np.zeros(fleet.can.shape, dtype=np.int64)
        np.add.at(planned, (mine.region[movable], mine.scanner[movable]), 1)
        minutes = np.where(np.isnan(mine.minutes), np.nanmedian(fleet.done.minutes), mine.minutes)
        fixed = np.zeros(len(fleet.rows))
        np.add.at(fixed, mine.scanner[~movable], minutes[~movable] + fleet.changeover_min)
        found.append(DayDemand(planned, fixed, _open_min(fleet, number), number % 2))
    return found


def days_booked(
    fleet: Fleet, halves: tuple[Cells, Cells], path: Path, workspace: Workspace
) -> tuple[list[DayDemand], int]:
    """The days of a list of bookings, and how many of them stay where they are for nothing is known of such exams.

    Raises
    ------
    InputError
        Names the first row that cannot be used, by its number.
    """
    try:
        rows = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError):
        raise InputError("the file of --booked is not JSON", code=BOOKED) from None
    if not isinstance(rows, list):
        raise InputError("--booked must hold a list", code=BOOKED)
    keys, place = feed_keys(workspace), {row["device"]: n for n, row in enumerate(fleet.rows)}
    known = halves[0].known & halves[1].known & fleet.can
    planned: dict[int, NDArray[np.int64]] = {}
    fixed: dict[int, NDArray[np.float64]] = {}
    stay = 0
    for number, row in enumerate(rows, 1):
        day, scanner, region = _booking(row, number, workspace, {**place, **_by_name(keys, fleet, place)})
        table = planned.setdefault(day, np.zeros(fleet.can.shape, dtype=np.int64))
        load = fixed.setdefault(day, np.zeros(len(fleet.rows)))
        r = fleet.regions.index(region) if region in fleet.regions else -1
        if r >= 0 and known[r, scanner]:
            table[r, scanner] += 1
        else:
            stay += 1
            load[scanner] += float(np.nanmedian(fleet.done.minutes)) + fleet.changeover_min
    days = [DayDemand(planned[day], fixed[day], _open_min(fleet, day), day % 2) for day in sorted(planned)]
    return days, stay


def _by_name(keys: Mapping[str, str], fleet: Fleet, place: Mapping[str, int]) -> dict[str, int]:
    names = {name: place[key] for name, key in keys.items() if key in place}
    return names | {row["alias"]: n for n, row in enumerate(fleet.rows) if row["alias"]}


def _booking(row: Any, number: int, workspace: Workspace, place: Mapping[str, int]) -> tuple[int, int, str]:
    try:
        start, device, region = datetime.fromisoformat(row["start"]), str(row["device"]), str(row["region"])
    except (KeyError, TypeError, ValueError):
        raise InputError(f"booking {number} needs device, region and start", code=BOOKED) from None
    if device not in place:
        raise InputError(f"booking {number} names a device that is not one of these", code=BOOKED)
    local = start if start.tzinfo else start.replace(tzinfo=workspace.site.zone)
    wall = wall_us(np.array([to_us(local)]), workspace.site.timezone)
    return int(wall[0] // MICROSECONDS_PER_DAY), place[device], region


def _open_min(fleet: Fleet, day: int) -> NDArray[np.float64]:
    """Open minutes of each scanner on a local day; 0 where nothing is known: then no list grows. [min]"""
    name = WEEKDAYS[(day + 3) % 7]
    spans = [(row["opening_hours"] or {}).get(name) for row in fleet.rows]
    return np.array([0.0 if span is None else _length_min(*span) for span in spans])


def _length_min(opens: str, closes: str) -> float:
    last = 24 * 60 if closes.startswith("24") else _minute(time.fromisoformat(closes))
    return float(last - _minute(time.fromisoformat(opens)))


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def share_served(fleet: Fleet, regions: Sequence[str], days: int) -> dict[str, Any]:
    """How many of the last days' exams a scanner of these regions could take, and for how long it would be busy.

    Raises
    ------
    InputError
        For a region that no exam had.
    """
    strange = [name for name in regions if name not in fleet.regions]
    if strange:
        raise InputError(f"no exam of that region; there are {', '.join(fleet.regions)}", code=BOOKED)
    last = np.unique(fleet.done.day)[-days:]
    recent = fleet.done.only(np.isin(fleet.done.day, last))
    mine = recent.only(np.isin(recent.region, [fleet.regions.index(name) for name in regions]))
    minutes = np.where(np.isnan(mine.minutes), np.nanmedian(fleet.done.minutes), mine.minutes) + fleet.changeover_min
    return {
        "regions": list(regions),
        "exams": len(mine.day),
        "of": len(recent.day),
        "days": len(last),
        "minutes_a_day": float(minutes.sum()) / max(len(last), 1),
    }


def assignment_statement(
    fleet: Fleet, halves: tuple[Cells, Cells], days: Sequence[DayDemand], *, low_t: float, stay: int
) -> dict[str, Any]:
    """What would change, with its interval and the days it rests on.

    Parameters
    ----------
    low_t : float
        Field strength up to which a scanner is one of low field. [T]
    stay : int
        Bookings that stay where they are for nothing is known of them.
    """
    # A scanner of unknown field is none of low field.
    low = np.nan_to_num(fleet.tesla, nan=np.inf) <= low_t
    found = assigned(days, halves, fleet.can, changeover_min=fleet.changeover_min, meters=fleet.meters, low=low)
    total = int(found.before.sum())
    return {
        "schema_version": SCHEMA_VERSION,
        "software": __version__,
        "modality": fleet.modality,
        "days": found.days,
        "exams": total,
        "exams_that_stay": stay,
        "changeover_min": fleet.changeover_min,
        "kwh": quantity(found.kwh),
        "is_sure": bool(found.kwh.low is not None and found.kwh.low > 0),
        "scanners": [_scanner(fleet, found, s) for s in range(len(fleet.rows))],
        "moves": _moves(fleet, found),
        "low_field": {
            "up_to_t": low_t,
            "scanners": [row["alias"] or row["device"] for row, is_low in zip(fleet.rows, low, strict=True) if is_low],
            "exams_now": found.low_before,
            "exams_it_can_do": found.low_can,
            "exams_that_fit": found.low_fit,
        },
    }


def _scanner(fleet: Fleet, found: Assigned, s: int) -> dict[str, Any]:
    row = fleet.rows[s]
    return {
        "device": row["device"],
        "alias": row["alias"],
        "field_strength_t": row["field_strength_t"],
        "regions": [name for r, name in enumerate(fleet.regions) if fleet.can[r, s]],
        "exams_now": int(found.before[:, s].sum()),
        "exams_then": int(found.after[:, s].sum()),
    }


def _moves(fleet: Fleet, found: Assigned) -> list[dict[str, Any]]:
    """Regions whose exams would lie elsewhere."""
    return [
        {"region": name, "now": found.before[r].tolist(), "then": found.after[r].tolist()}
        for r, name in enumerate(fleet.regions)
        if (found.before[r] != found.after[r]).any()
    ]
