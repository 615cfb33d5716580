"""Estimates by published figures, for a country, the world, or a department still to be built.

The same terms and draws as everywhere: what two estimates share is one error, and cancels in their difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecorad.factors import Adapted, Factor, FactorBook, adapted, book, exam_footprint
from ecorad.factors.boundary import Boundary
from ecorad.factors.facts.scenarios import Scenario
from ecorad.model import MixingError, Origin, Quantity

from .uncertainty import Term, difference, of_factor, total

UNIT = "kg{CO2e}"
METHOD = "published_per_exam"

Part = tuple[float, Factor]


def estimate_kg(parts: Sequence[Part]) -> Quantity:
    """CO2e of several activities by published figures. [kg CO2e]

    Parameters
    ----------
    parts : sequence of (amount, Factor)
        How many, and the footprint of one.

    Raises
    ------
    MixingError
        If attributional and consequential figures stand side by side.

    Examples
    --------
    >>> found = estimate_kg([(1000.0, exam_footprint("CT")), (100.0, exam_footprint("US"))])
    >>> found.value, found.origin.value
    (9253.0, 'default')
    """
    return total(_terms(parts), UNIT, METHOD, origin=Origin.DEFAULT)


def mix_difference_kg(
    left: Mapping[str, float], right: Mapping[str, float], *, factor_book: FactorBook | None = None
) -> Quantity:
    """How much more one mix of modalities emits than another; figures that both use cancel. [kg CO2e]

    Parameters
    ----------
    left, right : mapping of modality to exams
        ``{"MR": 1000, "CT": 500}``.

    Raises
    ------
    FactorNotFoundError
        For a modality without a published figure.

    Examples
    --------
    >>> mix_difference_kg({"MR": 100, "CT": 500}, {"US": 100, "CT": 500}).value
    1697.0
    """
    sides = [
        _terms([(float(exams), exam_footprint(modality, factor_book=factor_book)) for modality, exams in mix.items()])
        for mix in (left, right)
    ]
    return difference(sides[0], sides[1], UNIT, METHOD)


def multiphase_kg(per_exam: Factor, phases: int, energy_share: Factor) -> Quantity:
    r"""CO2e of a CT with several phases, :math:`F\,(1 + (n-1)\,s)`. [kg CO2e]

    A further phase takes the scanning again, and not the room, the staff or the making of the scanner; which share of
    the footprint is repeated, only the share of electricity tells.

    Parameters
    ----------
    per_exam : Factor
        Footprint of one exam, taken as one phase. [kg CO2e/exam]
    phases : int
        At least one.
    energy_share : Factor
        Share of the footprint that is electricity.

    Examples
    --------
    >>> found = multiphase_kg(exam_footprint("CT"), 3, book().get("share.department.equipment_use_energy_all.thiel"))
    >>> round(found.value, 1)
    19.1
    """
    once = of_factor(per_exam)
    return total(
        [Term(1.0, (once,)), Term(float(max(phases, 1) - 1), (once, of_factor(energy_share)))],
        UNIT,
        METHOD,
        origin=Origin.MODELLED,
    )


def scenario_parts(scenario: Scenario, *, factor_book: FactorBook | None = None) -> list[tuple[float, Adapted]]:
    """Activities and rows of a scenario, each row as it may be used in its region and year."""
    the_book = factor_book or book()
    return [
        (line.amount, adapted(the_book.get(line.factor_id), region=scenario.region or None, year=scenario.year))
        for line in scenario.lines
    ]


def scenario_kg(scenario: Scenario, *, factor_book: FactorBook | None = None) -> Quantity:
    """CO2e of a scenario. [kg CO2e]

    >>> from ecorad.factors.facts.scenarios import scenario
    >>> round(scenario_kg(scenario("world-ct")).value)
    3220000000
    """
    return estimate_kg([(amount, use.factor) for amount, use in scenario_parts(scenario, factor_book=factor_book)])


def covered(factors: Sequence[Factor]) -> tuple[str, ...]:
    """What every one of several figures counts: the boundary that a sum over them can claim."""
    common = set(factors[0].boundary.flags).intersection(*(factor.boundary.flags for factor in factors))
    return Boundary(frozenset(common)).names


def _terms(parts: Sequence[Part]) -> list[Term]:
    kinds = sorted({factor.accounting for _, factor in parts} - {"neutral"})
    if len(kinds) > 1:
        raise MixingError(f"{kinds[0]} and {kinds[1]} footprints are not added", code="ecorad.mixing.accounting")
    return [Term(amount, (of_factor(factor),)) for amount, factor in parts]
