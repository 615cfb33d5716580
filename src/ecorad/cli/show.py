"""``ecorad show``: any number, record or input, one level down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import next_step, page, print_json, say, table
from .options import AsJson, Directory

if TYPE_CHECKING:
    from ecorad.ledger import Workspace
    from ecorad.reporting.unfold import Unfolded


def show(
    directory: Directory,
    identifier: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="A figure of audit.json (totals.energy_kwh), a key, a name, a meter, or the digest of an input.",
            show_default=False,
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Unfold one number, record or input down to its rows."""
    from ecorad.ledger import Workspace

    found = _unfold(Workspace.open(directory), identifier)
    if as_json:
        print_json(found.as_json())
        return
    say(f"{found.title}\n")
    page().print(table(("", ""), found.facts))
    for part in found.parts:
        say(f"\n{part.title}\n")
        page().print(table(part.columns, part.rows))
    next_step(*(f"ecorad show {directory} {_argument(one)}" for one in found.further[:3]))


def _unfold(workspace: Workspace, identifier: str) -> Unfolded:
    from ecorad.intake.register import open_ledger
    from ecorad.reporting.record_unfolding import unfold_record
    from ecorad.reporting.site_factors import site_set
    from ecorad.reporting.unfold import unfold_factor, unfold_figure

    statement = _statement(workspace.out_path / "audit.json")
    if identifier.partition(".")[0] in statement:
        return unfold_figure(statement, identifier)
    book = site_set(workspace).book
    if any(row.factor_id == identifier for row in book):
        return unfold_factor(book, identifier)
    with open_ledger(workspace) as ledger:
        return unfold_record(ledger, identifier)


def _statement(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return content


def _argument(text: str) -> str:
    return f'"{text}"' if " " in text else text
