"""The plan put to nights that have been: what it would have drawn, beside other ways of switching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ecorad.model import PowerState

from .learned import DeviceHistory, Learned
from .night import Ints, Night, OpeningHours, open_slots, sum_in_slots
from .policies import LowMode, compared


def replayed(
    modes: Sequence[PowerState], nights: Sequence[Night], device: DeviceHistory, learned: Learned, hours: OpeningHours
) -> Mapping[str, float] | None:
    """Energy of the gaps between all needs of past nights, by each way of switching. [kWh]

    A need is an opening hour or an exam, booked or not. Whoever comes unbooked wakes the device under every rule.

    Parameters
    ----------
    modes : sequence of PowerState, length slots
        The plan, slot by slot.
    nights : sequence of Night
        Past nights of the same length.

    Returns
    -------
    mapping or None
        As :func:`~ecorad.planning.power.policies.compared`; ``None`` without any gap.
    """
    gaps_h: list[float] = []
    planned = 0.0
    for night in nights:
        for start, end in _gaps(night, device, hours):
            gaps_h.append((end - start) / 3.6e9)
            planned += _planned_kwh(modes, night, learned, (start, end))
    if not gaps_h:
        return None
    low = [
        LowMode(kw, learned.round_trip_kwh[mode])
        for mode, kw in learned.power_kw.items()
        if mode is not PowerState.IDLE
    ]
    return compared(np.array(gaps_h), planned, learned.power_kw[PowerState.IDLE], low)


def _gaps(night: Night, device: DeviceHistory, hours: OpeningHours) -> list[tuple[int, int]]:
    """Stretches of one night in which nobody needed the device."""
    is_open = open_slots(night, hours)
    starts = np.concatenate((night.edges_us[:-1][is_open], device.exam_start_us))
    ends = np.concatenate((night.edges_us[1:][is_open], device.exam_end_us))
    first, last = int(night.edges_us[0]), int(night.edges_us[-1])
    order = np.argsort(starts, kind="stable")
    found, reach = [], first
    for start, end in zip(starts[order], ends[order], strict=True):
        if start > reach and start > first:
            found.append((reach, min(int(start), last)))
        reach = max(reach, int(end))
        if reach >= last:
            break
    if reach < last:
        found.append((reach, last))
    return [(start, end) for start, end in found if end > start]


def _planned_kwh(modes: Sequence[PowerState], night: Night, learned: Learned, gap: tuple[int, int]) -> float:
    hours = sum_in_slots(night.edges_us, *_one(gap), np.ones(1))
    inside = [int(n) for n in np.flatnonzero(hours > 0)]
    kwh = sum(float(hours[n]) * learned.power_kw.get(modes[n], learned.power_kw[PowerState.IDLE]) for n in inside)
    last: PowerState | None = None
    for n in inside:
        if modes[n] is not last and modes[n] in learned.round_trip_kwh:
            kwh += learned.round_trip_kwh[modes[n]]
        last = modes[n]
    return kwh


def _one(gap: tuple[int, int]) -> tuple[Ints, Ints]:
    return np.array([gap[0]], dtype=np.int64), np.array([gap[1]], dtype=np.int64)
