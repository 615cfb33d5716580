"""When it happened: the several clocks of an object, brought to UTC, and the one chosen as its start."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from .facts import Facts
from .values import first_of

IMPOSSIBLE = "ecorad.time.impossible"
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
# DA of PS3.5 6.2, and of ACR-NEMA with dots.
_DATE = re.compile(r"(\d{4})[.\-/]?(\d{2})[.\-/]?(\d{2})")
# TM may be cut after hours or minutes; ACR-NEMA has colons.
_TIME = re.compile(r"(\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d{1,6})\d*)?)?)?")
_DATE_TIME = re.compile(r"(\d{8})(\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?)([+-]\d{4})?")
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{2}):?(\d{2})")


@dataclass(frozen=True, slots=True)
class Moment:
    """One clock: the instant in UTC, where its offset came from, and how it was written."""

    utc: datetime
    zone: str  # explicit, dataset or site
    written: str
    local: datetime  # as written, with its offset; it may fall into an hour that does not exist


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of an object; ``start`` is one of them, ``source`` says which."""

    start: Moment | None
    source: str | None
    acquisition: Moment | None
    series: Moment | None
    content: Moment | None
    study: Moment | None
    created: Moment | None


@lru_cache(4096)  # the objects of a series repeat their dates and most of their times
def parse_date(text: str) -> date | None:
    """A DA; ``None`` when it is no day, or none on which an object was made.

    >>> parse_date("1993.02.24"), parse_date("00000000"), parse_date("20269999"), parse_date("21260101")
    (datetime.date(1993, 2, 24), None, None, None)
    """
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups())
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


@lru_cache(4096)
def parse_time(text: str) -> timedelta | None:
    """A TM as time since midnight.

    A minute may have a second 60 (leap second), and a day an hour 24 (its end).

    >>> [str(parse_time(t)) for t in ("10", "1030", "103060", "24:00:00", "11:11:11.111", "2500")]
    ['10:00:00', '10:30:00', '10:31:00', '1 day, 0:00:00', '11:11:11.111000', 'None']
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3))
    micro = int((match.group(4) or "0").ljust(6, "0"))
    is_end_of_day = hour == 24 and minute == second == micro == 0
    if (hour > 23 and not is_end_of_day) or minute > 59 or second > 60:
        return None
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micro)


@lru_cache(256)
def parse_offset(text: str) -> timezone | None:
    """A UTC offset as ``+HHMM``; some writers say ``UTC-04:00``.

    >>> [str(parse_offset(text)) for text in ("-0500", "UTC+05:30", "+9900")]
    ['UTC-05:00', 'UTC+05:30', 'None']
    """
    match = _OFFSET.fullmatch(text.strip())
    if match is None:
        return None
    sign, hours, minutes = match.group(1), int(match.group(2)), int(match.group(3))
    offset = timedelta(hours=hours, minutes=minutes)
    if minutes > 59 or offset > timedelta(hours=14):
        return None
    return timezone(-offset if sign == "-" else offset)


class Clock:
    """Reads the dates and times of one object.

    The offset is the one written with the value, else that of the object (0008,0201), else the site's zone.
    """

    def __init__(self, facts: Facts, site_zone: ZoneInfo) -> None:
        self._facts = facts
        self._zone: tzinfo = site_zone
        self._zone_name = "site"
        written = facts.text("TimezoneOffsetFromUTC")
        if written is not None:
            offset = parse_offset(written)
            if offset is None:
                facts.note(IMPOSSIBLE, "TimezoneOffsetFromUTC")
            else:
                self._zone, self._zone_name = offset, "dataset"

    def pair(self, day: str, of_day: str) -> Moment | None:
        """A DA with the TM of the same level, by their keywords; one without the other says nothing."""
        raw_day, raw_time = self._facts.written(day), self._facts.written(of_day)
        moment, wrong = _paired(raw_day, raw_time, self._zone, self._zone_name)
        if wrong is not None:
            self._facts.note(IMPOSSIBLE, (day, of_day)[wrong])
        return moment

    def date_time(self, facts: Facts, keyword: str) -> Moment | None:
        """A DT, which must reach to the hour at least to be an instant."""
        written = facts.first(keyword)
        if written is None:
            return None
        match = _DATE_TIME.fullmatch(written.strip())
        day = None if match is None else parse_date(match.group(1))
        since_midnight = None if match is None else parse_time(match.group(2))
        offset = None if match is None or match.group(3) is None else parse_offset(match.group(3))
        if match is None or day is None or since_midnight is None or (match.group(3) and offset is None):
            self._facts.note(IMPOSSIBLE, keyword)
            return None
        return self._moment(day, since_midnight, written, offset)

    def on_day_of(self, reference: Moment, of_day: str, facts: Facts, *, latest_after: timedelta) -> Moment | None:
        """A TM without a date, by its keyword, near a ``reference``.

        It lies on the reference's local day unless that would be more than ``latest_after`` later than the
        reference: then it was the day before (an injection shortly before midnight).
        """
        written = facts.first(of_day)
        if written is None:
            return None
        since_midnight = parse_time(written)
        if since_midnight is None:
            self._facts.note(IMPOSSIBLE, of_day)
            return None
        day = reference.utc.astimezone(self._zone).date()
        moment = self._moment(day, since_midnight, written)
        if moment.utc - reference.utc > latest_after:
            moment = self._moment(day - timedelta(days=1), since_midnight, written)
        return moment

    def note_transition(self, moment: Moment) -> None:
        """Note when the chosen start falls into a change of the site's clocks."""
        if moment.zone != "site":
            return
        local = moment.local
        first, second = (local.replace(fold=fold).utcoffset() for fold in (0, 1))
        if first is None or second is None or first == second:
            return
        if first > second:
            self._facts.note("ecorad.time.ambiguous", "start", "the hour happens twice; the first is taken")
        else:
            self._facts.note("ecorad.time.nonexistent", "start", "the hour does not exist; shifted forward")

    def _moment(self, day: date, since_midnight: timedelta, written: str, offset: timezone | None = None) -> Moment:
        if offset is not None:
            return _moment(day, since_midnight, written, offset, "explicit")
        return _moment(day, since_midnight, written, self._zone, self._zone_name)


@lru_cache(8192)  # most levels of an object say the same, and so do most objects of a series
def _paired(raw_day: bytes, raw_time: bytes, zone: tzinfo, zone_name: str) -> tuple[Moment | None, int | None]:
    """The moment of a DA and a TM, and which of them (0, 1) is impossible."""
    written_day, written_time = first_of(raw_day), first_of(raw_time)
    if written_day is None:
        return None, None
    day = parse_date(written_day)
    if day is None:
        return None, 0
    if written_time is None:
        return None, None
    since_midnight = parse_time(written_time)
    if since_midnight is None:
        return None, 1
    return _moment(day, since_midnight, f"{written_day} {written_time}", zone, zone_name), None


def _moment(day: date, since_midnight: timedelta, written: str, zone: tzinfo, zone_name: str) -> Moment:
    # fold is 0: the first of a repeated hour; an hour that does not exist moves forward by the gap (PEP 495).
    local = (datetime.combine(day, time()) + since_midnight).replace(tzinfo=zone)
    return Moment(local.astimezone(UTC), zone_name, written, local)


def read_clocks(facts: Facts, clock: Clock) -> Clocks:
    """All clocks of the object, and its start.

    The start is the first there is of AcquisitionDateTime, the earliest FrameAcquisitionDateTime, AcquisitionDate and
    -Time, SeriesDate and -Time, ContentDate and -Time, StudyDate and -Time. A date and a time of different levels are
    never combined. ContentTime is late (reconstruction) and StudyTime early (registration), hence their places.
    """
    exact = clock.date_time(facts, "AcquisitionDateTime")
    acquisition = clock.pair("AcquisitionDate", "AcquisitionTime")
    series = clock.pair("SeriesDate", "SeriesTime")
    content = clock.pair("ContentDate", "ContentTime")
    study = clock.pair("StudyDate", "StudyTime")
    frame = None if exact is not None else _earliest_frame(facts, clock)
    choice = (
        ("AcquisitionDateTime", exact),
        ("FrameAcquisitionDateTime", frame),
        ("AcquisitionDate+AcquisitionTime", acquisition),
        ("SeriesDate+SeriesTime", series),
        ("ContentDate+ContentTime", content),
        ("StudyDate+StudyTime", study),
    )
    source, start = next(((name, moment) for name, moment in choice if moment is not None), (None, None))
    if start is None:
        facts.note("ecorad.time.unknown", "start")
    else:
        clock.note_transition(start)
    return Clocks(
        start=start,
        source=source,
        acquisition=exact or frame or acquisition,
        series=series,
        content=content,
        study=study,
        created=clock.pair("InstanceCreationDate", "InstanceCreationTime"),
    )


def _earliest_frame(facts: Facts, clock: Clock) -> Moment | None:
    moments: Iterable[Moment | None] = (
        clock.date_time(content, "FrameAcquisitionDateTime")
        for frame in facts.items("PerFrameFunctionalGroupsSequence")
        for content in frame.items("FrameContentSequence")
    )
    known = [moment for moment in moments if moment is not None]
    return min(known, key=lambda moment: moment.utc, default=None)
