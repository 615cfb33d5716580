"""What may be shown of where an input came from, and what is kept for its owner alone."""

from __future__ import annotations

import json
import stat

import pytest

from ecorad.intake.places import forget_place, keep_place, shown_place

DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "place",
    [
        "in/Smith_John/IM0001.dcm",
        "in/JANSEN PIET 19520304.dcm",
        "in/Müller^Eva.zip!a/b.dcm",
        "in/x.zip!Smith_John/1.2.840.113619.2.55.dcm",
        "in/19520304.dcm",
    ],
)
def test_no_name_and_no_number_is_shown(place):
    shown = shown_place(place, DIGEST)
    for word in ("Smith", "John", "JANSEN", "PIET", "19520304", "Müller", "Eva", "113619"):
        assert word not in shown
    assert shown.endswith("#0123456789ab")


def test_the_kind_of_file_and_technical_names_are_shown(tmp_path):
    assert shown_place("in/IM0001.dcm", DIGEST) == "*/IM0001.dcm#0123456789ab"


def test_the_full_place_is_kept_for_the_owner_alone(tmp_path):
    keep_place(tmp_path, DIGEST, "in/Smith_John\udcff.dcm", "ecorad.dicom.truncated", "dicom")
    path = tmp_path / f"{DIGEST}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = json.loads(path.read_text("utf-8", "surrogateescape"))
    assert told == {"place": "in/Smith_John\udcff.dcm", "code": "ecorad.dicom.truncated", "feed": "dicom"}


def test_what_was_read_since_is_struck_and_striking_twice_is_no_error(tmp_path):
    keep_place(tmp_path, DIGEST, "a", "c", "f")
    keep_place(tmp_path, "f" * 64, "b", "c", "f")
    forget_place(tmp_path, DIGEST)
    forget_place(tmp_path, DIGEST)
    assert [path.stem for path in tmp_path.iterdir()] == ["f" * 64]
