"""Diagnostic reference levels: the median of like-coded exams of a room beside a national table."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ecorad.model import InputError

from .study import QUANTITIES, StudyDoses

MINIMUM_EXAMS = 20
_COLUMNS = ("modality", "body_region", "age_band", "quantity", "level", "protocol", "source", "year")


class Standing(StrEnum):
    """How a room's median stands to a level."""

    BELOW = "below"
    ABOVE = "above"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Level:
    """One reference level, in the unit of ``quantity``; an empty ``protocol`` holds for every one of the region."""

    modality: str
    body_region: str
    age_band: str
    quantity: str
    level: float
    protocol: str
    source: str
    year: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A room's median beside a level."""

    device_key: str
    level: Level
    exams: int
    median: float | None
    standing: Standing


def read_levels(text: str) -> tuple[Level, ...]:
    """A national table as CSV with the columns of :class:`Level`.

    Raises
    ------
    InputError
        ``ecorad.dose.levels``: a column is missing, a quantity unknown, or a level no number above zero; with its line.

    >>> table = "modality,body_region,age_band,quantity,level,protocol,source,year"
    >>> read_levels(table + "\\nCT,chest,adult,dlp_mgy_cm,350,,National table,2024")[0].level
    350.0
    """
    rows = csv.DictReader(io.StringIO(text))
    missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise InputError(f"the table of levels has no column {', '.join(missing)}", code="ecorad.dose.levels")
    return tuple(_level(row, rows.line_num) for row in rows)


def _level(row: dict[str, str], line: int) -> Level:
    try:
        level = float(row["level"])
    except ValueError:
        level = math.nan
    if not 0 < level < math.inf or row["quantity"] not in QUANTITIES:
        raise InputError(f"line {line} of the table of levels is no level", code="ecorad.dose.levels")
    return Level(**{name: (level if name == "level" else (row[name] or "").strip()) for name in _COLUMNS})  # type: ignore[arg-type]


def compare(doses: StudyDoses, levels: Sequence[Level], minimum: int = MINIMUM_EXAMS) -> tuple[Comparison, ...]:
    """Each device beside each level that it has exams for.

    Parameters
    ----------
    doses : StudyDoses
        Of the period.
    levels : sequence of Level
        The national table.
    minimum : int
        Exams needed for a median that says something (ICRP Publication 135: 20).

    Returns
    -------
    tuple of Comparison
        Sorted by device and level. With fewer exams than ``minimum`` no median is given: it would be read as one.
    """
    rows = []
    for level in levels:
        like = [i for i in range(len(doses)) if _is_like(doses, i, level)]
        by_device: dict[str, list[float]] = {}
        for i in like:
            value = float(doses.totals[level.quantity][i])
            if not math.isnan(value) and not doses.is_short[i]:
                by_device.setdefault(doses.device_key[i], []).append(value)
        rows += [_comparison(device, level, values, minimum) for device, values in by_device.items()]
    return tuple(
        sorted(rows, key=lambda row: (row.device_key, row.level.modality, row.level.body_region, row.level.protocol))
    )


def _comparison(device: str, level: Level, values: list[float], minimum: int) -> Comparison:
    if len(values) < minimum:
        return Comparison(device, level, len(values), None, Standing.TOO_FEW)
    median = float(np.median(values))
    return Comparison(device, level, len(values), median, Standing.ABOVE if median > level.level else Standing.BELOW)


def _is_like(doses: StudyDoses, i: int, level: Level) -> bool:
    """Coded alike: an exam whose age is not told is like none, for a child's level is another."""
    return (
        doses.modality[i] == level.modality
        and doses.body_region[i] == level.body_region
        and doses.age_band[i] == level.age_band
        and level.protocol in {"", doses.protocol[i]}
    )


def consistently_above(comparisons: Iterable[Comparison]) -> tuple[Comparison, ...]:
    """Those that a local review has to look at (Directive 2013/59/Euratom, Article 58(f))."""
    return tuple(row for row in comparisons if row.standing == Standing.ABOVE)
