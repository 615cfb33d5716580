"""One meter file: from bytes to intervals of energy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ecorad.intake.identity import Pseudonymiser
from ecorad.intake.row_notes import Notes
from ecorad.model import DecodeError, Issue, MeterEntry, Site
from ecorad.model.clock import MICROSECONDS_PER_DAY, to_us

from .flags import Bits, Flag, words
from .identity import entries_of, meter_of_file, unregistered_key
from .intervals import Intervals, hold, joined, with_gaps
from .layout import Layout, Row, find_layout
from .localtime import to_utc
from .profile import Profile, make_profile, zone_of
from .quality import checked
from .raw import RawTable, read_raw
from .register import difference
from .sequence import EARLIEST_US, LATEST_US, Samples, arrange, runs_backwards
from .stamps import NOT_A_TIME, Stamps
from .table import open_table, titles_of, titles_with_readings

# A meter that corrects itself now and then is no mixture of series.
_MIXED_ROWS, _MIXED_SHARE = 10, 0.15
_TRIAL = Pseudonymiser(bytes(32))
_SOURCES = ("explicit", "dataset", "site")


@dataclass(frozen=True, slots=True)
class ReadingColumns:
    """Readings of one meter, sorted by start and without overlap.

    Parameters
    ----------
    meter_key : str
        Id of the meter in the register, or ``file:<name>``.
    start_us, end_us : ndarray of int64, shape (n,)
        Half-open interval, microseconds since 1970-01-01 UTC.
    energy_kwh : ndarray of float64, shape (n,)
        NaN where not known. [kW.h]
    flags : ndarray of str, shape (n,)
        Words joined by ``|``.
    zone_source : str
        Where the offset from UTC came from: ``explicit``, ``dataset`` or ``site``.
    """

    meter_key: str
    start_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    energy_kwh: NDArray[np.float64]
    flags: NDArray[np.object_]
    zone_source: str


@dataclass(frozen=True, slots=True)
class DecodedReadings:
    """Readings of one file, by meter; rows received and how many of them could not be used."""

    readings: tuple[ReadingColumns, ...]
    issues: tuple[Issue, ...]
    rows_received: int
    rows_quarantined: int


@dataclass(frozen=True, slots=True)
class _File:
    """One file as read: columns, rows that can be used (places in ``raw``), and the site it is read for."""

    site: Site
    layout: Layout
    raw: RawTable
    stamps: Stamps
    usable: NDArray[np.int64]
    notes: Notes


def decode(
    stream: BinaryIO, *, name: str, feed: str | None, site: Site, pseudonymiser: Pseudonymiser = _TRIAL
) -> DecodedReadings:
    """Readings of one meter file.

    Parameters
    ----------
    stream : binary stream, seekable
        The unpacked bytes.
    name : str
        File name, with its folder if it has one.
    feed : str or None
        Id of the meter, as given with ``--feed``.
    site : Site
        Holds the register of meters and the zone.
    pseudonymiser : Pseudonymiser
        Of the site, for names of meters that it does not list; may be left out where nothing is kept.

    Raises
    ------
    DecodeError
        If not one reading can be used; the code says why.

    Examples
    --------
    >>> import io
    >>> text = chr(10).join(["time;power [kW]", "2026-03-01T00:00Z;6", "2026-03-01T00:15Z;6"])
    >>> found = decode(io.BytesIO(text.encode()), name="mr.csv", feed=None, site=Site(name="x")).readings[0]
    >>> found.energy_kwh.tolist()
    [1.5, 1.5]
    """
    meter_id = meter_of_file(name, feed, site)
    if meter_id is None:
        titles = {title.lower() for title in titles_of(stream)}
        ids = sorted({entry.id for entry in site.meters if entry.id.lower() in titles})
        if ids:
            return _by_sheet(stream, name, ids, site, pseudonymiser)
    return _decoded(stream, name, meter_id, site, pseudonymiser)


def _by_sheet(
    stream: BinaryIO, name: str, ids: Sequence[str], site: Site, pseudonymiser: Pseudonymiser
) -> DecodedReadings:
    """Readings of a workbook with a sheet for each of several meters; what is wrong with one is told."""
    found: list[DecodedReadings] = []
    issues: list[Issue] = []
    failure: DecodeError | None = None
    for one in ids:
        try:
            found.append(_decoded(stream, name, one, site, pseudonymiser))
        except DecodeError as error:
            failure = error
            issues.append(Issue(error.code, where=f"sheet {one}", detail=str(error)))
            continue
        issues += [replace(issue, where=f"sheet {one}: {issue.where}") for issue in found[-1].issues]
    if not found and failure is not None:
        raise failure
    others = {title.lower() for title in titles_with_readings(stream)} - {one.lower() for one in ids}
    if others:
        issues.append(Issue("ecorad.meter.sheet_assumed", where="file", count=len(others), detail="of no known meter"))
    return DecodedReadings(
        tuple(part for one in found for part in one.readings),
        tuple(issues),
        sum(one.rows_received for one in found),
        sum(one.rows_quarantined for one in found),
    )


def _decoded(
    stream: BinaryIO, name: str, meter_id: str | None, site: Site, pseudonymiser: Pseudonymiser
) -> DecodedReadings:
    """Readings of one file, or of one sheet of a workbook."""
    notes = Notes()
    table = open_table(stream, notes, meter_id)
    layout = _layout(table.sample, meter_id, site)
    raw = read_raw(table, layout, notes)
    received = len(raw.line) + len(notes.quarantined)
    if raw.mixed:
        raise DecodeError(
            "a column tells several series apart: say in site.toml which of them this meter is",
            code="ecorad.meter.several_series",
        )
    file = _usable(site, layout, raw, notes)
    readings = []
    for key, entries, rows in _by_meter(file, meter_id, name, pseudonymiser):
        found = _one_meter(file, key, entries, rows)
        if found is not None:
            readings.append(found)
    if not readings:
        raise DecodeError(f"not one reading could be used{notes.main_reason()}", code="ecorad.meter.no_readings")
    return DecodedReadings(tuple(readings), notes.issues(), received, len(notes.quarantined))


def sanitise(samples: Samples, profile: Profile, notes: Notes) -> Intervals:
    """From rows of one meter, oldest first, to intervals: sorted, differenced or held, checked, gaps made explicit."""
    arranged = arrange(samples, notes)
    found = (difference if profile.kind == "register" else hold)(arranged, profile, notes)
    return with_gaps(checked(found, profile, notes), notes)


def _layout(sample: list[Row], meter_id: str | None, site: Site) -> Layout:
    """The columns, by the first entry of the register whose named columns the file has."""
    if meter_id is not None:
        entries = entries_of(site, meter_id)
    else:
        entries = tuple(entry for entry in site.meters if "meter_id" in entry.columns)
    failure: DecodeError | None = None
    for entry in entries:
        try:
            return find_layout(sample, entry.columns, entry.kind, entry.only)
        except DecodeError as error:
            failure = error
    if meter_id is not None and failure is not None:
        raise failure
    return find_layout(sample)


def _usable(site: Site, layout: Layout, raw: RawTable, notes: Notes) -> _File:
    """Set aside rows without a time or a number, and tell what had to be assumed about the file."""
    stamps = raw.time.settle(site.timezone)
    is_time = stamps.wall_us != NOT_A_TIME
    notes.quarantine("ecorad.meter.bad_time", raw.line[~is_time], "no time that exists")
    notes.quarantine("ecorad.meter.bad_value", raw.line[is_time & ~raw.is_number], "no number")
    # A day more than the limits of the clock, as these are times on a wall.
    sane = (stamps.wall_us > EARLIEST_US - MICROSECONDS_PER_DAY) & (stamps.wall_us < LATEST_US + MICROSECONDS_PER_DAY)
    notes.quarantine(
        "ecorad.meter.clock", raw.line[is_time & raw.is_number & ~sane], "the time is before 2000 or after 2035"
    )
    if stamps.order_assumed:
        notes.tell(
            "ecorad.meter.date_order_assumed", detail="day or month could come first; read as the site's zone writes"
        )
    if raw.decimal_assumed:
        notes.tell(
            "ecorad.meter.decimal_assumed", detail="one sign, always before three digits: it could also part thousands"
        )
    if layout.header and layout.others:
        notes.tell(
            "ecorad.meter.column_assumed", detail=f"{layout.others} more columns could be meant; name one in site.toml"
        )
    return _File(site, layout, raw, stamps, np.flatnonzero(is_time & raw.is_number & sane), notes)


def _by_meter(
    file: _File, meter_id: str | None, name: str, pseudonymiser: Pseudonymiser
) -> Iterator[tuple[str, tuple[MeterEntry, ...], NDArray[np.int64]]]:
    """Rows of each meter in the file, with its entries in the register (none when it is not registered)."""
    raw, ids = file.raw, {entry.id for entry in file.site.meters}
    if raw.meter is not None and (meter_id is None or len(raw.meter_ids) > 1):
        for code, written in enumerate(raw.meter_ids):
            rows = file.usable[raw.meter[file.usable] == code]
            key = written if written in ids else unregistered_key(written, pseudonymiser)
            yield key, entries_of(file.site, key), rows
        return
    key = meter_id or unregistered_key(name, pseudonymiser)
    yield key, entries_of(file.site, key), file.usable


def _one_meter(
    file: _File, key: str, entries: tuple[MeterEntry, ...], rows: NDArray[np.int64]
) -> ReadingColumns | None:
    if not entries:
        file.notes.tell(
            "ecorad.meter.unregistered", detail="site.toml has no such meter: kind and unit are taken from the file"
        )
    rows = rows[::-1] if runs_backwards(file.stamps.wall_us[rows]) else rows
    parts, sources, left = [], set(), np.ones(len(rows), dtype=np.bool_)
    for entry in entries or (None,):
        samples, source = _samples(file, entry, rows)
        held = _holds(entry, samples.t_us)
        left &= ~held
        if not held.any():
            continue
        samples = samples[held]
        _refuse_mixed(samples)
        profile = make_profile(entry, file.layout, file.raw, samples.value, file.notes)
        found = sanitise(samples, profile, file.notes)
        if len(found):
            parts.append(found)
            sources.add(source)
    file.notes.quarantine(
        "ecorad.meter.no_epoch", file.raw.line[rows[left]], "before or after every entry of this meter"
    )
    if not parts:
        return None
    found = _joined_epochs(parts)
    source = max(sources, key=_SOURCES.index)
    return ReadingColumns(key, found.start_us, found.end_us, found.energy_kwh, words(found.bits), source)


def _refuse_mixed(samples: Samples) -> None:
    """Refuse rows of which many say something else about the same moment: no meter does, two series do."""
    known = np.isfinite(samples.value)
    t_us, value = samples.t_us[known], samples.value[known]
    if len(t_us) < _MIXED_ROWS or bool((np.diff(t_us) > 0).all()):
        return
    order = np.lexsort((value, t_us))
    differing = int(((np.diff(t_us[order]) == 0) & (np.diff(value[order]) != 0)).sum())
    if differing >= max(_MIXED_ROWS, _MIXED_SHARE * len(t_us)):
        raise DecodeError(
            f"{differing} rows give another value to a moment that has one: several series, or a time of day not read",
            code="ecorad.meter.many_conflicts",
        )


def _samples(file: _File, entry: MeterEntry | None, rows: NDArray[np.int64]) -> tuple[Samples, str]:
    """Rows with UTC times as one entry of the register reads them."""
    zone, source = zone_of(entry, file.layout, file.site)
    bits = np.full(len(rows), 0, dtype=np.uint32)
    t_us = _utc(file.stamps, rows, zone, bits)
    if (bits & np.uint32(Flag.DST_SHIFTED)).any():
        shifted = (bits & np.uint32(Flag.DST_SHIFTED)) > 0
        detail = "these times do not exist; if the meter keeps standard time, set its timezone to one like Etc/GMT-1"
        file.notes.tell("ecorad.meter.dst_shifted", file.raw.line[rows[shifted]], detail)
    if (bits & np.uint32(Flag.DST_AMBIGUOUS)).any():
        ambiguous = (bits & np.uint32(Flag.DST_AMBIGUOUS)) > 0
        file.notes.tell(
            "ecorad.meter.dst_ambiguous",
            file.raw.line[rows[ambiguous]],
            "the repeated hour is there once; read as its first pass",
        )
    end = None
    if file.raw.end is not None:
        stamps = file.raw.end.settle(file.site.timezone)
        end = _utc(stamps, rows, zone, np.zeros_like(bits))
    source = "explicit" if bool(file.stamps.has_offset[rows].all()) else source
    return Samples(t_us, file.raw.value[rows], file.raw.line[rows], bits, end), source


def _utc(stamps: Stamps, rows: NDArray[np.int64], zone: str, bits: Bits) -> NDArray[np.int64]:
    wall, has_offset = stamps.wall_us[rows], stamps.has_offset[rows]
    known = wall != NOT_A_TIME
    t_us = np.where(known, wall - np.where(known, stamps.offset_us[rows], 0), 0)
    naive = np.flatnonzero(~has_offset & known)
    if len(naive):
        instants = to_utc(wall[naive], zone)
        t_us[naive] = instants.utc_us
        for flag, where in ((Flag.DST_AMBIGUOUS, instants.ambiguous), (Flag.DST_SHIFTED, instants.shifted)):
            bits[naive[where]] |= np.uint32(flag)
    return t_us


def _holds(entry: MeterEntry | None, t_us: NDArray[np.int64]) -> NDArray[np.bool_]:
    held = np.ones(len(t_us), dtype=np.bool_)
    if entry is not None and entry.since is not None:
        held &= t_us >= to_us(entry.since)
    if entry is not None and entry.until is not None:
        held &= t_us < to_us(entry.until)
    return held


def _joined_epochs(parts: list[Intervals]) -> Intervals:
    """The parts of one meter before and after a change, with an unknown interval over each change."""
    parts = sorted(parts, key=lambda part: int(part.start_us[0]))
    for before, after in pairwise(list(parts)):
        start, end = before.end_us[-1:], after.start_us[:1]
        nothing = np.array([np.nan])
        bits = np.array([int(Flag.GAP | Flag.METER_CHANGE)], dtype=np.uint32)
        if end[0] > start[0]:
            parts.append(Intervals(start, end, nothing, nothing, after.line[:1], bits))
    return joined(*parts)
