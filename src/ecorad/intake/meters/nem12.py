"""Interval files of the Australian market (NEM12), unfolded: records 200 name a channel, records 300 hold a day of it.

Source: AEMO, Meter Data File Format Specification NEM12 & NEM13, v2.6: section 3.3.1 times are Australian Eastern
Standard Time all year, section 4 records 200 to 500, appendix E quality flags.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ecorad.intake.row_notes import Notes
from ecorad.intake.text_table import Block

from .layout import Row
from .vocabulary import ENERGY_UNITS, known_unit

_DAY_MINUTES = 24 * 60
_LENGTHS = frozenset({"5", "05", "15", "30"})
_ZONE = "+10:00"
# E: energy that the grid delivered. B is energy fed into it, Q and K are reactive.
_DELIVERED = "E"
_Unfolded = tuple[int, list[str]]


@dataclass(slots=True)
class _Channel:
    """The channel whose days follow; ``meter`` is empty for one that is no energy delivered."""

    meter: str = ""
    minutes: int = 30


@dataclass(frozen=True, slots=True)
class Nem12:
    """A file of this kind; energies are in ``unit``."""

    unit: str

    def rows(self, sample: Sequence[Row]) -> list[Row]:
        """The first days as rows, with a header."""
        found = self._unfolded(sample, _Channel(), None)
        return [(0, ["start", "meter_id", f"energy [{self.unit}]"]), *(row for day in found for row in day)]

    def blocks(self, blocks: Iterable[Block], notes: Notes) -> Iterator[Block]:
        """All days as rows."""
        channel = _Channel()
        held: list[Row] = []
        for block in blocks:
            records = held + list(zip(block.numbers, block.rows, strict=True))
            # What follows a day may correct it, so the last one waits.
            cut = next((i for i in range(len(records) - 1, -1, -1) if records[i][1][0].strip() in ("200", "300")), 0)
            held = records[cut:]
            yield self._block(records[:cut], channel, notes, block)
        yield self._block(held, channel, notes, None)

    def _block(self, records: Sequence[Row], channel: _Channel, notes: Notes, block: Block | None) -> Block:
        kept = [row for day in self._unfolded(records, channel, notes) for row in day]
        overlong, has_nul = (block.overlong, block.has_nul) if block else ([], False)
        return Block([line for line, _ in kept], [cells for _, cells in kept], overlong, has_nul)

    def _unfolded(self, records: Sequence[Row], channel: _Channel, notes: Notes | None) -> Iterator[list[_Unfolded]]:
        day: list[_Unfolded] = []
        for line, cells in records:
            kind = cells[0].strip()
            if kind == "400" and day:
                _without_unknown(day, cells)
                continue
            if kind in ("200", "300", "900"):
                yield day
                day = []
            if kind == "200":
                self._begin(channel, line, cells, notes)
            elif kind == "300" and channel.meter:
                day = self._day(line, cells, channel, notes)
        yield day

    def _begin(self, channel: _Channel, line: int, cells: Sequence[str], notes: Notes | None) -> None:
        nmi, suffix, unit, minutes = (cells[i].strip() if i < len(cells) else "" for i in (1, 4, 7, 8))
        channel.meter = f"{nmi}-{suffix}" if suffix.upper().startswith(_DELIVERED) else ""
        if channel.meter and (known_unit(unit) != self.unit or minutes not in _LENGTHS):
            if notes is not None:
                notes.quarantine("ecorad.meter.row_unit", [line], "another unit than the first channel, or no length")
            channel.meter = ""
        channel.minutes = int(minutes) if minutes in _LENGTHS else channel.minutes

    def _day(self, line: int, cells: Sequence[str], channel: _Channel, notes: Notes | None) -> list[_Unfolded]:
        count, date = _DAY_MINUTES // channel.minutes, cells[1].strip() if len(cells) > 1 else ""
        values = [cell.strip() for cell in cells[2 : 2 + count]]
        quality = cells[2 + count].strip().upper() if len(cells) > 2 + count else ""
        if len(date) != 8 or not date.isdecimal() or len(values) < count or not quality[:1].isalpha():
            if notes is not None:
                notes.quarantine("ecorad.meter.ragged_row", [line], "not as many values as its channel says")
            return []
        if quality.startswith("N"):  # null data: zeros stand in for what is not known
            values = ["null"] * count
        minutes = (n * channel.minutes for n in range(count))
        start = f"{date[:4]}-{date[4:6]}-{date[6:]}"
        return [
            (line, [f"{start}T{m // 60:02d}:{m % 60:02d}:00{_ZONE}", channel.meter, value])
            for m, value in zip(minutes, values, strict=True)
        ]


def find_nem12(sample: Sequence[Row]) -> Nem12 | None:
    """Whether a file that begins with these rows is of this kind.

    Examples
    --------
    >>> rows = [(1, "200,NMI1,E1,E1,E1,,1,KWH,30,".split(",")), (2, ["300", "20260301", *["0.5"] * 48, "A"])]
    >>> find_nem12(rows).rows(rows)[1]
    (2, ['2026-03-01T00:00:00+10:00', 'NMI1-E1', '0.5'])
    """
    channels = [
        cells for _, cells in sample if cells[0].strip() == "200" and len(cells) > 8 and cells[8].strip() in _LENGTHS
    ]
    if not channels or not any(cells[0].strip() == "300" for _, cells in sample):
        return None
    delivered = [cells for cells in channels if cells[4].strip().upper().startswith(_DELIVERED)]
    unit = known_unit((delivered or channels)[0][7])
    return Nem12(unit) if unit in ENERGY_UNITS else None


def _without_unknown(day: list[_Unfolded], cells: Sequence[str]) -> None:
    """Empty the intervals of a day of which a record 400 says that nothing is known (quality N)."""
    first, last, quality = (cells[i].strip() if i < len(cells) else "" for i in (1, 2, 3))
    if quality.upper().startswith("N") and first.isdecimal() and last.isdecimal():
        for _, row in day[int(first) - 1 : int(last)]:
            row[2] = "null"
