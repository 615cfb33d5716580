"""RAS^O17: one RXA one injection, whatever separators, escapes and character set the sender has."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecorad.intake import hl7v2
from ecorad.intake.dicom.contrast_text import parse_product_text
from ecorad.intake.identity import Pseudonymiser
from ecorad.model import DecodeError, Site

KEYS = Pseudonymiser(bytes(32))
SITE = Site(name="x", timezone="Europe/Amsterdam")
HEAD = r"MSH|^~\&|MAR|WARD|RIS|HOSP|20260302110600||RAS^O17|77|P|2.5.1"
PERSON = "PID|1||PAT-1^^^HOSP^MR~999^^^X^SS"


def rxa(
    code="V08AB02^Omnipaque 350^ATC", amount="90", unit="mL", *, at="20260302110400", status="CP", action="", sub="1"
):
    fields = ["RXA", "0", sub, at, "", code, amount, unit, *[""] * 12, status, action]
    return "|".join(fields)


def message(*segments: str, head: str = HEAD, end: str = "\r") -> bytes:
    return end.join([head, PERSON, *segments]).encode()


def decode(data: bytes):
    return hl7v2.decode(
        io.BytesIO(data), site=SITE, pseudonymiser=KEYS, read_agent=parse_product_text, source_digest="0" * 64
    )


def one(*segments, **changes):
    found = decode(message(*segments, **changes))
    return found.records[0], {issue.code for issue in found.issues}


def test_an_administration_by_hand():
    record, codes = one("ORC|RE|P1|A1", rxa(), "ZDS|1.2.3^App^Application^DICOM")
    assert (record.agent, record.kind, record.concentration_mg_ml, record.volume_ml, record.status) == (
        "Omnipaque",
        "iodine",
        350.0,
        90.0,
        "completed",
    )
    assert record.started_utc.isoformat() == "2026-03-02T10:04:00+00:00"
    assert record.patient_key == KEYS.key("patient", None, "PAT-1")
    assert record.study_key == KEYS.key("study", "1.2.3")
    assert record.filler_key == KEYS.key("accession", None, "A1")
    assert codes == set()


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_any_end_of_line_and_frames(end):
    data = b"\x0b" + message("ORC|RE|P1|A1", rxa(), end=end) + b"\x1c\r" + message("ORC|RE|P2|A2", rxa(), end=end)
    assert hl7v2.recognise(data)
    assert len(decode(data).records) == 2


def test_other_separators_escapes_and_character_sets():
    head = r"MSH!*~\&!MAR!W!R!H!20260302110600!!RAS*O17!7!P!2.5.1!!!!!!GB 18030-2000"
    text = "!".join(["RXA", "0", "1", "20260302110400", "", r"1*碘海醇350 \S\ x*L", "90", "mL", *[""] * 12, "CP"])
    data = "\r".join([head, "PID!1!!PAT-1", "ORC!RE!P1!A1", text]).encode("gb18030")
    (record,) = decode(data).records
    assert (record.agent, record.concentration_mg_ml, record.volume_ml) == ("iohexol", 350.0, 90.0)


@pytest.mark.parametrize(
    ("changes", "volume_ml", "status", "code"),
    [
        ({"status": "NA"}, 90.0, "not done", "ecorad.medication.not_given"),
        ({"status": "PA"}, 90.0, "stopped", "ecorad.medication.not_given"),
        ({"action": "D"}, 90.0, "in error", "ecorad.medication.not_given"),
        ({"status": ""}, 90.0, "completed", "ecorad.medication.status_assumed"),
        ({"amount": "999"}, None, "completed", "ecorad.medication.no_dose"),
        ({"amount": "NaN"}, None, "completed", "ecorad.medication.no_dose"),
        ({"amount": "1e9"}, None, "completed", "ecorad.medication.implausible"),
        ({"unit": "mg/mL"}, None, "completed", "ecorad.medication.unit"),
        ({"unit": ""}, None, "completed", "ecorad.medication.unit"),
        ({"at": "20260302"}, 90.0, "completed", "ecorad.medication.bad_time"),
        ({"at": ""}, 90.0, "completed", "ecorad.medication.no_time"),
    ],
)
def test_fields_that_cannot_be_used(changes, volume_ml, status, code):
    record, codes = one("ORC|RE|P1|A1", rxa(**changes))
    assert (record.volume_ml, record.status, codes) == (volume_ml, status, {code})


def test_an_order_counts_its_administrations_and_takes_one_back():
    data = message("ORC|RE|P1|A1", rxa(sub="1"), rxa(sub="2", amount="20"))
    later = message("ORC|RE|P1|A1", rxa(sub="2", amount="20", action="D"), head=HEAD.replace("1106", "1206"))
    for both in (data + b"\r" + later, later + b"\r" + data):
        found = {record.volume_ml: record.status for record in decode(both).records}
        assert found == {90.0: "completed", 20.0: "in error"}


def test_other_messages_are_not_read():
    with pytest.raises(DecodeError) as refused:
        decode(message("ORC|NW|P1|A1", head=HEAD.replace("RAS^O17", "ORM^O01")))
    assert refused.value.code == "ecorad.hl7.not_read"


def test_a_medicine_that_is_no_contrast_is_not_kept():
    found = decode(message("ORC|RE|P1|A1", rxa(code="N02BE01^paracetamol^ATC", unit="mg")))
    assert found.records == ()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_behind_a_header_end_as_records_or_a_code(tail):
    try:
        decode(message("ORC|RE|P1|A1", rxa()) + b"\r" + tail)
    except DecodeError as error:
        assert error.code.startswith("ecorad.hl7.")
