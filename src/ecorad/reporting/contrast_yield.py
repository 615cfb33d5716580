"""Where contrast changed nothing: by kind of examination, always with how often it did."""

from __future__ import annotations

from typing import Any

from ecorad.findings.contrast_yield import LEAST_EXAMS, ContrastYield, avoidable_ml, contrast_yields
from ecorad.findings.yield_sheet import FILE, YieldSheet, read_yield_sheet
from ecorad.ledger import Workspace
from ecorad.model import InputError

from .statement.quantities import quantity


def contrast_yield_rows(workspace: Workspace) -> list[dict[str, Any]]:
    """Rows of the statement out of the site's sheet; none without one.

    Raises
    ------
    InputError
        ``ecorad.contrast.yield`` for a sheet that is none.
    """
    path = workspace.path / FILE
    if not path.exists():
        return []
    try:
        return yield_rows(read_yield_sheet(path.read_text("utf-8-sig")))
    except UnicodeDecodeError:
        raise InputError(f"{FILE} is not UTF-8", code="ecorad.contrast.yield") from None


def yield_rows(sheet: YieldSheet) -> list[dict[str, Any]]:
    """One row a kind: "look again" when even the upper end of its yield is below what the site chose, else not.

    >>> from ecorad.findings.contrast_yield import EnhancedExam
    >>> exams = tuple(EnhancedExam("MR head", False, 15.0) for _ in range(80))
    >>> (row,) = yield_rows(YieldSheet(exams, {"MR head": 0.05}))
    >>> row["exams"], row["changed"], row["unchanged_ml"], row["look_again"], row["avoidable_ml"]["value"]
    (80, 0, 1200.0, True, 1200.0)
    """
    return [_row(one, sheet) for one in contrast_yields(sheet.exams)]


def _row(one: ContrastYield, sheet: YieldSheet) -> dict[str, Any]:
    look_again = one.exams >= LEAST_EXAMS and one.high <= sheet.look_below.get(one.group, -1.0)
    return {
        "examination": one.group,
        "exams": one.exams,
        "unknown": one.unknown,
        "changed": one.changed,
        "share": one.share,
        "low": one.low,
        "high": one.high,
        "unchanged_ml": one.unchanged_ml,
        "look_below": sheet.look_below.get(one.group),
        "look_again": look_again,
        # Where the site does not want to look again, contrast is needed, and nothing is there to avoid.
        "avoidable_ml": quantity(avoidable_ml(one), "too_few_volumes") if look_again else None,
    }
