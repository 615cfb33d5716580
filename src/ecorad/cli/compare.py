"""What ``ecorad audit --compare`` reads, writes and prints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecorad.model import InputError

from .console import note, page, say, table

if TYPE_CHECKING:
    from ecorad.factors.sets import FactorSet
    from ecorad.ledger import Workspace

FILE = "comparison.json"
_SHOWN = 40


def read_statement(path: Path) -> Any:
    """An earlier ``audit.json``: the file, the folder it is in, or the folder of its site.

    Raises
    ------
    InputError
        If there is none, or it is no JSON.
    """
    places = (path, path / "audit.json", path / "out" / "audit.json")
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise InputError("there is no audit.json there; `ecorad audit DIR` makes one")
    try:
        return json.loads(found.read_text("utf-8"))
    except ValueError:
        raise InputError("that file is not an audit.json", code="ecorad.audit.not_a_statement") from None


def explained(
    workspace: Workspace, earlier: Mapping[str, Any], statement: Mapping[str, Any], factors: FactorSet
) -> dict[str, Any]:
    """Why each number moved."""
    from ecorad.reporting.comparison import compare

    return compare(workspace, earlier, statement, factors)


def write_comparison(moves: Mapping[str, Any], folder: Path) -> None:
    """``comparison.json`` beside the report."""
    text = json.dumps(moves, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / FILE).write_text(text + "\n", "utf-8", newline="\n")


def show_comparison(moves: Mapping[str, Any]) -> None:
    """What changed, and the figures that moved most, for a person."""
    changed = [
        (cause, row["what"], row["then"], row["now"]) for cause, rows in moves["changed"].items() for row in rows
    ]
    if not moves["moved"]:
        say(f"None of the {moves['same']} numbers moved.")
    if changed:
        page().print(table(("cause", "what", "then", "now"), [tuple(map(_short, row)) for row in changed[:_SHOWN]]))
    if moves["moved"]:
        names = ("figure", "then", "now", "input", "factor", "method", "unit", "cause")
        rows = sorted(moves["moved"], key=lambda row: (not row["figure"].startswith("totals"), row["figure"]))
        cells = [tuple(row[name] for name in names) for row in rows[:_SHOWN]]
        page().print(table(names, cells, right=names[1:6]))
        if len(rows) > _SHOWN:
            note(f"... and {len(rows) - _SHOWN} more in {FILE}; {moves['same']} numbers did not move.")


def _short(cell: Any) -> Any:
    """A digest is told by its beginning."""
    return cell[:12] if isinstance(cell, str) and len(cell) == 64 else cell
