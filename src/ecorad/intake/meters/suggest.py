"""What to write into ``site.toml`` for a meter file: tried on the file until it is read, and what is left to say.

Only for the person who holds the file: headers and texts of it are shown, and nothing is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, BinaryIO

import numpy as np

from ecorad.intake.row_notes import Notes
from ecorad.intake.written_numbers import read_number
from ecorad.model import DecodeError, MeterEntry, Site

from .decode import DecodedReadings, decode
from .identity import stem_of
from .layout import Layout, Row, find_layout
from .stamps import stamp_kind
from .table import open_table
from .vocabulary import header_kind, known_unit, name_and_unit, value_score

_MOST_TEXTS = 12
_MOST_TRIES = 8
_MOST_KWH_PER_DAY = 24_000.0
# Phases and tariffs: parts of one amount.
_PART = re.compile(
    r"(?:\bl|\bp|phase|phs|fase|tarif\w*|\bt)\s*\W?[1-4abc]\b|\b(?:laag|hoog|low|high|normaal|normal|dal|hochtarif|niedertarif|"
    r"ht|nt|hp|hc|peak|off.?peak|day|night|nacht|jour|nuit)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How one file is read, or why it is not.

    Parameters
    ----------
    lines : tuple of str
        A ``[[meter]]`` block for ``site.toml``; empty where no block would help.
    columns : tuple of (number from 1, header, first text)
        What the file holds.
    code : str or None
        Why the file is not read even so.
    told : tuple of str
        Codes of what was noted on the way.
    readings, kwh_per_day, first, last
        What the block would give: so many readings from ``first`` to ``last``. [kW.h per day]
    """

    lines: tuple[str, ...] = ()
    columns: tuple[tuple[int, str, str], ...] = ()
    code: str | None = None
    told: tuple[str, ...] = ()
    readings: int = 0
    kwh_per_day: float | None = None
    first: datetime | None = None
    last: datetime | None = None


@dataclass(slots=True)
class _Trial:
    """A file, an entry for it as far as it is known, and what to say beside its lines."""

    stream: BinaryIO
    sample: list[Row]
    site: Site
    entry: MeterEntry
    remarks: dict[str, str]
    ids: tuple[str, ...] = ()

    def read(self) -> DecodedReadings:
        self.stream.seek(0)
        meters = tuple(replace(self.entry, id=one) for one in self.ids) or (self.entry,)
        feed = None if self.ids else self.entry.id
        return decode(self.stream, name="meter", feed=feed, site=replace(self.site, meters=meters))

    def layout(self) -> Layout:
        """Of the file, whichever its value may be."""
        failure = DecodeError("no row at all", code="ecorad.meter.no_readings")
        for number in range(max((len(cells) for _, cells in self.sample), default=0), 0, -1):
            try:
                return find_layout(self.sample, {**self.entry.columns, "value": str(number)}, self.entry.kind)
            except DecodeError as error:
                failure = failure if error.code == "ecorad.meter.column_missing" else error
        raise failure

    def say(self, remark: str = "", **fields: Any) -> None:
        """Add to the entry; ``remark`` stands beside the line."""
        self.entry = replace(self.entry, **fields)
        if remark:
            self.remarks |= dict.fromkeys(fields, remark)


def suggest(stream: BinaryIO, *, name: str, site: Site) -> Suggestion:
    """What to write into ``site.toml`` so that a file is read as the readings of one meter.

    Parameters
    ----------
    stream : binary stream, seekable
        The unpacked bytes.
    name : str
        Its file name.
    site : Site
        Its zone and its devices; its meters are not looked at.

    Examples
    --------
    >>> import io
    >>> rows = ["time;L1 [W];L2 [W];L3 [W]", "2026-03-01 00:00;1;2;3", "2026-03-01 00:15;1;2;3"]
    >>> found = suggest(io.BytesIO(chr(10).join(rows).encode()), name="mr1.csv", site=Site(name="x"))
    >>> found.lines[-1]
    'columns = { value = "L1 [W] + L2 [W] + L3 [W]" }    # the parts are added: right if there is no total'
    """
    entry = MeterEntry(id=_id_of(name), feeds=_feeds(site))
    try:
        trial = _Trial(stream, open_table(stream, Notes()).sample, site, entry, {})
        columns = _columns(trial)
        _find_meters(trial)
    except DecodeError as error:
        return Suggestion(code=error.code)
    for _ in range(_MOST_TRIES):
        try:
            found = trial.read()
        except DecodeError as error:
            before, remedy = trial.entry, _REMEDIES.get(error.code)
            if remedy is not None:
                remedy(trial)
            if trial.entry == before:
                return Suggestion((), columns, error.code)
        else:
            done = _done(trial, columns, found)
            if not _is_absurd(trial, done):
                return done
            trial.say(trial.remarks["unit"], unit="Wh" if _is_energy(trial) else "W")
            trial.say(interval_s=None)
    return Suggestion((), columns, "ecorad.meter.no_readings")


def _done(trial: _Trial, columns: tuple[tuple[int, str, str], ...], found: DecodedReadings) -> Suggestion:
    told = tuple(sorted({issue.code for issue in found.issues}))
    rows = found.readings
    start, end = min(int(one.start_us[0]) for one in rows), max(int(one.end_us[-1]) for one in rows)
    lengths = np.concatenate([one.end_us - one.start_us for one in rows])
    if trial.entry.interval_s is None:
        trial.say(interval_s=float(np.median(lengths)) / 1e6)
    if {"ecorad.meter.stamp_from_header", "ecorad.meter.stamp_from_clock"} & set(told):
        trial.say(stamp="end")
    kwh = float(sum(np.nansum(one.energy_kwh) for one in rows))
    first, last = (datetime.fromtimestamp(us / 1e6, UTC) for us in (start, end))
    return Suggestion(
        lines=_lines(trial),
        columns=columns,
        told=told,
        readings=len(lengths),
        kwh_per_day=kwh / ((end - start) / 86_400e6),
        first=first,
        last=last,
    )


def _is_absurd(trial: _Trial, done: Suggestion) -> bool:
    """Whether a unit that was guessed makes a power plant of the meter; no room of a department draws a megawatt."""
    guessed = "unit" in trial.remarks and trial.entry.unit == "kWh"
    return guessed and done.kwh_per_day is not None and done.kwh_per_day > _MOST_KWH_PER_DAY


def _is_energy(trial: _Trial) -> bool:
    layout = find_layout(trial.sample, trial.entry.columns, trial.entry.kind, trial.entry.only)
    return bool(layout.header) and header_kind(layout.value_header) in ("interval", "register")


def _lines(trial: _Trial) -> tuple[str, ...]:
    if not trial.ids:
        return _block(trial, trial.entry)
    return tuple(line for one in trial.ids for line in _block(trial, replace(trial.entry, id=one)))


def _block(trial: _Trial, entry: MeterEntry) -> tuple[str, ...]:
    said: list[tuple[str, str]] = [("id", _toml(entry.id)), ("feeds", f"[{', '.join(map(_toml, entry.feeds))}]")]
    said += [(key, _toml(value)) for key in ("unit", "kind") if (value := getattr(entry, key))]
    if entry.interval_s:
        said.append(("interval_s", f"{entry.interval_s:.10g}"))
    if entry.stamp == "end":
        said.append(("stamp", '"end"'))
    if entry.columns:
        said.append(("columns", _table({key: _toml(value) for key, value in entry.columns.items()})))
    if entry.only:
        written = {_toml(key): f"[{', '.join(map(_toml, texts))}]" for key, texts in entry.only.items()}
        said.append(("only", _table(written)))
    remarks = {"feeds": "the scanner behind it: alias or serial number", **trial.remarks}
    return (
        "[[meter]]",
        *(f"{key} = {value}" + (f"    # {remarks[key]}" if key in remarks else "") for key, value in said),
    )


def _table(cells: dict[str, str]) -> str:
    return "{ " + ", ".join(f"{key} = {value}" for key, value in cells.items()) + " }"


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _id_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", stem_of(name).lower()).strip("-")[:24] or "meter"


def _feeds(site: Site) -> tuple[str, ...]:
    return (site.devices[0].alias,) if len(site.devices) == 1 else ("MR 1",)


def _columns(trial: _Trial) -> tuple[tuple[int, str, str], ...]:
    layout = trial.layout()
    row = next(cells for line, cells in trial.sample if line >= layout.first_row)
    headers = layout.header or ("",) * layout.width
    return tuple((i + 1, headers[i], row[i].strip() if i < len(row) else "") for i in range(layout.width))


def _body(trial: _Trial, layout: Layout) -> list[list[str]]:
    return [row for line, row in trial.sample if line >= layout.first_row and len(row) >= layout.width][:40]


def _choose_value(trial: _Trial) -> None:
    """Parts that only together are the whole are added; otherwise the column that looks most like it."""
    layout = trial.layout()
    taken = {layout.time, layout.clock, layout.end, layout.meter_id, layout.unit, *layout.series}
    body = _body(trial, layout)
    numeric = [i for i in range(len(layout.header)) if i not in taken and i < layout.width and _is_numeric(body, i)]
    scores = {i: value_score(layout.header[i]) for i in numeric}
    best = max((score for score in scores.values()), default=-1.0)
    top = [i for i, score in scores.items() if score == best and score >= 0]
    if not top:
        return
    names = [_name_of(layout, i) for i in top]
    parts = [i for i in top if _PART.search(name_and_unit(layout.header[i])[0].replace("_", " "))]
    others = ", ".join(_toml(name) for name in names[1:_MOST_TEXTS])
    if 1 < len(parts) == len(top) and len({header_kind(layout.header[i]) for i in top}) == 1:
        remark, value = "the parts are added: right if there is no total", " + ".join(names)
    else:
        remark, value = f"please choose; there are also {others}", names[0]
    trial.say(remark, columns={**trial.entry.columns, "value": value})


def _choose_number(trial: _Trial) -> None:
    layout = trial.layout()
    taken = {layout.time, layout.clock, layout.end}
    numeric = [i for i in range(layout.width) if i not in taken and _is_numeric(_body(trial, layout), i)]
    if numeric:
        others = ", ".join(str(i + 1) for i in numeric[1:_MOST_TEXTS])
        remark = f"please choose: the number of the column; there are also {others}"
        trial.say(remark, columns={**trial.entry.columns, "value": str(numeric[0] + 1)})


def _choose_series(trial: _Trial) -> None:
    """Of each column that tells series apart, the first text; the others stand beside it."""
    layout = find_layout(trial.sample, trial.entry.columns, trial.entry.kind, trial.entry.only)
    only, remarks = dict(trial.entry.only), []
    for place, texts in _texts(trial, layout).items():
        if len(texts) > 1:
            only[layout.header[place]] = (texts[0],)
            shown = ", ".join(_toml(text) for text in texts[1:_MOST_TEXTS])
            remarks.append(f"please choose; there are also {shown}{' and more' if len(texts) > _MOST_TEXTS else ''}")
    if remarks:
        trial.say("; ".join(remarks), only=only)


def _find_meters(trial: _Trial) -> None:
    """The meters that a file itself tells apart, if it holds several: each gets a block."""
    layout = trial.layout()
    if layout.meter_id is None:
        return
    found = _texts(trial, layout, (layout.meter_id,))[layout.meter_id]
    if len(found) > 1:
        trial.ids = tuple(found[:_MOST_TEXTS])
        trial.say(columns={"meter_id": layout.header[layout.meter_id]})


def _texts(trial: _Trial, layout: Layout, places: Sequence[int] = ()) -> dict[int, list[str]]:
    found: dict[int, dict[str, None]] = {place: {} for place in places or layout.series}
    for block in open_table(trial.stream, Notes()).blocks:
        for line, row in zip(block.numbers, block.rows, strict=True):
            for place, texts in found.items():
                counts = line >= layout.first_row and place < len(row) and row[place].strip()
                if counts and len(texts) <= _MOST_TEXTS and row[place].strip() != layout.header[place]:
                    texts[row[place].strip()] = None
    return {place: list(texts) for place, texts in found.items()}


def _ask_unit(trial: _Trial) -> None:
    if trial.entry.unit is None:
        layout = find_layout(trial.sample, trial.entry.columns, trial.entry.kind, trial.entry.only)
        power = layout.header and header_kind(layout.value_header) == "power"
        choice = "W, kW or MW" if power else "Wh, kWh or MWh; W or kW if it is power"
        trial.say(f"the file does not say it: {choice}?", unit="W" if power else "kWh")


def _ask_kind(trial: _Trial) -> None:
    if trial.entry.kind is None:
        trial.say('a counter; "interval" if each row is the energy of its interval', kind="register")


def _name_of(layout: Layout, place: int) -> str:
    header = layout.header[place]
    return str(place + 1) if layout.header.count(header) > 1 or not header else header


def _is_numeric(body: Sequence[Sequence[str]], place: int) -> bool:
    cells = [row[place].strip() for row in body]
    if sum(stamp_kind(cell) is not None for cell in cells) * 2 > len(cells):
        return False
    numbers = sum(
        any(read_number(cell, sign) is not None for sign in ".,") or known_unit(cell.rpartition(" ")[2]) is not None
        for cell in cells
        if cell
    )
    return numbers * 2 > len(cells)


_REMEDIES: dict[str, Callable[[_Trial], None]] = {
    "ecorad.meter.value_column": _choose_value,
    "ecorad.meter.no_header": _choose_number,
    "ecorad.meter.several_series": _choose_series,
    "ecorad.meter.unit_unknown": _ask_unit,
    "ecorad.meter.kind_unknown": _ask_kind,
}
