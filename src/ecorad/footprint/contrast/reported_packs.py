"""Packs as injectors report them (130205 before, 130206 after, 122096 discarded), where no sheet tells of them.

A report tells of a container, not of a pack: one that several patients share is full only for the first of them. So a
room, day and agent in which any container was begun before gives no pack at all: what was left over of it is not known.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = Mapping[str, NDArray[Any]]
_NAMES: tuple[str, ...] = (
    "day",
    "device_key",
    "agent",
    "kind",
    "movement",
    "quantity",
    "unit",
    "pack_volume_ml",
    "volume_given_ml",
    "volume_left_ml",
    "concentration_mg_ml",
)
# What an injector's reading of a full container may lie below its size. [mL]
_FULL_ML = 1.0


def with_reported(lines: Columns, reported: Columns) -> dict[str, NDArray[Any]]:
    """The lines of the contrast sheet with those of reports, for rooms and days of which the sheet says nothing.

    Parameters
    ----------
    lines : columns
        As :func:`~ecorad.footprint.contrast.pack_balances` takes them, with ``day`` and ``device_key``.
    reported : columns
        ``day, device_key, report_key, agent, kind, concentration_mg_ml, volume_ml, pack_volume_ml, before_ml,
        after_ml, discarded_ml``, one row an agent and step; days since 1970.

    Examples
    --------
    >>> cells = {"day": [1], "device_key": ["ct"], "report_key": ["r"], "agent": ["Omnipaque"], "kind": ["iodine"],
    ...          "concentration_mg_ml": [350.0], "volume_ml": [70.0], "pack_volume_ml": [100.0], "before_ml": [100.0],
    ...          "after_ml": [30.0], "discarded_ml": [np.nan]}
    >>> empty = {name: np.array([], dtype=object) for name in _NAMES}
    >>> found = with_reported(empty, {name: np.array(values, dtype=object) for name, values in cells.items()})
    >>> found["pack_volume_ml"].tolist(), found["volume_given_ml"].tolist(), found["volume_left_ml"].tolist()
    ([100.0], [70.0], [30.0])
    """
    on_sheet = set(zip(lines["device_key"], lines["day"], lines["kind"], strict=True))
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for n, kind in enumerate(reported["kind"]):
        place = (reported["device_key"][n], reported["day"][n], kind)
        if kind is not None and place not in on_sheet:
            groups[(*place, reported["agent"][n])].append(n)
    rows = [row for places in groups.values() for row in _packs(reported, places)]
    return {
        name: np.concatenate([np.asarray(lines[name]), _column(np.asarray(lines[name]), name, rows)])
        if name in _NAMES
        else np.concatenate([np.asarray(lines[name]), np.full(len(rows), None, dtype=object)])
        for name in lines
    }


def _packs(reported: Columns, places: list[int]) -> list[dict[str, Any]]:
    begun = [n for n in places if _number(reported, "before_ml", n) is not None]
    for n in begun:
        size, before = _number(reported, "pack_volume_ml", n), _number(reported, "before_ml", n)
        if size is not None and before is not None and before < size - _FULL_ML:
            return []
    rows = []
    for n in begun:
        same = [m for m in places if reported["report_key"][m] == reported["report_key"][n]]
        given = [_number(reported, "volume_ml", m) for m in same]
        common = {name: reported[name][n] for name in ("day", "device_key", "agent", "kind", "concentration_mg_ml")}
        size = _number(reported, "pack_volume_ml", n)
        discarded = _number(reported, "discarded_ml", n)
        after = _number(reported, "after_ml", n)
        rows.append(
            {
                **common,
                "movement": "opened",
                "quantity": 1.0,
                "unit": "{item}",
                "pack_volume_ml": _number(reported, "before_ml", n) if size is None else size,
                "volume_given_ml": None if None in given else math.fsum(ml for ml in given if ml is not None),
                "volume_left_ml": discarded if after is None else after,
            }
        )
        if discarded:
            rows.append({**common, "movement": "discarded", "quantity": discarded, "unit": "mL"})
    return rows


def _column(like: NDArray[Any], name: str, rows: list[dict[str, Any]]) -> NDArray[Any]:
    cells = [row.get(name) for row in rows]
    if like.dtype.kind in "fi":
        kind = like.dtype if like.dtype.kind == "i" else np.float64
        return np.array([np.nan if cell is None else cell for cell in cells], dtype=kind)
    found = np.empty(len(cells), dtype=object)
    found[:] = cells
    return found


def _number(columns: Columns, name: str, n: int) -> float | None:
    value = columns[name][n]
    return None if value is None or not np.isfinite(value) else float(value)
