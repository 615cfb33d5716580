"""The ``changes`` of a statement: what each declared change did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecorad.factors import FactorBook
from ecorad.footprint import DepartmentEnergy
from ecorad.ledger import Ledger, Workspace
from ecorad.model import InputError

from ..change_check.build import verify_change
from ..change_check.inputs import NO_DEVICE, History, studies
from ..change_check.statement import change_row
from ..last_results import arrays_of


def changes_section(
    ledger: Ledger, workspace: Workspace, statement: Mapping[str, Any], found: DepartmentEnergy, book: FactorBook
) -> tuple[list[dict[str, Any]], list[tuple[str, str | None, int]]]:
    """Each ``[[change]]`` of ``site.toml``, in its order, and those of devices that this audit does not know.

    Parameters
    ----------
    statement : dict
        With its period, devices and meters.
    found : DepartmentEnergy
        What the statement was made of.
    """
    rows: list[dict[str, Any]] = []
    missing: list[tuple[str, str | None, int]] = []
    if not workspace.site.changes:
        return rows, missing
    exams, meter_days = (arrays_of(getattr(found, name), name) for name in ("exam_energy", "meter_day"))
    history = History(statement, exams, meter_days, workspace, studies(ledger, book))
    for entry in workspace.site.changes:
        try:
            rows.append(change_row(verify_change(history, entry, workspace.site, book)))
        except InputError:
            missing.append((NO_DEVICE, entry.name, 1))
    return rows, missing
