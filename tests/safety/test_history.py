from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ecorad.model import InputError
from ecorad.safety import RenalFunction
from ecorad.safety.history import GivenInjection, past_intervals
from ecorad.safety.laboratory import Laboratory, read_renal_sheet

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
OLD = "esur-10.0-2018"


def nobody(patient, at):
    return None


def series(*hours, agents=None, patient="p"):
    agents = agents or ["gadolinium"] * len(hours)
    return [
        GivenInjection(patient, f"s{n}", agent, AT + timedelta(hours=after))
        for n, (after, agent) in enumerate(zip(hours, agents, strict=True))
    ]


def judged(injections, egfr=None, rule_set=OLD):
    renal = nobody if egfr is None else lambda patient, at: RenalFunction(egfr)
    return [(one.judgement, one.is_close) for one in past_intervals(injections, renal, rule_set)]


@pytest.mark.parametrize(
    ("hours", "egfr", "judgement"),
    [
        (3.0, 90.0, ("too_soon", False)),
        (3.9, 90.0, ("too_soon", True)),
        (4.0, 90.0, ("kept", True)),
        (5.0, 90.0, ("kept", False)),
        (5.0, 30.0, ("too_soon", False)),
        (5.0, None, ("cannot_say", False)),
        (3.0, None, ("too_soon", False)),
        (3.9, None, ("too_soon", True)),
    ],
)
def test_one_pair(hours, egfr, judgement):
    assert judged(series(0.0, hours), egfr) == [judgement]


def test_every_earlier_injection_counts_and_patients_are_apart():
    assert len(judged(series(0.0, 1.0, 2.0), 90.0)) == 3
    assert judged([*series(0.0), *series(1.0, patient="q")], 90.0) == []
    assert judged(series(0.0, 200.0), 90.0) == []


def test_two_injections_of_one_examination_are_one_procedure():
    assert judged([GivenInjection("p", "s", "iodine", AT), GivenInjection("p", "s", "iodine", AT)], 90.0) == []


def test_other_agents_are_not_judged():
    assert judged(series(0.0, 1.0, agents=["barium", "iodine"]), 90.0) == []


def test_the_stricter_edition_counts_unless_one_is_named():
    pair = series(0.0, 6.0, agents=["iodine", "iodine"])
    assert judged(pair, 90.0) == [("kept", False)]
    assert judged(pair, 90.0, rule_set=None) == [("too_soon", False)]


HEAD = "patient_id,taken_at,egfr,unit,dialysis,aki\n"


def test_a_laboratory_sheet_is_read_and_bad_rows_are_told_by_number(tmp_path):
    path = tmp_path / "laboratory.csv"
    bad = [
        "X,2026-03-01T09:00,50,,,",
        "X,2026-03-01T09:00Z,many,,,",
        "X,2026-03-01T09:00Z,nan,,,",
        ",2026-03-01T09:00Z,5,,,",
    ]
    bad += ["X,2026-03-01T09:00Z,5,,sometimes,", "X"]
    good = [
        "A,2026-03-01T09:00+01:00,45,mL/min/1.73m2,none,no",
        'B,2026-03-01T09:00Z,"12,5",,residual,yes',
        "C,2026-03-01T09:00Z,,,anuric,",
    ]
    path.write_text(HEAD + "\n".join([*good, *bad]) + "\n", "utf-8")
    rows, issues = read_renal_sheet(path)
    assert [(row.patient_id, row.renal.egfr, row.renal.dialysis, row.renal.aki) for row in rows] == [
        ("A", 45.0, "none", False),
        ("B", 12.5, "residual", True),
        ("C", None, "anuric", False),
    ]
    assert [issue.where for issue in issues] == [f"row {n}" for n in range(5, 11)]
    assert all(issue.detail == "" for issue in issues)


def test_a_sheet_without_its_columns_is_refused(tmp_path):
    path = tmp_path / "laboratory.csv"
    path.write_text("patient,egfr\nA,45\n", "utf-8")
    with pytest.raises(InputError) as refused:
        read_renal_sheet(path)
    assert refused.value.code == "ecorad.safety.laboratory"


def test_the_newest_result_before_the_injection_counts():
    results = [
        RenalFunction(20.0, AT + timedelta(days=1)),
        RenalFunction(80.0, AT - timedelta(days=9)),
        RenalFunction(50.0, AT),
    ]
    known = Laboratory({"p": results})
    found = [known.before("p", AT + timedelta(hours=h)) for h in (-1, 0, 30)]
    assert [one and one.egfr for one in found] == [80.0, 50.0, 20.0]
