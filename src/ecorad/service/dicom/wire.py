"""A data set as it comes off the wire: the header is kept, pixel data is stepped over and dropped byte by byte.

Only root elements are looked at; what is nested with known lengths is jumped over, what is nested without is stepped
through with a short stack. Whatever cannot be followed is kept as it came, up to a limit: the decoder then says what is
wrong with it.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from ecorad.intake.dicom.elements import ITEM, ITEM_END, PIXEL_DATA, SEQUENCE_END, UNDEFINED
from ecorad.intake.dicom.meta import LONG_VRS, VRS

MAX_HEADER_BYTES = 64 << 20
MAX_ODD_BYTES = 4 << 20
_MAX_TAIL_BYTES = 64 << 10
_MAX_STEPS = 300_000
_MAX_FRAGMENTS = 1_000_000
_MAX_DEPTH = 64
# Class and instance of the object; state of a performed procedure step (PS3.6).
SOP_CLASS, SOP_INSTANCE, STEP_STATUS = 0x00080016, 0x00080018, 0x00400252
WANTED = frozenset({SOP_CLASS, SOP_INSTANCE, STEP_STATUS})


class HeaderTooLargeError(Exception):
    """More bytes than any header has."""


@dataclass(frozen=True, slots=True)
class WireObject:
    """A received data set without its pixels.

    ``pieces`` are what was kept behind the header: (place in the data set, bytes); what lies between is gone.
    """

    header: bytes
    pieces: tuple[tuple[int, bytes], ...]
    size: int
    values: Mapping[int, str]


@dataclass(slots=True)
class _Frames:
    """Where we are behind the tag of the pixel data."""

    left: int = 0  # bytes still to be dropped
    is_encapsulated: bool = False
    is_tail: bool = False
    kept: bytearray = field(default_factory=bytearray)  # an item head, or the tail, as far as it came
    fragments: int = 0
    tail_at: int = 0  # where the tail begins


class WireDataSet:
    """Takes the fragments of one data set.

    Parameters
    ----------
    is_implicit, is_big_endian : bool
        How it is encoded, as agreed for its presentation context.
    """

    def __init__(self, *, is_implicit: bool, is_big_endian: bool) -> None:
        order = ">" if is_big_endian else "<"
        self._explicit = struct.Struct(order + "HH2sH").unpack_from
        self._plain = struct.Struct(order + "HHL").unpack_from
        self._long = struct.Struct(order + "L").unpack_from
        self._implicit = is_implicit
        self._order = order
        self._head = bytearray()
        self._at = 0
        self._steps = 0
        self._stack: list[tuple[bool, bool]] = []  # open sequences and items of unknown length: (is item, implicit)
        self._found: dict[int, tuple[int, int]] = {}
        self._pieces: list[tuple[int, bytes]] = []
        self._frames: _Frames | None = None
        self._is_odd = False
        self.size = 0

    @property
    def held_bytes(self) -> int:
        """How much is in memory. [By]"""
        return len(self._head) + 20 * len(self._pieces)

    def feed(self, data: memoryview) -> None:
        """Take the next bytes.

        Raises
        ------
        HeaderTooLargeError
            When 64 MiB came and no pixel data yet.
        """
        self.size += len(data)
        if self._frames is not None:
            self._drop(data)
        elif self._is_odd:
            self._head += data[: max(0, MAX_ODD_BYTES - len(self._head))]
        else:
            self._head += data
            self._walk()
            if len(self._head) > MAX_HEADER_BYTES:
                raise HeaderTooLargeError

    def finish(self) -> WireObject:
        """The object, after its last byte."""
        frames = self._frames
        if frames is not None and frames.kept:
            place = frames.tail_at if frames.is_tail else self.size - len(frames.kept)
            self._pieces.append((place, bytes(frames.kept)))
        values = {
            tag: bytes(self._head[at : at + length]).decode("latin-1").strip(" \0")
            for tag, (at, length) in self._found.items()
            if at + length <= len(self._head)
        }
        return WireObject(bytes(self._head), tuple(self._pieces), self.size, values)

    def _walk(self) -> None:
        """Step on as far as the bytes go."""
        head, size = self._head, len(self._head)
        while self._at + 8 <= size and not self._is_odd:
            element = self._element(head, size)
            if element is None:
                return
            tag, value, length = element
            self._steps += 1
            if self._steps > _MAX_STEPS:
                self._give_up()
            elif not self._stack and tag in PIXEL_DATA:
                self._reach_frames(value, length)
                return
            elif length == UNDEFINED:
                self._open(tag, value)
            elif tag in {ITEM_END, SEQUENCE_END}:
                self._close(tag, value, length)
            else:
                if tag in WANTED and not self._stack and length <= 256:
                    self._found[tag] = (value, length)
                self._at = value + length

    def _element(self, head: bytearray, size: int) -> tuple[int, int, int] | None:
        """Tag, place and length of the value of the element at hand; ``None`` until enough of it is here."""
        at = self._at
        group, number, length = self._plain(head, at)
        tag = group << 16 | number
        implicit = self._stack[-1][1] if self._stack else self._implicit
        if group == 0xFFFE or implicit:
            return tag, at + 8, length
        _, _, vr, length = self._explicit(head, at)
        if vr not in LONG_VRS:
            if vr not in VRS:
                self._give_up()
                return None
            return tag, at + 8, length
        if at + 12 > size:
            return None
        return tag, at + 12, self._long(head, at + 8)[0]

    def _open(self, tag: int, value: int) -> None:
        """Go into a sequence or an item whose length is not told."""
        is_item = tag == ITEM
        inside_sequence = bool(self._stack) and not self._stack[-1][0]
        if is_item != inside_sequence or len(self._stack) >= _MAX_DEPTH or tag in {ITEM_END, SEQUENCE_END}:
            self._give_up()
            return
        implicit = self._stack[-1][1] if self._stack else self._implicit
        # An element of VR UN and unknown length holds items in implicit VR (PS3.5 6.2.2 note 2).
        if not is_item and not implicit and self._head[value - 8 : value - 6] == b"UN":
            implicit = True
        self._stack.append((is_item, implicit))
        self._at = value

    def _close(self, tag: int, value: int, length: int) -> None:
        if length or not self._stack or self._stack[-1][0] != (tag == ITEM_END):
            self._give_up()
            return
        self._stack.pop()
        self._at = value

    def _give_up(self) -> None:
        self._is_odd = True
        del self._head[MAX_ODD_BYTES:]

    def _reach_frames(self, value: int, length: int) -> None:
        head = self._head
        behind = bytes(head[value:])
        self._pieces.append((self._at, bytes(head[self._at : value])))
        del head[self._at :]
        undefined = length == UNDEFINED
        self._frames = _Frames(left=0 if undefined else length, is_encapsulated=undefined, is_tail=not undefined)
        self._drop(memoryview(behind))

    def _drop(self, data: memoryview) -> None:
        """Let frames go by; keep heads of fragments, and what follows the last."""
        frames = self._frames
        assert frames is not None  # noqa: S101 - only called behind the pixel data
        at, size = 0, len(data)
        while at < size:
            if frames.left:
                step = min(frames.left, size - at)
                frames.left -= step
                at += step
            elif frames.is_tail:
                frames.tail_at = frames.tail_at or self.size - (size - at)
                frames.kept += data[at : at + max(0, _MAX_TAIL_BYTES - len(frames.kept))]
                return
            else:
                step = min(8 - len(frames.kept), size - at)
                frames.kept += data[at : at + step]
                at += step
                if len(frames.kept) == 8:
                    self._fragment(self.size - (size - at) - 8)

    def _fragment(self, place: int) -> None:
        """Keep the head of a fragment and see how long it is; what is none is where the tail begins."""
        frames = self._frames
        assert frames is not None  # noqa: S101 - only called behind the pixel data
        group, number, length = self._plain(frames.kept)
        tag = group << 16 | number
        frames.fragments += 1
        self._pieces.append((place, bytes(frames.kept)))
        frames.kept.clear()
        if tag == ITEM and length != UNDEFINED and frames.fragments < _MAX_FRAGMENTS:
            frames.left = length
        else:
            frames.is_tail = True
