"""The factors of one site."""

from __future__ import annotations

from ecorad.factors.sets import FactorSet, shipped, with_tables
from ecorad.ledger import Workspace


def site_set(workspace: Workspace) -> FactorSet:
    """The factor set that ``site.toml`` asks for: the shipped one, with the site's tables and choices.

    Raises
    ------
    InputError, FactorNotFoundError
        If a table of the site cannot be used, or it allows a row that there is not.
    """
    own = workspace.site.factors
    return with_tables(shipped(), [workspace.path / name for name in own.tables], own.unverified)
