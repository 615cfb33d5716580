"""Times as people write them: with a UTC offset, or all on one clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from ecorad.model import InputError

from .reason import reason

BARE = reason("no_offset")


def read_time(text: str | None, place: str) -> datetime | None:
    """A written date and time; ``None`` stays unknown.

    Raises
    ------
    InputError
        Names the place, and how a time is written.
    """
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except (ValueError, TypeError):
        sentence = f"{place} must be a date and time like 2026-03-02T08:00+01:00"
        raise InputError(sentence, code="ecorad.safety.time") from None


def on_one_clock(times: Mapping[str, datetime | None]) -> tuple[dict[str, datetime | None], bool]:
    """Aware times, and whether they came without offset; times of one clock keep their distances as if it were UTC.

    Raises
    ------
    InputError
        When some have an offset and some have none: their distance is not known.

    Examples
    --------
    >>> on_one_clock({"a": datetime(2026, 3, 2, 8)})
    ({'a': datetime.datetime(2026, 3, 2, 8, 0, tzinfo=datetime.timezone.utc)}, True)
    """
    given = [moment for moment in times.values() if moment is not None]
    bare = [moment for moment in given if moment.tzinfo is None]
    if not bare:
        return dict(times), False
    if len(bare) < len(given):
        raise InputError("give all times with a UTC offset, or none", code="ecorad.safety.time")
    return {name: moment and moment.replace(tzinfo=UTC) for name, moment in times.items()}, True
