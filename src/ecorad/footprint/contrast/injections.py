"""One injection, told by a report, a medication record, an image header or a line of the contrast sheet: one counts.

A report of what the injector gave and a medication record stand above the sheet: a line that matches one is used up,
and says only what it leaves open. A header's volume is often the protocol's default and its strength a guess; the sheet
is written when the pack is emptied. A line names no patient, so lines and headers of one room and day are matched:
agent first, then kind, then a header that does not say its kind, then the day before or after, since a night exam may
be written down in the morning.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.model.vocabulary import AGENT_REPORT, MEDICATION_RECORD

Columns = Mapping[str, NDArray[Any]]
SHEET = "contrast sheet"
# A header that tells the volume itself, not a default of the protocol.
_TOLD_WELL = ("ContrastBolusTotalDose", "ContrastBolusAgent", AGENT_REPORT, MEDICATION_RECORD)
# What a line of the sheet only completes.
_ABOVE_THE_SHEET = frozenset({AGENT_REPORT, MEDICATION_RECORD})
# Within one room and day, places in the list count for at most this much. [mL]
_ORDER_ML = 10.0
_AGENTS = ("iodine", "gadolinium")


@dataclass(frozen=True, slots=True)
class SheetMatch:
    """Administrations with the better telling of each, and how many of which.

    ``both``: header and line. ``headers_only``: no line was left for them. ``lines_only``: no header was left for them;
    they are administrations without a study.
    """

    administrations: Columns
    both: int
    headers_only: int
    lines_only: int


def with_sheet(administrations: Columns, lines: Columns) -> SheetMatch:
    """Administrations of iodine and gadolinium with volume and strength from the contrast sheet, where it has them.

    Parameters
    ----------
    administrations : columns of table ``administration``
        With ``day`` (local, as days since 1970) and ``order_us`` (any time that orders a day) beside them.
    lines : columns
        Opened packs in the sheet's order: ``day, device_key, agent, kind, concentration_mg_ml, volume_given_ml``.

    Notes
    -----
    Which line belongs to which header inside one room and day is an estimate; the grams of the room and day are not.
    """
    heads = _heads(administrations)
    rows = _rows(lines)
    pairs: list[tuple[int, int]] = []
    free_heads, free_rows = set(range(len(heads))), set(range(len(rows)))
    for key_of in _STAGES:
        allowed = {n for n in free_heads if key_of is not _same_room or not heads[n].kind}
        for some_heads, some_rows in _groups(heads, rows, allowed, free_rows, key_of):
            found = _assign([heads[n] for n in some_heads], [rows[n] for n in some_rows])
            pairs += [(some_heads[a], some_rows[b]) for a, b in found]
            free_heads -= {some_heads[a] for a, _ in found}
            free_rows -= {some_rows[b] for _, b in found}
    return SheetMatch(
        _merged(
            administrations,
            lines,
            [(heads[a].place, rows[b].place) for a, b in pairs],
            [rows[n].place for n in sorted(free_rows)],
        ),
        both=len(pairs),
        headers_only=len(free_heads),
        lines_only=len(free_rows),
    )


@dataclass(frozen=True, slots=True)
class _Telling:
    """A header or a line, and its place in its table."""

    place: int
    day: int
    device: str
    agent: str
    kind: str
    volume_ml: float | None
    order: float


def _heads(columns: Columns) -> list[_Telling]:
    origin = columns["origin"]
    started = np.asarray(columns["order_us"], dtype=float)
    return [
        _Telling(
            n,
            int(columns["day"][n]),
            str(columns["device_key"][n]),
            str(columns["agent"][n] or "").casefold(),
            str(columns["kind"][n] or ""),
            _number(columns["volume_ml"][n]) if str(origin[n]).startswith(_TOLD_WELL) else None,
            float(started[n]),
        )
        for n in range(len(columns["kind"]))
        if columns["kind"][n] in (*_AGENTS, None) and columns["device_key"][n] is not None
    ]


def _rows(columns: Columns) -> list[_Telling]:
    return [
        _Telling(
            n,
            int(columns["day"][n]),
            str(columns["device_key"][n]),
            str(columns["agent"][n] or "").casefold(),
            str(columns["kind"][n] or ""),
            _number(columns["volume_given_ml"][n]),
            float(n),
        )
        for n in range(len(columns["kind"]))
        if columns["kind"][n] in _AGENTS
        and columns["device_key"][n] is not None
        and _number(columns["volume_given_ml"][n]) is not None
    ]


def _same_agent(one: _Telling) -> tuple[object, ...] | None:
    return (one.day, one.device, one.kind, one.agent) if one.agent and one.kind else None


def _same_kind(one: _Telling) -> tuple[object, ...] | None:
    return (one.day, one.device, one.kind) if one.kind else None


def _same_room(one: _Telling) -> tuple[object, ...] | None:
    return (one.day, one.device)


def _near_day(shift: int) -> Any:
    def key(one: _Telling) -> tuple[object, ...] | None:
        return ((one.day + shift) // 2, one.device, one.kind) if one.kind else None

    return key


_STAGES = (_same_agent, _same_kind, _same_room, _near_day(0), _near_day(1))


def _groups(
    heads: Sequence[_Telling], rows: Sequence[_Telling], free_heads: set[int], free_rows: set[int], key_of: Any
) -> list[tuple[list[int], list[int]]]:
    groups: dict[tuple[object, ...], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, (tellings, free) in enumerate(((heads, free_heads), (rows, free_rows))):
        for n in sorted(free):
            key = key_of(tellings[n])
            if key is not None:
                groups[key][side].append(n)
    return [groups[key] for key in sorted(groups, key=str) if groups[key][0] and groups[key][1]]


def _assign(heads: Sequence[_Telling], rows: Sequence[_Telling]) -> list[tuple[int, int]]:
    """The cheapest matching: by volume where the header tells it well, and by place in the day's order."""
    from scipy.optimize import linear_sum_assignment

    places = [_ranks([one.order for one in side]) for side in (heads, rows)]
    cost = np.abs(np.subtract.outer(places[0], places[1])) * _ORDER_ML
    for a, head in enumerate(heads):
        for b, row in enumerate(rows):
            if head.volume_ml is not None and row.volume_ml is not None:
                cost[a, b] += abs(head.volume_ml - row.volume_ml)
    chosen = linear_sum_assignment(cost)
    return list(zip(chosen[0].tolist(), chosen[1].tolist(), strict=True))


def _ranks(order: Sequence[float]) -> NDArray[np.float64]:
    """Place in the day from 0 to 1; unknown times keep the order of the table."""
    places = np.argsort(np.argsort(np.nan_to_num(np.asarray(order, dtype=float), nan=np.inf), kind="stable"))
    ranks: NDArray[np.float64] = (places + 0.5) / max(1, len(order))
    return ranks


def _merged(
    administrations: Columns, lines: Columns, pairs: list[tuple[int, int]], alone: list[int]
) -> dict[str, NDArray[Any]]:
    count = len(administrations["kind"])
    merged = {
        name: np.concatenate([np.array(column), _missing(np.asarray(column), len(alone))])
        for name, column in administrations.items()
    }
    places = [*pairs, *((count + n, line) for n, line in enumerate(alone))]
    for at, line in places:
        strength = _number(lines["concentration_mg_ml"][line])
        if at < count and merged["origin"][at] in _ABOVE_THE_SHEET:
            if strength is not None and np.isnan(merged["concentration_mg_ml"][at]):
                merged["concentration_mg_ml"][at] = strength
            merged["agent"][at] = merged["agent"][at] or lines["agent"][line]
            continue
        merged["volume_ml"][at] = lines["volume_given_ml"][line]
        merged["kind"][at] = lines["kind"][line]
        merged["agent"][at] = lines["agent"][line] or merged["agent"][at]
        merged["origin"][at] = SHEET
        merged["confidence"][at] = "high" if at < count else "medium"
        if strength is not None:
            merged["concentration_mg_ml"][at] = strength
        for kind in _AGENTS:  # computed anew from volume and strength
            merged[f"{kind}_g"][at] = np.nan
        if at >= count:
            merged["device_key"][at] = lines["device_key"][line]
            merged["day"][at] = lines["day"][line]
    return merged


def _missing(column: NDArray[Any], count: int) -> NDArray[Any]:
    if column.dtype.kind == "f":
        return np.full(count, np.nan)
    if column.dtype.kind == "i":
        return np.zeros(count, dtype=column.dtype)
    if column.dtype.kind == "M":
        return np.full(count, np.datetime64("NaT"), dtype=column.dtype)
    return np.full(count, None, dtype=object)


def _number(value: Any) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)
