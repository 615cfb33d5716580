"""The ``ecorad`` command: its sub-commands, its exit statuses, and how an error is told."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ecorad import __version__

from . import (
    alerts,
    audit,
    check,
    doctor,
    export,
    factors,
    facts,
    ingest,
    init,
    keep,
    leaflet,
    patient,
    plan,
    pull,
    rules,
    scenario,
    serve,
    show,
    simulate,
    tables,
    verify,
)
from .failure import Status, report_failure

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Where a radiology department's energy and carbon go, from the records it already keeps.",
    epilog="Begin with: ecorad init mysite --zone NL --timezone Europe/Amsterdam",
)
app.command("init")(init.init)
app.command("doctor")(doctor.doctor)
app.command("ingest")(ingest.ingest)
app.command("pull")(pull.pull)
app.command("audit")(audit.audit)
app.command("show")(show.show)
app.command("alerts")(alerts.alerts)
app.command("leaflet")(leaflet.leaflet)
app.command("patient")(patient.patient)
app.command("export")(export.export)
app.command("tables")(tables.tables)
app.add_typer(factors.app, name="factors")
app.command("facts")(facts.facts)
app.command("scenario")(scenario.scenario)
app.add_typer(rules.app, name="rules")
app.add_typer(check.app, name="check")
app.add_typer(plan.app, name="plan")
app.command("verify")(verify.verify)
app.command("simulate")(simulate.simulate)
app.command("serve")(serve.serve)
app.command("backup")(keep.backup)
app.command("restore")(keep.restore)
app.command("rebuild")(keep.rebuild)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ecorad {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Where a radiology department's energy and carbon go, from the records it already keeps."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit status; errors are told, never raised.

    Parameters
    ----------
    arguments : sequence of str
        What stands after ``ecorad`` on the command line.

    Returns
    -------
    int
        0 done, 1 done with quarantined input, 2 wrong use, 3 could not.

    Examples
    --------
    >>> run(["--version"])
    ecorad 0.1.0
    0
    """
    try:
        status = app(list(arguments), prog_name="ecorad", standalone_mode=False)
    except Exception as error:  # noqa: BLE001 - the one place where every error becomes an exit status
        return int(report_failure(error, as_json="--json" in arguments, folders=[Path(text) for text in arguments]))
    if status == 130:  # what Typer makes of Ctrl-C
        return int(report_failure(KeyboardInterrupt(), as_json="--json" in arguments, folders=[]))
    return int(status or Status.DONE)


def main() -> NoReturn:
    """Entry point of the ``ecorad`` command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a letter must not end an audit
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))
