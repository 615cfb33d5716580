"""The short of a statement, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .reader import Reader, printable
from .sections.change import sure_findings
from .sections.much import period_in_words
from .sections.trust import OUTCOMES

# The page shows every scanner; a screen shows those that draw most.
_MOST_SCANNERS = 12
_MOST_CHANGES = 3

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
    for line in (*_left_out(reader), *_changes(reader)):
        console.print(Text(line))
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
    for name in ("scanner", "exams", "energy_column", "per_exam", "evidence"):
        side: Any = "left" if name in {"scanner", "evidence"} else "right"
        table.add_column(reader.text(f"terminal.{name}"), justify=side)
    for device in _shown_scanners(reader.statement["devices"]):
        table.add_row(
            Text(reader.device_name(device)),
            reader.integer(device["exams"]),
            Text(_briefly(reader, device["energy_kwh"])),
            Text(_briefly(reader, device["kwh_per_exam"]["allocated"])),
            Text(reader.named("tier", None if device["tier"] is None else str(device["tier"])), style="dim"),
        )
    return table


def _shown_scanners(devices: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    if len(devices) <= _MOST_SCANNERS:
        return devices
    return sorted(devices, key=lambda device: -(device["energy_kwh"]["value"] or 0.0))[:_MOST_SCANNERS]


def _briefly(reader: Reader, quantity: Mapping[str, Any]) -> str:
    """A figure, or only the word that it is unknown: why stands below the table."""
    shown = reader.shown(quantity, per_exam=False)
    return shown.text if shown.known else reader.text("unknown")


def _changes(reader: Reader) -> list[str]:
    """The largest findings, in the words of the page."""
    return [
        reader.text("terminal.change", sentence=finding.sentence, saving=finding.kwh.text)
        for finding in sure_findings(reader)[:_MOST_CHANGES]
    ]


def _left_out(reader: Reader) -> list[str]:
    """How many scanners the table leaves out, and which are in no total, with the reason."""
    lines = []
    hidden = len(reader.statement["devices"]) - _MOST_SCANNERS
    if hidden > 0:
        lines.append(reader.text("terminal.more", scanners=reader.counted("scanner", hidden)))
    rows = reader.statement["totals"]["not_included"]
    for reason in sorted({row["reason"] for row in rows}):
        named = [reader.device_name(row) for row in rows if row["reason"] == reason]
        names = reader.names(named) if len(named) <= _MOST_SCANNERS else reader.counted("scanner", len(named))
        lines.append(reader.text("opening.not_included", names=names, reason=reader.reason(reason)))
    return lines
