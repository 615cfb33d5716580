"""Meter readings as the CSV files a building or a plug meter would export."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from .days import Days
from .meters import Ints, MeterReader, Rows, SimMeter
from .power import DayOfPower
from .settings import Settings

QUARTER_S = 900


class MeterWriter:
    """Writes the files of one meter below ``folder``, one chunk after the other; close it at the end."""

    def __init__(self, folder: Path, meter: SimMeter, days: Days, settings: Settings, seed: int) -> None:
        self.folder, self.meter, self.days, self.settings = folder, meter, days, settings
        self.reader = MeterReader(meter, seed)
        self.rng = random.Random(f"{seed}/{meter.scanner.index}/rows")
        self.started: set[str] = set()
        folder.mkdir(parents=True)

    def add(self, day: int, chunk: DayOfPower) -> None:
        """Read and write the rows of local day ``day``."""
        dialect = self.meter.dialect
        lines = self._lines(self.reader.read(chunk))
        text = "".join(f"{line}{dialect.newline}" for line in self._with_duplicates(lines))
        name = self._file_name(day)
        head = ""
        if name not in self.started:
            self.started.add(name)
            mark = "\ufeff" if dialect.byte_order_mark else ""
            head = mark + dialect.delimiter.join(dialect.header) + dialect.newline
        with (self.folder / name).open("a", encoding="utf-8", newline="") as target:
            target.write(head + text)

    def _file_name(self, day: int) -> str:
        date = self.days.date(day)
        year, week, _ = date.isocalendar()
        span = {"day": date.isoformat(), "week": f"{year}-W{week:02d}"}.get(self.meter.dialect.rotation, "export")
        return f"{self.meter.id}_{span}.csv"

    def _lines(self, rows: Rows) -> list[str]:
        dialect, decimals = self.meter.dialect, self.meter.decimals
        values = [f"{value:.{decimals}f}" for value in rows.value.tolist()]
        if dialect.decimal == ",":
            values = [value.replace(".", ",") for value in values]
        between = dialect.delimiter
        times = written_times(rows.stamp_s, self.days, dialect.time_format)
        return [f"{time}{between}{value}" for time, value in zip(times, values, strict=True)]

    def _with_duplicates(self, lines: list[str]) -> list[str]:
        wanted = self.settings.duplicate_rows * len(lines)
        count = int(wanted) + (self.rng.random() < wanted % 1)
        for place in sorted((self.rng.randrange(len(lines)) for _ in range(count if lines else 0)), reverse=True):
            lines.insert(place, lines[place])
        return lines


def written_times(stamp_s: Ints, days: Days, time_format: str) -> list[str]:
    """Each moment as text: ``offset``, ``dutch``, ``zulu`` or ``plain``.

    >>> from datetime import date
    >>> days = Days.of(date(2026, 3, 29), 1, "Europe/Amsterdam")
    >>> written_times(np.array([3600, 7200]), days, "offset")  # 02:00 does not exist that day
    ['2026-03-29T01:00:00+01:00', '2026-03-29T03:00:00+02:00']
    """
    found: list[str] = []
    clock = _clock()
    for quarter, seconds in _quarters(stamp_s):
        wall = days.local(quarter) if time_format in ("offset", "dutch") else days.utc(quarter)
        of_day = wall.hour * 3600 + wall.minute * 60 + wall.second - quarter
        before = wall.strftime({"dutch": "%d.%m.%Y ", "plain": "%Y-%m-%d "}.get(time_format, "%Y-%m-%dT"))
        after = {"zulu": "Z", "offset": f"{wall:%z}"[:3] + ":" + f"{wall:%z}"[3:]}.get(time_format, "")
        found += [f"{before}{clock[of_day + second]}{after}" for second in seconds]
    return found


def _quarters(stamp_s: Ints) -> Iterator[tuple[int, list[int]]]:
    """Moments by quarter of an hour, within which no zone changes its offset or its date."""
    if not len(stamp_s):
        return
    quarter = stamp_s // QUARTER_S
    cuts = np.flatnonzero(np.diff(quarter)) + 1
    for part in np.split(stamp_s, cuts):
        yield int(part[0]) // QUARTER_S * QUARTER_S, part.tolist()


@cache
def _clock() -> tuple[str, ...]:
    return tuple(f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(86400))
