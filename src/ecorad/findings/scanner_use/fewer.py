"""Days on which the exams of a modality would have fit on one scanner less, and what closing it would have saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecorad.footprint.energy.spans import Spans, common, covered_us, merged
from ecorad.footprint.results import DeviceEnergy
from ecorad.footprint.uncertainty import Term, meter_gain, total
from ecorad.model import Quantity

from ..energy.finding import METHOD, Excess, Finding, Words, finding
from ..energy.left_on import is_appliance
from ..energy.view import Setting, View, by_stretch, hours, local_days
from .packing import DayList, fits_as_timed, fits_if_moved

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
KIND = "list_fits_fewer"
WORDS = Words(needs="list_on_fewer", decides="head_of_department", against="what_a_scanner_can")
# Longer than that nobody changes over: the scanner waits.
_LONGEST_CHANGE_US = 3_600_000_000
_FEW_CHANGES = 5
# Three exams of a region say that a scanner does them, not that one was squeezed in.
_DOES = 3
LEAST_DAYS = 5
_UNIT = "kW.h/{exam}"


@dataclass(frozen=True, kw_only=True, eq=False)
class Together:
    """Scanners of one modality, day by day.

    Parameters
    ----------
    devices : tuple of DeviceEnergy
        Those with exams.
    days : int
        Days on which at least two of them were open and the length of every exam is known.
    changeover_min : float
        Median gap between two patients, waits left out. [min]
    closed : str
        Key of the scanner whose closing would have fit most often (of several, that saves most).
    as_timed, if_moved : int
        Days on which it could have stayed closed with every exam at its own time; and with exams moved in the day.
    saving : Finding, optional
        What closing it on the former days would have saved, where its meter tells and it is sure.
    before, after : Quantity
        Energy of one exam of all these scanners on those days, as it was and with the scanner closed. [kWh]
    """

    modality: str
    devices: tuple[DeviceEnergy, ...]
    days: int
    changeover_min: float
    closed: str
    as_timed: int
    if_moved: int
    saving: Finding | None
    before: Quantity
    after: Quantity


@dataclass(frozen=True, eq=False)
class _Days:
    """Days of one group that can be looked at: their edges, and what could have been closed."""

    spans: Spans
    as_timed: Bools
    if_moved: Bools


def scanners_together(
    devices: Sequence[DeviceEnergy], setting: Setting, regions: Mapping[str, tuple[str, ...]]
) -> tuple[Together, ...]:
    """Every modality with at least two scanners whose days can be looked at.

    Parameters
    ----------
    devices : sequence of DeviceEnergy
        Of the department.
    regions : mapping of device key to body regions
        What the site says that each can do; of others what they did at least three times.
    """
    groups: dict[str, list[DeviceEnergy]] = {}
    for one in devices:
        if one.device.modality and not is_appliance(one) and len(one.exams) and one.opening is not None:
            groups.setdefault(one.device.modality, []).append(one)
    rows = [_together(group, setting, regions) for _, group in sorted(groups.items()) if len(group) > 1]
    return tuple(row for row in rows if row is not None)


def _together(group: list[DeviceEnergy], setting: Setting, regions: Mapping[str, tuple[str, ...]]) -> Together | None:
    change_us = changeover_us(group)
    if change_us is None:
        return None
    can = [_regions_of(one, regions) for one in group]
    whole = local_days(setting)
    lists = [day for n in range(len(whole[0])) if (day := _day_list(group, can, whole, n, change_us)) is not None]
    if len(lists) < LEAST_DAYS:
        return None
    places = [n for n, _ in lists]
    spans = (whole[0][places], whole[1][places])
    found = [
        _Days(
            spans,
            np.array([fits_as_timed(day, closed) for _, day in lists]),
            np.array([fits_if_moved(day, closed) for _, day in lists]),
        )
        for closed in range(len(group))
    ]
    savings = [_saving(one, days, setting) for one, days in zip(group, found, strict=True)]
    best = max(range(len(group)), key=lambda n: (_value(savings[n]), int(found[n].as_timed.sum()), -n))
    before, after = _per_exam(group, found[best], savings[best], setting)
    return Together(
        modality=group[0].device.modality or "",
        devices=tuple(group),
        days=len(lists),
        changeover_min=change_us / 60e6,
        closed=group[best].device.device_key,
        as_timed=int(found[best].as_timed.sum()),
        if_moved=int(found[best].if_moved.sum()),
        saving=savings[best],
        before=before,
        after=after,
    )


def changeover_us(group: Sequence[DeviceEnergy]) -> int | None:
    """Median gap between two exams of a scanner, gaps of more than an hour left out; ``None`` where there are few."""
    gaps: list[int] = []
    for one in group:
        busy = merged(one.exams.start_us, one.exams.end_us)
        between = busy[0][1:] - busy[1][:-1]
        gaps += between[between <= _LONGEST_CHANGE_US].tolist()
    return round(float(np.median(gaps))) if len(gaps) >= _FEW_CHANGES else None


def _regions_of(one: DeviceEnergy, told: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    said = told.get(one.device.device_key, ())
    if said:
        return frozenset(said)
    names, counts = np.unique([str(name) for name in one.exams.body_region if name], return_counts=True)
    return frozenset(str(name) for name, count in zip(names, counts, strict=True) if count >= _DOES)


def _day_list(
    group: list[DeviceEnergy], can: list[frozenset[str]], whole: Spans, n: int, change_us: int
) -> tuple[int, DayList] | None:
    """The exams of one day; ``None`` when one has no known length, or fewer than two scanners were open."""
    first, last = whole[0][n], whole[1][n]
    mine = [(one.exams.start_us >= first) & (one.exams.start_us < last) for one in group]
    start, end = (
        np.concatenate([getattr(one.exams, side)[rows] for one, rows in zip(group, mine, strict=True)])
        for side in ("start_us", "end_us")
    )
    open_us = np.array([int(covered_us(whole[0][n : n + 1], whole[1][n : n + 1], _open(one))[0]) for one in group])
    if not len(start) or (end <= start).any() or np.count_nonzero(open_us) < 2:
        return None
    scanner = np.repeat(np.arange(len(group)), [int(rows.sum()) for rows in mine])
    region = np.concatenate([one.exams.body_region[rows] for one, rows in zip(group, mine, strict=True)])
    able = np.array([[name in one for one in can] for name in region], dtype=bool).reshape(len(region), len(group))
    able &= (open_us > 0)[None, :]
    able[np.arange(len(region)), scanner] = True
    return n, DayList(start, end, scanner, able, open_us, change_us)


def _open(one: DeviceEnergy) -> Spans:
    nothing: Ints = np.zeros(0, dtype=np.int64)
    return (nothing, nothing) if one.opening is None else one.opening.spans


def _saving(one: DeviceEnergy, days: _Days, setting: Setting) -> Finding | None:
    """Awake in its open hours on days it was not needed, beyond its lowest mode.

    What its exams drew above idle moves along with them and is not saved; while they ran it counts as idle.
    """
    if one.runs is None or not one.runs.is_named or not len(one.runs.state):
        return None
    view = View(one, one.runs, setting)
    low = view.low()
    if low is None or view.idle_kw is None or view.open is None:
        return None
    closed = (days.spans[0][days.as_timed], days.spans[1][days.as_timed])
    opened = common(view.open, closed) if len(closed[0]) else closed
    waits, exams = (common(part, opened) if len(opened[0]) else opened for part in (view.waiting(), view.exams))
    wait_kwh, wait_h = (by_stretch(days.spans, waits, amount) for amount in (view.energy_kwh(waits), hours(waits)))
    exam_h = by_stretch(days.spans, exams, hours(exams))
    awake_h = wait_h + exam_h
    drawn = Excess(wait_kwh + view.idle_kw * exam_h, awake_h, np.where(awake_h > 0, low.switch_kwh, 0.0))
    return finding(KIND, view, drawn, low, WORDS, price=view.mean_price(opened))


def _value(saving: Finding | None) -> float:
    return 0.0 if saving is None else saving.kwh.value or 0.0


def _per_exam(
    group: list[DeviceEnergy], days: _Days, saving: Finding | None, setting: Setting
) -> tuple[Quantity, Quantity]:
    """Energy of one exam of the group on the days it would have fit, without and with the scanner closed."""
    unknown = Quantity(None, _UNIT, method=METHOD)
    if saving is None or saving.kwh.low is None or saving.kwh.high is None or saving.kwh.value is None:
        return unknown, unknown
    closed = (days.spans[0][days.as_timed], days.spans[1][days.as_timed])
    exams = sum(int(np.count_nonzero(_day_of(one.exams.start_us, closed) >= 0)) for one in group)
    terms = []
    for one in group:
        if one.runs is None or not one.meters:
            return unknown, unknown
        share = covered_us(one.runs.start_us, one.runs.end_us, closed) / np.maximum(
            one.runs.end_us - one.runs.start_us, 1
        )
        gain = meter_gain(one.meters[0], setting.accuracy_percent.get(one.meters[0], 2.0))
        terms.append(Term(float(one.runs.energy_kwh @ share) / exams, (gain,)))
    before = total(terms, _UNIT, METHOD)
    value = (before.value or 0.0) - saving.kwh.value / exams
    after = Quantity(
        value,
        _UNIT,
        low=min(value, (before.low or 0.0) - saving.kwh.high / exams),
        high=max(value, (before.high or 0.0) - saving.kwh.low / exams),
        origin=saving.kwh.origin,
        factors=saving.kwh.factors,
        method=METHOD,
    )
    return before, after


def _day_of(moments: Ints, days: Spans) -> Ints:
    """Which day each moment lies in; -1 for none."""
    place = np.searchsorted(days[0], moments, side="right") - 1
    inside = (place >= 0) & (moments < days[1][np.maximum(place, 0)])
    return np.where(inside, place, -1)
