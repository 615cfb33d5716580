"""Effective dose, size, background, reference levels, outliers, patients and repeats: by hand, and refused."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ecorad.factors import book
from ecorad.factors.table import COLUMNS
from ecorad.footprint.dose.background import background_of
from ecorad.footprint.dose.cumulative import cumulative
from ecorad.footprint.dose.effective import effective_doses, suits
from ecorad.footprint.dose.outliers import new_alerts, outliers
from ecorad.footprint.dose.reference_levels import Standing, compare, consistently_above, read_levels
from ecorad.footprint.dose.repeats import repeat_rates
from ecorad.footprint.dose.size_specific import size_specific, ssde_mgy
from ecorad.footprint.dose.study import study_doses
from ecorad.model import FactorNotFoundError, InputError, Quantity

from .made import columns, ct, dx

NO_REPORTS, NO_REJECTIONS = columns("dose_report"), columns("rejection")


def effective(*events):
    return effective_doses(columns("irradiation_event", *events), book())


def codes(found):
    return [issue.code for issue in found.issues]


# Shrimpton's factors: chest 0.014, head 0.0021, trunk 0.015 mSv/(mGy.cm); abdomen of a child of 5 years 0.020.
@pytest.mark.parametrize(
    ("facts", "msv"),
    [
        ({}, 7.0),
        ({"body_region": "head", "phantom": "head_16cm"}, 1.05),
        ({"body_region": "trunk"}, 7.5),
        ({"body_region": "heart"}, 7.0),
        ({"body_region": "abdomen", "age_band": "5y", "phantom": "head_16cm"}, 10.0),
    ],
)
def test_effective_dose_by_region_and_age(facts, msv):
    found = effective(ct("s", 500.0, **facts)).by_study["s"]
    assert found.value == pytest.approx(msv)
    assert found.low < msv < found.high
    assert found.origin.value == "modelled"
    assert len(found.factors) == 1


def test_events_of_a_study_add_up_and_name_their_factors():
    found = effective(ct("s", 500.0), ct("s", 100.0, body_region="abdomen"), ct("s", 0.0, body_region="lower_limb"))
    assert found.by_study["s"].value == pytest.approx(7.0 + 1.5)
    assert found.by_study["s"].factors == ("dose.k.abdomen.adult", "dose.k.chest.adult")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"body_region": "lower_limb"}, "ecorad.dose.no_factor"),
        ({"body_region": None}, "ecorad.dose.no_factor"),
        ({"age_band": "5y"}, "ecorad.dose.phantom"),
        ({"age_band": "5y", "phantom": None}, "ecorad.dose.phantom"),
        ({"phantom": "head_16cm"}, "ecorad.dose.phantom"),
        ({"body_region": "head"}, "ecorad.dose.phantom"),
    ],
)
def test_a_factor_that_does_not_fit_leaves_the_study_unknown(facts, code):
    found = effective(ct("s", 500.0, **facts), ct("s", 100.0))
    assert found.by_study["s"].value is None
    assert codes(found) == [code]


def test_an_age_that_is_not_told_is_taken_as_adult_and_said():
    found = effective(ct("s", 500.0, age_band=None))
    assert found.by_study["s"].value == pytest.approx(7.0)
    assert codes(found) == ["ecorad.dose.age_assumed"]


def test_a_childs_body_needs_the_small_phantom():
    assert not suits("abdomen", "10y", "body_32cm")
    assert suits("abdomen", "10y", "head_16cm")


# AAPM Report 204, table 1D: 32 cm phantom, 30 cm effective diameter, factor 1.23; table 2D: 16 cm, 16 cm, factor 1.01.
@pytest.mark.parametrize(
    ("diameter_cm", "scale", "slope", "factor"),
    [(30.0, 3.704369, 0.03671937, 1.23), (16.0, 1.874799, 0.03871313, 1.01)],
)
def test_size_specific_dose_by_the_published_tables(diameter_cm, scale, slope, factor):
    assert ssde_mgy(1.0, diameter_cm, scale, slope) == pytest.approx(factor, abs=0.005)


def test_background_is_computed_for_the_country_or_said_to_be_the_worlds():
    here, elsewhere = background_of("US", book()), background_of("CN", book())
    assert here.days(Quantity(7.0, "mSv")) == pytest.approx(7.0 / 3.0 * 365)
    assert here.issue is None
    assert elsewhere.issue.code == "ecorad.dose.background_world"
    assert elsewhere.days(Quantity(None, "mSv")) is None


@pytest.mark.parametrize(
    ("country", "msv"), [("NL", 2.1), ("GB", 2.3), ("DE", 2.1), ("FR", 2.9), ("CA", 1.8), ("JP", 2.1), ("FR-COR", 2.9)]
)
def test_background_by_country(country, msv):
    found = background_of(country, book())
    assert (found.factor.value, found.issue) == (msv, None)
    assert background_of("", book()).factor.factor_id == "dose.background.world"


@pytest.mark.parametrize("name", ["dose.background.NL", "site.background"])
def test_a_background_of_the_site_comes_first(tmp_path, name):
    (tmp_path / "own.csv").write_text(
        ",".join(COLUMNS)
        + f"\n{name},background_dose,natural,NL,2026,1.5,1.4,1.6,mSv/a,95,lognormal,no,no,no,no,no,no,no,neutral,,reported,"
        "site,yes,s,,\n",
        "utf-8",
    )
    sidecar = ("title", "licence", "attribution", "boundary", "script")
    head = "".join(f'{key} = "own"\n' for key in sidecar)
    (tmp_path / "own.toml").write_text(f'{head}share_alike = false\n[sources.s]\ncitation = "survey"\n', "utf-8")
    assert background_of("NL", book().with_site_table(tmp_path / "own.csv")).factor.value == 1.5


TABLE = "modality,body_region,age_band,quantity,level,protocol,source,year\n"
LEVELS = read_levels(TABLE + "CT,chest,adult,dlp_mgy_cm,350,,A national table,2024\n")


def many(count, dlp, **facts):
    events = [ct(f"s{n}", dlp + n % 5, record_key=f"e{n}", **facts) for n in range(count)]
    return study_doses(columns("irradiation_event", *events), NO_REPORTS)


@pytest.mark.parametrize(
    ("count", "dlp", "standing"), [(19, 400.0, "too_few"), (20, 400.0, "above"), (20, 300.0, "below")]
)
def test_the_median_of_twenty_stands_beside_the_level(count, dlp, standing):
    (row,) = compare(many(count, dlp), LEVELS)
    assert row.standing == Standing(standing)
    assert row.median == (None if count < 20 else dlp + 2)
    assert len(consistently_above([row])) == int(standing == "above")


def test_only_exams_coded_alike_are_compared():
    assert compare(many(30, 400.0, age_band="5y"), LEVELS) == ()
    assert compare(many(30, 400.0, body_region="head"), LEVELS) == ()
    assert compare(many(30, 400.0, age_band=None), LEVELS) == ()
    bound = read_levels(TABLE + "CT,chest,adult,dlp_mgy_cm,350,Low dose,A table,2024\n")
    assert compare(many(30, 400.0), bound) == ()


@pytest.mark.parametrize(
    "text",
    ["modality,level\nCT,3", TABLE + "CT,chest,adult,dlp_mgy_cm,abc,,t,2024", TABLE + "CT,chest,adult,mGy,3,,t,2024"],
)
def test_a_table_of_levels_that_is_none_is_refused(text):
    with pytest.raises(InputError) as refused:
        read_levels(text)
    assert refused.value.code == "ecorad.dose.levels"


def test_a_far_dose_is_an_alert_and_fires_once():
    events = [ct(f"s{n:02}", 100.0 + n, record_key=f"e{n}") for n in range(30)] + [ct("far", 900.0, record_key="far")]
    found = outliers(study_doses(columns("irradiation_event", *events), NO_REPORTS))
    assert [alert.study_key for alert in found] == ["far"]
    assert found[0].usual == pytest.approx(115.0, abs=1)
    assert new_alerts(found, fired={found[0].cause}) == ()


def test_few_exams_and_low_doses_are_no_alert():
    few = [ct(f"s{n}", 100.0 + n, record_key=f"e{n}") for n in range(10)] + [ct("far", 900.0, record_key="far")]
    low = [ct(f"s{n}", 100.0 + n, record_key=f"e{n}") for n in range(30)] + [ct("low", 1.0, record_key="low")]
    for events in (few, low):
        assert outliers(study_doses(columns("irradiation_event", *events), NO_REPORTS)) == ()


def test_a_patients_dose_counts_each_study_once_and_says_what_is_unknown():
    events = [
        ct("s", 500.0, patient_key="p", record_key="1"),
        ct("t", 100.0, patient_key="p", record_key="2"),
        ct("u", 100.0, patient_key="p", body_region="lower_limb", record_key="3"),
        ct("v", 100.0, patient_key="q", record_key="4"),
        ct("w", 100.0, record_key="5"),
    ]
    doses = study_doses(columns("irradiation_event", *events), NO_REPORTS)
    rows = cumulative(doses, effective(*events).by_study)
    assert [row.patient_key for row in rows] == ["p", "q"]
    assert rows[0].known.value == pytest.approx(8.4)
    assert (rows[0].studies, rows[0].unknown) == (3, 1)


def rates(*events, rejections=NO_REJECTIONS, of_image=None):
    return repeat_rates(columns("irradiation_event", *events), rejections, of_image)


def test_repeats_have_a_floor_and_a_ceiling():
    first = dx("s", "2026-03-01T10:00", record_key="1")
    again = dx("s", "2026-03-01T10:02", record_key="2")
    said = dx("t", "2026-03-01T11:00", record_key="3", is_repeated=True, repeat_reason="patient motion")
    fine = dx("u", "2026-03-01T12:00", record_key="4")
    (rate,) = rates(first, again, said, fine)
    assert (rate.exposures, rate.stated, rate.suspected) == (4, 1, 1)
    assert (rate.floor, rate.ceiling) == (0.25, 0.5)
    assert rate.causes == {"patient motion": 1}


def test_a_protocol_that_few_patients_share_has_no_row_of_its_own():
    """Ten exams of five patients have their name; "For Mrs. X" and another of one exam each are one row without."""
    shared = [dx(f"s{n}", f"2026-03-01T{n + 8:02}:00", record_key=f"a{n}", patient_key=f"p{n % 5}") for n in range(10)]
    facts = {"is_rejected": True, "reject_reason": "positioning"}
    few = [
        dx("t", "2026-03-02T10:00", record_key="b", protocol_name="For Mrs. X", patient_key="q", **facts),
        dx("u", "2026-03-02T11:00", record_key="c", protocol_name="Other", patient_key="r"),
    ]
    told = rates(*shared, *few)
    assert [(one.protocol, one.exposures, one.stated, one.protocols) for one in told] == [
        (None, 2, 1, 2),
        ("THORAX PA", 10, 0, 1),
    ]
    assert [one.protocol for one in rates(*shared[:9])] == [None]
    four = [row | {"patient_key": f"p{n % 4}"} for n, row in enumerate(shared)]
    assert [one.protocol for one in rates(*four)] == [None]
    unnamed = dx("v", "2026-03-02T12:00", record_key="d", protocol_name=None)
    assert [one.protocol for one in rates(unnamed)] == [""]


def test_another_side_a_later_time_and_a_denied_repeat_are_no_suspects():
    left = dx("s", "2026-03-01T10:00", record_key="1", laterality="left")
    right = dx("s", "2026-03-01T10:01", record_key="2", laterality="right")
    later = dx("s", "2026-03-01T10:30", record_key="3", laterality="left")
    denied = dx("s", "2026-03-01T10:31", record_key="4", laterality="left", is_repeated=False)
    (rate,) = rates(left, right, later, denied)
    assert (rate.stated, rate.suspected) == (0, 0)


def test_two_views_of_a_breast_are_no_repeat():
    def breast(at, view, key):
        return dx("s", f"2026-03-01T10:0{at}", record_key=key, modality="MG", laterality="left", view=view)

    (rate,) = rates(breast(0, "CC", "1"), breast(1, "MLO", "2"), breast(2, None, "3"), breast(3, None, "4"))
    assert rate.suspected == 0
    (rate,) = rates(breast(0, "CC", "1"), breast(1, "CC", "2"))
    assert rate.suspected == 1


def test_a_rejected_image_counts_with_its_exposure():
    events = [
        dx("s", "2026-03-01T10:00", record_key="1", report_key="image-1"),
        dx("t", "2026-03-01T11:00", record_key="2", report_key="report", irradiation_event_key="event-2"),
        dx("u", "2026-03-01T12:00", record_key="3", report_key="image-3"),
    ]
    rejections = columns(
        "rejection",
        {"instance_key": "image-1", "kind": "quality", "reason": "positioning"},
        {"instance_key": "image-2", "kind": "quality"},
        {"instance_key": "image-3", "kind": "wrong worklist entry"},
    )
    (rate,) = rates(*events, rejections=rejections, of_image={"image-2": "event-2"})
    assert rate.causes == {"positioning": 1, "not said": 1}


def test_a_study_has_the_size_specific_dose_of_its_largest_part_and_no_sum():
    events = columns(
        "irradiation_event",
        ct("a", 100.0, ssde_mgy=12.0),
        ct("a", 100.0, ssde_mgy=9.0),
        ct("b", 100.0, ctdi_vol_mgy=10.0, water_equivalent_diameter_mm=300.0),
        ct("c", 100.0),
    )
    found = size_specific(events, book())
    assert (dict(found.by_study), found.reported, found.computed, found.factors) == ({"a": 12.0}, 2, 0, ())


def test_index_size_and_phantom_make_an_estimate_where_the_site_has_the_coefficients():
    class Own:
        """The exponential of AAPM Report 204 for the body phantom, as a site would give it."""

        def get(self, name):
            rows = {"ssde.scale.body_32cm": 3.704369, "ssde.slope_per_cm.body_32cm": 0.03671937}
            if name not in rows:
                raise FactorNotFoundError("no such row")
            return SimpleNamespace(value=rows[name])

    of = {"ctdi_vol_mgy": 10.0, "water_equivalent_diameter_mm": 300.0}
    events = columns(
        "irradiation_event",
        ct("b", 100.0, **of),
        ct("no phantom", 100.0, **{**of, "phantom": None}),
        ct("other phantom", 100.0, **{**of, "phantom": "head_16cm"}),
        ct("too large", 100.0, **{**of, "water_equivalent_diameter_mm": 500.0}),
        dx("film", "2026-03-02T08:00", **of),
    )
    found = size_specific(events, Own())
    # 10 mGy x 3.704369 e^(-0.03671937 x 30): worked by hand, 12.31 mGy.
    assert found.by_study == {"b": pytest.approx(12.31, abs=0.005)}
    assert (found.reported, found.computed, len(found.factors)) == (0, 1, 2)
