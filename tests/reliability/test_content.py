"""Rows B1 to B16 of the fault model: hostile and broken content of objects, each through the whole decoder."""

from __future__ import annotations

import struct
import zlib

import pytest

from ecorad.intake.pipeline import ingest
from ecorad.ledger import Ledger, Workspace
from ecorad.model import Outcome

from .decoded import UNDEFINED, ct, element, file_bytes, in_explicit, outcome, spliced

DEFLATED = b"1.2.840.10008.1.2.1.99"
ITEM, ITEM_END, SEQUENCE_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0"
WHOLE = file_bytes(ct())


def code(content, **options):
    """The code an input was set aside under; it must have been set aside."""
    found = outcome(content, **options)
    assert found.fate in {Outcome.QUARANTINED, Outcome.REFUSED}
    assert found.instance is None
    assert found.irradiation_event == ()
    return found.code


def told(arrival):
    assert arrival.fate is None
    return {issue.code for issue in arrival.issues}


def test_the_object_without_a_fault_is_a_record():
    assert told(outcome(WHOLE)) == set()


def test_b1_truncated_anywhere_is_never_a_record():
    roots = {(one.tag.group, one.tag.element) for one in ct()}
    sizes = WHOLE.index(b"\x28\x00\x00\x01US")  # bits, behind rows and columns
    passed = 0
    for at in range(133, len(WHOLE)):
        found = outcome(WHOLE[:at])
        if found.fate is None:
            # Right before an element: an object without pixels could have been written so, and says what it lacks.
            passed += 1
            assert struct.unpack_from("<HH", WHOLE, at) in roots, at
            assert at > sizes or "ecorad.dicom.incomplete" in told(found), at
        else:
            assert found.code.startswith("ecorad.dicom."), at
            assert found.instance is None
    assert 0 < passed < 16
    assert code(WHOLE[:-1]) == "ecorad.dicom.truncated"


def test_b2_the_encoding_is_not_the_one_the_file_names():
    start = WHOLE.index(b"\x08\x00\x16\x00UI")
    assert code(in_explicit(WHOLE[start:], b"1.2.840.10008.1.2\0")) == "ecorad.dicom.transfer_syntax"
    plain = b"".join(
        struct.pack("<HHL", tag >> 16, tag & 0xFFFF, len(value)) + value
        for tag, value in [
            (0x00080016, b"1.2.840.10008.5.1.4.1.1.2\0"),
            (0x00080018, b"1.2.3.4\0"),
            (0x00080060, b"CT"),
        ]
    )
    assert code(in_explicit(plain)) == "ecorad.dicom.transfer_syntax"


@pytest.mark.parametrize("length", [0x7FFFFFFF, 0xFFFFFFFE, 1 << 20])
@pytest.mark.parametrize("vr", ["UT", "OB", "UN"])
def test_b3_a_length_beyond_the_file(vr, length):
    assert code(spliced(WHOLE, element(0x00700000, vr, b"", length))) in {
        "ecorad.dicom.length",
        "ecorad.dicom.truncated",
    }


@pytest.mark.parametrize("tail", [b"", ITEM + struct.pack("<L", UNDEFINED), ITEM + struct.pack("<L", 0)])
def test_b4_an_undefined_length_without_its_delimiter(tail):
    assert code(spliced(WHOLE, element(0x0040A730, "SQ", tail, UNDEFINED))) == "ecorad.dicom.delimiter"


def test_b5_a_deflated_bomb_is_not_inflated():
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    assert len(body) < 300_000
    assert code(in_explicit(body, DEFLATED)) == "ecorad.dicom.bomb"


@pytest.mark.parametrize("tag", [0x0040A730, 0x00180012])  # one that nobody wants, one that is read
@pytest.mark.parametrize("depth", [33, 300, 50_000])
def test_b6_nesting_beyond_32_levels(tag, depth):
    into = element(tag, "SQ", ITEM + struct.pack("<L", UNDEFINED), UNDEFINED) * depth
    assert code(spliced(WHOLE, into + (ITEM_END + SEQUENCE_END) * depth)) == "ecorad.dicom.depth"


def test_b6_nesting_within_32_levels_is_an_object():
    into = element(0x0040A730, "SQ", ITEM + struct.pack("<L", UNDEFINED), UNDEFINED) * 8
    assert outcome(spliced(WHOLE, into + (ITEM_END + SEQUENCE_END) * 8)).fate is None


def test_b7_items_and_values_without_number():
    items = element(0x52009230, "SQ", (ITEM + bytes(4)) * 2_000_000)
    assert code(spliced(WHOLE, items)) == "ecorad.dicom.budget"
    values = element(0x0008000D, "UC", b"A\\" * 8_000_000)
    start = WHOLE.index(b"\x08\x00\x16\x00UI")
    found = outcome(in_explicit(values + WHOLE[start:]))
    assert found.fate is None or found.code == "ecorad.dicom.budget"


def test_b8_unknown_kinds_and_private_elements_are_left_alone():
    inner = ITEM + struct.pack("<L", UNDEFINED) + struct.pack("<HHL", 0x0008, 0x0104, 2) + b"AB" + ITEM_END
    extra = b"".join(
        (
            element(0x00710010, "LO", b"SOMEBODY"),
            element(0x00711001, "UN", b"\x00\xff\x80" * 4),
            element(0x00711002, "UN", inner + SEQUENCE_END, UNDEFINED),
        )
    )
    found = outcome(spliced(WHOLE, extra))
    assert told(found) == set()
    plain = outcome(WHOLE).instance
    assert (found.instance.study_key, found.instance.series_key) == (plain.study_key, plain.series_key)
    found = outcome(spliced(WHOLE, element(0x00720002, "ZZ", b"AB")))
    assert told(found) == set()
    assert found.instance.study_key == plain.study_key


@pytest.mark.parametrize("charset", ["ISO_IR 999", "ISO 2022 IR 6\\ISO 2022 IR 87", "GB18030", "ISO_IR 192", ""])
@pytest.mark.parametrize("text", [b"\xff\xfe\xfd\xfc", b"\x1b$B\x1b(J\x1b", b"\x81\x30\x81", b"Anna\0^\xc3\x28"])
def test_b9_text_that_its_character_set_does_not_explain(charset, text):
    start = WHOLE.index(b"\x08\x00\x16\x00UI")
    text += b" " * (len(text) % 2)
    charset = charset.encode() + b" " * (len(charset) % 2)
    content = in_explicit(element(0x00080005, "CS", charset) + WHOLE[start:])
    content = content.replace(element(0x00100020, "LO", b"0012"), element(0x00100020, "LO", text))
    assert text in content
    found = outcome(content)
    assert told(found) <= {"ecorad.dicom.charset"}
    assert found.instance.study_key == outcome(WHOLE).instance.study_key, "text never joins a key it does not belong to"


def kept(tmp_path, *files):
    workspace = Workspace.create(tmp_path / "site", '[site]\nname = "x"\ntimezone = "Europe/Amsterdam"\n')
    counts = []
    for number, content in enumerate(files):
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(content)
        counts.append({key: count for key, count in ingest(workspace, [path], workers=1).outcomes.items() if count})
    with Ledger.read(workspace) as ledger:
        return counts, ledger.rows("SELECT record_key FROM instance"), workspace


def test_b10_the_same_uid_again_with_the_same_and_with_another_content(tmp_path):
    one = ct()
    first = file_bytes(one)
    one.KVP = "140"
    counts, rows, _ = kept(tmp_path, first, first, file_bytes(one))
    assert counts == [{"stored": 1}, {"duplicate": 1}, {"new_version": 1}]
    assert len({row["record_key"] for row in rows}) == 1


@pytest.mark.parametrize("volume", ["-80", "NaN", "inf", "1,5", "1000000000", "1e400", "--", "0x10"])
def test_b12_a_volume_that_cannot_be_is_unknown_and_the_exam_stays(volume):
    content = file_bytes(ct(ContrastBolusAgent="Iomeron 350"))
    text = volume.encode() + b" " * (len(volume) % 2)
    agent = element(0x00180010, "LO", b"Iomeron 350 ")
    assert agent in content
    found = outcome(content.replace(agent, agent + element(0x00181041, "DS", text)))
    assert "ecorad.dicom.implausible" in told(found)
    assert found.instance.contrast_volume_ml is None
    assert found.instance.contrast_kind == "iodine"


@pytest.mark.parametrize("date", ["00000000", "21260302", "20260231", "19000101", "2026-3-2", "99999999"])
def test_b13_a_date_that_cannot_be_is_flagged_and_no_time(date):
    text = date.encode() + b" " * (len(date) % 2)
    content = WHOLE
    for tag in (0x00080020, 0x00080022):
        content = content.replace(element(tag, "DA", b"20260302"), element(tag, "DA", text))
    assert b"20260302" not in content
    found = outcome(content)
    assert told(found) & {"ecorad.time.impossible", "ecorad.time.unknown"}
    assert found.instance.start_utc is None


@pytest.mark.parametrize("uid", ["../../x", "1." * 150 + "1", "", "1.2\0.3", "1.2.x", "/etc/passwd", "1 2"])
def test_b14_a_uid_that_is_none_names_nothing(tmp_path, uid):
    content = file_bytes(ct())
    start = content.index(b"\x08\x00\x18\x00UI")
    length = struct.unpack_from("<H", content, start + 6)[0]
    text = uid.encode() + b"\0" * (len(uid) % 2)
    content = content[:start] + element(0x00080018, "UI", text) + content[start + 8 + length :]
    [counts], rows, workspace = kept(tmp_path, content)
    assert (counts, rows) == ({"quarantined": 1}, [])
    names = [path.name for path in workspace.quarantine_path.iterdir()]
    assert all(set(name.split(".")[0]) <= set("0123456789abcdef") for name in names)
    assert {path.name for path in tmp_path.iterdir()} == {"site", "0.dcm"}
    assert code(content) == "ecorad.dicom.uid"


@pytest.mark.parametrize("preamble", [b"MZ\x90\0PE\0\0", b"\x7fELF\x02\x01\x01", b"II*\0\x08\0\0\0"])
def test_b15_a_program_in_the_preamble_goes_nowhere(tmp_path, preamble):
    content = preamble.ljust(128, b"\xcc") + WHOLE[128:]
    [counts], _, workspace = kept(tmp_path, content)
    assert counts == {"stored": 1}
    assert outcome(content).instance.record_key == outcome(WHOLE).instance.record_key
    holders = [path for path in workspace.path.rglob("*") if path.is_file() and preamble in path.read_bytes()]
    assert holders == [], "what was received as data is written to no file"


def test_b16_bulk_data_is_never_read(tmp_path):
    path = tmp_path / "large.dcm"
    at = WHOLE.rindex(b"\xe0\x7f\x10\x00")
    head = WHOLE[:at] + element(0x7FE00010, "OW", b"", 4_000_000_000)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + 4_000_000_000)  # a hole: it costs no disk, and would cost minutes to read
    workspace = Workspace.create(tmp_path / "site", '[site]\nname = "x"\n')
    assert ingest(workspace, [path], workers=1).outcomes == {"stored": 1}
    for number, media in enumerate((b"%PDF-1.7" * 4, b"<ClinicalDocument/>\n")):
        document = spliced(WHOLE, b"").replace(b"1.2.840.10008.5.1.4.1.1.2\0", b"1.2.840.10008.5.1.4.1.1.104.1"[:26])
        found = outcome(spliced(document, element(0x00420011, "OB", media)))
        assert found.fate is None or found.code.startswith("ecorad.dicom."), number
