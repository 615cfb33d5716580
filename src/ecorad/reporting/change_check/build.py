"""One change: every measure before and after, the rejects, the untouched scanners, what was saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from ecorad.factors import Factor, FactorBook, MarginalIntensity, marginal_or_average
from ecorad.footprint.carbon import consequential_kg
from ecorad.footprint.uncertainty import Source, Term, deviation, meter_gain, total
from ecorad.model import Origin, Quantity, Site
from ecorad.model.site_change import ChangeEntry
from ecorad.verification.judge import Claim, Judged, Limits, claim_verdict, judge
from ecorad.verification.measures import MEASURES, NEEDS_FIT, NEEDS_QUALITY, UNITS, Window, samples
from ecorad.verification.rejects import Rejects, rejects

from .inputs import History, Scanner, day_number, of_regions

METHOD = "before_after"
# Metered, or by published factors; the rest is what headers and sheets say.
_ORIGINS = {
    "kwh_per_day": Origin.MEASURED,
    "off_hours_kwh_per_day": Origin.MEASURED,
    "kwh_per_exam": Origin.MEASURED,
    "dose_msv_per_exam": Origin.MODELLED,
}
# Published effects that a measure can be held beside, by quantity of the factor book.
_PUBLISHED = {"kwh_per_exam": ("share_saved", "saving_exam"), "kwh_per_day": ("saving_weekly",)}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One measure: what was found, and what was promised."""

    name: str
    unit: str
    judged: Judged
    claim: Claim | None
    published: tuple[Factor, ...]


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What the days since the change drew less; unknown unless a reduction was shown."""

    days: int
    kwh: Quantity
    money: Quantity
    co2e_kg: Quantity


@dataclass(frozen=True, kw_only=True)
class Verified:
    """One change with all that is told of it."""

    entry: ChangeEntry
    scanner: Scanner
    window: Window
    measures: tuple[Measured, ...]
    rejects: Rejects
    controls: tuple[tuple[Scanner, Judged], ...]
    saved: Saved


def verify_change(history: History, entry: ChangeEntry, site: Site, book: FactorBook) -> Verified:
    """Everything about one change.

    Raises
    ------
    InputError
        When its device, or one of its controls, is not in the last audit.
    """
    scanner = of_regions(history.scanner(entry.device), entry.body_regions)
    window = _window(history, entry)
    limits = {name: _limits(name, book) for name in MEASURES}
    measures = tuple(_measured(name, scanner, window, entry, limits=limits, book=book) for name in MEASURES)
    controls = [history.scanner(name) for name in entry.controls]
    return Verified(
        entry=entry,
        scanner=scanner,
        window=window,
        measures=measures,
        rejects=_rejects(scanner, window, entry),
        controls=tuple((one, _judged("kwh_per_day", one, window, entry, limits)) for one in controls),
        saved=_saved(measures[0].judged, scanner, site, _marginal(site, history, book)),
    )


def _window(history: History, entry: ChangeEntry) -> Window:
    on = day_number(entry.on)
    first, last = entry.first or history.first, entry.last or history.last
    begins = day_number(entry.on + timedelta(days=entry.ramp_days))
    left_out = frozenset(map(day_number, entry.left_out))
    return Window(first=day_number(first), change=on, begins=begins, last=day_number(last), left_out=left_out)


def _limits(measure: str, book: FactorBook) -> Limits:
    """Limits of the guideline: there is none for days, so that of hours, the wider one, is taken for the scatter."""
    scatter = book.get("verification.ashrae14.cvrmse.hourly").value if measure in NEEDS_FIT else None
    return Limits(cvrmse=scatter, nmbe=book.get("verification.ashrae14.nmbe.monthly").value)


def _judged(measure: str, scanner: Scanner, window: Window, entry: ChangeEntry, limits: Mapping[str, Limits]) -> Judged:
    before, after = samples(measure, scanner.days, scanner.exams, window, by_minutes=entry.by_minutes)
    return judge(before, after, limits[measure])


def _measured(
    name: str,
    scanner: Scanner,
    window: Window,
    entry: ChangeEntry,
    *,
    limits: Mapping[str, Limits],
    book: FactorBook,
) -> Measured:
    judged = _judged(name, scanner, window, entry, limits)
    claim: Claim | None = None
    if entry.claim_of == name and entry.claim_percent is not None and judged.is_told and judged.effect is not None:
        claim = claim_verdict(judged.effect, entry.claim_percent / 100.0)
    published = tuple(
        row
        for quantity in _PUBLISHED.get(name, ())
        for row in book.find(quantity=quantity, scope=scanner.modality or "")
    )
    return Measured(name=name, unit=UNITS[name], judged=judged, claim=claim, published=published)


def _rejects(scanner: Scanner, window: Window, entry: ChangeEntry) -> Rejects:
    early, late = window.sides(scanner.exams.day)
    bad = scanner.is_rejected
    counts = [int(np.count_nonzero(rows)) for rows in (early, early & bad, late, late & bad)]
    return rejects(*counts, margin=entry.reject_margin)


def needs_quality(measure: str) -> bool:
    """Whether less of it counts only where rejects did not rise."""
    return measure in NEEDS_QUALITY


def as_quantity(value: float, low: float, high: float, unit: str, measure: str) -> Quantity:
    """A change with its interval; unknown where the baseline has no share."""
    if not np.isfinite([value, low, high]).all():
        return Quantity(None, unit, method=METHOD)
    return Quantity(value, unit, low=low, high=high, origin=_ORIGINS.get(measure, Origin.REPORTED), method=METHOD)


def _saved(judged: Judged, scanner: Scanner, site: Site, marginal: MarginalIntensity | None) -> Saved:
    """The mean change of a day times the days that were compared: no day that was not measured is counted."""
    none = [Quantity(None, unit, method=METHOD) for unit in ("kW.h", site.currency, "kg{CO2e}")]
    found = judged.effect
    if found is None or judged.verdict != "reduction":
        return Saved(days=0, kwh=none[0], money=none[1], co2e_kg=none[2])
    days = found.days_after
    gain = meter_gain(scanner.meters[0], scanner.accuracy_percent)
    error: Source = deviation(f"change:{scanner.key}", (found.high - found.low) / 2.0)
    terms = [Term(-found.change * days, (gain,)), Term(float(days), (error,))]
    price = None if site.tariffs else site.tariff_per_kwh
    priced = [Term(term.activity * (price or 0.0), term.sources) for term in terms]
    return Saved(
        days=days,
        kwh=total(terms, "kW.h", METHOD),
        money=none[1] if price is None else total(priced, site.currency, METHOD),
        co2e_kg=consequential_kg(terms, marginal),
    )


def _marginal(site: Site, history: History, book: FactorBook) -> MarginalIntensity | None:
    if site.grid_zone is None:
        return None
    return marginal_or_average(site.grid_zone, history.last.year, factor_book=book).intensity
