"""Dose in the ledger: one right total, whatever the order of arrival and however often it comes."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecorad.intake.pipeline import ingest
from ecorad.intake.register import open_ledger
from ecorad.ledger import Workspace
from tests.intake.dicom import objects
from tests.journeys.workspace import new_workspace

from . import made
from .made import CODE, DATETIME, IMAGE, ct_event, ct_totals, item, report, xray_event
from .real import expected, folder

DOSES = ("dlp_mgy_cm", "dose_area_product_gy_m2", "dose_rp_gy", "average_glandular_dose_mgy", "activity_mbq")


@pytest.fixture
def workspace(tmp_path):
    return Workspace.open(new_workspace(tmp_path))


def put(workspace: Workspace, folder_: Path, *objects: bytes) -> dict[str, int]:
    """Ingest objects one after the other, each in a run of its own; the outcomes."""
    outcomes: dict[str, int] = {}
    for number, data in enumerate(objects):
        path = folder_ / f"{datetime.now(UTC).timestamp()}-{number}.dcm"
        path.write_bytes(data)
        for name, count in ingest(workspace, [path], workers=1).outcomes.items():
            outcomes[name] = outcomes.get(name, 0) + count
    return outcomes


def held(workspace, table, *columns):
    with open_ledger(workspace) as ledger:
        return ledger.columns(table, columns or None)


def totals(workspace):
    """Sum of each quantity over all events."""
    found = held(workspace, "irradiation_event")
    return {name: float(sum(value for value in found[name] if not math.isnan(value))) for name in DOSES}


def test_the_summary_comes_out_of_the_ledger_in_any_order_twice_over(workspace):
    paths = sorted(folder().glob("*.dcm"))
    random.Random(7).shuffle(paths)
    for batch in (paths[:9], paths[9:20], paths[20:], paths[::-1]):
        ingest(workspace, batch, workers=1)
    sums = {}
    reports = held(workspace, "dose_report")
    events = held(workspace, "irradiation_event")
    for row in expected("dose_summary.csv"):
        sums.setdefault(row["quantity"], []).append(float(row["value"]))
    declared = {
        "DLP total": ("dlp_mgy_cm",),
        "DAP total": ("dose_area_product_gy_m2",),
        "dose at RP total": ("dose_rp_gy",),
        "fluoro time": ("fluoroscopy_s",),
        "accumulated AGD": ("glandular_left_mgy", "glandular_right_mgy"),
        "administered activity": ("activity_mbq",),
    }
    for quantity, names in declared.items():
        told = sorted(float(v) for name in names for v in reports[name] if not math.isnan(v))
        for value in sums[quantity]:
            assert any(math.isclose(value, one, rel_tol=1e-9) for one in told), (quantity, value)
    of_report = {}
    for key, dlp, dap in zip(
        events["report_key"], events["dlp_mgy_cm"], events["dose_area_product_gy_m2"], strict=True
    ):
        for quantity, value in (("sum of event DLP", dlp), ("sum of event DAP", dap)):
            if not math.isnan(value):
                of_report[quantity, key] = of_report.get((quantity, key), 0.0) + value
    for quantity in ("sum of event DLP", "sum of event DAP"):
        found = [value for (name, _), value in of_report.items() if name == quantity]
        for value in sums[quantity]:
            assert any(math.isclose(value, one, rel_tol=1e-9) for one in found), (quantity, value)
    # 6 + 2 + 1 + 2 + 2 + 4 + 3 + 2 CT events, and 4 of a dose screen
    assert sum(modality == "CT" for modality in events["modality"]) == 26


def test_three_orders_give_the_same_ledger(tmp_path):
    paths = sorted(folder().glob("*.dcm"))
    seen = []
    for seed in range(3):
        random.Random(seed).shuffle(paths)
        place = tmp_path / str(seed)
        place.mkdir()
        workspace = Workspace.open(new_workspace(place))
        key = tmp_path / "0" / "site" / "keys" / "pseudonym-1.key"
        if seed:
            target = workspace.path / "keys" / "pseudonym-1.key"
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(key.read_bytes())
        ingest(workspace, paths[: len(paths) // 2], workers=1)
        ingest(workspace, paths[len(paths) // 3 :], workers=1)
        ingest(workspace, paths, workers=1)
        seen.append({name: held(workspace, name) for name in ("irradiation_event", "dose_report")})
        seen[-1] = {
            (name, column): list(map(str, values))
            for name, table in seen[-1].items()
            for column, values in table.items()
            if column not in {"received_at", "version"}
        }
    assert seen[0] == seen[1] == seen[2]


def growing(steps):
    """A cumulative report as a scanner sends it after each acquisition."""
    doses = [7.46, 69.81, 158.82]
    return [
        report(
            [
                ct_totals(str(n), f"{sum(doses[:n]):.2f}"),
                *(ct_event(f"1.9.{k}", f"{doses[k]}") for k in range(n)),
            ],
            sop=f"1.2.3.{n}",
            time=f"12000{n}",
        )
        for n in range(1, steps + 1)
    ]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 0, 2, 1, 2)])
def test_b11_cumulative_reports_give_one_total(workspace, tmp_path, order):
    made_ = growing(3)
    put(workspace, tmp_path, *(made_[place] for place in order))
    assert totals(workspace)["dlp_mgy_cm"] == pytest.approx(236.09)


def test_a_corrected_report_replaces_what_it_told_before(workspace, tmp_path):
    first = report([ct_totals("1", "100"), ct_event("1.9.1", "100")], sop="1.2.3.1", time="120000")
    corrected = report([ct_totals("1", "90"), ct_event("1.9.1", "90")], sop="1.2.3.2", time="130000")
    put(workspace, tmp_path, corrected, first)
    assert totals(workspace)["dlp_mgy_cm"] == 90.0


def test_two_planes_are_both_counted(workspace, tmp_path):
    events = [
        xray_event("1.9.1", "1e-5", "UCUM:Gy.m2", item(CODE, "DCM:113764", "DCM:113620")),
        xray_event("1.9.1", "2e-5", "UCUM:Gy.m2", item(CODE, "DCM:113764", "DCM:113621")),
    ]
    put(workspace, tmp_path, report(events))
    assert totals(workspace)["dose_area_product_gy_m2"] == pytest.approx(3e-5)


def test_a_device_known_by_its_reports_alone_is_what_it_is(workspace, tmp_path):
    put(workspace, tmp_path, report([ct_totals("1", "100"), ct_event()]))
    assert list(held(workspace, "device")["modality"]) == ["CT"]
    study = held(workspace, "study")
    assert (list(study["modality"]), list(study["is_exam"])) == (["CT"], [True])


def test_a_cut_report_is_set_aside_whole(workspace, tmp_path):
    assert put(workspace, tmp_path, report([ct_totals("3", "300"), ct_event("1.9.1")])) == {"quarantined": 1}
    assert len(held(workspace, "irradiation_event")["record_key"]) == 0


def test_three_hundred_levels_leave_the_ledger_working(workspace, tmp_path):
    outcomes = put(workspace, tmp_path, made.nested(300), report([ct_totals("1", "100"), ct_event()]))
    assert outcomes == {"quarantined": 1, "stored": 1}


def test_a_radiopharmaceutical_report_is_an_administration(workspace, tmp_path):
    content = item(
        made.CONTAINER,
        "DCM:113502",
        children=[
            item(made.UIDREF, "DCM:113503", "1.8.1"),
            item(DATETIME, "DCM:123003", "20260301101500"),
            item(made.NUM, "DCM:113507", "394", unit="UCUM:MBq"),
        ],
    )
    put(workspace, tmp_path, report([content], root="DCM:113500", sop_class=made.RADIO))
    given = held(workspace, "administration")
    assert list(given["activity_mbq"]) == [394.0]
    assert list(held(workspace, "irradiation_event")["activity_mbq"]) == [394.0]


def test_rejected_objects_are_known_by_their_key(workspace, tmp_path):
    content = [item(CODE, "DCM:113011", "DCM:111209"), item(IMAGE, "DCM:113795", "1.5.1")]
    put(workspace, tmp_path, report(content, root="DCM:113001", sop_class=made.KEY_OBJECTS))
    assert list(held(workspace, "rejection")["reason"]) == ["positioning"]


def test_what_is_not_said_is_neither_true_nor_false(workspace, tmp_path):
    said = item(CODE, "DCM:128551", "SCT:373067005")
    put(
        workspace,
        tmp_path,
        report([ct_totals("2", "200"), ct_event("1.9.1"), ct_event("1.9.2", "100", "UCUM:mGy.cm", said)]),
    )
    found = held(workspace, "irradiation_event")["is_repeated"]
    assert sorted(map(str, found)) == ["False", "None"]


def slice_(number, index, event="1.9.1"):
    """A CT slice with the dose index of its event."""
    return objects.dicom(
        SOPInstanceUID=f"1.2.7.{number}",
        StudyInstanceUID="1.2.3",
        SeriesInstanceUID="1.2.3.8",
        IrradiationEventUID=event,
        CTDIvol=index,
        tail=objects.pixel_data(),
    )


def test_slices_of_a_ct_tell_their_event_once_where_no_report_does(workspace, tmp_path):
    put(workspace, tmp_path, slice_(1, 7.0), slice_(2, 7.5), slice_(3, 3.0, "1.9.2"))
    found = held(workspace, "irradiation_event")
    assert sorted(found["ctdi_vol_mgy"]) == [3.0, 7.5]
    assert all(math.isnan(value) for value in found["dlp_mgy_cm"])
    assert set(found["told_by"]) == {"image"}


def test_a_report_is_heard_before_the_slices(workspace, tmp_path):
    put(workspace, tmp_path, slice_(1, 7.0), report([ct_totals("1", "100"), ct_event("1.9.1")]))
    found = held(workspace, "irradiation_event")
    assert list(found["told_by"]) == ["xray_report"]
    assert list(found["dlp_mgy_cm"]) == [100.0]
