"""Where words go: results to stdout, progress and notes to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

PLAIN_WIDTH = 160


def page() -> Console:
    """The console of results, on stdout; wide and plain when it is not a terminal."""
    return _console(stderr=False)


def notes() -> Console:
    """The console of progress and notes, on stderr."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    # Input never reaches a console as markup or emoji codes.
    width = None if stream.isatty() else PLAIN_WIDTH
    return Console(file=stream, width=width, highlight=False, emoji=False, markup=False, soft_wrap=False)


def print_json(value: Any) -> None:
    """Write one JSON object, and nothing else, to stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def say(text: str) -> None:
    """Plain words on stdout."""
    page().print(text, soft_wrap=True)


def note(text: str) -> None:
    """One plain sentence on stderr."""
    notes().print(text, soft_wrap=True)


def next_step(*commands: str) -> None:
    """Suggest what to run next, on stderr."""
    for number, command in enumerate(commands):
        note(f"{'Next:' if number == 0 else '  or:'} {command}")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> Table:
    """A plain table: no lines but one under its head.

    Parameters
    ----------
    columns : sequence of str
        Headings.
    rows : iterable of sequences
        Cells, printed as text; ``None`` is left empty.
    right : sequence of str
        Headings of the columns of numbers.
    """
    from rich import box
    from rich.table import Table

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for place, name in enumerate(columns):
        # The first column is what one types next: never broken over two lines.
        drawn.add_column(name, justify="right" if name in right else "left", overflow="fold", no_wrap=place == 0)
    for row in rows:
        drawn.add_row(*map(_cell, row))
    return drawn


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.6g}"
    return "" if value is None else str(value)
