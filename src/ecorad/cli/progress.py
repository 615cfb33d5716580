"""Progress of long work, on stderr: a bar in a terminal, nothing elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .console import notes


@contextmanager
def counted(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that a room below moves by calling it with (done, in all).

    Parameters
    ----------
    what : str
        What is going on, in one or two words.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = notes()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def moved(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield moved


@contextmanager
def working(what: str) -> Iterator[None]:
    """A spinner while one long step runs.

    Parameters
    ----------
    what : str
        What is going on, in one or two words.
    """
    console = notes()
    if not console.is_terminal:
        yield
        return
    with console.status(f"{what} ..."):
        yield
