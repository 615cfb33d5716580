"""``ecorad tables``: the data dictionary."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ecorad.model import TableSpec, table
from ecorad.model import tables as all_tables

from .console import next_step, page, print_json, say
from .console import table as drawn
from .options import AsJson


def tables(
    name: Annotated[str | None, typer.Argument(metavar="[TABLE]", help="Table to show column by column.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the tables Ecorad keeps, and what each column means."""
    chosen = [table(name)] if name else list(all_tables().values())
    if as_json:
        print_json({"tables": [_as_dict(spec) for spec in chosen]})
    elif name:
        say(f"{chosen[0].name} ({chosen[0].kind}): {chosen[0].meaning}\n")
        rows = [(c.name, c.type, c.unit, "yes" if c.nullable else "no", c.meaning) for c in chosen[0].columns]
        page().print(drawn(("column", "type", "unit", "may be empty", "meaning"), rows))
    else:
        page().print(drawn(("table", "kind", "one row is"), [(s.name, s.kind, s.meaning) for s in chosen]))
        next_step("ecorad tables study", "ecorad export DIR study --format csv")


def _as_dict(spec: TableSpec) -> dict[str, object]:
    columns = [asdict(column) for column in spec.columns]
    return {"name": spec.name, "kind": spec.kind, "meaning": spec.meaning, "columns": columns}
