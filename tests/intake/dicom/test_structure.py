"""Whole or not, sane or not: each fault by its name, in implicit and explicit VR."""

from __future__ import annotations

import struct

import pytest

from ecorad.intake.dicom import structure
from tests.intake.dicom.objects import (
    BIG,
    END_OF_SEQUENCE,
    EXPLICIT,
    IMPLICIT,
    JPEG,
    UNDEFINED,
    decoded,
    dicom,
    element,
    item,
    pixel_data,
    refusal,
    written,
)

BOTH = pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG])
LITTLE = pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])


@BOTH
def test_a_whole_object_is_accepted(syntax):
    assert refusal(dicom(syntax, tail=pixel_data(512, syntax))) == ""


@BOTH
def test_pixel_data_that_is_cut(syntax):
    assert refusal(dicom(syntax, tail=pixel_data(512, syntax)[:-1])) == "truncated"


@BOTH
def test_a_header_that_ends_inside_an_element(syntax):
    whole = dicom(syntax)
    assert refusal(whole[:-1]) == "truncated"
    assert refusal(whole + b"\x28\x00") == "truncated"


@LITTLE
def test_an_element_that_goes_on_past_the_end(syntax):
    assert refusal(dicom(syntax, tail=element(0x00540081, "OB", b"\1\2", length=400, syntax=syntax))) == "truncated"


@LITTLE
def test_a_length_that_no_file_has(syntax):
    assert refusal(dicom(syntax, tail=element(0x00420011, "OB", b"\1\2", length=0xFFFFFFFE, syntax=syntax))) == "length"


def test_an_undefined_length_where_none_may_be():
    assert refusal(dicom(tail=element(0x00420011, "UT", b"\1\2", length=UNDEFINED))) == "length"


@LITTLE
def test_an_element_longer_than_its_item(syntax):
    inner = element(0x00181074, "DS", b"1 ", length=20, syntax=syntax)
    tail = element(0x00540016, "SQ", item(inner), syntax=syntax) + written((0x00540081, "US"), b"0" * 40, syntax)
    assert refusal(dicom(syntax, tail=tail)) == "length"


@LITTLE
@pytest.mark.parametrize("body", [item(b""), item(b"", undefined=True)])
def test_a_sequence_without_end(syntax, body):
    assert refusal(dicom(syntax, tail=element(0x0040A730, "SQ", body, length=UNDEFINED, syntax=syntax))) == "delimiter"


@LITTLE
def test_an_item_without_end(syntax):
    opened = struct.pack("<HHL", 0xFFFE, 0xE000, UNDEFINED)
    assert (
        refusal(dicom(syntax, tail=element(0x0040A730, "SQ", opened, length=UNDEFINED, syntax=syntax))) == "delimiter"
    )


def test_something_else_where_an_item_should_be():
    tail = element(0x0040A730, "SQ", b"\x10\x00\x10\x00\0\0\0\0" + END_OF_SEQUENCE, length=UNDEFINED)
    assert refusal(dicom(tail=tail)) == "delimiter"


def test_a_delimiter_of_nothing():
    assert refusal(dicom(tail=END_OF_SEQUENCE)) == "delimiter"


def test_zeros_where_an_element_should_be():
    assert refusal(dicom(tail=bytes(64))) == "truncated"


@LITTLE
@pytest.mark.parametrize("depth", [33, 5_000])
def test_nesting_deeper_than_the_limit(syntax, depth):
    head = element(0x0040A730, "SQ", struct.pack("<HHL", 0xFFFE, 0xE000, UNDEFINED), length=UNDEFINED, syntax=syntax)
    end = struct.pack("<HHL", 0xFFFE, 0xE00D, 0) + END_OF_SEQUENCE
    assert refusal(dicom(syntax, tail=head * depth + end * depth)) == "depth"


def test_nesting_up_to_the_limit():
    head = element(0x0040A730, "SQ", struct.pack("<HHL", 0xFFFE, 0xE000, UNDEFINED), length=UNDEFINED)
    end = struct.pack("<HHL", 0xFFFE, 0xE00D, 0) + END_OF_SEQUENCE
    assert refusal(dicom(tail=head * 32 + end * 32)) == ""


@LITTLE
def test_more_items_than_an_object_has(syntax, monkeypatch):
    monkeypatch.setattr(structure, "MAX_STEPS", 500)
    monkeypatch.setattr("ecorad.intake.dicom.walker.MAX_ITEMS", 500)
    tail = element(0x0040A730, "SQ", item(b"") * 600 + END_OF_SEQUENCE, length=UNDEFINED, syntax=syntax)
    assert refusal(dicom(syntax, tail=tail)) == "budget"


def test_a_value_too_long_for_its_element():
    agent = "x" * 70_000
    head = struct.pack("<HHL", 0x0018, 0x0010, len(agent))
    whole = dicom(IMPLICIT)
    at = whole.index(struct.pack("<HH", 0x0018, 0x1000))
    assert refusal(whole[:at] + head + agent.encode() + whole[at:]) == "budget"


def fragments(*sizes: int, end: bytes = END_OF_SEQUENCE) -> bytes:
    chain = b"".join(item(bytes(size)) for size in sizes)
    return element(0x7FE00010, "OB", chain + end, length=UNDEFINED)


def test_encapsulated_pixel_data_is_followed_to_its_end():
    assert refusal(dicom(JPEG, tail=fragments(0, 1000, 7_000))) == ""


@pytest.mark.parametrize("cut", [1, 8, 9, 7_000, 7_008, 8_000])
def test_encapsulated_pixel_data_that_is_cut(cut):
    assert refusal(dicom(JPEG, tail=fragments(0, 1000, 7_000))[:-cut]) == "truncated"


def test_something_else_among_the_fragments():
    assert refusal(dicom(JPEG, tail=fragments(0, 1000, end=b"\x10\0\x10\0\0\0\0\0"))) == "delimiter"


def test_a_chain_of_fragments_without_end(monkeypatch):
    monkeypatch.setattr(structure, "_MAX_FRAGMENTS", 100)
    assert refusal(dicom(JPEG, tail=fragments(*[0] * 200))) == "budget"


@LITTLE
def test_padding_after_the_pixel_data_must_be_whole(syntax):
    tail = pixel_data(512, syntax) + element(0xFFFCFFFC, "OB", bytes(40), syntax=syntax)
    assert refusal(dicom(syntax, tail=tail)) == ""
    assert refusal(dicom(syntax, tail=tail[:-3])) == "truncated"


@pytest.mark.parametrize("filling", [bytes(1), bytes(40), b"end of file"])
def test_filling_after_the_pixel_data_is_left_alone(filling):
    assert refusal(dicom(tail=pixel_data() + filling)) == ""


def test_implicit_items_inside_an_unknown_sequence_are_followed():
    inner = struct.pack("<HHL", 0x0018, 0x1074, 4) + b"100 "
    body = item(inner, undefined=True) + END_OF_SEQUENCE
    whole = dicom(Modality="PT", tail=element(0x00540016, "UN", body, length=UNDEFINED))
    assert decoded(whole)[0].activity_mbq == 100.0
    assert decoded(whole)[0].reader == "pydicom"


def test_an_icon_with_compressed_pixels_is_stepped_over():
    icon = element(0x7FE00010, "OB", item(b"") + item(bytes(20)) + END_OF_SEQUENCE, length=UNDEFINED)
    whole = dicom(tail=element(0x00880200, "SQ", item(icon, undefined=True) + END_OF_SEQUENCE, length=UNDEFINED))
    assert decoded(whole)[0].rows == 16
