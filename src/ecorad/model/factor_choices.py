"""``[factors]`` of ``site.toml``: a site's own factor tables, unchecked rows it wants to use, warming potentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import SiteError

_LISTS = ("tables", "unverified")
_KEYS = (*_LISTS, "gwp")
# Assessment reports whose warming potentials the book has.
REPORTS = ("AR4", "AR5", "AR6")


@dataclass(frozen=True, slots=True)
class FactorChoices:
    """What a site adds to the factor book.

    Parameters
    ----------
    tables : tuple of str
        Paths of ``.csv`` tables inside the site's folder, each with its ``.toml`` beside it.
    unverified : tuple of str
        Identifiers of rows that nobody has checked against their source and that may be used.
    gwp : {"AR6", "AR5", "AR4"}
        Assessment report whose warming potentials gases are counted with.
    """

    tables: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    gwp: str = "AR6"


def factor_choices(content: Mapping[str, Any]) -> FactorChoices:
    """The choices from the parsed content of ``site.toml``.

    Raises
    ------
    SiteError
        For an unknown key, a value that is not a list of texts, or a report that the book does not have.

    Examples
    --------
    >>> factor_choices({"factors": {"tables": ["own/contract.csv"]}}).tables
    ('own/contract.csv',)
    """
    row = content.get("factors", {})
    if not isinstance(row, dict):
        raise SiteError("write [factors], with single brackets: there is one")
    unknown = sorted(set(row) - set(_KEYS))
    if unknown:
        raise SiteError(f"[factors]: {unknown[0]!r} is not a key; there are {', '.join(_KEYS)}")
    if row.get("gwp", "AR6") not in REPORTS:
        raise SiteError(f"[factors] gwp must be one of {', '.join(REPORTS)}")
    for key, value in ((key, row[key]) for key in _LISTS if key in row):
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise SiteError(f"[factors] {key} must be a list of texts")
    for path in row.get("tables", []):
        if path.startswith("/") or ".." in path.split("/") or not path.endswith(".csv"):
            raise SiteError("[factors] tables must name .csv files inside the site's folder")
    return FactorChoices(tuple(row.get("tables", [])), tuple(row.get("unverified", [])), row.get("gwp", "AR6"))
