"""How the scanners were used, from DICOM alone: true even where no energy is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.footprint.energy.spans import Spans, covered_us, merged, overlap_us, span_us
from ecorad.model.clock import MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR, hour_of_day, wall_us, weekday

from .quantities import number

Columns = Mapping[str, NDArray[Any]]
_MINUTE = 60_000_000
_BYTES_PER_GB = 1e9


@dataclass(frozen=True, slots=True)
class DeviceUse:
    """What one device was used for: exam windows in UTC and the opening hours of the period."""

    device_key: str
    alias: str | None
    modality: str | None
    exam_start_us: NDArray[np.int64]
    exam_end_us: NDArray[np.int64]
    open_start_us: NDArray[np.int64]
    open_end_us: NDArray[np.int64]
    data_bytes: float


def use_section(studies: Columns, series_count: int, devices: list[DeviceUse], zone: str) -> dict[str, Any]:
    """The ``use`` section: what was received, and how busy each device was.

    Parameters
    ----------
    studies : mapping of column to array
        ``is_exam``, ``not_exam_reason``, ``instance_count`` and ``data_bytes`` of the period's studies.
    series_count : int
        Series of the period.
    devices : list of DeviceUse
        Devices with at least one exam, in the order of the report.
    zone : str
        IANA zone of the site.
    """
    is_exam = np.asarray(studies["is_exam"], dtype=bool)
    reasons = Counter(reason or "unknown" for reason in np.asarray(studies["not_exam_reason"], dtype=object)[~is_exam])
    data_bytes = float(np.nansum(np.asarray(studies["data_bytes"], dtype=float)))
    return {
        "studies": len(is_exam),
        "exams": int(is_exam.sum()),
        "not_exams": [{"reason": r, "count": n} for r, n in sorted(reasons.items(), key=lambda row: (-row[1], row[0]))],
        "series": series_count,
        "instances": int(np.nansum(np.asarray(studies["instance_count"], dtype=float))),
        "data_gb": data_bytes / _BYTES_PER_GB,
        "devices": [_device(device, zone) for device in devices],
    }


def _device(device: DeviceUse, zone: str) -> dict[str, Any]:
    start, end = device.exam_start_us, device.exam_end_us
    order = np.argsort(start, kind="stable")
    start, end = start[order], np.maximum(start, end)[order]
    busy, hours = merged(start, end), (device.open_start_us, device.open_end_us)
    busy_us, open_us, busy_open_us = span_us(busy), span_us(hours), overlap_us(busy, hours)
    wall_start, wall_end = wall_us(start, zone), wall_us(end, zone)
    gaps_min = _gaps_min(wall_us(busy[0], zone), wall_us(busy[1], zone))
    day = wall_start // MICROSECONDS_PER_DAY
    # One image without a duration ends where it starts: such an exam took a time that nobody wrote down.
    is_timed = end > start
    mostly_timed = 2 * np.count_nonzero(is_timed) >= len(start)
    return {
        "device": device.device_key,
        "alias": device.alias,
        "modality": device.modality,
        "exams": len(start),
        "days_used": len(np.unique(day)),
        "busy_h": busy_us / MICROSECONDS_PER_HOUR,
        "open_h": open_us / MICROSECONDS_PER_HOUR if open_us else None,
        "busy_share": busy_open_us / open_us if open_us and mostly_timed else None,
        "median_exam_min": number(float(np.median((end - start)[is_timed])) / _MINUTE) if is_timed.any() else None,
        "median_gap_min": number(float(np.median(gaps_min))) if len(gaps_min) else None,
        "usual_first": _usual_time(day, wall_start, np.minimum),
        "usual_last": _usual_time(day, wall_end, np.maximum),
        "data_gb": device.data_bytes / _BYTES_PER_GB,
        "starts": _starts(wall_start),
        "occupied": occupied_week(busy, zone) if mostly_timed else None,
    }


def occupied_week(busy: Spans, zone: str) -> list[list[float | None]] | None:
    """Share of each hour of the local week in which an exam ran, from the first day with exams to the last.

    Parameters
    ----------
    busy : tuple of ndarray
        Exams as disjoint spans. [us]
    zone : str
        IANA zone.

    Returns
    -------
    list of 7 lists of 24 numbers or None
        ``None`` for an hour that never was in that time, such as most of a week of two days.

    Examples
    --------
    Two Mondays, an exam from nine to half past on the first alone:

    >>> monday = 4 * MICROSECONDS_PER_DAY
    >>> nine = monday + 9 * MICROSECONDS_PER_HOUR
    >>> later = nine + 7 * MICROSECONDS_PER_DAY + 5 * MICROSECONDS_PER_HOUR
    >>> week = occupied_week((np.array([nine, later]), np.array([nine + 1_800_000_000, later + 60_000_000])), "UTC")
    >>> week[0][9], week[1][9]
    (0.25, 0.0)
    """
    if not len(busy[0]):
        return None
    wall = wall_us(np.array([busy[0][0], busy[1][-1] - 1]), zone) // MICROSECONDS_PER_DAY
    # Whole local days, widened by one on each side for the zone, then cut.
    first, last = int(busy[0][0]) - MICROSECONDS_PER_DAY, int(busy[1][-1]) + MICROSECONDS_PER_DAY
    quarter = MICROSECONDS_PER_HOUR // 4
    begins = np.arange(first - first % quarter, last, quarter, dtype=np.int64)
    local = wall_us(begins, zone)
    inside = (local // MICROSECONDS_PER_DAY >= wall[0]) & (local // MICROSECONDS_PER_DAY <= wall[1])
    begins, local = begins[inside], local[inside]
    place = weekday(local) * 24 + hour_of_day(local)
    seen = np.bincount(place, minlength=7 * 24) * float(quarter)
    used = np.bincount(place, weights=covered_us(begins, begins + quarter, busy), minlength=7 * 24)
    shares = [float(part / whole) if whole else None for part, whole in zip(used, seen, strict=True)]
    return [shares[24 * day : 24 * day + 24] for day in range(7)]


def _gaps_min(wall_start: NDArray[np.int64], wall_end: NDArray[np.int64]) -> NDArray[np.float64]:
    """Minutes between one exam and the next of the same local day."""
    same_day = wall_end[:-1] // MICROSECONDS_PER_DAY == wall_start[1:] // MICROSECONDS_PER_DAY
    gaps: NDArray[np.float64] = (wall_start[1:] - wall_end[:-1])[same_day] / _MINUTE
    return gaps


def _usual_time(day: NDArray[np.int64], wall: NDArray[np.int64], pick: np.ufunc) -> str | None:
    """Median over days of the first (or last) wall-clock minute, as HH:MM."""
    if not len(day):
        return None
    days, place = np.unique(day, return_inverse=True)
    chosen = np.full(len(days), wall.max() if pick is np.minimum else wall.min())
    pick.at(chosen, place, wall)
    minute = int(np.median((chosen - days * MICROSECONDS_PER_DAY) // _MINUTE)) % (24 * 60)
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _starts(wall_start: NDArray[np.int64]) -> list[list[int]]:
    week = np.zeros((7, 24), dtype=np.int64)
    np.add.at(week, (weekday(wall_start), hour_of_day(wall_start)), 1)
    return [[int(cell) for cell in row] for row in week]
