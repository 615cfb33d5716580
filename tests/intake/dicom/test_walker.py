from __future__ import annotations

from pathlib import Path

import pytest

from ecorad.intake.dicom import walker
from ecorad.intake.dicom.elements import ELEMENTS, WANTED
from ecorad.intake.dicom.facts import Facts
from ecorad.intake.dicom.inflate import inflate
from ecorad.intake.dicom.meta import read_meta
from ecorad.intake.dicom.reader import read_header, read_thoroughly
from ecorad.intake.dicom.source import BytesSource
from ecorad.model import DecodeError
from tests.intake.dicom.objects import (
    BUNDLED,
    END_OF_SEQUENCE,
    EXPLICIT,
    IMPLICIT,
    UNDEFINED,
    data_set,
    dicom,
    element,
    item,
    pixel_data,
    written,
)
from tests.shared_data import shared_data

SERIES_UID = ELEMENTS["SeriesInstanceUID"][0]


def both(content: bytes):
    """The headers of the walker and of pydicom, or ``None`` when the walker leaves the object alone."""
    source = BytesSource(content)
    header, _ = read_header(source)
    if header.reader != "walker":
        return None
    meta = read_meta(content)
    body, start = (BytesSource(inflate(source, meta.start)), 0) if meta.is_deflated else (source, meta.start)
    return header, read_thoroughly(body, start, meta)


def compared(paths: list[Path]) -> tuple[int, list[str]]:
    """How many files the walker answered, and those on which the two readers differ."""
    answered, differ = 0, []
    for path in paths:
        try:
            headers = both(path.read_bytes())
        except DecodeError:
            continue
        if headers is not None:
            answered += 1
            ours, theirs = headers
            if ours.elements != theirs.elements or ours.has_pixel_data != theirs.has_pixel_data:
                differ.append(path.name)
    return answered, differ


def test_it_agrees_with_pydicom_on_every_wanted_element_of_the_bundled_files():
    answered, differ = compared([path for path in sorted(BUNDLED.rglob("*")) if path.is_file()])
    assert differ == []
    assert answered > 120


def test_it_agrees_with_pydicom_on_every_wanted_element_of_the_shared_files():
    answered, differ = compared([path for path in sorted(shared_data("dicom").rglob("*")) if path.is_file()])
    assert differ == []
    assert answered > 70


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "chrX2.dcm", "emri_small.dcm", "test-SR.dcm"])
def test_text_and_numbers_are_those_of_pydicom(name):
    import pydicom

    path = next(BUNDLED.rglob(name), None) or shared_data("dicom", "pydicom-data", name)
    reference = pydicom.dcmread(path, stop_before_pixels=True)
    header, _ = read_header(BytesSource(path.read_bytes()))
    ours = Facts(header.elements, {})
    for keyword, (tag, vr) in ELEMENTS.items():
        if tag not in WANTED or vr == "SQ" or not reference.get(keyword):
            continue
        theirs = reference[keyword]
        first = theirs.value[0] if theirs.VM > 1 else theirs.value
        if vr in {"DS", "IS", "US", "FD", "UL"}:
            assert ours.number(keyword, -1e12, 1e12) == pytest.approx(float(first)), keyword
        elif vr not in {"PN", "CS"}:
            assert ours.first(keyword) == str(first).strip(), keyword


def walked(*more: bytes):
    """What the walker makes of a minimum object with ``more`` after the wanted elements."""
    content = dicom() + b"".join(more)
    return walker.walk(content, read_meta(content).start, len(content))


def test_it_stops_before_the_pixel_data():
    content = dicom(tail=pixel_data())
    found, at = walker.walk(content, read_meta(content).start, len(content))
    assert content[at : at + 4] == b"\xe0\x7f\x10\x00"
    assert found[SERIES_UID] == (b"UI", b"1.2.3.1\0")


def test_without_pixel_data_there_is_no_place_for_it():
    found, at = walked()
    assert at is None
    assert SERIES_UID in found


@pytest.mark.parametrize(
    "odd",
    [
        element(0x00400000, "ZZ", b"ab"),  # no such VR
        element(0x00400000, "\0\0", b""),  # no VR
        written("SeriesDescription", "late"),  # out of order
        element(0x0040A730, "UN", item(b"") + END_OF_SEQUENCE, length=UNDEFINED),
        element(0x0040A730, "SQ", item(b""), length=UNDEFINED),  # no delimiter
        element(0x52009229, "SQ", b"\1\2\3\4\5\6\7\10"),  # no item in a wanted sequence
        element(0x52009229, "UN", item(b"")),  # a wanted sequence that is not written as one
        element(0x00540081, "US", b"\1", length=40),  # past the end
        b"\x28\x00\x02",  # cut
    ],
)
def test_whatever_is_odd_is_left_to_the_thorough_reader(odd):
    assert walked(odd) is None


def test_a_sequence_of_defined_length_is_stepped_over():
    assert walked(element(0x0040A730, "SQ", item(b"no element"))) is not None


def test_sequences_of_undefined_length_are_stepped_through():
    inner = element(
        0x0040A730, "SQ", item(data_set({"CodeValue": "x"}), undefined=True) + END_OF_SEQUENCE, length=UNDEFINED
    )
    assert walked(inner, written((0x00540081, "US"), 3)) is not None


def test_wanted_sequences_are_read_in_either_kind_of_length():
    content = data_set({"RadionuclideTotalDose": "100"})
    for body, length in ((item(content), None), (item(content, undefined=True) + END_OF_SEQUENCE, UNDEFINED)):
        found, _ = walked(element(0x00540016, "SQ", body, length=length))
        assert found[0x00540016] == [{ELEMENTS["RadionuclideTotalDose"][0]: (b"DS", b"100 ")}]


def test_nesting_beyond_the_limit_is_left_alone():
    inner = b""
    for _ in range(40):
        inner = element(0x0040A730, "SQ", item(inner, undefined=True) + END_OF_SEQUENCE, length=UNDEFINED)
    assert walked(inner) is None


def test_it_asks_for_more_when_the_buffer_ends_before_the_header():
    content = dicom(tail=pixel_data())
    for end in range(200, len(content) - 513, 7):
        with pytest.raises(walker.OffBufferError):
            walker.walk(content[:end], read_meta(content).start, len(content))


def test_a_header_longer_than_the_first_read_is_read_on():
    blob = element(0x00291010, "OB", bytes(300_000))
    content = dicom() + blob + written((0x00540081, "US"), 3) + pixel_data()
    header, head = read_header(BytesSource(content))
    assert header.reader == "walker"
    assert header.pixel_offset == content.index(b"\xe0\x7f\x10\x00")
    assert len(head) >= header.pixel_offset


@pytest.mark.parametrize("block", [0x10, 0x11, 0xE3])
def test_a_private_element_is_found_through_its_creator_in_any_block(block):
    private = {(0x00190000 | block, "LO"): "GEMS_ACQU_01", (0x0019005A | block << 8, "FL"): 5e6}
    headers = both(dicom(private=private))
    assert [header.elements["GE AcquisitionDuration"][0] for header in headers] == [b"FL", b"FL"]


def test_a_private_element_of_another_creator_is_not_ours():
    private = {(0x00190010, "LO"): "SOMEBODY ELSE", (0x0019105A, "FL"): 5e6}
    headers = both(dicom(private=private))
    assert not any("GE AcquisitionDuration" in header.elements for header in headers)


def test_a_private_element_inside_a_sequence_is_of_something_else():
    inner = {(0x00190010, "LO"): "GEMS_ACQU_01", (0x0019105A, "FL"): 5e6, "RadionuclideTotalDose": "100"}
    ours, theirs = both(dicom(RadiopharmaceuticalInformationSequence=[inner]))
    assert ours.elements == theirs.elements


def test_other_encodings_are_not_its_business():
    header, _ = read_header(BytesSource(dicom(IMPLICIT)))
    assert header.reader == "pydicom"
    header, _ = read_header(BytesSource(dicom(EXPLICIT)))
    assert header.reader == "walker"
