"""The ``changes`` of a statement: what each declared change did."""

from __future__ import annotations

from typing import Any

from ecorad.factors import FactorBook
from ecorad.model import InputError, Site

from ..change_check.build import verify_change
from ..change_check.inputs import NO_DEVICE, History
from ..change_check.statement import change_row


def changes_section(
    history: History, site: Site, book: FactorBook
) -> tuple[list[dict[str, Any]], list[tuple[str, str | None, int]]]:
    """Each ``[[change]]`` of ``site.toml``, in its order, and those of devices that the audit does not know."""
    rows, missing = [], []
    for entry in site.changes:
        try:
            rows.append(change_row(verify_change(history, entry, site, book)))
        except InputError:
            missing.append((NO_DEVICE, entry.name, 1))
    return rows, missing
