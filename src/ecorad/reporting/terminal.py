"""The short of a statement, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .reader import Reader, printable
from .sections.much import period_in_words
from .sections.trust import OUTCOMES

if TYPE_CHECKING:
    from rich.console import Console


def summary(statement: Mapping[str, Any], console: Console, language: str = "en") -> None:
    """Print head figures, one line a scanner, the receipts, and what to measure next.

    Parameters
    ----------
    statement : dict
        Follows ``schema/audit-1.json``.
    console : rich.console.Console
        Where to print; standard error when standard output carries JSON.
    language : {"en", "zh", "nl"}
        Language of the reader.
    """
    from rich.table import Table
    from rich.text import Text

    reader = Reader(statement, language)
    title = reader.text(
        "terminal.title", site=printable(statement["site"]["name"]), period=period_in_words(statement, reader)
    )
    console.print(Text(title, style="bold"))
    head = Table.grid(padding=(0, 2))
    for name, value in _head(reader):
        head.add_row(Text(name, style="dim"), Text(value))
    console.print(head)
    console.print(_scanners(reader))
    counts = statement["receipts"]
    console.print(
        Text(
            reader.text(
                "terminal.receipts", **{name: reader.integer(counts[name]) for name in ("received", *OUTCOMES)}
            ),
            style="dim",
        )
    )
    advice = statement["advice_on_data"]
    if advice:
        what = reader.named("what", advice[0]["what"])
        console.print(Text(reader.text("terminal.next", what=what, device=reader.device_name(advice[0]))))


def _head(reader: Reader) -> list[tuple[str, str]]:
    totals = reader.statement["totals"]
    quantities = {
        "energy": totals["energy_kwh"],
        "co2e": totals["co2e_kg"]["attributional"],
        "idle": totals["non_imaging_share"],
        "unexplained": totals["unexplained_share"],
        "consequential": totals["co2e_kg"]["consequential"],
    }
    lines = []
    for key, quantity in quantities.items():
        shown = reader.shown(quantity)
        lines.append((reader.text(f"terminal.{key}"), f"{shown.text}  {shown.word}" if shown.known else shown.text))
    return lines


def _scanners(reader: Reader) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name, side in (("scanner", "left"), ("exams", "right"), ("energy_column", "right"), ("per_exam", "right")):
        table.add_column(reader.text(f"terminal.{name}"), justify="right" if side == "right" else "left")
    for device in reader.statement["devices"]:
        table.add_row(
            Text(reader.device_name(device)),
            reader.integer(device["exams"]),
            Text(reader.shown(device["energy_kwh"]).text),
            Text(reader.shown(device["kwh_per_exam"]["allocated"], per_exam=False).text),
        )
    return table
