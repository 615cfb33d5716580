"""What a grid zone is called: ``NL``, ``NLD``, ``Netherlands``; ``GB`` and ``UK``; or a part of a country."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from ecorad.model import FactorNotFoundError

# Not ISO 3166, but written by many.
_ALIASES = {"uk": "GB", "el": "GR", "usa": "US", "great britain": "GB", "holland": "NL", "the netherlands": "NL"}


@cache
def _spellings() -> dict[str, str]:
    text = (files(__package__) / "zones.csv").read_text("utf-8")
    spellings = dict(_ALIASES)
    for row in csv.DictReader(text.splitlines()):
        for name in (row["alpha2"], row["alpha3"], row["name"], *row["other_names"].split("|")):
            if name:
                spellings[name.casefold()] = row["alpha2"]
    return spellings


def canonical_zone(zone: str, known: Iterable[str] = ()) -> str:
    """The one spelling the tables use: ISO 3166-1 alpha-2, or the code of a part of a country (``AU-NSW``).

    Parameters
    ----------
    zone : str
        Two or three letters, an English country name, or a zone code; capitals do not matter.
    known : iterable of str
        Zone codes that the tables have beyond countries.

    Raises
    ------
    FactorNotFoundError
        If nothing is called so; the message names the nearest spellings.

    Examples
    --------
    >>> [canonical_zone(name) for name in ("NL", "nld", "Netherlands", "UK")]
    ['NL', 'NL', 'NL', 'GB']
    """
    wanted = " ".join(zone.split()).casefold()
    codes = {code.casefold(): code for code in known}
    found = _spellings().get(wanted) or codes.get(wanted)
    if found is None:
        near = difflib.get_close_matches(wanted, [*_spellings(), *codes], n=3, cutoff=0.5)
        names = ", ".join(codes.get(name, name.upper() if len(name) <= 3 else name.title()) for name in near)
        hint = f"; nearest: {names}" if names else "; use ISO 3166 letters such as NL"
        raise FactorNotFoundError(f"no grid zone {zone!r}{hint}")
    return found


def country_name(alpha2: str) -> str:
    """English name of a country, or the code itself.

    >>> country_name("NL"), country_name("AU-NSW")
    ('Netherlands', 'AU-NSW')
    """
    text = (files(__package__) / "zones.csv").read_text("utf-8")
    return next((row["name"] for row in csv.DictReader(text.splitlines()) if row["alpha2"] == alpha2), alpha2)
