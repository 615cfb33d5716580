"""Dates and times of dose reports, to UTC: the offset written, else that of the object, else the site's zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_DATE_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})?(\d{2})?(?:\.(\d{1,6})\d*)?([+-]\d{4})?")
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{2}):?(\d{2})")
_FIRST_YEAR, _LAST_YEAR = 1970, 2100


@dataclass(frozen=True, slots=True)
class Zone:
    """The clock of one object: its own offset, or the site's zone."""

    zone: tzinfo
    source: str

    @classmethod
    def of(cls, written_offset: str, site_zone: ZoneInfo) -> Zone:
        """From TimezoneOffsetFromUTC (0008,0201), which may be empty."""
        offset = _offset(written_offset)
        return cls(site_zone, "site") if offset is None else cls(offset, "dataset")

    def utc(self, written: str | None) -> tuple[datetime | None, str | None]:
        """A DT as an instant, and where its offset came from; a DT that stops before the hour is no instant.

        >>> Zone.of("", ZoneInfo("Europe/Amsterdam")).utc("20160512101154")[0].isoformat()
        '2016-05-12T08:11:54+00:00'
        >>> Zone.of("+0100", ZoneInfo("UTC")).utc("20160512101154.5-0500")[0].isoformat()
        '2016-05-12T15:11:54.500000+00:00'
        >>> Zone.of("", ZoneInfo("UTC")).utc("20161332")
        (None, None)
        """
        match = None if written is None else _DATE_TIME.fullmatch(written.strip())
        if match is None:
            return None, None
        year, month, day, hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3, 4, 5, 6))
        own = _offset(match.group(8) or "")
        if not _FIRST_YEAR <= year <= _LAST_YEAR or minute > 59 or second > 60:
            return None, None
        try:
            whole = datetime(year, month, day, hour, minute, tzinfo=self.zone if own is None else own)
        except ValueError:
            return None, None
        micro = int((match.group(7) or "0").ljust(6, "0"))
        local = whole + timedelta(seconds=second, microseconds=micro)
        return local.astimezone(UTC), self.source if own is None else "explicit"


def _offset(text: str) -> timezone | None:
    match = _OFFSET.fullmatch(text.strip())
    if match is None:
        return None
    minutes = int(match.group(2)) * 60 + int(match.group(3))
    if int(match.group(3)) > 59 or minutes > 14 * 60:
        return None
    return timezone(timedelta(minutes=-minutes if match.group(1) == "-" else minutes))
