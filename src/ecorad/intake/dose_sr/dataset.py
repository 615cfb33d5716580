"""Bytes to nested elements: a small reader for structured reports and image headers, bounded in size and depth.

A structured report is a tree of sequences, and all of it must be read. This reader knows the few elements that dose
lives in, takes them at any level, and steps over the rest. It never guesses: what does not add up ends the reading.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TypeAlias

from ecorad.model import DecodeError

from .elements import PRIVATE_DLP, VR_OF_TAG

MAX_BYTES = 64 << 20
MAX_DEPTH = 32  # levels of sequences; dose reports have 6 to 9
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END, _PIXELS = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD, 0x7FE00008
_LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
_VRS = _LONG | {vr.encode() for vr in "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split()}
_IMPLICIT, _BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"
_DEFLATED = frozenset({"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.8.1"})

# By tag: the value's bytes in little endian, or the items of a sequence. What is empty is left out.
Item: TypeAlias = "dict[int, bytes | list[Item]]"


class TooDeepError(Exception):
    """The tree has more levels than any report needs."""


@dataclass(frozen=True, slots=True)
class _Encoding:
    """How the elements of a data set are written."""

    implicit: bool
    order: str


def read(data: bytes, *, is_whole: bool = True) -> Item:
    """The wanted elements of one DICOM object, up to its pixel data.

    Parameters
    ----------
    data : bytes
        The file, or its first bytes.
    is_whole : bool
        Whether it is the whole file; else the pixel data must begin in it.

    Raises
    ------
    TooDeepError
        More than ``MAX_DEPTH`` levels.
    DecodeError
        ``ecorad.dose_sr.structure``: the object is cut or does not add up.
    """
    syntax, at = _meta(data)
    if syntax in _DEFLATED:
        data, at = _inflated(data, at), 0
    encoding = _Encoding(syntax == _IMPLICIT, ">" if syntax == _BIG else "<")
    try:
        found, end = _Reader(data, encoding).data_set(at, len(data), 0)
    except struct.error:
        raise _broken() from None
    if end == len(data) and not is_whole:
        raise _broken()
    return found


def _broken() -> DecodeError:
    return DecodeError("the elements do not add up", code="ecorad.dose_sr.structure")


def _meta(data: bytes) -> tuple[str, int]:
    """Transfer syntax, and where the data set begins (PS3.10 7.1)."""
    at = 132 if data[128:132] == b"DICM" else 0
    syntax = "1.2.840.10008.1.2.1"
    while data[at : at + 2] == b"\x02\x00":
        vr = data[at + 4 : at + 6]
        if vr in _LONG:
            length, value = int.from_bytes(data[at + 8 : at + 12], "little"), at + 12
        elif vr in _VRS:
            length, value = int.from_bytes(data[at + 6 : at + 8], "little"), at + 8
        else:
            length, value = int.from_bytes(data[at + 4 : at + 8], "little"), at + 8
        if data[at + 2 : at + 4] == b"\x10\x00":
            syntax = data[value : value + length].decode("ascii", "replace").strip(" \0")
        at = value + length
    return syntax, at


def _inflated(data: bytes, at: int) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        found = inflater.decompress(data[at:], MAX_BYTES)
    except zlib.error:
        raise _broken() from None
    if inflater.unconsumed_tail or not inflater.eof:
        raise _broken()
    return found


class _Reader:
    """Reads nested data sets of one object."""

    def __init__(self, data: bytes, encoding: _Encoding) -> None:
        self._data = data
        self._implicit = encoding.implicit
        self._swapped = encoding.order == ">"
        self._tag = struct.Struct(encoding.order + "HH").unpack_from
        self._short = struct.Struct(encoding.order + "H").unpack_from
        self._long = struct.Struct(encoding.order + "L").unpack_from

    def data_set(self, at: int, stop: int, depth: int) -> tuple[Item, int]:
        """Elements until ``stop``, or until the item that holds them ends; and the place after."""
        if depth > MAX_DEPTH:
            raise TooDeepError
        found: Item = {}
        creators: dict[int, bytes] = {}
        while at < stop:
            group, number = self._tag(self._data, at)
            tag = group << 16 | number
            if tag >= _PIXELS and (tag == _ITEM_END or depth == 0):
                return found, at + 8 if tag == _ITEM_END else at
            vr, length, value = self._head(at, tag)
            if length == _UNDEFINED or vr == b"SQ":
                items, at = self._sequence(value, length, vr, depth)
                if items and tag in VR_OF_TAG:
                    found[tag] = items
                continue
            at = value + length
            if at > stop:
                raise _broken()
            if length and tag in VR_OF_TAG:
                found[tag] = self._value(value, at, VR_OF_TAG[tag])
            elif group == PRIVATE_DLP[1]:
                self._private(number, self._data[value:at], creators, found)
        if stop not in {at, _UNDEFINED}:
            raise _broken()
        return found, at

    def _head(self, at: int, tag: int) -> tuple[bytes, int, int]:
        """VR, length and place of the value of the element at ``at``."""
        if self._implicit:
            (length,) = self._long(self._data, at + 4)
            return VR_OF_TAG.get(tag, "UN").encode(), length, at + 8
        vr = self._data[at + 4 : at + 6]
        if vr in _LONG:
            (length,) = self._long(self._data, at + 8)
            return vr, length, at + 12
        if vr not in _VRS:
            raise _broken()
        (length,) = self._short(self._data, at + 6)
        return vr, length, at + 8

    def _sequence(self, at: int, length: int, vr: bytes, depth: int) -> tuple[list[Item], int]:
        """Items of a sequence and the place after it; UN of undefined length is implicit (PS3.5 6.2.2)."""
        stop = len(self._data) if length == _UNDEFINED else at + length
        if stop > len(self._data):
            raise _broken()
        reader = self
        if vr == b"UN" and length == _UNDEFINED and not self._implicit:
            reader = _Reader(self._data, _Encoding(True, "<"))
        items: list[Item] = []
        while at < stop:
            group, number = self._tag(self._data, at)
            (size,) = self._long(self._data, at + 4)
            tag = group << 16 | number
            at += 8
            if tag == _SEQUENCE_END:
                return items, at
            if tag != _ITEM:
                raise _broken()
            end = stop if size == _UNDEFINED else at + size
            if end > stop:
                raise _broken()
            item, at = reader.data_set(at, _UNDEFINED if size == _UNDEFINED else end, depth + 1)
            items.append(item)
        if length == _UNDEFINED:
            raise _broken()  # the delimiter is missing: the object is cut
        return items, at

    def _value(self, at: int, end: int, vr: str) -> bytes:
        value = self._data[at:end]
        if self._swapped and vr in {"US", "FD", "FL", "UL"}:
            return value[::-1]
        return value

    def _private(self, number: int, value: bytes, creators: dict[int, bytes], found: Item) -> None:
        """Keep the dose length product of the maker whose block it is in (PS3.5 7.8.1)."""
        creator, _, low, kept_as = PRIVATE_DLP
        if 0x10 <= number <= 0xFF:
            creators[number] = value.strip(b" \0")
        elif creators.get(number >> 8) == creator and number & 0xFF == low and value:
            found[kept_as] = value
