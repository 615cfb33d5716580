"""``ecorad rules``: the clinical rule sets, with edition, source and evidence."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import next_step, note, page, print_json, say, table
from .options import AsJson, Directory, SiteRules, day

if TYPE_CHECKING:
    from ecorad.rules.rule_set import RuleSet

app = typer.Typer(help="Show the clinical rule sets: dated, cited, and who signed them.")


@app.callback(invoke_without_command=True)
def rules(context: typer.Context, site: SiteRules = None, as_json: AsJson = False) -> None:
    """Show the clinical rule sets: dated, cited, and who signed them."""
    if context.invoked_subcommand is None:
        list_rules(site, as_json=as_json)


@app.command("list")
def list_rules(site: SiteRules = None, as_json: AsJson = False) -> None:
    """List every rule set with its edition."""
    from ecorad.rules.catalogue import rule_sets
    from ecorad.rules.local import rules_of

    with rules_of(site):
        found = list(rule_sets().values())
    if as_json:
        print_json({"rule_sets": [_head(one) for one in found]})
        return
    cells = [(one.id, one.version, one.title, _signature(one)) for one in found]
    page().print(table(("id", "edition", "about", "signed by"), cells))
    note("An edition that nobody signed is advice to compare with your own, not local policy.")
    next_step(f"ecorad rules show {found[0].id}")


@app.command("show")
def show_rule_set(
    rule_set_id: Annotated[str, typer.Argument(metavar="ID", help="Identifier of the rule set.")],
    site: SiteRules = None,
    as_json: AsJson = False,
) -> None:
    """Show one rule set with its source and every line."""
    from ecorad.rules.catalogue import rule_set
    from ecorad.rules.local import rules_of

    with rules_of(site):
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


@app.command("sign")
def sign(
    directory: Directory,
    rule_set_id: Annotated[str, typer.Argument(metavar="ID", help="A shipped rule set that was compared and agreed.")],
    signed_by: Annotated[str, typer.Option("--by", metavar="WHO", help="A role, or initials.")],
    signed_on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="Day of it; today unless said.")] = None,
    as_json: AsJson = False,
) -> None:
    """Sign a shipped rule set for a site: a copy with who and when in its folder."""
    from datetime import datetime

    from ecorad.ledger import Workspace
    from ecorad.rules.local import read_local_rules, signed_copy

    workspace = Workspace.open(directory)
    when = day(signed_on, "--on") or datetime.now(workspace.site.zone).date()
    place, text = signed_copy(rule_set_id, signed_by, when)
    target = workspace.path / place
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    found = read_local_rules(workspace.path).sets[rule_set_id]
    if as_json:
        print_json({**_head(found), "file": place})
        return
    say(f"{found.title}: signed by {_signature(found)}.")
    note(f"Written: {target}. Take the file away to withdraw the signature.")


def _signature(found: RuleSet) -> str:
    if not found.signed_by:
        return "nobody"
    return found.signed_by if found.signed_on is None else f"{found.signed_by}, {found.signed_on.isoformat()}"


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
    return {
        **head,
        "issued": found.version,
        "signed_on": None if found.signed_on is None else found.signed_on.isoformat(),
    }


def _plain(value: Any) -> Any:
    """TOML as JSON: a date as text."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
