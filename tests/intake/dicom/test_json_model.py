"""Objects as an archive tells of them: the same record as from the file, and nothing but a DecodeError from damage."""

from __future__ import annotations

import io
import json
import random
from dataclasses import asdict

import pydicom
import pytest

from ecorad.intake.dicom import decode, recognise
from ecorad.intake.dicom.json_model import MAX_BYTES, read_json
from ecorad.model import DecodeError
from tests.intake.dicom.objects import BUNDLED, KEYS, SITE, decoded
from tests.intake.dicom.test_fuzz import damaged

NOT_TOLD = {"source_digest", "content_digest", "data_bytes", "reader"}
NAMES = "CT_small.dcm MR_small.dcm chrX2.dcm chrH31.dcm emri_small.dcm test-SR.dcm JPEG2000.dcm image_dfl.dcm".split()


def told(path, **changes) -> bytes:
    data_set = pydicom.dcmread(path, stop_before_pixels=True)
    content = data_set.to_json_dict(suppress_invalid_tags=True) | changes
    return json.dumps(content, sort_keys=True).encode()


def from_json(content: bytes):
    found = decode(io.BytesIO(content), size=len(content), site=SITE, pseudonymiser=KEYS, head=content[:65536])
    return found.records[0], found.issues


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_the_record_is_that_of_the_file(name):
    path = next(BUNDLED.rglob(name), None)
    if path is None:
        pytest.skip("not bundled")
    ours, issues = from_json(told(path))
    theirs, _ = decoded(path.read_bytes())
    assert {k: v for k, v in asdict(ours).items() if k not in NOT_TOLD} == {
        k: v for k, v in asdict(theirs).items() if k not in NOT_TOLD
    }
    assert ours.reader == "json"
    assert ours.data_bytes is None
    assert ours.content_digest is None
    assert "ecorad.dicom.size_unknown" in {issue.code for issue in issues}


def test_it_is_known_by_its_first_bytes():
    assert recognise(b'[{"00080005": {"vr": "CS"')
    assert not recognise(b'{"resourceType": "Patient"}')
    assert not recognise(b'{"0008005": {}}')


def refusal(content: bytes) -> str:
    with pytest.raises(DecodeError) as caught:
        from_json(content)
    return caught.value.code


def test_what_is_no_object_is_refused():
    start = b'{"00080016": {"vr": "UI", "Value": ["1.2"]}'
    assert refusal(start) == "ecorad.dicom.unreadable"
    assert refusal(b"[" + start + b"}, " + start + b"}]") == "ecorad.dicom.unreadable"
    assert refusal(start + b"}") == "ecorad.dicom.uid"
    assert refusal(start + b', "00280010": {"vr": "US", "Value": [NaN]}}') == "ecorad.dicom.unreadable"
    assert refusal(start + b', "X": ' + b"[" * 100_000 + b"]" * 100_000 + b"}") == "ecorad.dicom.depth"


def test_more_than_any_object_is_not_parsed():
    content = b'{"00080016": {"vr": "UI"}}' + b" " * MAX_BYTES
    assert refusal(content) == "ecorad.dicom.budget"


def test_bulk_data_is_never_followed():
    uri = {"vr": "LO", "BulkDataURI": "file:///etc/passwd"}
    assert 0x00081030 not in read_json(told(BUNDLED / "test_files" / "CT_small.dcm", **{"00081030": uri})).elements


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(3))
def test_damage_gives_a_record_or_a_decode_error(seed):
    chance = random.Random(seed)
    whole = told(BUNDLED / "test_files" / "CT_small.dcm")
    for _ in range(300):
        content = b'{"00080005": {' + damaged(whole, chance)[15:]
        try:
            from_json(content)
        except DecodeError as error:
            assert error.code.startswith("ecorad.dicom.")
