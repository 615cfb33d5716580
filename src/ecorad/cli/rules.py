"""``ecorad rules``: the clinical rule sets, with edition, source and evidence."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import next_step, note, page, print_json, say, table
from .options import AsJson

if TYPE_CHECKING:
    from ecorad.rules.catalogue import RuleSet

app = typer.Typer(help="Show the clinical rule sets: dated, cited, and who signed them.")


@app.callback(invoke_without_command=True)
def rules(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the clinical rule sets: dated, cited, and who signed them."""
    if context.invoked_subcommand is None:
        list_rules(as_json=as_json)


@app.command("list")
def list_rules(as_json: AsJson = False) -> None:
    """List every rule set with its edition."""
    from ecorad.rules.catalogue import rule_sets

    found = list(rule_sets().values())
    if as_json:
        print_json({"rule_sets": [_head(one) for one in found]})
        return
    cells = [(one.id, one.version, one.title, one.signed_by or "nobody") for one in found]
    page().print(table(("id", "edition", "about", "signed by"), cells))
    note("An edition that nobody signed is advice to compare with your own, not local policy.")
    next_step(f"ecorad rules show {found[0].id}")


@app.command("show")
def show_rule_set(
    rule_set_id: Annotated[str, typer.Argument(metavar="ID", help="Identifier of the rule set.")],
    as_json: AsJson = False,
) -> None:
    """Show one rule set with its source and every line."""
    from ecorad.rules.catalogue import rule_set

    found = rule_set(rule_set_id)
    if as_json:
        print_json({**_head(found), "content": _plain(found.content)})
        return
    say(f"{found.title}\n")
    for name, value in _head(found).items():
        if name not in {"id", "title"}:
            say(f"{name:9} {value or 'nobody'}")
    say("")
    for name, value in found.content.items():
        if name not in _head(found):
            _line(name, value)


def _line(name: str, value: Any) -> None:
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        columns = list(dict.fromkeys(key for one in value for key in one))
        say(f"{name}:")
        page().print(table(columns, [[_words(one.get(column)) for column in columns] for one in value]))
    else:
        say(f"{name}: {_words(value)}")


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(_words(one) for one in value)
    return "" if value is None else str(value)


def _head(found: RuleSet) -> dict[str, Any]:
    head = {name: value for name, value in asdict(found).items() if name != "content"}
    return {**head, "issued": found.version}


def _plain(value: Any) -> Any:
    """TOML as JSON: a date as text."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
