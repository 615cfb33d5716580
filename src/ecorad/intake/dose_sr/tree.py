"""The content tree of a structured report: items found by code, numbers by code and unit (PS3.3 C.17.3)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ecorad.intake import ucum as units
from ecorad.model import Issue

from . import codes
from .dataset import Item
from .elements import TAG
from .text import number, plain

IMPLAUSIBLE, UNIT, CODE = "ecorad.dose_sr.implausible", "ecorad.dose_sr.unit", "ecorad.dose_sr.code"
_CONTENT, _CONCEPT = TAG["ContentSequence"], TAG["ConceptNameCodeSequence"]
_CODE, _MEASURED, _UNITS = TAG["ConceptCodeSequence"], TAG["MeasuredValueSequence"], TAG["MeasurementUnitsCodeSequence"]
_VALUE, _SCHEME, _LONG_VALUE = TAG["CodeValue"], TAG["CodingSchemeDesignator"], TAG["LongCodeValue"]
_FLOATING = TAG["FloatingPointValue"]
_NUMBER, _TEXT, _UID, _DATE_TIME = TAG["NumericValue"], TAG["TextValue"], TAG["UID"], TAG["DateTime"]


@dataclass(slots=True)
class Notes:
    """What could not be used, counted by code and place."""

    found: dict[tuple[str, str], Issue] = field(default_factory=dict)

    def add(self, code: str, where: str = "", detail: str = "") -> None:
        """One more of this kind."""
        before = self.found.get((code, where))
        self.found[code, where] = Issue(code, where, 1 if before is None else before.count + 1, detail)

    @property
    def issues(self) -> tuple[Issue, ...]:
        """In the order first seen."""
        return tuple(self.found.values())


class Node:
    """One content item with what is below it."""

    __slots__ = ("_by_code", "_decode", "_item", "_notes", "code")

    def __init__(self, item: Item, notes: Notes, decode: Callable[[bytes], str | None]) -> None:
        self._item = item
        self._notes = notes
        self._decode = decode
        self.code = code_in(item.get(_CONCEPT))
        self._by_code: dict[str, list[Node]] | None = None

    def all(self, *wanted: str) -> list[Node]:
        """Children with one of these codes, in the order of the report."""
        known = self._children()
        if len(wanted) == 1:
            return known.get(wanted[0], [])
        return [node for code in wanted for node in known.get(code, ())]

    def every(self) -> list[Node]:
        """All children."""
        return [node for same in self._children().values() for node in same]

    def first(self, *wanted: str) -> Node | None:
        """The first child with one of these codes."""
        known = self._children()
        for code in wanted:
            if code in known:
                return known[code][0]
        return None

    def flat(self) -> Node:
        """This item with all that is below it as its children; the nearest first."""
        whole = Node(self._item, self._notes, self._decode)
        below: dict[str, list[Node]] = {}
        level = [self]
        while level:
            children = [child for node in level for same in node._children().values() for child in same]
            for child in children:
                below.setdefault(child.code, []).append(child)
            level = children
        whole._by_code = below
        return whole

    def value_code(self, *wanted: str) -> str | None:
        """The code that is the value of the first such child."""
        node = self.first(*wanted)
        return None if node is None else node.coded

    def named(self, wanted: str, names: Mapping[str, str]) -> str | None:
        """What the code of the first such child stands for; one that is not in ``names`` is unknown, with an issue."""
        code = self.value_code(wanted)
        if code is not None and code not in names:
            self._notes.add(CODE, wanted, "code not known")
        return None if code is None else names.get(code)

    def note_scheme(self, wanted: str) -> None:
        """Tell of a code under a scheme that is not known, where a code that is not in a table means nothing wrong."""
        code = self.value_code(wanted)
        if code is not None and code.partition(":")[0] not in codes.SCHEMES:
            self._notes.add(CODE, wanted, "code scheme not known")

    @property
    def coded(self) -> str | None:
        """The code that is this item's value."""
        return code_in(self._item.get(_CODE)) or None

    def text(self, wanted: str) -> str | None:
        """The text of the first such child."""
        node = self.first(wanted)
        raw = None if node is None else node._item.get(_TEXT)
        return self._decode(raw) if isinstance(raw, bytes) else None

    def texts(self, wanted: str) -> list[str]:
        """The texts of all such children, those of codes and UIDs as they stand."""
        found = [self._decode(raw) if isinstance(raw, bytes) else None for raw in map(_plainly, self.all(wanted))]
        return [text for text in found if text]

    def uid(self, *wanted: str) -> str | None:
        """The UID of the first such child; some makers write it as text."""
        node = self.first(*wanted)
        if node is None:
            return None
        return plain(node._item.get(_UID)) or plain(node._item.get(_TEXT)) or None

    def date_time(self, *wanted: str) -> str | None:
        """The date and time of the first such child, as written."""
        node = self.first(*wanted)
        return None if node is None else plain(node._item.get(_DATE_TIME)) or None

    def number(self, wanted: tuple[str, ...] | str, unit: str, high: float) -> float | None:
        """The number of the first such child in ``unit``, when it lies between 0 and ``high``.

        A value in an unknown unit, one that is no number and one outside of what is possible are unknown, with an
        issue; an item without value is unknown without one.
        """
        node = self.first(*((wanted,) if isinstance(wanted, str) else wanted))
        return None if node is None else node.measured(unit, 0.0, high)

    def largest(self, wanted: str, unit: str, high: float) -> float | None:
        """The largest of all such children: a mammogram's trial exposure stands before the exposure itself."""
        found = [node.measured(unit, 0.0, high) for node in self.all(wanted)]
        return max((value for value in found if value is not None), default=None)

    def signed(self, wanted: str, unit: str, limit: float) -> float | None:
        """As :meth:`number`, from ``-limit`` to ``limit``."""
        node = self.first(wanted)
        return None if node is None else node.measured(unit, -limit, limit)

    def measured(self, unit: str, low: float, high: float) -> float | None:
        """This item's own number; see :meth:`number`."""
        values = self._item.get(_MEASURED)
        if not isinstance(values, list):
            return None
        found = number(values[0].get(_NUMBER))
        if found is None:
            # The same number as binary; one that does not fit into sixteen characters may stand there alone.
            found = number(values[0].get(_FLOATING), "FD")
        if found is None:
            return None
        written, scheme = _unit(values[0])
        times = units.factor(written, scheme, unit)
        if times is None:
            self._notes.add(UNIT, self.code, "unit not known for this quantity")
            return None
        found *= times
        if math.isnan(found) or not low <= found <= high:
            self._notes.add(
                IMPLAUSIBLE, self.code, "not a number" if math.isnan(found) else "outside of what is possible"
            )
            return None
        return found

    def is_in(self, unit: str) -> bool:
        """Whether this item's number is written in a unit of the same kind as ``unit``."""
        values = self._item.get(_MEASURED)
        return isinstance(values, list) and units.is_of(*_unit(values[0]), unit)

    def referenced(self) -> list[str]:
        """SOP instance UIDs that this item refers to."""
        items = self._item.get(TAG["ReferencedSOPSequence"])
        uids = [plain(item.get(TAG["ReferencedSOPInstanceUID"])) for item in items] if isinstance(items, list) else []
        return [uid for uid in uids if uid]

    def _children(self) -> dict[str, list[Node]]:
        if self._by_code is None:
            self._by_code = {}
            items = self._item.get(_CONTENT)
            for item in items if isinstance(items, list) else ():
                node = Node(item, self._notes, self._decode)
                self._by_code.setdefault(node.code, []).append(node)
        return self._by_code


def _plainly(node: Node) -> object:
    return node._item.get(_TEXT) or node._item.get(_UID)


def code_in(sequence: object) -> str:
    """The code of the first item of a code sequence; ``""`` where there is none."""
    if not isinstance(sequence, list):
        return ""
    item: Item = sequence[0]
    value = item.get(_VALUE) or item.get(_LONG_VALUE)
    return codes.canonical(plain(item.get(_SCHEME)), plain(value)) if value else ""


def _unit(measured: Item) -> tuple[str, str]:
    sequence = measured.get(_UNITS)
    if not isinstance(sequence, list):
        return "", ""
    return _letters(sequence[0].get(_VALUE)), plain(sequence[0].get(_SCHEME))


def _letters(raw: object) -> str:
    """A unit's letters: UCUM is plain, but a micro sign or a squared one comes in the report's own character set."""
    if isinstance(raw, bytes) and not raw.isascii():
        try:
            return raw.decode("utf-8").strip(" \0")
        except UnicodeDecodeError:
            return plain(raw)
    return plain(raw)
