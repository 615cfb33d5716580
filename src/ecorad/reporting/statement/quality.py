"""How much of the statement can be trusted: receipts, tiers, gaps and issues."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.model.clock import MICROSECONDS_PER_HOUR, to_datetime

_LONGEST_GAPS = 20


@cache
def issue_meanings() -> dict[str, tuple[str, str]]:
    """Meaning and remedy of every issue code, collected from the issue pages of the docs."""
    text = (files("ecorad.reporting") / "issue_codes.csv").read_text("utf-8")
    return {row["code"]: (row["means"], row["what_to_do"]) for row in csv.DictReader(text.splitlines())}


def issue_rows(found: Iterable[tuple[str, str | None, int]]) -> list[dict[str, Any]]:
    """Issues by code and place, most frequent first.

    Parameters
    ----------
    found : iterable of (code, where, count)
        ``where`` is a meter, an alias or a table; never a place inside an input.
    """
    counts: Counter[tuple[str, str | None]] = Counter()
    for code, where, count in found:
        counts[code, where] += count
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0][0], row[0][1] or ""))
    return [_issue(code, where, count) for (code, where), count in rows]


def _issue(code: str, where: str | None, count: int) -> dict[str, Any]:
    meaning, remedy = issue_meanings().get(code, (code, ""))
    return {"code": code, "where": where, "count": count, "meaning": meaning, "remedy": remedy or None}


def unread_stretches(meter: str, start_us: NDArray[np.int64], end_us: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Stretches between those in which a meter was read, which are given in order.

    >>> rows = unread_stretches("m", np.array([0, 7_200_000_000]), np.array([3_600_000_000, 9_000_000_000]))
    >>> [(row["hours"], row["from"]) for row in rows]
    [(1.0, '1970-01-01T01:00:00Z')]
    """
    return [
        {"meter": meter, "from": _stamp(a), "to": _stamp(b), "hours": float(b - a) / MICROSECONDS_PER_HOUR}
        for a, b in zip(end_us[:-1].tolist(), start_us[1:].tolist(), strict=True)
    ]


def longest(gaps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The longest gaps, in a stable order."""
    return sorted(gaps, key=lambda gap: (-gap["hours"], gap["meter"], gap["from"]))[:_LONGEST_GAPS]


def _stamp(utc_us: int) -> str:
    return to_datetime(utc_us).isoformat().replace("+00:00", "Z")
