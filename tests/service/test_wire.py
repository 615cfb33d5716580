"""Pixels dropped on the wire: what is kept decodes to the very record that the whole file gives."""

from __future__ import annotations

import io
import random
import struct
from pathlib import Path

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecorad.intake import dicom
from ecorad.intake.dicom.meta import read_meta
from ecorad.intake.identity import Pseudonymiser
from ecorad.model import DecodeError, Site
from ecorad.service.dicom import wire
from ecorad.service.dicom.kept import SparseFile, file_head, pack, unpack
from ecorad.service.dicom.wire import SOP_CLASS, SOP_INSTANCE, STEP_STATUS, HeaderTooLargeError, WireDataSet
from tests.shared_data import shared_data

from .peers import ct, file_bytes

SITE = Site(name="x", timezone="Europe/Amsterdam")
PSEUDONYMISER = Pseudonymiser(b"k" * 32, retain=False)


def outcome(file, size):
    """The record and issues of an object, or the code of its refusal."""
    try:
        return dicom.decode(file, size=size, site=SITE, pseudonymiser=PSEUDONYMISER)
    except DecodeError as error:
        return error.code


def over_the_wire(data, start, meta, cuts):
    """The object as it comes out of the journal after its data set came in pieces."""
    taken = WireDataSet(is_implicit=meta.is_implicit, is_big_endian=meta.is_big_endian)
    at = start
    for cut in (*sorted(cuts), len(data)):
        taken.feed(memoryview(data)[at:cut])
        at = max(at, cut)
    payload, notes = pack(data[:start], taken.finish())
    assert notes["size"] == len(data)
    return payload, unpack(payload, notes["head"], notes["size"])


def same_both_ways(data, seed=0):
    meta = read_meta(data[: 1 << 16])
    if meta.is_deflated:
        return None
    chance = random.Random(seed)
    cuts = [chance.randrange(meta.start, len(data) + 1) for _ in range(chance.choice([0, 1, 5, 60]))]
    payload, file = over_the_wire(data, meta.start, meta, cuts)
    assert outcome(file, len(data)) == outcome(io.BytesIO(data), len(data))
    return payload


# Those that come with pydicom; its own look-up would fetch more.
FILES = sorted((Path(pydicom.__file__).parent / "data" / "test_files").rglob("*.dcm"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_of_pydicom(path):
    data = path.read_bytes()
    try:
        read_meta(data[: 1 << 16])
    except DecodeError:
        return  # never comes off a wire: the meta header is ours there
    for seed in range(3):
        same_both_ways(data, seed)


def test_real_files():
    paths = [path for path in shared_data("dicom").rglob("*") if path.is_file() and path.stat().st_size < 3_000_000]
    tried = 0
    for path in sorted(paths)[:400]:
        data = path.read_bytes()
        try:
            read_meta(data[: 1 << 16])
        except DecodeError:
            continue  # never comes off a wire: the meta header is ours there
        tried += same_both_ways(data, tried) is not None
    assert tried > 10


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_damaged_objects_end_the_same_both_ways(data):
    """Cut, flipped, and in any fragments: the code is that of the file."""
    sound = bytearray(OBJECT)
    start = read_meta(OBJECT).start
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(start, len(sound) - 1))
        sound[place] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.one_of(st.just(len(sound)), st.integers(start, len(sound))))
    same_both_ways(bytes(sound[:cut]), data.draw(st.integers(0, 10**6)))


OBJECT = file_bytes(ct(pixels=500))


def test_only_the_header_is_kept():
    data = file_bytes(ct(pixels=1_000_000))
    payload = same_both_ways(data, 4)
    assert len(payload) < 3000


def test_wanted_values_are_seen_at_the_root_alone():
    taken = WireDataSet(is_implicit=False, is_big_endian=False)
    start = read_meta(OBJECT).start
    taken.feed(memoryview(OBJECT)[start:])
    values = taken.finish().values
    assert set(values) == {SOP_CLASS, SOP_INSTANCE}
    assert STEP_STATUS not in values


def test_held_bytes_stay_small_while_pixels_pass():
    taken = WireDataSet(is_implicit=False, is_big_endian=False)
    start = read_meta(OBJECT).start
    head = OBJECT[start : OBJECT.index(b"\xe0\x7f\x10\x00", start)]
    taken.feed(memoryview(head + struct.pack("<HH2sHL", 0x7FE0, 0x10, b"OB", 0, 1 << 31)))
    block = memoryview(bytes(1 << 20))
    for _ in range(200):
        taken.feed(block)
        assert taken.held_bytes < 4096


def test_b6_nesting_does_not_end_in_recursion():
    taken = WireDataSet(is_implicit=False, is_big_endian=False)
    opened = struct.pack("<HH2sHL", 8, 0x1140, b"SQ", 0, 0xFFFFFFFF) + struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    taken.feed(memoryview(opened * 50_000))
    assert len(taken.finish().header) <= wire.MAX_ODD_BYTES


def test_b7_a_million_empty_elements_are_not_walked_for_ever(monkeypatch):
    monkeypatch.setattr(wire, "_MAX_STEPS", 100)
    taken = WireDataSet(is_implicit=False, is_big_endian=False)
    taken.feed(memoryview(struct.pack("<HH2sH", 9, 0x10, b"LO", 0) * 10_000))
    assert taken._steps == 101
    assert taken.finish().size == 80_000


def test_a_header_beyond_all_bounds_is_refused(monkeypatch):
    monkeypatch.setattr(wire, "MAX_HEADER_BYTES", 10_000)
    taken = WireDataSet(is_implicit=False, is_big_endian=False)
    with pytest.raises(HeaderTooLargeError):
        taken.feed(memoryview(struct.pack("<HH2sHL", 9, 0x10, b"OB", 0, 1 << 30) + bytes(20_000)))


def test_the_same_object_has_the_same_head_whoever_sent_it():
    assert file_head("1.2", "1.3", "1.2.840.10008.1.2") == file_head("1.2", "1.3", "1.2.840.10008.1.2")
    meta = read_meta(file_head("1.2", "1.3.4", "1.2.840.10008.1.2.1"))
    assert (meta.transfer_syntax, meta.media_storage_class) == ("1.2.840.10008.1.2.1", "1.2")


@given(
    pieces=st.lists(st.tuples(st.integers(0, 30), st.binary(min_size=1, max_size=9)), max_size=5),
    reads=st.lists(st.tuples(st.integers(0, 90), st.integers(0, 60)), max_size=6),
)
def test_a_sparse_file_reads_as_the_whole_one(pieces, reads):
    whole, placed, at = bytearray(), [], 0
    for gap, data in pieces:
        at += gap
        whole += bytes(at - len(whole)) + data
        placed.append((at, data))
        at += len(data)
    whole += bytes(7)
    file = SparseFile(placed, len(whole))
    assert file.read() == bytes(whole)
    for place, count in reads:
        file.seek(place)
        assert file.read(count) == bytes(whole[place : place + count])
