from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.intake.dicom import values
from ecorad.intake.dicom.meta import VRS
from tests.intake.dicom.objects import codes, facts, record


@pytest.mark.parametrize(
    ("character_set", "written", "text"),
    [
        ("", "Zürich".encode("latin-1"), "Zürich"),
        ("ISO_IR 192", "北京".encode(), "北京"),
        ("GB18030", "碘海醇".encode("gb18030"), "碘海醇"),
        ("ISO_IR 144", "Люкceмбypг".encode("iso8859-5"), "Люкceмбypг"),
        ("\\ISO 2022 IR 87", b"\x1b$B;3ED\x1b(B", "山田"),
    ],
)
def test_text_is_read_by_its_character_set(character_set, written, text):
    assert values.text(b"LO", written, character_set) == (text, True)


def test_a_backslash_inside_a_letter_separates_nothing():
    # The second byte of this GB18030 letter is 0x5C.
    letter = next(chr(c) for c in range(0x4E00, 0x9FFF) if chr(c).encode("gb18030")[1:2] == b"\\")
    assert facts(SpecificCharacterSet="GB18030", ProtocolName=letter.encode("gb18030")).text("ProtocolName") == letter


@pytest.mark.parametrize("character_set", ["ISO_IR 192", "ISO_IR 999", "nonsense", "\\\\", "ISO 2022 IR 87"])
def test_bytes_that_no_character_set_explains_still_tell_identifiers_apart(character_set):
    one, two = ({"SpecificCharacterSet": character_set, "PatientID": b"A\xff" + end} for end in (b"\xfe", b"\xfd"))
    assert record(**one).patient_key != record(**two).patient_key


def test_text_that_cannot_be_decoded_is_flagged():
    assert ("ecorad.dicom.charset", "PatientID") in codes(SpecificCharacterSet="ISO_IR 192", PatientID=b"A\xff")


def test_control_characters_do_not_get_through():
    assert record(ProtocolName=b"a\x1b\x07b\nc").protocol_name == "a  b c"


@given(
    st.sampled_from(sorted(VRS)),
    st.binary(max_size=40),
    st.sampled_from(["", "ISO_IR 192", "\\ISO 2022 IR 87", "GB18030", "x"]),
)
def test_no_bytes_break_anything(vr, value, character_set):
    text, _ = values.text(vr, value, character_set)
    assert text is None or (text and text.isprintable()) or "�" not in text
    number = values.number(vr, value)
    assert number is None or isinstance(number, float)


@pytest.mark.parametrize("wrong", [b"1,5", b"1_000", b"inf", b"nan", b"0x10", b"None", b"1 2", b"1e", b"--1"])
def test_what_is_no_decimal_string_is_no_number(wrong):
    assert math.isnan(values.number(b"DS", wrong))


@pytest.mark.parametrize(("vr", "value"), [(b"US", b"\1"), (b"FD", b"\0" * 4), (b"US", b"\1\0\2")])
def test_a_number_of_the_wrong_length_is_none(vr, value):
    assert math.isnan(values.number(vr, value))


def test_an_empty_number_is_no_number_and_no_fault():
    assert values.number(b"DS", b"  ") is None
    assert codes(KVP="") == set()


@pytest.mark.parametrize("written", ["120", " 120 ", "1.2e2", "+120", "120\\140"])
def test_decimal_strings(written):
    assert values.number(b"DS", written.encode()) == 120.0
