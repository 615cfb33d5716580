"""Tables that are no list of readings yet: which of them this is, and its rows as a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from ecorad.intake.row_notes import Notes
from ecorad.intake.text_table import Block

from .layout import Row
from .nem12 import find_nem12
from .numbered import find_numbered
from .wide import find_fold


class Unfolding(Protocol):
    """A way to make a list with one reading a row."""

    def rows(self, sample: Sequence[Row]) -> list[Row]:
        """The first rows, with a header."""
        ...

    def blocks(self, blocks: Iterable[Block], notes: Notes) -> Iterator[Block]:
        """All rows."""
        ...


def find_unfolding(sample: Sequence[Row]) -> Unfolding | None:
    """How to make a list of a table that begins with these rows; ``None`` for one that is a list already.

    Raises
    ------
    DecodeError
        As :func:`~.wide.find_fold` and :func:`~.numbered.find_numbered`.
    """
    return find_nem12(sample) or find_fold(sample) or find_numbered(sample)
