"""The quick reader: explicit VR little endian, wanted elements only, and it gives up at anything odd.

Most objects of an archive are plain explicit VR little endian with a header of a few KiB. For those nothing else is
needed than to step from element to element. Whatever is not exactly as PS3.5 chapter 7 has it
ends with ``None``, never with a guess: the thorough reader then decides.
"""

from __future__ import annotations

import struct

from .elements import (
    FIRST_PIXEL_DATA,
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
from .header import Item, Raw
from .layout import HEAD_BYTES, KEY_BYTES, Head, Heads, Layouts, Step

MAX_ITEMS = 200_000
# Bytes before the value, by VR (PS3.5 tables 7.1-1 and 7.1-2). UN is left to the thorough reader where it is wanted.
_HEAD = {vr.encode(): 8 for vr in "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split()}
_HEAD |= {vr.encode(): 12 for vr in "OB OD OF OL OV OW SQ SV UC UN UR UT UV".split()}
_element = struct.Struct("<HH2sH").unpack_from
_length = struct.Struct("<L").unpack_from
_item = struct.Struct("<HHL").unpack_from
_NOTHING: Wanted = {}
_LAYOUTS = Layouts()
_HEADS = Heads()
_CHARACTER_SET = 0x00080005
_NO_VALUE: Raw = (b"", b"")


# The functions below take their state as plain arguments, and by position: that is what keeps them quick.


class OffBufferError(Exception):
    """The walk needs bytes that were not read yet; ``needed`` is how many from the start of the buffer."""

    def __init__(self, needed: int) -> None:
        super().__init__(needed)
        self.needed = needed


class OddError(Exception):
    """Something is not plain; the thorough reader decides."""


def walk(buffer: bytes, start: int, size: int) -> tuple[Item, int | None] | None:
    """Wanted elements of the data set that begins at ``start``.

    Parameters
    ----------
    buffer : bytes
        The first bytes of the file, at most all of them.
    start : int
        Where the data set begins, after the file meta header.
    size : int
        Length of the whole file.

    Returns
    -------
    (Item, int or None) or None
        The elements, and where the tag of the pixel data stands (``None`` where the data set ends without);
        ``None`` when anything is odd.

    Raises
    ------
    OffBufferError
        When the buffer ends before the header does.
    """
    found: Item = {}
    try:
        end = _root(buffer, start, size, found)
    except (struct.error, IndexError):
        if len(buffer) >= size:
            return None
        raise OffBufferError(len(buffer) + 1) from None
    except (OddError, KeyError):  # KeyError: letters that are no VR
        return None
    if b"\0" in found.get(_CHARACTER_SET, _NO_VALUE)[1]:
        return None  # there are readers who stumble over it
    return found, (end if end < size else None)


def _root(buffer: bytes, at: int, stop: int, found: Item) -> int:
    """Read the root: runs seen before in one step each, the rest element by element; of some objects that is learnt.

    One loop on purpose, here and below: it runs a few hundred times a file, and a call costs as much as a step.
    """
    last = -1
    creators: dict[int, bytes] = {}
    steps: list[Step] = []
    is_learning, ready = _LAYOUTS.is_learning(), _LAYOUTS.ready
    heads = _HEADS.to_step_by(is_learning=is_learning)
    while at < stop:
        run = ready.get(buffer[at : at + KEY_BYTES])
        if run is not None and run.first > last and (after := run.take(buffer, at, found)) > 0:
            _LAYOUTS.learn(steps)
            steps, last, at = [], run.last, after
            creators.update(run.creators)
            continue
        known = heads.get(buffer[at : at + HEAD_BYTES])
        if known is not None and known[0] > last:
            last = known[0]
            at = _short_element(buffer, at, known, found)
            continue
        group, number, vr, length = _element(buffer, at)
        tag = group << 16 | number
        if tag <= last:
            raise OddError  # out of order or twice: which one holds is not for us to say
        if tag >= FIRST_PIXEL_DATA and (end := _end(tag, vr, length, at, stop, 0)) is not None:
            _LAYOUTS.learn(steps)
            return end
        last = tag
        value = at + _HEAD[vr]
        if value == at + 12:
            (length,) = _length(buffer, at + 8)
        if length == UNDEFINED or (vr == b"SQ" and tag in WANTED):
            _LAYOUTS.learn(steps)
            steps = []
            at = _sequence_element(buffer, value, length, vr, tag, WANTED, found, 0)
            continue
        step = _step(buffer, at, value, length, tag, vr, creators, found)
        if is_learning:
            _HEADS.learn(step)
            steps.append(step)
        at = value + length
    if at != stop:
        raise OddError  # an element longer than what holds it
    _LAYOUTS.learn(steps)
    return at


def _short_element(buffer: bytes, at: int, known: Head, found: Item) -> int:
    """Step over an element with a length of two bytes whose head is known, and keep it if it is wanted."""
    tag, vr = known
    value = at + 8
    end = value + buffer[at + 6] + (buffer[at + 7] << 8)
    if vr is not None and end > value:
        if end > len(buffer):
            raise OffBufferError(end)
        found[tag] = (vr, buffer[value:end])
    return end


def _step(  # noqa: PLR0917
    buffer: bytes, at: int, value: int, length: int, tag: int, vr: bytes, creators: dict[int, bytes], found: Item
) -> Step:
    """Step over one element of the root that is no sequence, and keep it if it is wanted."""
    end = value + length
    name: int | str | None = None
    if tag in WANTED:
        if length:
            _keep(buffer, value, end, tag, vr, WANTED, found)
            name = tag
    elif tag >> 16 in PRIVATE_GROUPS:
        number = tag & 0xFFFF
        if 0x10 <= number <= 0xFF:
            if end > len(buffer):
                raise OffBufferError(end)
            block = tag >> 16 << 8 | number
            text = creators[block] = buffer[value:end]
            return buffer[at:value], length, text, None, vr, tag, block
        if number > 0xFF:
            block = tag >> 16 << 8 | number >> 8
            name = _private(buffer, value, end, tag, vr, creators.get(block), found)
            return buffer[at:value], length, None, name, vr, tag, block
    return buffer[at:value], length, None, name, vr, tag, None


def _data_set(buffer: bytes, at: int, stop: int, wanted: Wanted, found: Item, depth: int) -> int:  # noqa: PLR0917
    """Read an item into ``found`` until ``stop`` (``UNDEFINED``: until the item ends); return the place after."""
    last = -1
    while at < stop:
        group, number, vr, length = _element(buffer, at)
        tag = group << 16 | number
        if tag <= last:
            raise OddError  # out of order or twice: which one holds is not for us to say
        if tag >= FIRST_PIXEL_DATA and (end := _end(tag, vr, length, at, stop, depth)) is not None:
            return end
        last = tag
        head = _HEAD[vr]
        value = at + head
        if head == 12:
            (length,) = _length(buffer, at + 8)
        if length == UNDEFINED or (vr == b"SQ" and tag in wanted):
            at = _sequence_element(buffer, value, length, vr, tag, wanted, found, depth)
            continue
        at = value + length
        if tag in wanted:
            _keep(buffer, value, at, tag, vr, wanted, found)
    if at != stop:
        raise OddError  # an element longer than what holds it
    return at


def _end(tag: int, vr: bytes, length: int, at: int, stop: int, depth: int) -> int | None:  # noqa: PLR0917
    """Where reading goes on if this element ends the data set: pixel data at the root, or the end of an item."""
    if tag in PIXEL_DATA and not depth:
        if vr not in _HEAD:
            raise OddError
        return at
    if tag == ITEM_END and stop == UNDEFINED and vr == b"\0\0" and not length:
        return at + 8
    if tag >> 16 == ITEM >> 16:
        raise OddError  # a delimiter where none may be
    return None


def _keep(  # noqa: PLR0917
    buffer: bytes, value: int, end: int, tag: int, vr: bytes, wanted: Wanted, found: Item
) -> None:
    if end == value:
        return
    if wanted[tag] is not None or vr == b"UN" or end - value > MAX_VALUE_BYTES:
        raise OddError
    if end > len(buffer):
        raise OffBufferError(end)
    found[tag] = (vr, buffer[value:end])


def _private(  # noqa: PLR0917
    buffer: bytes, value: int, end: int, tag: int, vr: bytes, creator: bytes | None, found: Item
) -> str | None:
    """Keep a private element when its creator makes it a wanted one (PS3.5 7.8.1); under which name."""
    if creator is None or end == value:
        return None
    text = creator.decode("ascii", "replace").strip(" \0")
    meaning = PRIVATE.get((text, tag >> 16, tag & 0xFF))
    if meaning is None:
        return None
    if vr in {b"UN", b"SQ"} or end - value > MAX_VALUE_BYTES:
        raise OddError
    if end > len(buffer):
        raise OffBufferError(end)
    found[meaning[0]] = (vr, buffer[value:end])
    return meaning[0]


def _sequence_element(  # noqa: PLR0917
    buffer: bytes, value: int, length: int, vr: bytes, tag: int, wanted: Wanted, found: Item, depth: int
) -> int:
    below = wanted.get(tag, _NOTHING)
    if vr != b"SQ" or below is None or depth >= MAX_DEPTH:
        raise OddError
    stop = UNDEFINED if length == UNDEFINED else value + length
    items, at = _sequence(buffer, value, stop, below, depth + 1)
    if items and below:
        found[tag] = items
    return at


def _sequence(buffer: bytes, at: int, stop: int, wanted: Wanted, depth: int) -> tuple[list[Item], int]:
    """Items of a sequence (PS3.5 7.5); those that are not wanted are stepped over."""
    items: list[Item] = []
    count = 0
    while at < stop:
        group, number, length = _item(buffer, at)
        tag = group << 16 | number
        at += 8
        if tag == SEQUENCE_END and stop == UNDEFINED and not length:
            return items, at
        count += 1
        if tag != ITEM or count > MAX_ITEMS:
            raise OddError
        if not wanted and length != UNDEFINED:
            at += length
            continue
        found: Item = {}
        at = _data_set(buffer, at, UNDEFINED if length == UNDEFINED else at + length, wanted, found, depth)
        items.append(found)
    if at != stop:
        raise OddError
    return items, at
