"""The roster as iCalendar (RFC 5545), for whoever keeps the evening in a calendar."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from .roster import Stretch

_FOLD_OCTETS = 75


def calendar(
    rows: Sequence[Stretch], stamp: datetime, end: datetime, words: Callable[[Stretch], tuple[str, str]]
) -> str:
    """An iCalendar object with one event a stretch.

    Parameters
    ----------
    stamp : datetime
        DTSTAMP of every event: the start of the plan, so that the same plan gives the same bytes.
    end : datetime
        Until when a stretch is drawn that has no end of its own.
    words : callable
        Summary and description of a stretch.

    Returns
    -------
    str
        Lines end in CRLF and are folded at 75 octets (RFC 5545, section 3.1).
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Ecorad//Power plan//EN", "CALSCALE:GREGORIAN"]
    for row in rows:
        summary, description = words(row)
        uid = hashlib.sha256(f"{row.device}|{row.mode.value}|{_utc(row.start)}".encode()).hexdigest()[:32]
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uid}@ecorad",
            f"DTSTAMP:{_utc(stamp)}",
            f"DTSTART:{_utc(row.start)}",
            f"DTEND:{_utc(row.ready or row.wake or end)}",
            f"SUMMARY:{_escaped(summary)}",
            f"DESCRIPTION:{_escaped(description)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) for line in lines)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    r"""Text as section 3.3.11 wants it; control characters but the line end are left out.

    >>> _escaped("MR 1; power save, ready\nat 07:00")
    'MR 1\\; power save\\, ready\\nat 07:00'
    """
    kept = "".join(sign for sign in text if sign == "\n" or sign.isprintable())
    return kept.replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n")


def _folded(line: str) -> str:
    """A content line in pieces of at most 75 octets, never cut inside a character."""
    pieces: list[str] = []
    piece = ""
    for sign in line:
        limit = _FOLD_OCTETS - (1 if pieces else 0)
        if len((piece + sign).encode()) > limit:
            pieces.append(piece)
            piece = ""
        piece += sign
    pieces.append(piece)
    return "\r\n ".join(pieces) + "\r\n"
