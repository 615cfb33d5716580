"""What a form of ours holds: texts, choices, numbers, times of the site's clock; anything else is told by its field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_LONGEST = 64
_ANSWERS = {"yes": True, "no": False}


class FieldError(Exception):
    """A field that cannot be used; ``trouble`` is the name of a text that says why.

    What was typed is not part of it.
    """

    def __init__(self, field: str, trouble: str) -> None:
        super().__init__(f"{field}: {trouble}")
        self.field, self.trouble = field, trouble


class Fields:
    """The fields of one form; what is empty is unknown.

    Parameters
    ----------
    form : mapping of str to sequence of str
        As it came.
    zone : ZoneInfo
        Of the clock by which times are typed.

    Examples
    --------
    >>> fields = Fields({"egfr": ["45,5"], "at": ["2026-03-02T08:00"]}, ZoneInfo("Europe/Amsterdam"))
    >>> fields.number("egfr"), fields.time("at").isoformat(), fields.text("sex")
    (45.5, '2026-03-02T07:00:00+00:00', None)
    """

    def __init__(self, form: Mapping[str, Sequence[str]], zone: ZoneInfo) -> None:
        self._form, self._zone = form, zone

    def text(self, name: str) -> str | None:
        """What was typed or chosen."""
        written = next(iter(self._form.get(name, ())), "").strip()
        if len(written) > _LONGEST:
            raise FieldError(name, "long")
        return written or None

    def choice(self, name: str, known: Sequence[str]) -> str | None:
        """One of ``known``."""
        written = self.text(name)
        if written is not None and written not in known:
            raise FieldError(name, "choice")
        return written

    def needed(self, name: str, known: Sequence[str]) -> str:
        """One of ``known``, which must be given."""
        written = self.choice(name, known)
        if written is None:
            raise FieldError(name, "missing")
        return written

    def is_ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.text(name) is not None

    def answer(self, name: str) -> bool | None:
        """Yes, no, or not known."""
        written = self.choice(name, tuple(_ANSWERS))
        return None if written is None else _ANSWERS[written]

    def number(self, name: str) -> float | None:
        """A number with a point or a comma."""
        written = self.text(name)
        try:
            return None if written is None else float(written.replace(",", "."))
        except ValueError:
            raise FieldError(name, "number") from None

    def day(self, name: str) -> date | None:
        """A day."""
        written = self.text(name)
        try:
            return None if written is None else date.fromisoformat(written)
        except ValueError:
            raise FieldError(name, "day") from None

    def time(self, name: str, *, is_past: bool = False) -> datetime | None:
        """A time of the site's clock, in UTC.

        In the hour that a clock goes through twice, what was given counts as late, what is planned as early: so no
        interval between them comes out longer than it may be.
        """
        written = self.text(name)
        try:
            found = None if written is None else datetime.fromisoformat(written)
        except ValueError:
            raise FieldError(name, "time") from None
        if found is None:
            return None
        if found.tzinfo is None:
            found = found.replace(tzinfo=self._zone, fold=int(is_past))
        try:
            return found.astimezone(UTC)
        except OverflowError:
            raise FieldError(name, "time") from None
