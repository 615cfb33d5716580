"""Injected volumes: by hand, beside what is usual, and far from their own protocol."""

from __future__ import annotations

import numpy as np
import pytest

from ecorad.factors import book
from ecorad.findings.contrast_volumes import Injected, examination_of, volume_groups
from ecorad.reporting.statement.contrast_volumes import injected, volume_rows

USUAL = {"ct": (60.0, 70.0)}


def exam(key, volume_ml, protocol="Abdomen", **fields):
    usual = {"modality": "CT", "kind": "iodine", "grams": None}
    return Injected(study_key=key, protocol=protocol, volume_ml=volume_ml, **(usual | fields))


def volumes(*values, protocol="Abdomen"):
    return [exam(f"{protocol}{n}", value, protocol) for n, value in enumerate(values)]


def test_counts_beside_the_usual_are_those_by_hand():
    (one,) = volume_groups(volumes(50.0, 60.0, 65.0, 70.0, 70.5, 90.0), USUAL)
    assert (one.examination, one.exams, one.below, one.above) == ("ct", 6, 1, 2)
    assert one.volume_ml is None  # six are too few for a median


def test_far_off_is_beyond_three_and_a_half_robust_deviations():
    """Median 70, all deviations 2 mL: 1.4826 x 2 x 3.5 = 10.4 mL, so 80.3 is near and 80.5 far."""
    spread = [68.0, 72.0] * 15 + [70.0] * 3
    for volume_ml, far in ((80.3, ()), (80.5, ("x",)), (59.5, ("x",)), (59.7, ())):
        (one,) = volume_groups([*volumes(*spread), exam("x", volume_ml)], USUAL)
        assert one.outliers == far


def test_where_all_are_alike_a_tenth_is_not_far():
    for volume_ml, far in ((76.9, ()), (77.1, ("x",))):
        (one,) = volume_groups([*volumes(*[70.0] * 30), exam("x", volume_ml)], USUAL)
        assert one.outliers == far


def test_each_protocol_is_its_own_measure_and_few_are_none():
    large = volumes(*[120.0] * 30, protocol="Trauma")
    (one,) = volume_groups([*volumes(*[70.0] * 30), *large, *volumes(*[70.0] * 18, 200.0, protocol="Rare")], USUAL)
    assert one.outliers == ()


@pytest.mark.parametrize(
    ("modality", "kind", "protocol", "name"),
    [
        ("CT", "iodine", None, "ct"),
        ("CT", "iodine", "头颈血管", "ct_angiography"),
        ("CT", "iodine", "CT angiografie aorta", "ct_angiography"),
        ("CT", "iodine", "cervical octav", "ct"),
        ("MR", "gadolinium", "HYPOFYSE", "mr_pituitary"),
        ("MR", "gadolinium", "brain", "mr"),
        ("MR", "iodine", "brain", None),
        ("XA", "iodine", "coronary", None),
    ],
)
def test_kinds_of_examination(modality, kind, protocol, name):
    assert examination_of(modality, kind, protocol) == name


def columns(*rows):
    names = ("study_key", "kind", "volume_ml", "concentration_mg_ml", "origin")
    made = {name: np.array([row[n] for row in rows], dtype=object) for n, name in enumerate(names)}
    return made | {name: made[name].astype(float) for name in ("volume_ml", "concentration_mg_ml")}


def test_only_what_was_written_down_counts_and_parts_of_one_examination_add_up():
    """Test bolus 20 and main 60 mL of 350 mg/mL: 80 mL, 28 g. The header's default is not looked at."""
    given = columns(
        *[("a", "iodine", ml, 350.0, "medication record") for ml in (20.0, 60.0)],
        ("b", "iodine", 100.0, 350.0, "ContrastBolusVolume"),
        ("c", "iodine", 60.0, 350.0, "agent report"),
        ("c", "iodine", np.nan, 350.0, "agent report"),
    )
    studies = {"study_key": np.array(["a", "b", "c"]), "modality": np.array(["CT"] * 3)}
    (row,) = volume_rows(given, studies, {}, book())
    assert (row["exams"], row["above"], row["usual_low_ml"], row["usual_high_ml"]) == (1, 1, 60.0, 70.0)


def by_weight(ml_per_kg, weights, **fields):
    return [exam(f"w{n}", ml_per_kg * kg, weight_kg=kg, **fields) for n, kg in enumerate(weights)]


WEIGHTS = [float(kg) for kg in range(50, 110, 2)]


def test_where_doses_follow_weight_each_is_judged_by_its_weight():
    """1 mL/kg throughout: 80 mL is twice that at 40 kg, and 20 % less at 100 kg; 130 mL at 130 kg is as all others."""
    odd = [
        exam("light", 80.0, weight_kg=40.0),
        exam("less", 80.0, weight_kg=100.0),
        exam("heavy", 130.0, weight_kg=130.0),
    ]
    (one,) = volume_groups([*by_weight(1.0, WEIGHTS), *odd], USUAL)
    assert one.outliers == ("less", "light")
    assert (one.ml_per_kg.value, one.ml_per_kg.exams) == (1.0, 33)


def test_where_doses_do_not_follow_weight_volumes_are_judged():
    fixed = [exam(f"f{n}", 70.0, weight_kg=kg) for n, kg in enumerate(WEIGHTS)]
    (one,) = volume_groups([*fixed, exam("light", 70.0, weight_kg=35.0), exam("more", 90.0, weight_kg=90.0)], USUAL)
    assert one.outliers == ("more",)


def test_those_without_a_weight_are_judged_by_volume_beside_them():
    alike = by_weight(1.0, [70.0 + n % 3 for n in range(30)])
    (one,) = volume_groups([*alike, exam("x", 140.0), exam("y", 71.0)], USUAL)
    assert one.outliers == ("x",)


def test_few_weights_change_nothing():
    few = by_weight(1.0, WEIGHTS[:19])
    assert volume_groups([*few, exam("x", 300.0, weight_kg=300.0)], USUAL)[0].outliers == ()
    (one,) = volume_groups([*volumes(*[70.0] * 30), *by_weight(2.0, [60.0] * 9)], USUAL)
    assert (one.ml_per_kg, len(one.outliers)) == (None, 9)


def test_a_weight_of_the_study_stands_beside_its_volume():
    given = columns(("a", "iodine", 80.0, 350.0, "agent report"), ("b", "iodine", 80.0, 350.0, "agent report"))
    studies = {"study_key": np.array(["a", "b"]), "modality": np.array(["CT"] * 2)}
    one, other = injected(given, studies, {}, {"a": 40.0})
    assert one.ml_per_kg == 2.0
    assert np.isnan(other.ml_per_kg)
