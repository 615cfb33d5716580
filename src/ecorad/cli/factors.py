"""``ecorad factors``: the factor book, row by row, and what changed since a statement was made."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecorad.model import InputError

from .console import next_step, note, page, print_json, say, table
from .options import AsJson

if TYPE_CHECKING:
    from ecorad.factors import Factor

app = typer.Typer(help="Show the factor book: every number from outside, with its source and interval.")


@app.callback(invoke_without_command=True)
def factors(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the factor book: every number from outside, with its source and interval."""
    if context.invoked_subcommand is None:
        list_factors(as_json=as_json)


@app.command("list")
def list_factors(
    name: Annotated[str | None, typer.Argument(metavar="[TABLE]", help="Only the rows of this table.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the tables of the book, or every row of one of them."""
    from ecorad.factors import book

    rows = list(book().table(name).factors) if name else list(book())
    if as_json:
        print_json({"digest": book().digest, "factors": [_as_dict(row) for row in rows]})
        return
    if name:
        cells = [(r.factor_id, r.year or "", r.value, r.low, r.high, r.unit, "" if r.enabled else "no") for r in rows]
        columns = ("id", "year", "value", "low", "high", "unit", "enabled")
        page().print(table(columns, cells, right=("value", "low", "high")))
        next_step(f"ecorad factors show {rows[0].factor_id}")
        return
    tables = [(t.name, len(t.factors), t.title, t.licence) for t in book().tables]
    page().print(table(("table", "rows", "what", "licence"), tables, right=("rows",)))
    note(f"{len(rows)} rows, digest {book().digest[:12]}; rows that nobody checked against a source are not enabled.")
    next_step(f"ecorad factors list {book().tables[0].name}")


@app.command("show")
def show_factor(
    factor_id: Annotated[str, typer.Argument(metavar="ID", help="Identifier of the row.")], as_json: AsJson = False
) -> None:
    """Show one row with its source, bounds and boundary."""
    from ecorad.factors import book

    row = book().get(factor_id, allow_unverified=True)
    source = book().source(row)
    if as_json:
        print_json({**_as_dict(row), "interval95": list(row.interval95), "source": asdict(source)})
        return
    low, high = row.interval95
    cells = [
        ("value", f"{row.value:g} {row.unit}"),
        ("95 % interval", f"{low:g} to {high:g}"),
        ("of", f"{row.quantity} ({row.scope})" if row.scope else row.quantity),
        ("region, year", ", ".join(str(part) for part in (row.region, row.year) if part)),
        ("counts", ", ".join(row.boundary.names) or "no boundary applies"),
        ("answers", row.accounting),
        ("origin, evidence", f"{row.origin.value}, {row.evidence.value}"),
        ("enabled", "yes" if row.enabled else "no: nobody has checked it against its source"),
        ("source", " ".join(part for part in (source.citation, source.doi) if part)),
        ("place", row.locator),
        ("note", row.note),
    ]
    say(f"{row.factor_id}\n")
    page().print(table(("", ""), [cell for cell in cells if cell[1]]))


@app.command("diff")
def diff_factors(
    statement: Annotated[Path, typer.Argument(metavar="AUDIT", help="A folder of a site, or its audit.json.")],
    as_json: AsJson = False,
) -> None:
    """Compare the rows a statement used with the book as it is now."""
    from ecorad.factors import book

    used = _statement(statement)
    now = {row.factor_id: row for row in book()}
    changes = [change for row in used["factors"] if (change := _change(row, now.get(row["id"]))) is not None]
    digest_then = used["method"]["factor_set"]["digest"]
    if as_json:
        print_json({"digest_then": digest_then, "digest_now": book().digest, "changes": changes})
    elif changes:
        cells = [(c["id"], c["what"], c["then"], c["now"]) for c in changes]
        page().print(table(("id", "what", "then", "now"), cells))
        note("Run the audit again to use the rows as they are now.")
    else:
        same = "is the same set" if digest_then == book().digest else "has other rows that changed"
        say(f"None of the {len(used['factors'])} rows that the statement used has changed; the book {same}.")


@app.command("check")
def check_table(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A table of one's own, with its .toml beside it.")],
    as_json: AsJson = False,
) -> None:
    """Read a table of one's own as an audit would; say in which line what is wrong."""
    from ecorad.factors import book

    found = book().with_site_table(path).tables[-1]
    if as_json:
        print_json({"table": found.name, "rows": len(found.factors), "licence": found.licence})
        return
    say(f"{found.name}: {len(found.factors)} rows, {found.licence}.")
    next_step('name it in site.toml: [factors] tables = ["..."]')


@app.command("save")
def save_set(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder.")],
    site: Annotated[
        Path | None, typer.Option("--site", metavar="DIR", help="With the tables of this site on top.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Keep the whole factor set, so that a report can be made again under it: ecorad audit DIR --factors FOLDER."""
    from ecorad.factors.sets import read_set, write_set

    own: list[Path] = []
    if site is not None:
        from ecorad.ledger import Workspace

        own = [site / name for name in Workspace.open(site).site.factors.tables]
    write_set(folder, own)
    saved = read_set(folder)
    if as_json:
        print_json({"name": saved.name, "digest": saved.digest, "rows": len(saved.book)})
        return
    say(f"{len(saved.book)} rows, digest {saved.digest[:12]}.")
    next_step(f"ecorad audit DIR --factors {folder}")


def _statement(path: Path) -> Any:
    path = path / "out" / "audit.json" if path.is_dir() else path
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError("there is no audit.json there; `ecorad audit DIR` makes one") from None
    except ValueError:
        raise InputError("that file is not an audit.json") from None


def _change(then: dict[str, Any], now: Factor | None) -> dict[str, Any] | None:
    if now is None:
        return {"id": then["id"], "what": "no longer in the book", "then": then["value"], "now": None}
    for key in ("value", "unit", "year"):
        if then[key] != getattr(now, key):
            return {"id": then["id"], "what": key, "then": then[key], "now": getattr(now, key)}
    return None


def _as_dict(row: Factor) -> dict[str, Any]:
    return {**asdict(row), "boundary": list(row.boundary.names)}
