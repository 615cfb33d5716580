"""A message as segments, fields and components, with the sender's own separators, escapes and character set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from ecorad.model import DecodeError

STRUCTURE = "ecorad.hl7.structure"
MAX_BYTES = 64 << 20
_MOST_SEGMENTS = 10_000
# HL7 table 0211, as far as Python reads it; what is not named is tried as UTF-8.
_CHARACTER_SETS = {
    "ASCII": "ascii",
    "8859/1": "latin-1",
    "8859/2": "iso8859-2",
    "8859/5": "iso8859-5",
    "8859/7": "iso8859-7",
    "8859/9": "iso8859-9",
    "8859/15": "iso8859-15",
    "UNICODE UTF-8": "utf-8",
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
}
_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(?:(\d{2})(?:\.(\d{1,6})\d*)?)?([+-]\d{4})?")
_YEARS = range(1970, 2101)


@dataclass(frozen=True, slots=True)
class Separators:
    """The sender's own, out of MSH-1 and MSH-2."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    sub: str = "&"


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment; fields count from 1, components too."""

    name: str
    fields: tuple[str, ...]
    separators: Separators

    def field(self, number: int) -> str:
        """The whole field as written, empty where there is none."""
        return self.fields[number] if number < len(self.fields) else ""

    def part(self, number: int, component: int = 1, repetition: int = 1) -> str | None:
        """One component, unescaped; ``None`` where it is empty or said to be deleted."""
        repeated = self.field(number).split(self.separators.repetition)
        whole = repeated[repetition - 1] if repetition <= len(repeated) else ""
        parts = whole.split(self.separators.component)
        written = parts[component - 1].split(self.separators.sub)[0] if component <= len(parts) else ""
        plain = _unescaped(written, self.separators).strip()
        return plain if plain and plain != '""' else None

    def repetitions(self, number: int) -> int:
        """How often a field is repeated."""
        return len(self.field(number).split(self.separators.repetition))


def segments_of(content: bytes) -> tuple[Segment, ...]:
    """Segments of one message.

    Raises
    ------
    DecodeError
        ``ecorad.hl7.structure`` where no MSH segment leads it.

    Examples
    --------
    >>> rows = segments_of(b"MSH|^~\\\\&|RIS\\rRXA|0|1|||V08AB02^Omnipaque 350^ATC|90|mL")
    >>> rows[1].name, rows[1].part(5, 2), rows[1].part(6)
    ('RXA', 'Omnipaque 350', '90')
    """
    head = content[:4096].split(b"\r", 1)[0].split(b"\n", 1)[0]
    if not head.startswith(b"MSH") or len(head) < 8 or head[3:4].isalnum():
        raise DecodeError("no message begins here", code=STRUCTURE)
    text = _decoded(content, head)
    own = text[3]
    codes = text[4:].split(own, 1)[0]
    separators = Separators(own, *codes[:4]) if 3 <= len(codes) <= 5 else Separators(own)
    lines = [line for line in re.split(r"[\r\n]+", text) if line.strip()]
    if len(lines) > _MOST_SEGMENTS:
        raise DecodeError("more segments than a message has", code=STRUCTURE)
    return tuple(_segment(line, separators) for line in lines)


def read_stamp(written: str | None, zone: ZoneInfo) -> tuple[datetime | None, str | None]:
    """A time stamp in UTC, and where its offset came from; a day without a time is none.

    >>> read_stamp("20260302101500+0100", ZoneInfo("UTC"))[0].isoformat()
    '2026-03-02T09:15:00+00:00'
    >>> read_stamp("20260302", ZoneInfo("UTC"))
    (None, None)
    """
    found = _STAMP.fullmatch(written or "")
    if found is None:
        return None, None
    year, month, day, hour, minute = (int(found[n]) for n in range(1, 6))
    fraction = int((found[7] or "0").ljust(6, "0"))
    try:
        plain = datetime(year, month, day, hour, minute, int(found[6] or 0), fraction)  # noqa: DTZ001 - zone below
        if year not in _YEARS:
            return None, None
        if found[8] is None:
            return plain.replace(tzinfo=zone).astimezone(UTC), "site"
        minutes = int(found[8][1:3]) * 60 + int(found[8][3:5])
        offset = timedelta(minutes=minutes if found[8][0] == "+" else -minutes)
        return plain.replace(tzinfo=timezone(offset)).astimezone(UTC), "explicit"
    except (ValueError, OverflowError):
        return None, None


def _segment(line: str, separators: Separators) -> Segment:
    name, *rest = line.split(separators.field)
    # MSH-1 is the separator itself.
    fields = (name, separators.field, *rest) if name == "MSH" else (name, *rest)
    return Segment(name, fields, separators)


def _decoded(content: bytes, head: bytes) -> str:
    fields = head.split(head[3:4])
    named = fields[17].decode("ascii", "replace").split("~")[0].strip() if len(fields) > 17 else ""
    for encoding in (_CHARACTER_SETS.get(named, "utf-8"), "utf-8"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _unescaped(written: str, separators: Separators) -> str:
    escape = separators.escape
    if escape not in written:
        return written
    for letter, sign in (
        ("F", separators.field),
        ("S", separators.component),
        ("R", separators.repetition),
        ("T", separators.sub),
        ("E", escape),
    ):
        written = written.replace(f"{escape}{letter}{escape}", sign)
    return written
