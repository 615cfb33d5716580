"""The questions other rooms ask of the book, one function each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ecorad.model import Accounting, FactorNotFoundError, MixingError, PowerState, Quantity, UnitError, worst_origin
from ecorad.model.quantity import one_report

from .book import FactorBook, book
from .boundary import union_without_overlap
from .factor import Evidence, Factor

# Which published row stands for a modality when no better tier has data. Chest X-ray stands for all plain radiography:
# it is the only radiograph anyone has published; the row says so.
_EXAM_DEFAULT: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("MR", "attributional"): "exam.mr.mcalister",
        ("CT", "attributional"): "exam.ct.mcalister",
        ("DX", "attributional"): "exam.cxr.mcalister",
        ("CR", "attributional"): "exam.cxr.mcalister",
        ("US", "attributional"): "exam.us.mcalister",
        ("XA", "attributional"): "exam.ir.chua",
        ("MR", "consequential"): "exam.mr.mcalister.consequential",
        ("CT", "consequential"): "exam.ct.mcalister.consequential",
        ("DX", "consequential"): "exam.cxr.mcalister.consequential",
        ("CR", "consequential"): "exam.cxr.mcalister.consequential",
        ("US", "consequential"): "exam.us.mcalister.consequential",
    }
)


def power_states(device_class: str, *, factor_book: FactorBook | None = None) -> dict[PowerState, Factor]:
    """Mean electric power of a class of device in each state that has been published.

    Parameters
    ----------
    device_class : str
        DICOM modality: ``MR``, ``CT``, ``XA``, ``RF``.

    A site's own table comes before what was published.

    Returns
    -------
    dict
        State to factor, in kW. A state that nobody has published is not in it: CT has no ``ready`` and no ``scan``.

    Raises
    ------
    FactorNotFoundError
        For a class without any row; names the classes there are.

    Examples
    --------
    >>> {state.value: row.value for state, row in power_states("MR").items()}
    {'off': 8.5, 'power_save': 6.4, 'idle': 12.0, 'ready': 21.45, 'scan': 38.45}
    """
    the_book = factor_book or book()
    own = [row for row in the_book if row.evidence is Evidence.SITE and row.unit == "kW"]
    rows = [*the_book.find(table="power_states"), *own]
    states = {
        state: row
        for state in PowerState
        for row in rows
        if row.quantity == f"power.{state.value}" and device_class in row.scopes
    }
    if not states:
        have = ", ".join(sorted({scope for row in rows for scope in row.scopes}))
        raise FactorNotFoundError(f"no power states for {device_class!r}; there are some for: {have}")
    return states


def exam_footprint(
    modality: str,
    accounting: Accounting = Accounting.ATTRIBUTIONAL,
    *,
    allow_unverified: bool = False,
    factor_book: FactorBook | None = None,
) -> Factor:
    """The published footprint of one exam of a modality, for exams that nothing better is known of.

    Parameters
    ----------
    modality : str
        ``MR``, ``CT``, ``DX``, ``CR``, ``US`` or ``XA``.
    accounting : Accounting
        The whole footprint (attributional), or what one exam more or less changes (consequential).
    allow_unverified : bool
        Also give a row that nobody has checked; the consequential rows are such.

    Raises
    ------
    FactorNotFoundError
        If there is no such row or it is disabled; names what there is.

    Examples
    --------
    >>> exam_footprint("CT").value
    9.2
    """
    factor_id = _EXAM_DEFAULT.get((modality, accounting.value))
    if factor_id is None:
        have = ", ".join(sorted(name for name, kind in _EXAM_DEFAULT if kind == accounting.value))
        raise FactorNotFoundError(f"no {accounting.value} exam footprint for {modality!r}; there is one for: {have}")
    return (factor_book or book()).get(factor_id, allow_unverified=allow_unverified)


def cooling_ratio(*, factor_book: FactorBook | None = None) -> Factor:
    """Electricity for cooling per electricity of the scanners it cools, where no meter tells. [kWh/kWh]

    >>> cooling_ratio().value
    0.8
    """
    return (factor_book or book()).get("cooling.ratio.basel")


def equipment_life(modality: str, *, factor_book: FactorBook | None = None) -> Factor:
    """How long equipment of a modality is recommended to be in use, from high to low use. [a]

    Parameters
    ----------
    modality : str
        ``CT``, ``MR``, ``DX``, ``CR``, ``RF``, ``XA``, ``US``, ``MG``, ``NM`` or ``PT``.

    Raises
    ------
    FactorNotFoundError
        For another one; names what there is.

    Notes
    -----
    A recommendation, never an observed life: a site's own register comes first.

    Examples
    --------
    >>> life = equipment_life("XA")
    >>> life.value, life.interval95
    (10.0, (8.0, 12.0))
    """
    rows = (factor_book or book()).find(quantity="equipment_life")
    for row in rows:
        if modality in row.scopes:
            return row
    have = ", ".join(sorted(scope for row in rows for scope in row.scopes))
    raise FactorNotFoundError(f"no life of {modality!r}; there is one for: {have}")


def gwp(gas: str, report: str = "AR6", *, source: str | None = None, factor_book: FactorBook | None = None) -> Factor:
    """Global warming potential over 100 years of one gas in one assessment report. [kg CO2e/kg]

    Parameters
    ----------
    gas : str
        ``SF6``, ``CH4``, ``N2O``, ``HFC134a`` ...
    report : str
        ``AR4``, ``AR5`` or ``AR6``.
    source : str, optional
        ``ghgp`` gives the other value that circulates for SF6 in AR6, 24,300 instead of 25,200.

    Raises
    ------
    FactorNotFoundError
        Names the nearest rows.

    Examples
    --------
    >>> [gwp("SF6", report).value for report in ("AR4", "AR5", "AR6")]
    [22800.0, 23500.0, 25200.0]
    """
    suffix = f".{source}" if source else ""
    return (factor_book or book()).get(f"gwp100.{gas}.{report}{suffix}")


def add_footprints(*factors: Factor) -> Quantity:
    """The sum of published footprints whose boundaries do not overlap.

    Raises
    ------
    MixingError
        If two contain the same part (the message names it), or one is attributional and another consequential.
    UnitError
        If they have different units.

    Examples
    --------
    >>> get = book().get
    >>> round(add_footprints(get("exam.ct.abdomen.martin.use"), get("exam.ct.abdomen.martin.production")).value, 2)
    6.61
    """
    if not factors:
        raise UnitError("nothing to add")
    kinds = sorted({factor.accounting for factor in factors} - {"neutral"})
    if len(kinds) > 1:
        raise MixingError(f"{kinds[0]} and {kinds[1]} footprints are not added", code="ecorad.mixing.accounting")
    if len({factor.unit for factor in factors}) > 1:
        raise UnitError(f"cannot add {' and '.join(sorted({factor.unit for factor in factors}))}")
    one_report(factor.factor_id for factor in factors)
    union_without_overlap((factor.factor_id, factor.boundary) for factor in factors)
    intervals = [factor.interval95 for factor in factors]
    return Quantity(
        sum(factor.value for factor in factors),
        factors[0].unit,
        low=sum(low for low, _ in intervals),
        high=sum(high for _, high in intervals),
        origin=worst_origin([factor.origin for factor in factors]),
        factors=tuple(sorted(factor.factor_id for factor in factors)),
    )
