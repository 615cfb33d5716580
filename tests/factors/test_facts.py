"""Published claims recomputed, and the checks that do it."""

from __future__ import annotations

import contextlib
import importlib.util
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.factors import book
from ecorad.factors.facts import (
    Status,
    book_findings,
    check,
    check_all,
    disagreements,
    evaluate,
    facts,
    ratio_finding,
    source_findings,
    sum_finding,
    unit_findings,
)
from ecorad.factors.facts.records import fact
from ecorad.model import InputError, UnknownNameError

ROOT = Path(__file__).parents[2]
RESULTS = {result.fact.fact_id: result for result in check_all()}


def test_there_are_217_claims_and_45_disagreements() -> None:
    assert (len(facts()), len(disagreements())) == (217, 45)
    assert len(RESULTS) == 217


def test_every_formula_gives_what_is_claimed() -> None:
    assert [key for key, result in RESULTS.items() if result.status is Status.OFF] == []
    assert sum(1 for result in RESULTS.values() if result.reproduced) == 68


def test_every_disagreement_names_claims_that_exist() -> None:
    named = {fact_id for one in disagreements() for fact_id in one.fact_ids}
    assert named <= set(RESULTS)
    assert {one.verdict for one in disagreements()} == {
        *("wrong", "conflict", "outdated", "unsupported", "boundary", "editorial"),
    }
    assert all(one.reason and one.consequence for one in disagreements())


@pytest.mark.parametrize("fact_id", ["SF016", "SF024", "SF034", "SF067", "SF128", "SF133", "SF136"])
def test_known_errors_are_flagged(fact_id: str) -> None:
    assert RESULTS[fact_id].status is Status.FLAGGED


def test_deaths_are_recomputed_both_ways() -> None:
    assert RESULTS["SF017"].computed == (41_700,)
    assert RESULTS["SF020"].computed == pytest.approx((25_650, 51_300))


def test_woolens_transposed_digits() -> None:
    """Woolen 2023: the printed low end times 0.709 is not the printed mass; with 68 and 86 changed it is."""
    printed = fact("SF034").values[0]
    assert printed * 0.709 == pytest.approx(41_734.0, abs=0.1)
    assert RESULTS["SF040"].computed[0] == pytest.approx(58_683.2, abs=0.1)
    assert fact("SF034").values[1] * 0.709 == pytest.approx(54_088.3, abs=0.1)


def test_a_claim_beside_the_book() -> None:
    assert RESULTS["SF024"].ratio_to_factor == pytest.approx(1.0)
    assert RESULTS["SF134"].within_factor is False
    assert RESULTS["SF134"].ratio_to_factor == pytest.approx(0.7 / 0.21)


def test_whatever_lies_outside_the_book_is_flagged() -> None:
    outside = [key for key, result in RESULTS.items() if result.within_factor is False]
    assert outside and all(RESULTS[key].status is Status.FLAGGED for key in outside)


def test_a_wrong_formula_is_seen() -> None:
    result = check(replace(fact("SF027"), formula="350e6*9.2/100"))
    assert result.status is Status.OFF and result.computed == pytest.approx((32_200_000.0,))


def test_a_result_is_plain_data() -> None:
    as_dict = RESULTS["SF027"].as_dict()
    assert as_dict["computed"] == pytest.approx([3_220_000.0]) and as_dict["disagreements"] == ["W3", "W8"]


def test_an_unknown_claim_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="SF217"):
        fact("SF999")


@pytest.mark.parametrize(
    ("formula", "values"),
    [
        ("2/3", (2 / 3,)),
        ("ceil(1774.59/88.5)", (21.0,)),
        ("round((41700+83400)/2,-4)", (60_000.0,)),
        ("23500//1000*1000", (23_000.0,)),
        ("(1-0.5**(4/2))*100", (75.0,)),
        ('len({"a","b"} & {"b"})', (1.0,)),
        ("[1+1, -3]", (2.0, -3.0)),
        ("max(1, 5, 3)", (5.0,)),
    ],
)
def test_arithmetic(formula: str, values: tuple[float, ...]) -> None:
    assert evaluate(formula) == pytest.approx(values)


@pytest.mark.parametrize(
    "formula",
    [
        *("", "1/0", "x", "__import__('os')", "(1).real", "9**9**9", "2**1000", "lambda: 1", "[i for i in [1]]"),
        *("len.__class__", "open('x')", "'a'*10", "'a'+'b'", "[1]*9", "{1}", "True", "1 if 1 else 2", "f'{1}'"),
        *("max(*[1])", "round(1, ndigits=1)", "1e308*10**10 ** 5", "(" * 300 + "1" + ")" * 300, "1+" * 400 + "1"),
    ],
)
def test_anything_but_arithmetic_is_refused(formula: str) -> None:
    with pytest.raises(InputError):
        evaluate(formula)


@given(st.text(max_size=60))
def test_no_text_does_anything_else_than_a_number_or_a_refusal(text: str) -> None:
    with contextlib.suppress(InputError):
        assert all(isinstance(value, float) for value in evaluate(text))


@given(st.lists(st.floats(0.1, 1e6), min_size=1, max_size=8))
def test_a_total_of_its_parts_is_no_finding(parts: list[float]) -> None:
    assert sum_finding("x", sum(parts), parts) is None
    assert sum_finding("x", sum(parts) * 1.01, parts) is not None


def test_two_scenarios_in_one_text_do_not_make_one_ratio() -> None:
    """Prasanna 2011: 137,760 to 32,634 kWh is 76.3 %; the 83,866.6 kWh of the same text are 60.9 %."""
    assert ratio_finding("shutdown", 137_760 - 32_634, 137_760, 0.763) is None
    found = ratio_finding("shutdown", 83_866.6, 137_760, 0.763)
    assert found is not None and found.found == pytest.approx(0.609, abs=5e-4)


def test_a_ratio_to_nothing_is_a_finding() -> None:
    assert ratio_finding("x", 1.0, 0.0, 1.0) is not None


def test_no_quantity_of_the_book_has_two_units() -> None:
    assert unit_findings(book()) == ()


def test_a_slipped_unit_is_found() -> None:
    rows = [*book(), replace(book().get("power.ct.idle.schulz"), factor_id="slip", unit="kW.h")]
    assert next(iter(unit_findings(rows))).rows[1] == "slip"


def test_sources_that_lie_far_apart_are_found() -> None:
    names = {finding.rows[0] for finding in source_findings(book())}
    assert "grid.average.LU.2023.owid" in names and "grid.average.NL.2024.electricity_maps" not in names


def test_the_books_own_sums() -> None:
    checks = Counter(finding.check for finding in book_findings())
    assert (checks["unit"], checks["sum"], checks["ratio"]) == (0, 1, 1)


def test_the_page_of_claims_is_the_one_the_script_writes() -> None:
    spec = importlib.util.spec_from_file_location("evidence", ROOT / "tools" / "make_evidence_docs.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text("utf-8") == module.page(), "run python tools/make_evidence_docs.py"
