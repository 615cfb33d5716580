"""Is the object whole and sane? Steps through a data set in any encoding before the thorough reader is let loose on it.

pydicom reads a cut file without complaint, follows nesting until the interpreter stops it, and takes minutes over
millions of empty items. This pass refuses such input by name, reads no value, and finds where the pixel data begins.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from ecorad.model import DecodeError

from .elements import (
    ITEM,
    ITEM_END,
    MAX_DEPTH,
    MAX_VALUE_BYTES,
    PIXEL_DATA,
    PRIVATE,
    PRIVATE_GROUPS,
    SEQUENCE_END,
    UNDEFINED,
    WANTED,
    Wanted,
)
from .meta import LONG_VRS, VRS
from .source import Source

MAX_STEPS = 300_000  # elements and items; pydicom takes some 30 µs for each
_MAX_FRAGMENTS = 4_000_000
_MAX_TAIL_ELEMENTS = 64
# Groups of what may follow pixel data, digital signatures and trailing padding (PS3.6), by byte order.
_BEGINNINGS_OF_TAIL = {"<": {b"\xfa\xff", b"\xfc\xff"}, ">": {b"\xff\xfa", b"\xff\xfc"}}
_WINDOW = 65536
_NOTHING: Wanted = {}


def _refuse(what: str, code: str) -> DecodeError:
    return DecodeError(what, code=f"ecorad.dicom.{code}")


@dataclass(frozen=True, slots=True)
class Element:
    """The head of one element: where it stands, where its value begins, how long that is."""

    at: int
    tag: int
    vr: bytes
    value: int
    length: int


@dataclass(slots=True)
class Structure:
    """What the pass found: the end of the header, the pixel data, and which private elements are wanted."""

    end: int
    pixel_data: Element | None = None
    private: dict[int, str] = field(default_factory=dict)


class Scanner:
    """Steps through one data set.

    Parameters
    ----------
    source : Source
        The bytes.
    implicit, big_endian : bool
        How the data set is encoded.
    """

    def __init__(self, source: Source, *, implicit: bool, big_endian: bool) -> None:
        order = ">" if big_endian else "<"
        self._source, self._implicit = source, implicit
        self._explicit_head = struct.Struct(order + "HH2sH")
        self._implicit_head = struct.Struct(order + "HHL")
        self._long = struct.Struct(order + "L")
        self._window, self._base = b"", 0
        self._steps = 0
        self._creators: dict[int, str] = {}

    def scan(self, start: int) -> Structure:
        """Step through the data set that begins at ``start``.

        Raises
        ------
        DecodeError
            ``ecorad.dicom.truncated``, ``length``, ``delimiter``, ``depth``, ``budget`` or ``transfer_syntax``.
        """
        size = self._source.size
        structure = Structure(size)
        at = start
        while at < size:
            element = self._head(at, size, self._implicit)
            if element.tag in PIXEL_DATA:
                structure.end, structure.pixel_data = at, element
                break
            if element.tag >> 16 == ITEM >> 16:
                raise _refuse("a delimiter outside of any sequence", "delimiter")
            self._note_private(element, structure)
            at = self._after(element, size, WANTED, self._implicit, 0)
        return structure

    def _bytes(self, at: int, count: int) -> bytes:
        """``count`` bytes at ``at`` through a window, so that stepping does not ask the disk each time."""
        offset = at - self._base
        if offset < 0 or offset + count > len(self._window):
            self._base, offset = at, 0
            self._window = self._source.read(at, max(count, _WINDOW))
        return self._window[offset : offset + count]

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise _refuse("more elements than an object has", "budget")

    def _head(self, at: int, stop: int, implicit: bool) -> Element:
        """The head of the element at ``at``, which must lie before ``stop``."""
        self._step()
        head = self._bytes(at, 8)
        if len(head) < 8 or (at + 8 > stop):
            raise self._past(at + 8, stop, 8)
        if head == bytes(8):
            raise _refuse("zeros where an element should be", "truncated")
        if implicit:
            group, number, length = self._implicit_head.unpack(head)
            return Element(at, group << 16 | number, b"", at + 8, length)
        group, number, vr, length = self._explicit_head.unpack(head)
        tag = group << 16 | number
        if tag in {ITEM, ITEM_END, SEQUENCE_END}:
            return Element(at, tag, b"", at + 8, self._implicit_head.unpack(head)[2])
        if vr not in LONG_VRS:
            if vr not in VRS and not (vr.isalpha() and vr.isupper()):
                raise _refuse("an element without VR among elements with", "transfer_syntax")
            return Element(at, tag, vr, at + 8, length)
        rest = self._bytes(at + 8, 4)
        if len(rest) < 4:
            raise self._past(at + 12, stop, 12)
        return Element(at, tag, vr, at + 12, self._long.unpack(rest)[0])

    def _past(self, end: int, stop: int, length: int) -> DecodeError:
        """Why something that ends at ``end`` does not fit before ``stop``."""
        if length >= 1 << 31:
            return _refuse("a length no file has", "length")
        if end > self._source.size:
            return _refuse("an element goes on past the end of the file", "truncated")
        return _refuse("an element is longer than what holds it", "length")

    def _after(self, element: Element, stop: int, wanted: Wanted, implicit: bool, depth: int) -> int:
        """The place after the element; what is nested and matters is stepped through."""
        below = wanted.get(element.tag, _NOTHING)
        is_wanted = element.tag in wanted
        if element.length == UNDEFINED:
            if element.tag in PIXEL_DATA:  # of an icon
                return self._fragments(element.value, stop)
            if element.vr not in {b"SQ", b"UN", b"", b"OB"}:
                raise _refuse("an undefined length where none may be", "length")
            return self._items(element, stop, below or _NOTHING, implicit, depth)
        end = element.value + element.length
        if end > stop:
            raise self._past(end, stop, element.length)
        if is_wanted and below is None and element.length > MAX_VALUE_BYTES:
            raise _refuse("a value is longer than its element can be", "budget")
        if is_wanted and below is not None and element.length:
            self._items(element, end, below, implicit, depth)
        return end

    def _items(self, sequence: Element, stop: int, wanted: Wanted, implicit: bool, depth: int) -> int:
        """Step through the items of a sequence; return the place after it."""
        if depth >= MAX_DEPTH:
            raise _refuse(f"nested deeper than {MAX_DEPTH}", "depth")
        undefined = sequence.length == UNDEFINED
        at = sequence.value
        while at < stop:
            item = self._head(at, stop, implicit=True)
            if item.tag == SEQUENCE_END and undefined:
                return item.value
            if item.tag != ITEM:
                raise _refuse("something else where an item should be", "delimiter")
            at = self._item(item, stop, wanted, implicit, depth + 1)
        if undefined:
            raise _refuse("a sequence of undefined length does not end", "delimiter")
        return at

    def _item(self, item: Element, stop: int, wanted: Wanted, implicit: bool, depth: int) -> int:
        undefined = item.length == UNDEFINED
        end = stop if undefined else item.value + item.length
        if end > stop:
            raise self._past(end, stop, item.length)
        if not undefined and not wanted:
            return end
        at = item.value
        # Inside UN, and with some writers elsewhere, items are implicit VR (PS3.5 6.2.2 note 2).
        implicit = implicit or (at + 8 <= end and not self._writes_vr(at))
        while at < end:
            element = self._head(at, end, implicit)
            if element.tag == ITEM_END and undefined:
                return element.value
            if element.tag in {ITEM, ITEM_END, SEQUENCE_END}:
                raise _refuse("a delimiter where an element should be", "delimiter")
            at = self._after(element, end, wanted, implicit, depth)
        if undefined:
            raise _refuse("an item of undefined length does not end", "delimiter")
        return at

    def _writes_vr(self, at: int) -> bool:
        head = self._bytes(at, 8)
        tag = self._implicit_head.unpack(head)[:2] if len(head) == 8 else (0, 0)
        return head[4:6] in VRS or tag[0] == ITEM >> 16

    def _fragments(self, at: int, stop: int) -> int:
        while at < stop:
            item = self._head(at, stop, implicit=True)
            at = item.value + item.length
            if item.tag == SEQUENCE_END:
                return item.value
            if item.tag != ITEM:
                raise _refuse("something else where a fragment should be", "delimiter")
        raise self._past(at, stop, 0) if at > self._source.size else _refuse("fragments do not end", "delimiter")

    def _note_private(self, element: Element, structure: Structure) -> None:
        group, number = element.tag >> 16, element.tag & 0xFFFF
        if group not in PRIVATE_GROUPS or element.length > MAX_VALUE_BYTES:
            return
        if 0x10 <= number <= 0xFF:
            text = self._bytes(element.value, element.length).decode("ascii", "replace")
            self._creators[group << 8 | number] = text.strip(" \0")
            return
        creator = self._creators.get(group << 8 | number >> 8)
        if creator is not None and (meaning := PRIVATE.get((creator, group, number & 0xFF))) is not None:
            structure.private[element.tag] = meaning[0]


def check_pixel_data(source: Source, pixel_data: Element, *, implicit: bool = False, big_endian: bool = False) -> None:
    """Whether the pixel data is all there, without reading it, and whatever follows it.

    Raises
    ------
    DecodeError
        ``ecorad.dicom.truncated``; ``ecorad.dicom.delimiter`` where something that is no fragment stands in the
        chain; ``ecorad.dicom.budget`` for a chain without end.
    """
    if pixel_data.length == UNDEFINED:
        end = _end_of_fragments(source, pixel_data.value, ">HHL" if big_endian else "<HHL")
    else:
        end = pixel_data.value + pixel_data.length
    if end > source.size:
        raise _refuse("the pixel data goes on past the end of the file", "truncated")
    _check_tail(source, end, implicit, ">" if big_endian else "<")


def _end_of_fragments(source: Source, at: int, head_format: str) -> int:
    """The place after encapsulated pixel data, going from fragment to fragment (PS3.5 A.4)."""
    unpack = struct.Struct(head_format).unpack
    for _ in range(_MAX_FRAGMENTS):
        head = source.read(at, 8)
        if len(head) < 8:
            raise _refuse("the pixel data is cut off", "truncated")
        group, number, length = unpack(head)
        tag = group << 16 | number
        at += 8
        if tag == SEQUENCE_END:
            return at
        if tag != ITEM or length == UNDEFINED:
            raise _refuse("something else where a fragment should be", "delimiter")
        at += int(length)
    raise _refuse("more fragments than an object has", "budget")


def _check_tail(source: Source, at: int, implicit: bool, order: str) -> None:
    """Whether what follows the pixel data (trailing padding, signatures) is whole.

    Bytes that are no element are left alone: they hold nothing, and many writers fill up with them.
    """
    for _ in range(_MAX_TAIL_ELEMENTS):
        head = source.read(at, 12) if at < source.size else b""
        if not head or not any(begin.startswith(head[:2]) for begin in _BEGINNINGS_OF_TAIL[order]):
            return
        at += 8
        if len(head) < 8:
            break
        if implicit:
            at += struct.unpack_from(order + "L", head, 4)[0]
        elif head[4:6] in LONG_VRS:
            at += 4 + (struct.unpack_from(order + "L", head, 8)[0] if len(head) == 12 else 0)
        elif head[4:6] in VRS:
            at += struct.unpack_from(order + "H", head, 6)[0]
        else:
            return
        if at > source.size:
            break
    if at > source.size:
        raise _refuse("what follows the pixel data is cut off", "truncated")
