"""The plan as people follow it: who goes down when, who is up again when."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ecorad.model import PowerState

from .plan import PowerPlan
from .problem import AWAKE

# A spreadsheet takes a cell that begins so for a formula; names come from the site.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Stretch:
    """One device in one low mode.

    Parameters
    ----------
    start : datetime
        When to put it there.
    wake : datetime, optional
        When to start it again; ``None`` when it stays beyond the plan.
    ready : datetime, optional
        From when it can examine.
    """

    device: str
    mode: PowerState
    start: datetime
    wake: datetime | None
    ready: datetime | None


def stretches(plan: PowerPlan, edges: Sequence[datetime]) -> list[Stretch]:
    """Every stay in a low mode, by device, in order of time.

    Parameters
    ----------
    edges : sequence of datetime, length slots + 1
        Starts of the slots, and the end of the last.
    """
    found = []
    for device, places in zip(plan.problem.devices, plan.places, strict=True):
        start: int | None = None
        wake: int | None = None
        mode = PowerState.IDLE
        for t, place in enumerate(places):
            is_low = place.mode not in AWAKE
            if start is not None and is_low and place.mode is not mode:
                found.append(Stretch(device.name, mode, edges[start], edges[t], None))
                start = None
            if start is None and is_low:
                start, mode = t, place.mode
            if start is not None and not is_low and wake is None:
                wake = t
            if start is not None and place.is_awake:
                found.append(Stretch(device.name, mode, edges[start], edges[wake or t], edges[t]))
                start = wake = None
        if start is not None:
            found.append(Stretch(device.name, mode, edges[start], None if wake is None else edges[wake], None))
    return found


def roster_csv(rows: Sequence[Stretch]) -> str:
    """The stretches as CSV: ``device, mode, start, wake, ready`` with offsets."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(("device", "mode", "start", "wake", "ready"))
    for row in rows:
        moments = [
            None if one is None else one.isoformat(timespec="minutes") for one in (row.start, row.wake, row.ready)
        ]
        name = f"'{row.device}" if row.device.startswith(_FORMULA_SIGNS) else row.device
        writer.writerow((name, row.mode.value, *("" if one is None else one for one in moments)))
    return buffer.getvalue()
