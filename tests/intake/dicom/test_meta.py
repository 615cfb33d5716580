from __future__ import annotations

import pytest

from ecorad.intake.dicom import recognise
from tests.intake.dicom.objects import (
    BIG,
    BUNDLED,
    EXPLICIT,
    IMPLICIT,
    MINIMUM,
    data_set,
    decoded,
    dicom,
    meta,
    refusal,
    written,
)


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG])
def test_objects_are_recognised_with_and_without_meta_header(syntax):
    assert recognise(dicom(syntax)[:4096])
    assert recognise(data_set(MINIMUM, syntax)[:4096])


@pytest.mark.parametrize(
    "other",
    [b"", b"PK\x03\x04" + bytes(200), b"Dear colleague\n" * 20, b"\x1f\x8b\x08\x00" + bytes(300), b"\x08", bytes(300)],
)
def test_other_files_are_not(other):
    assert not recognise(other)


def test_every_bundled_object_is_recognised():
    paths = sorted((BUNDLED / "test_files").glob("*.dcm"))
    assert [path.name for path in paths if not recognise(path.read_bytes()[:4096])] == []


def test_without_meta_header_nothing_is_guessed():
    assert refusal(data_set(MINIMUM)) == "no_meta"
    assert refusal(bytes(128) + b"DICM" + data_set(MINIMUM)) == "no_meta"


def test_a_meta_header_without_preamble_says_all_that_is_needed():
    assert decoded(meta(preamble=False) + data_set(MINIMUM))[0].modality == "CT"


def test_without_transfer_syntax_nothing_is_guessed():
    assert refusal(meta(None) + data_set(MINIMUM)) == "no_transfer_syntax"


@pytest.mark.parametrize(
    ("said", "done"), [(EXPLICIT, IMPLICIT), (IMPLICIT, EXPLICIT), (EXPLICIT, BIG), (BIG, EXPLICIT), (IMPLICIT, BIG)]
)
def test_a_header_that_lies_about_the_encoding(said, done):
    assert refusal(meta(said) + data_set(MINIMUM, done)) == "transfer_syntax"


def test_an_encoding_that_changes_on_the_way():
    assert refusal(dicom(tail=written((0x00540081, "US"), 3, IMPLICIT))) == "transfer_syntax"


def test_an_index_of_files_is_no_object():
    assert refusal(meta(media_class="1.2.840.10008.1.3.10") + data_set({})) == "dicomdir"


@pytest.mark.parametrize("cut", [133, 140, 150, 180, 200])
def test_a_file_that_ends_inside_its_meta_header(cut):
    assert refusal(dicom()[:cut]) == "truncated"


def test_the_class_of_the_meta_header_stands_in_for_a_missing_one():
    assert decoded(dicom(SOPClassUID=None))[0].sop_class_uid.endswith(".1.1.2")
