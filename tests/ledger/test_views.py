"""Series, studies and devices folded from objects made by hand."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from ecorad.ledger import RegisteredDevice

from .made import NOON, commit, instance, made_workspace, of_object, reading_from, rows

MINUTE = timedelta(minutes=1)


@pytest.fixture
def workspace(tmp_path):
    return made_workspace(tmp_path)


def kept(workspace, *instances):
    commit(workspace, [of_object(one) for one in instances])


def one_row(workspace, name, register=()):
    with reading_from(workspace, register) as ledger:
        (row,) = [
            dict(zip(found, values, strict=True))
            for found in [ledger.columns(name)]
            for values in zip(*found.values(), strict=True)
        ]
    return row


def minute(stamp):
    return (stamp - np.datetime64(NOON.replace(tzinfo=None), "us")) / np.timedelta64(1, "m")


def test_a_series_lasts_from_its_first_object_to_its_last(workspace):
    kept(workspace, *(instance(f"i{i}", start_utc=NOON + i * MINUTE, pixel_bytes=1000, frames=2) for i in range(4)))
    series = one_row(workspace, "series")
    assert (minute(series["started_utc"]), minute(series["ended_utc"])) == (0, 3)
    assert (series["duration_s"], series["duration_source"]) == (180.0, "span of starts")
    assert (series["instance_count"], series["frame_count"], series["pixel_bytes"]) == (4, 8, 4000)


def test_a_stated_duration_that_ends_later_counts(workspace):
    kept(
        workspace,
        instance("a", duration_s=300.0, duration_source="AcquisitionDuration"),
        instance("b", start_utc=NOON + MINUTE),
    )
    series = one_row(workspace, "series")
    assert (series["duration_s"], series["duration_source"]) == (300.0, "AcquisitionDuration")


def test_a_series_without_any_end_has_no_duration(workspace):
    kept(workspace, instance("a"))
    series = one_row(workspace, "series")
    assert np.isnan(series["duration_s"])
    assert series["duration_source"] is None


def test_clips_end_each_on_their_own(workspace):
    kept(
        workspace,
        instance("a", modality="US", duration_s=120.0, duration_source="frames"),
        instance("b", modality="US", start_utc=NOON + MINUTE, duration_s=5.0, duration_source="frames"),
    )
    assert one_row(workspace, "series")["duration_s"] == 120.0


def test_what_was_derived_later_does_not_stretch_the_series(workspace):
    kept(
        workspace,
        instance("a"),
        instance("b", start_utc=NOON + MINUTE),
        instance("mpr", start_utc=NOON + 60 * MINUTE, is_acquisition=False, not_exam_reason="derived"),
    )
    series = one_row(workspace, "series")
    assert minute(series["ended_utc"]) == 1
    assert series["instance_count"] == 3
    assert series["not_exam_reason"] is None


def test_a_study_is_folded_from_its_series(workspace):
    kept(
        workspace,
        instance(
            "a", series_key="s1", modality="CT", device_key="ct", accession_key="x", patient_key="p", data_bytes=5
        ),
        instance("b", series_key="s2", modality="PT", device_key="ct", start_utc=NOON + 9 * MINUTE, accession_key="y"),
        instance("c", series_key="s3", modality="CT", device_key="pacs", start_utc=NOON + 90 * MINUTE, data_bytes=5),
    )
    study = one_row(workspace, "study")
    assert (study["modality"], study["device_key"], study["patient_key"]) == ("PT", "ct", "p")
    assert (minute(study["started_utc"]), minute(study["ended_utc"])) == (0, 9)  # not what another device added
    assert (study["series_count"], study["instance_count"], study["accessions"]) == (3, 3, 2)
    assert study["data_bytes"] == 110


def test_a_study_of_phantoms_alone_is_no_exam_and_says_why(workspace):
    kept(workspace, instance("a", not_exam_reason="phantom_qc"))
    study = one_row(workspace, "study")
    assert (bool(study["is_exam"]), study["not_exam_reason"]) == (False, "phantom_qc")


def test_counts_are_whole_numbers(workspace):
    kept(workspace, instance("a", frames=3))
    with reading_from(workspace) as ledger:
        for name in ("series", "study"):
            found = ledger.columns(name)
            assert found["instance_count"].dtype == np.int64
            types = {r["column_name"]: r["column_type"] for r in ledger.rows(f"DESCRIBE {name}")}
            assert types["instance_count"] == types["data_bytes"] == "BIGINT"
        assert ledger.columns("series")["frame_count"].dtype == np.int64


def test_a_device_is_named_by_the_register_and_known_by_what_it_sent(workspace):
    kept(workspace, instance("a", device_key="d1", manufacturer="Maker", manufacturer_model_name="One"))
    register = [
        RegisteredDevice("d1", "CT 1", None, None, "One Plus"),
        RegisteredDevice("d2", "MR 1", "MR", "Other", None),
    ]
    with reading_from(workspace, register) as ledger:
        found = ledger.columns("device")
    told = {
        k: found[k].tolist() for k in ("device_key", "alias", "modality", "manufacturer", "manufacturer_model_name")
    }
    assert told == {
        "device_key": ["d1", "d2"],
        "alias": ["CT 1", "MR 1"],
        "modality": ["CT", "MR"],
        "manufacturer": ["Maker", "Other"],
        "manufacturer_model_name": ["One Plus", None],
    }
    assert found["is_registered"].tolist() == [True, True]
    assert found["instances"].tolist() == [1, 0]


def test_an_administration_is_told_once_though_every_image_repeats_it(workspace):
    said = {"contrast_kind": "iodine", "contrast_agent": "Omnipaque", "contrast_concentration_mg_ml": 350.0}
    kept(
        workspace,
        instance(
            "a", **said, contrast_volume_ml=80.0, contrast_origin="ContrastBolusVolume", contrast_confidence="high"
        ),
        instance(
            "b", **said, contrast_volume_ml=80.0, contrast_origin="ContrastBolusVolume", contrast_confidence="high"
        ),
        instance("c", **said),
    )
    one = one_row(workspace, "administration")
    assert (one["volume_ml"], one["iodine_g"]) == (80.0, 28.0)
    assert np.isnan(one["gadolinium_g"])


def test_views_do_not_depend_on_the_order_of_arrival(tmp_path):
    parts = [
        instance(f"i{i}", series_key=f"s{i % 3}", device_key=f"d{i % 2}", start_utc=NOON + (7 * i % 5) * MINUTE)
        for i in range(9)
    ]
    first, second = (made_workspace(tmp_path / name) for name in ("x", "y"))
    kept(first, *parts)
    kept(second, *reversed(parts))
    for name in ("series", "study", "device", "administration"):
        assert rows(first, name, without=("received_at",)) == rows(second, name, without=("received_at",))
