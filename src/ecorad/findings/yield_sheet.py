"""The sheet in which a site writes, examination by examination, whether contrast changed anything."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass

from ecorad.model import InputError

from .contrast_yield import EnhancedExam

CODE = "ecorad.contrast.yield"
FILE = "contrast-yield.csv"
_COLUMNS = ("examination", "changed")
_ANSWERS = {"yes": True, "no": False, "ja": True, "nee": False, "是": True, "否": False, "": None}
_MOST_ML = 500.0
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class YieldSheet:
    """Enhanced examinations, and by kind the yield below which the site wants to look again. [1]"""

    exams: tuple[EnhancedExam, ...]
    look_below: Mapping[str, float]


def read_yield_sheet(text: str) -> YieldSheet:
    """A sheet as CSV: ``examination, changed`` and, if there are, ``volume_ml, look_below``.

    Parameters
    ----------
    text : str
        One row an examination: its kind in the site's own words, ``yes``, ``no`` or nothing for "not known", the volume
        given in mL, and (in any row of the kind) the yield from 0 to 1 below which the site wants to look again.

    Raises
    ------
    InputError
        ``ecorad.contrast.yield``: a column is missing, or a row has an answer, volume or share that cannot be; with its
        line. A row that is left out would move the yield unseen, so none is.

    Examples
    --------
    >>> sheet = read_yield_sheet("examination,changed,volume_ml,look_below\\nMR head,no,15,0.05\\nMR head,,,")
    >>> sheet.exams[0], sheet.exams[1].changed, dict(sheet.look_below)
    (EnhancedExam(group='MR head', changed=False, volume_ml=15.0), None, {'MR head': 0.05})
    """
    rows = csv.DictReader(io.StringIO(text))
    missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise InputError(f"{FILE} has no column {', '.join(missing)}", code=CODE)
    exams: list[EnhancedExam] = []
    look_below: dict[str, float] = {}
    for row in rows:
        exam, share = _row({name: (row.get(name) or "").strip() for name in _ALL}, rows.line_num)
        exams.append(exam)
        if share is not None and look_below.setdefault(exam.group, share) != share:
            raise InputError(f"line {rows.line_num} of {FILE}: another look_below for the same kind", code=CODE)
    return YieldSheet(tuple(exams), look_below)


_ALL = (*_COLUMNS, "volume_ml", "look_below")


def _row(row: Mapping[str, str], line: int) -> tuple[EnhancedExam, float | None]:
    group, answer = row["examination"], row["changed"].casefold()
    if not group or len(group) > _LONGEST or not group.isprintable():
        raise InputError(f"line {line} of {FILE}: examination must be a short text", code=CODE)
    if answer not in _ANSWERS:
        raise InputError(f"line {line} of {FILE}: changed must be yes, no or empty", code=CODE)
    volume_ml = _number(row["volume_ml"], 0.0, _MOST_ML, f"line {line} of {FILE}: volume_ml")
    share = _number(row["look_below"], 0.0, 1.0, f"line {line} of {FILE}: look_below")
    return EnhancedExam(group, _ANSWERS[answer], volume_ml), share


def _number(written: str, low: float, high: float, place: str) -> float | None:
    if not written:
        return None
    try:
        found = float(written)
    except ValueError:
        found = math.nan
    if not low <= found <= high:
        raise InputError(f"{place} must be a number from {low:g} to {high:g}", code=CODE)
    return found
