"""Reports of injectors, made item by item: what was given, of which agent, out of which container."""

from __future__ import annotations

import io
import math
from pathlib import Path

import pytest

from ecorad.intake import dicom, dose_sr
from ecorad.intake.dicom.contrast_text import parse_agent_text
from ecorad.intake.pipeline import ingest
from ecorad.intake.register import open_ledger
from ecorad.ledger import Workspace
from ecorad.model import DecodeError
from tests.intake.dicom import objects
from tests.journeys.workspace import new_workspace

from .made import CODE, CONTAINER, DATETIME, NUM, TEXT, UIDREF, item, report
from .real import KEYS, SITE

PERFORMED = "1.2.840.10008.5.1.4.1.1.88.75"
ML = "UCUM:mL"
DIAGNOSTIC, FLUSH, TEST, PATENCY = "DCM:130249", "DCM:130251", "DCM:130248", "DCM:130247"


def agent(name, brand, *more):
    return item(
        CONTAINER, "DCM:130183", children=[item(TEXT, "DCM:130254", name), item(TEXT, "DCM:111529", brand), *more]
    )


def volume(code, ml, unit=ML):
    return item(NUM, code, ml, unit=unit)


def phase(name, ml):
    return item(CONTAINER, "DCM:130202", children=[volume("DCM:130240", ml), item(TEXT, "DCM:130255", name)])


def step(uid, kind, *more):
    children = [item(CODE, "DCM:130250", kind), item(DATETIME, "DCM:111526", "20260301110500"), *more]
    if uid is not None:
        children.append(item(UIDREF, "DCM:130246", uid))
    return item(CONTAINER, "DCM:130195", children=children)


def steps(*of):
    return item(CONTAINER, "DCM:130192", children=list(of))


def injector(*children, **header):
    return report(list(children), root="DCM:130227", sop_class=PERFORMED, **header)


def decode(data):
    header = dicom.decode(io.BytesIO(data), size=len(data), site=SITE, pseudonymiser=KEYS)
    (instance,) = header.records
    assert dose_sr.recognise(instance)
    return dose_sr.decode(
        io.BytesIO(data),
        size=len(data),
        instance=instance,
        site=SITE,
        pseudonymiser=KEYS,
        read_agent=parse_agent_text,
    )


def told(dose):
    return sorted(issue.code for issue in dose.issues)


SALINE = agent("S", "NaCl 0.9%")
OMNIPAQUE = agent(
    "A",
    "Omnipaque",
    volume("DCM:122093", "350", "UCUM:mg/mL"),
    volume("DCM:130221", "100"),
    volume("DCM:130205", "100"),
    volume("DCM:130206", "30"),
)


def test_contrast_is_what_its_phases_gave_without_the_saline():
    found = decode(
        injector(
            OMNIPAQUE,
            SALINE,
            steps(
                step(
                    "1.7.1",
                    DIAGNOSTIC,
                    volume("DCM:130241", "110"),
                    phase("A", "60"),
                    phase("A", "10"),
                    phase("S", "40"),
                )
            ),
        )
    )
    (row,) = found.injections
    assert (row.agent, row.kind, row.volume_ml, row.concentration_mg_ml) == ("Omnipaque", "iodine", 70.0, 350.0)
    assert (row.pack_volume_ml, row.before_ml, row.after_ml, row.step_type) == (100.0, 100.0, 30.0, "diagnostic")
    assert row.started_utc.isoformat() == "2026-03-01T11:05:00+00:00"
    assert row.is_identified
    assert told(found) == []


def test_flushes_and_tests_of_the_vein_are_no_contrast_and_a_test_bolus_is():
    found = decode(
        injector(
            OMNIPAQUE,
            steps(
                step("1.7.1", PATENCY, volume("DCM:130241", "20")),
                step("1.7.2", TEST, volume("DCM:130241", "15")),
                step("1.7.3", DIAGNOSTIC, volume("DCM:130241", "55")),
                step("1.7.4", FLUSH, volume("DCM:130241", "30")),
            ),
        )
    )
    assert [(row.step_type, row.volume_ml) for row in found.injections] == [("test bolus", 15.0), ("diagnostic", 55.0)]
    # The container is told once, or its left-over would count for each of its steps.
    assert [row.after_ml for row in found.injections] == [30.0, None]


@pytest.mark.filterwarnings("ignore:Invalid value for VR")  # of the library that writes the report
@pytest.mark.parametrize(
    ("written", "unit", "brand", "mg_ml", "issue"),
    [
        ("350", "mg/mL", "Omnipaque", 350.0, None),
        ("0.35", "g/mL", "Omnipaque", 350.0, None),
        ("350", "g/L", "Omnipaque", 350.0, None),
        ("350", "g/mL", "Omnipaque", None, "ecorad.dose_sr.implausible"),  # a thousand times too strong
        ("755", "mg/mL", "Omnipaque 350", 350.0, "ecorad.dose_sr.implausible"),  # of the salt; the name says the rest
        ("350", "mg", "Omnipaque", None, "ecorad.dose_sr.unit"),
        ("nan", "mg/mL", "Omnipaque", None, "ecorad.dose_sr.implausible"),
        ("-350", "mg/mL", "Omnipaque", None, "ecorad.dose_sr.implausible"),
        ("1", "mmol/mL", "Gadovist", 157.25, None),
        ("0.5", "mol/L", "Omniscan", 78.625, None),
        ("0.5", "mmol/mL", "Omnipaque", None, "ecorad.dose_sr.unit"),  # no such thing for iodine
        (None, "mg/mL", "Omniscan", 78.625, None),  # sold in one strength only
    ],
)
def test_a_strength_in_any_unit_or_none(written, unit, brand, mg_ml, issue):
    strength = item(NUM, "DCM:122093", written, unit=f"UCUM:{unit}")
    found = decode(injector(agent("A", brand, strength), steps(step("1.7.1", DIAGNOSTIC, volume("DCM:130241", "10")))))
    (row,) = found.injections
    assert row.concentration_mg_ml == (None if mg_ml is None else pytest.approx(mg_ml))
    assert row.volume_ml == 10.0
    assert told(found) == ([] if issue is None else [issue])


@pytest.mark.filterwarnings("ignore:Invalid value for VR")  # of the library that writes the report
@pytest.mark.parametrize(
    ("written", "unit", "code"),
    [
        ("1e9", "mL", "ecorad.dose_sr.implausible"),
        ("-5", "mL", "ecorad.dose_sr.implausible"),
        ("nan", "mL", "ecorad.dose_sr.implausible"),
        ("70", "furlong", "ecorad.dose_sr.unit"),
    ],
)
def test_an_impossible_volume_is_unknown_and_the_injection_stays(written, unit, code):
    found = decode(injector(OMNIPAQUE, steps(step("1.7.1", DIAGNOSTIC, volume("DCM:130241", written, f"UCUM:{unit}")))))
    (row,) = found.injections
    assert (row.kind, row.volume_ml) == ("iodine", None)
    assert told(found) == [code]


def test_a_total_of_two_agents_is_not_shared_out_by_guess():
    found = decode(injector(OMNIPAQUE, SALINE, steps(step("1.7.1", DIAGNOSTIC, volume("DCM:130241", "110")))))
    assert [row.volume_ml for row in found.injections] == [None]
    assert told(found) == ["ecorad.agent_report.ambiguous"]


def test_an_agent_that_nobody_knows_is_kept_unknown():
    found = decode(injector(agent("A", "Liquid X"), steps(step("1.7.1", DIAGNOSTIC, volume("DCM:130241", "50")))))
    assert [(row.kind, row.volume_ml) for row in found.injections] == [(None, 50.0)]
    assert told(found) == ["ecorad.agent_report.agent"]


def test_brand_and_ingredient_that_differ_are_no_kind():
    odd = agent("A", "Omnipaque", item(CODE, "DCM:121380", "SCT:58281002"))
    found = decode(injector(odd, steps(step("1.7.1", DIAGNOSTIC, volume("DCM:130241", "50")))))
    assert found.injections[0].kind is None
    assert told(found) == ["ecorad.agent_report.ambiguous"]


def test_what_was_drawn_up_and_never_injected_has_no_volume():
    (row,) = decode(injector(OMNIPAQUE)).injections
    assert (row.volume_ml, row.before_ml) == (None, 100.0)


def test_a_step_that_was_broken_off_says_so():
    ended = item(CODE, "DCM:130211", "DCM:130220")
    (row,) = decode(injector(OMNIPAQUE, steps(step("1.7.1", DIAGNOSTIC, volume("DCM:130241", "20"), ended)))).injections
    assert (row.volume_ml, row.is_discontinued) == (20.0, True)


def test_a_report_without_content_is_set_aside():
    with pytest.raises(DecodeError) as refused:
        decode(injector())
    assert refused.value.code == "ecorad.dose_sr.cut"


def held(workspace, name):
    with open_ledger(workspace) as ledger:
        return ledger.columns(name)


def put(workspace: Workspace, folder: Path, *contents: bytes) -> None:
    for number, data in enumerate(contents):
        path = folder / f"{number}-{len(list(folder.iterdir()))}.dcm"
        path.write_bytes(data)
        ingest(workspace, [path], workers=1)


@pytest.fixture
def workspace(tmp_path):
    return Workspace.open(new_workspace(tmp_path))


def enhanced_ct(**fields):
    usual = {
        "StudyInstanceUID": "1.2.3",
        "ContrastBolusAgent": "Omnipaque 350",
        "ContrastBolusVolume": "100",
        "ContrastBolusStartTime": "110400",
    }
    return objects.dicom(**(usual | fields), tail=objects.pixel_data())


GIVEN = injector(
    OMNIPAQUE,
    SALINE,
    steps(step("1.7.1", DIAGNOSTIC, phase("A", "70"), phase("S", "40"))),
    DeviceSerialNumber="INJECTOR",
)


@pytest.mark.parametrize("order", [1, -1])
def test_the_report_of_the_injector_comes_before_the_header_in_any_order_twice_over(workspace, tmp_path, order):
    """A header has the protocol's default of 100 mL; 70 mL were given: 24.5 g of iodine, not 35."""
    both = [enhanced_ct(), GIVEN][::order]
    put(workspace, tmp_path, *both, *both)
    found = held(workspace, "administration")
    assert list(zip(found["volume_ml"], found["origin"], found["confidence"], strict=True)) == [
        (70.0, "agent report", "high")
    ]
    assert found["iodine_g"].tolist() == [24.5]
    study = held(workspace, "study")
    assert found["device_key"].tolist() == study["device_key"].tolist()  # the room, not the injector


def test_a_header_counts_where_the_report_has_no_volume(workspace, tmp_path):
    put(workspace, tmp_path, enhanced_ct(), injector(OMNIPAQUE))
    found = held(workspace, "administration")
    assert found["volume_ml"].tolist() == [100.0]


def test_a_header_of_another_kind_is_an_injection_of_its_own(workspace, tmp_path):
    put(workspace, tmp_path, enhanced_ct(ContrastBolusAgent="Gadovist", ContrastBolusVolume="7"), GIVEN)
    found = held(workspace, "administration")
    assert sorted(zip(found["kind"], found["volume_ml"], strict=True)) == [("gadolinium", 7.0), ("iodine", 70.0)]


def test_the_later_of_two_reports_of_a_step_holds(workspace, tmp_path):
    first = injector(
        OMNIPAQUE, steps(step("1.7.1", DIAGNOSTIC, volume("DCM:130241", "40"))), sop="1.2.3.8", time="110000"
    )
    later = injector(
        OMNIPAQUE, steps(step("1.7.1", DIAGNOSTIC, volume("DCM:130241", "70"))), sop="1.2.3.9", time="120000"
    )
    put(workspace, tmp_path, later, first)
    assert held(workspace, "administration")["volume_ml"].tolist() == [70.0]
    assert not any(math.isnan(ml) for ml in held(workspace, "injection")["volume_ml"])
