"""One line of the fault report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, what it should be, and whether it is.

    ``sheet`` is the line of the scoring sheet, ``found`` and ``target`` are words with numbers, ``seed`` makes it
    again.
    """

    sheet: str
    what: str
    found: str
    target: str
    holds: bool
    seed: str = ""
    seconds: float = 0.0
