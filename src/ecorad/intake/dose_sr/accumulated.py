"""Declared totals of one plane where a report accumulates more than once, or by plane and over all planes.

A report may hold several containers of totals for the same tube: parts of one examination, which add up, or running
totals, of which the last holds the others. Running totals never fall; where both readings are possible, that one counts
which the listed events speak for, and without events neither does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .tree import Notes

AMBIGUOUS = "ecorad.dose_sr.totals_ambiguous"
Totals = dict[str, Any]
_PLANE, _ALL = "plane", "all"


def one_a_plane(rows: Sequence[Totals], listed: Mapping[str, float], notes: Notes) -> list[Totals]:
    """One row of totals a plane, no quantity told both by plane and over all planes.

    Parameters
    ----------
    rows : sequence of dict
        Each container as it stands, in the order of the report; ``None`` for what it does not tell.
    listed : mapping of str to float
        What the events of the report make together.
    notes : Notes
        Where totals that can be read in two ways are told.

    Examples
    --------
    >>> parts = [{"plane": None, "dlp_mgy_cm": 100.0}, {"plane": None, "dlp_mgy_cm": 50.0}]
    >>> one_a_plane(parts, {}, Notes())
    [{'plane': None, 'dlp_mgy_cm': 150.0}]
    >>> one_a_plane(parts[::-1], {"dlp_mgy_cm": 100.0}, Notes())
    [{'plane': None, 'dlp_mgy_cm': 100.0}]
    """
    by_plane: dict[str | None, list[Totals]] = {}
    for row in rows:
        same = by_plane.setdefault(row[_PLANE], [])
        if row not in same:
            same.append(row)
    made = listed if len(by_plane) == 1 else {}
    merged = {plane: _merged(same, made, notes) for plane, same in by_plane.items()}
    return _each_once(merged)


def _merged(rows: Sequence[Totals], listed: Mapping[str, float], notes: Notes) -> Totals:
    if len(rows) == 1:
        return rows[0]
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if name != _PLANE]
    told = {name: [row[name] for row in rows if row.get(name) is not None] for name in names}
    sums = {name: sum(values) if values else None for name, values in told.items()}
    last = {name: max(values, default=None) for name, values in told.items()}
    if any(values != sorted(values) for values in told.values()):
        return {_PLANE: rows[0][_PLANE], **sums}
    known = [name for name in names if told[name] and listed.get(name)]
    if not known:
        notes.add(AMBIGUOUS, "", "totals that are parts or running totals, and no events to tell which")
        return {_PLANE: rows[0][_PLANE], **dict.fromkeys(names)}
    name = known[0]
    apart = [abs(made - listed[name]) for made in (sum(told[name]), max(told[name]))]
    return {_PLANE: rows[0][_PLANE], **(sums if apart[0] < apart[1] else last)}


def _each_once(merged: dict[str | None, Totals]) -> list[Totals]:
    """Of what "all planes" and the planes themselves both tell, the planes' where each of them tells it."""
    whole = merged.get(_ALL)
    parts = [row for plane, row in merged.items() if plane != _ALL]
    if whole is None or not parts:
        return list(merged.values())
    for name in [name for name, value in whole.items() if name != _PLANE and value is not None]:
        if all(row.get(name) is not None for row in parts):
            whole[name] = None
        else:
            for row in parts:
                row[name] = None
    rows = list(merged.values())
    return [row for row in rows if row is not whole or any(v is not None for n, v in whole.items() if n != _PLANE)]
