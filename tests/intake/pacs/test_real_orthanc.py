"""One archive, three ways: by Orthanc's changes, by DICOMweb metadata and by C-FIND the ledger says what the files say."""

from __future__ import annotations

import shutil

import pytest

from tests.intake.pacs.orthanc import orthanc
from tests.journeys.workspace import adds_up, ecorad, ecorad_json, exported, new_workspace
from tests.shared_data import shared_data

pytest.importorskip("httpx")
pytest.importorskip("pynetdicom")

BY_HAND = {"feed", "received_at", "version"}
# What metadata does not carry: the bytes themselves, how many there are, and so who read them.
NOT_TOLD = BY_HAND | {"source_digest", "data_bytes", "reader"}
FOUND = (
    "study_key series_key patient_key accession_key device_key sop_class_uid modality manufacturer body_region "
    "manufacturer_model_name station_name protocol_name start_utc start_source acquisition_start_utc series_start_utc "
    "content_utc study_start_utc rows columns kvp not_exam_reason is_acquisition"
).split()


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("orthanc")
    files = [path for path in sorted(shared_data("dicom").rglob("*")) if path.is_file()]
    with orthanc(folder) as running:
        assert sum(running.store(path.read_bytes()) for path in files) > 80
        yield running


@pytest.fixture(scope="module")
def from_folder(archive, tmp_path_factory):
    folder = tmp_path_factory.mktemp("folder")
    (folder / "in").mkdir()
    for number, content in enumerate(archive.files()):
        (folder / "in" / f"{number}.dcm").write_bytes(content)
    workspace = new_workspace(folder)
    report = ecorad_json("ingest", workspace, folder / "in", accept=(0, 1))
    return workspace, report


def pulled(folder, from_folder, **entry):
    workspace = new_workspace(folder)
    shutil.copytree(from_folder[0] / "keys", workspace / "keys", dirs_exist_ok=True)
    lines = "".join(f"{key} = {value!r}\n".replace("True", "true") for key, value in entry.items())
    with (workspace / "site.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[[pacs]]\nname = 'archive'\nper_second = 1000\n{lines}")
    done = ecorad("pull", workspace, "--json", accept=(0, 1))
    assert done.stderr == ""
    import json

    return workspace, json.loads(done.stdout)["archives"][0]


def differing(ours, theirs, columns):
    return {
        (column, ours[key][column], theirs[key][column])
        for key in ours
        for column in columns
        if ours[key][column] != theirs[key][column]
    }


def by_key(workspace, table, key):
    return {row[key]: row for row in exported(workspace, table)}


def events(workspace, left_out=()):
    """Dose by event; what has no UID of its own is keyed by its report's bytes, so only its dose is compared.

    A dose screen keeps its DLP in a private element, which Orthanc hands out as bulk data only: metadata lack it.
    """
    rows = [row for row in exported(workspace, "irradiation_event") if row["study_key"] not in left_out]
    doses = ("dlp_mgy_cm", "ctdi_vol_mgy", "dose_area_product_gy_m2", "dose_rp_gy", "average_glandular_dose_mgy")
    told = ({**row, "dlp_mgy_cm": ""} if row["told_by"] == "dose_screen" else row for row in rows)
    return sorted(tuple(row[name] for name in ("study_key", "started_utc", *doses)) for row in told)


def test_by_changes_the_ledger_is_that_of_the_files(archive, from_folder, tmp_path):
    workspace, report = pulled(tmp_path, from_folder, kind="orthanc", url=archive.url)
    assert adds_up(report)
    assert report["stored"] == from_folder[1]["stored"]
    assert 0 < report["bytes_received"] < 4_000_000  # of the 5.3 MB there: pixel data was left behind
    for table, key in (("instance", "record_key"), ("series", "series_key"), ("study", "study_key")):
        ours, theirs = by_key(workspace, table, key), by_key(from_folder[0], table, key)
        assert ours.keys() == theirs.keys()
        assert differing(ours, theirs, set(next(iter(theirs.values()))) - BY_HAND) == set()
    again = ecorad_json("pull", workspace)["archives"][0]
    assert again["received"] == 0
    assert again["is_complete"]


def test_by_metadata_the_ledger_says_the_same_in_everything_that_is_told(archive, from_folder, tmp_path):
    url = archive.url + "/dicom-web"
    workspace, report = pulled(tmp_path, from_folder, kind="dicomweb", url=url, everything=True)
    assert adds_up(report)
    ours, theirs = by_key(workspace, "instance", "record_key"), by_key(from_folder[0], "instance", "record_key")
    # Orthanc cannot put one CT object into JSON and answers 500, which is told; a radiograph that is cut off as a file
    # is whole in its metadata.
    untold, cut_off = theirs.keys() - ours.keys(), ours.keys() - theirs.keys()
    assert [theirs[key]["manufacturer_model_name"] for key in untold] == ["Ingenuity Flex"]
    assert {row["code"] for row in exported(workspace, "receipt") if row["outcome"] == "quarantined"} == {
        "ecorad.pull.untold"
    }
    assert [ours[key]["manufacturer"] for key in cut_off] == ["FUJI PHOTO FILM CO. LTD."]
    studies = {theirs[key]["study_key"] for key in untold}
    ours, theirs = ({key: rows[key] for key in rows if key not in untold | cut_off} for rows in (ours, theirs))
    # Orthanc leaves a number of frames out that is no number ("1A"); from the file it is known to be wrong.
    odd = {key for key, row in theirs.items() if row["frames"] == "" and ours[key]["frames"] == "1"}
    assert len(odd) <= 1
    ours, theirs = ({key: row for key, row in rows.items() if key not in odd} for rows in (ours, theirs))
    assert differing(ours, theirs, set(next(iter(theirs.values()))) - NOT_TOLD) == set()
    assert {row["data_bytes"] for row in ours.values()} == {""}
    assert events(workspace) == events(from_folder[0], studies)
    assert ecorad_json("pull", workspace, accept=(0, 1))["archives"][0]["stored"] == 0


def test_by_c_find_it_agrees_in_what_a_c_find_carries(archive, from_folder, tmp_path):
    entry = {"kind": "dimse", "host": "127.0.0.1", "port": archive.dicom, "called": "ORTHANC", "everything": True}
    workspace, report = pulled(tmp_path, from_folder, **entry)
    assert adds_up(report)
    ours, theirs = by_key(workspace, "instance", "record_key"), by_key(from_folder[0], "instance", "record_key")
    assert theirs.keys() <= ours.keys()  # and what cannot be read as a file can still be found
    told = {
        (key, column): (ours[key][column], theirs[key][column])
        for key in theirs
        for column in FOUND
        if ours[key][column] != "" and theirs[key][column] != ""
    }
    assert len(told) > 1200
    wrong = {where: values for where, values in told.items() if values[0] != values[1]}
    # One series holds objects of two makers: an archive keeps what its first object said.
    assert len({key for key, _ in wrong}) <= 1, wrong
    reports = [key for key, row in theirs.items() if row["sop_class_uid"].endswith(".88.67")]
    assert reports
    not_kept = BY_HAND | {
        "source_digest",
        "data_bytes",
        "reader",
    }  # the meta header is written anew by whoever receives
    whole = {key: rows[key] for rows in (ours,) for key in reports}
    assert differing(whole, theirs, set(theirs[reports[0]]) - not_kept) == set()
