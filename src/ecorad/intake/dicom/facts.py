"""The wanted elements by keyword, as text and numbers; what is wrong with them is noted as issues."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

from ecorad.model import Issue

from . import values
from .elements import ELEMENTS, VR_OF_PRIVATE
from .header import Item, Raw

_TAGS = {keyword: tag for keyword, (tag, _) in ELEMENTS.items()}
_VRS = {tag: vr.encode() for tag, vr in ELEMENTS.values()}
_CHARACTER_SET = _TAGS["SpecificCharacterSet"]
IMPLAUSIBLE = "ecorad.dicom.implausible"
_NOT_A_NUMBER = "not a number"
_SHORT = 64
_short_text = lru_cache(8192)(values.text)  # the objects of a department repeat most of what they say


class Facts:
    """One level of a header.

    Parameters
    ----------
    item : Item
        Its elements.
    issues : dict
        Issues found so far by code and place, shared by all levels of one object.
    character_set : str
        That of the level above; a level may say its own (PS3.5 6.1.2.3).
    """

    __slots__ = ("_character_set", "_issues", "_item", "_texts")

    def __init__(self, item: Item, issues: dict[tuple[str, str], Issue], character_set: str = "") -> None:
        self._item, self._issues = item, issues
        self._texts: dict[str, str | None] = {}  # decoded once, asked for by several rooms
        own = item.get(_CHARACTER_SET)
        self._character_set = own[1].decode("latin-1") if isinstance(own, tuple) else character_set

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What was wrong so far, in the order found."""
        return tuple(self._issues.values())

    def note(self, code: str, where: str, detail: str = "") -> None:
        """Add an issue; the same one at the same place is told once."""
        self._issues.setdefault((code, where), Issue(code, where=where, detail=detail))

    def has(self, keyword: str) -> bool:
        """Whether the element is there and not empty."""
        return _TAGS[keyword] in self._item

    def text(self, keyword: str) -> str | None:
        """All values as one text, decoded and stripped."""
        if keyword in self._texts:
            return self._texts[keyword]
        raw = self._item.get(_TAGS[keyword])
        decoded = self._decoded(raw, keyword) if isinstance(raw, tuple) else None
        self._texts[keyword] = decoded
        return decoded

    def texts(self, keyword: str) -> list[str]:
        """The values one by one; none gives an empty list."""
        decoded = self.text(keyword)
        return [] if decoded is None else values.split(_VRS[_TAGS[keyword]], decoded)

    def first(self, keyword: str) -> str | None:
        """The first value."""
        decoded = self.text(keyword)
        if decoded is None or "\\" not in decoded:
            return decoded
        return self.texts(keyword)[0] or None

    def written(self, keyword: str) -> bytes:
        """The text as it is written, in ASCII or else UTF-8, for those who remember what they made of it."""
        raw = self._item.get(_TAGS[keyword])
        if not isinstance(raw, tuple) or not values.is_text(raw[0]):
            return b""
        return raw[1] if values.is_plain(raw[1]) else (self.text(keyword) or "").encode()

    def private_text(self, name: str) -> str | None:
        """A private element as text."""
        raw = self._private(name)
        return None if raw is None else self._decoded(raw, name)

    def number(self, keyword: str, low: float, high: float, *, zero: bool = True) -> float | None:
        """The first number, when it lies in ``low..high``.

        Parameters
        ----------
        keyword : str
            The element.
        low, high : float
            What is plausible, both included. Outside, and where no number is written, the value is unknown and an
            issue ``ecorad.dicom.implausible`` is noted.
        zero : bool
            Whether 0 is a value; otherwise it means "not recorded" and gives ``None`` without an issue.
        """
        raw = self._item.get(_TAGS[keyword])
        return self._plausible(raw, _VRS[_TAGS[keyword]], keyword, (low, high), zero)

    def private_number(self, name: str, low: float, high: float) -> float | None:
        """A private element as a number, as :meth:`number` has it; 0 means "not recorded"."""
        return self._plausible(self._private(name), VR_OF_PRIVATE[name].encode(), name, (low, high), False)

    def integer(self, keyword: str, high: int) -> int | None:
        """A count of at least 1 and at most ``high``; 0 means "not recorded"."""
        found = self.number(keyword, 0, high, zero=False)
        return None if found is None else int(found)

    def items(self, keyword: str) -> Iterator[Facts]:
        """The items of a sequence."""
        found = self._item.get(_TAGS[keyword])
        for item in found if isinstance(found, list) else ():
            yield Facts(item, self._issues, self._character_set)

    def item(self, keyword: str) -> Facts | None:
        """The first item of a sequence."""
        return next(self.items(keyword), None)

    def _decoded(self, raw: Raw, where: str) -> str | None:
        read = _short_text if len(raw[1]) <= _SHORT else values.text
        decoded, is_sure = read(raw[0], raw[1], self._character_set)
        if not is_sure:
            self.note("ecorad.dicom.charset", where, "the character set does not explain the text")
        return decoded

    def _private(self, name: str) -> Raw | None:
        raw = self._item.get(name)
        return raw if isinstance(raw, tuple) else None

    def _plausible(self, raw: object, vr: bytes, where: str, range_: tuple[float, float], zero: bool) -> float | None:
        if not isinstance(raw, tuple):
            return None
        found = values.number(vr if raw[0] == b"UN" else raw[0], raw[1])
        if found is None or (found == 0 and not zero):
            return None
        if math.isnan(found) or not range_[0] <= found <= range_[1]:
            self.note(IMPLAUSIBLE, where, _NOT_A_NUMBER if math.isnan(found) else "outside of what is possible")
            return None
        return found
