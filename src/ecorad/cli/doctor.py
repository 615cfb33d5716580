"""``ecorad doctor``: what is configured, what is missing, what it costs in accuracy."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecorad.model import InputError

from .console import next_step, page, print_json, say, table
from .options import AsJson, Directory

if TYPE_CHECKING:
    from ecorad.intake.meters.suggest import Suggestion
    from ecorad.reporting.diagnosis import Check, Diagnosis

_MOST_LINES = 32
_MARK = {"ok": "ok", "missing": "missing", "question": "please say"}


def doctor(
    directory: Directory,
    meter: Annotated[
        Path | None,
        typer.Option("--meter", metavar="FILE", help="Tell what to write into site.toml so that this file is read."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what is configured, what is missing, and what it costs in accuracy."""
    if meter is not None:
        _tell_meter(directory, meter, as_json)
        return
    from ecorad.intake.register import open_ledger
    from ecorad.ledger import Workspace, deliveries, problems
    from ecorad.reporting.diagnosis import diagnose

    workspace = Workspace.open(directory)
    statement = workspace.out_path / "audit.json"
    with open_ledger(workspace) as ledger:
        found = diagnose(
            workspace.site,
            ledger.columns("device"),
            ledger.columns("meter"),
            statement=json.loads(statement.read_text("utf-8")) if statement.exists() else None,
            deliveries=deliveries(ledger),
            problems=problems(ledger),
        )
    if as_json:
        print_json(found.as_json())
        return
    say(f"{workspace.site.name}, times in {workspace.site.timezone}\n")
    page().print(table(("", "what Ecorad found"), map(_told, found.checks)))
    _tell_receipts(found)
    steps = [f"ecorad audit {directory}"]
    if any(check.lines for check in found.checks):
        steps.insert(0, f"paste what is right into {directory / 'site.toml'}")
    next_step(*steps)


def _tell_meter(directory: Path, file: Path, as_json: bool) -> None:
    """A file that may be a meter's: its columns, the block that reads it, and what that gives. Nothing is stored."""
    from ecorad.intake.meters.suggest import suggest
    from ecorad.intake.sources import inputs_of
    from ecorad.ledger import Workspace

    workspace = Workspace.open(directory)
    if not file.is_file():
        raise InputError(f"there is no file {file}", code="ecorad.input.no_source")
    for one in inputs_of(file):
        if one.trouble is None:
            content = one.content if one.content is not None else Path(one.path or file).read_bytes()
            found = suggest(io.BytesIO(content), name=one.name, site=workspace.site)
            if as_json:
                print_json(_as_json(found))
            else:
                _tell_suggestion(found, directory, file)
            return
    raise InputError(f"nothing in {file} can be opened", code="ecorad.input.no_source")


def _as_json(found: Suggestion) -> dict[str, Any]:
    told = asdict(found)
    moments = {key: None if told[key] is None else told[key].isoformat() for key in ("first", "last")}
    return {**told, **moments, "lines": list(found.lines), "columns": [list(one) for one in found.columns]}


def _tell_suggestion(found: Suggestion, directory: Path, file: Path) -> None:
    from ecorad.reporting.statement.quality import issue_meanings

    meanings = issue_meanings()
    if found.columns:
        page().print(table(("column", "its header", "its first text"), found.columns, right=("column",)))
    if found.code is not None:
        means, remedy = meanings.get(found.code, ("", ""))
        say(f"\nThis file cannot be read as one of a meter ({found.code}): {means}. {remedy}")
        return
    say("\nPaste this into site.toml, and change what is not right:\n")
    for line in found.lines:
        say(line)
    if found.first is not None and found.last is not None:
        say(
            f"\nSo read, it gives {found.readings:,} readings from {found.first:%Y-%m-%d %H:%M} to "
            f"{found.last:%Y-%m-%d %H:%M} UTC, {found.kwh_per_day:,.3g} kWh a day on average. Is that about right?"
        )
    for code in found.told:
        say(f"  {code}: {meanings.get(code, ('', ''))[0]}")
    next_step(f"ecorad ingest {directory} {file} --feed THE_ID_ABOVE")


def _told(check: Check) -> tuple[str, str]:
    lines = "".join(f"\n    {line}" for line in check.lines[:_MOST_LINES])
    if len(check.lines) > _MOST_LINES:
        lines += f"\n    # {len(check.lines) - _MOST_LINES} more lines: see --json"
    return _MARK[check.state], f"{check.says}{' ' if check.costs else ''}{check.costs}{lines}"


def _tell_receipts(found: Diagnosis) -> None:
    out = page()
    if found.deliveries:
        columns = ("feed", "day", "received", "stored", "duplicate", "new_version", "quarantined", "refused")
        rows = [[row[name] for name in columns] for row in found.deliveries[-12:]]
        out.print("\nWhat was delivered, and what became of it:\n")
        out.print(table(columns, rows, right=columns[2:]))
    if found.problems:
        rows = [[row["code"], row["count"], row["means"], row["remedy"]] for row in found.problems[:12]]
        out.print("\nWhat could not be used as it was:\n")
        out.print(table(("code", "times", "means", "what to do"), rows, right=("times",)))
