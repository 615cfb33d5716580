"""Doses beside the natural background of a country."""

from __future__ import annotations

from dataclasses import dataclass

from ecorad.factors import Factor, FactorBook, background_days
from ecorad.model import FactorNotFoundError, Issue, Quantity

WORLD = "ecorad.dose.background_world"


@dataclass(frozen=True, slots=True)
class Background:
    """The natural background that doses are set beside, and whether it is the world's for want of the country's."""

    factor: Factor
    issue: Issue | None = None

    def days(self, dose: Quantity) -> float | None:
        """How many days of it a dose is; unknown for an unknown dose."""
        return None if dose.value is None else background_days(dose.value, self.factor.value)


def background_of(country: str, book: FactorBook) -> Background:
    """The background of a country, from the shipped tables or one of the site's.

    Parameters
    ----------
    country : str
        ISO 3166-1 alpha-2, or a grid zone that begins with it (``US-CAL``).
    book : FactorBook
        Rows ``dose.background.<country>``. Without one for the country the world's average is taken, with an issue.

    >>> from ecorad.factors import book
    >>> background_of("US-CAL", book()).factor.value, background_of("NL", book()).issue.code
    (3.0, 'ecorad.dose.background_world')
    """
    try:
        return Background(book.get(f"dose.background.{country.split('-', maxsplit=1)[0]}"))
    except FactorNotFoundError:
        return Background(book.get("dose.background.world"), Issue(WORLD, detail="no row for this country"))
