"""Doses beside the natural background of a country."""

from __future__ import annotations

from dataclasses import dataclass

from ecorad.factors import Evidence, Factor, FactorBook, background_days
from ecorad.model import Issue, Quantity

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
        A row of the site for its country comes first. Without any for the country the world's average is taken, with an
        issue.

    >>> from ecorad.factors import book
    >>> background_of("US-CAL", book()).factor.value, background_of("CN", book()).issue.code
    (3.0, 'ecorad.dose.background_world')
    """
    alpha2 = country.split("-", maxsplit=1)[0]
    named = f"dose.background.{alpha2}"
    rows = [
        row
        for row in book.find(quantity="background_dose")
        if alpha2 and (row.region == alpha2 or row.factor_id == named)
    ]
    # The site's own first, then the row that bears the country's bare name.
    rows.sort(key=lambda row: (row.evidence is not Evidence.SITE, row.factor_id != named, row.factor_id))
    if rows:
        return Background(rows[0])
    return Background(book.get("dose.background.world"), Issue(WORLD, detail="no row for this country"))
