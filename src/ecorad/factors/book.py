"""The factor book: every table, one look-up by identifier, one search, one digest."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from ecorad.model import FactorNotFoundError, InputError, UnknownNameError

from .factor import Factor
from .table import FactorTable, Source, parse_table

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


@dataclass(frozen=True, slots=True)
class Change:
    """One row that differs between two books; ``None`` where the row is missing."""

    factor_id: str
    before: Factor | None
    after: Factor | None

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of what changed in a row that both have."""
        if self.before is None or self.after is None:
            return ()
        return tuple(f.name for f in fields(Factor) if getattr(self.before, f.name) != getattr(self.after, f.name))


@dataclass(frozen=True, eq=False)
class FactorBook:
    """All factor tables together.

    Examples
    --------
    >>> from ecorad.factors import book
    >>> book().get("gwp100.SF6.AR5").value
    23500.0
    """

    tables: tuple[FactorTable, ...]
    allowed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        by_id: dict[str, Factor] = {}
        for factor in self._all():
            if factor.factor_id in by_id:
                tables = f"{by_id[factor.factor_id].table} and {factor.table}"
                raise InputError(f"{factor.factor_id} stands in {tables}", code="ecorad.factor.table")
            by_id[factor.factor_id] = factor
        for factor_id in sorted(self.allowed - set(by_id)):
            raise FactorNotFoundError(f"no factor {factor_id!r}{_nearest(factor_id, by_id)}")
        object.__setattr__(self, "_by_id", by_id)

    def _all(self) -> Iterator[Factor]:
        return (factor for table in self.tables for factor in table.factors)

    def __iter__(self) -> Iterator[Factor]:
        return self._all()

    def __len__(self) -> int:
        return len(self._index)

    @property
    def _index(self) -> dict[str, Factor]:
        index: dict[str, Factor] = self.__dict__["_by_id"]
        return index

    def get(self, factor_id: str, *, allow_unverified: bool = False) -> Factor:
        """The row with this identifier.

        Parameters
        ----------
        factor_id : str
            Identifier of the row.
        allow_unverified : bool
            Also give a row that nobody has checked against its source. Whoever says so must show it in the result.

        Raises
        ------
        FactorNotFoundError
            If there is no such row (the message names the nearest three), or it is disabled.
        """
        factor = self._index.get(factor_id)
        if factor is None:
            raise FactorNotFoundError(f"no factor {factor_id!r}{_nearest(factor_id, self._index)}")
        if not self.is_usable(factor) and not allow_unverified:
            raise FactorNotFoundError(
                f"{factor_id} was not checked against its source and is disabled; ask for it explicitly",
                code="ecorad.factor.disabled",
            )
        return factor

    def is_usable(self, factor: Factor) -> bool:
        """Whether a row may be used: it was checked against its source, or somebody asked for it by name."""
        return factor.enabled or factor.factor_id in self.allowed

    def allowing(self, *factor_ids: str) -> FactorBook:
        """This book with rows that nobody has checked made usable, by name: another factor set, as its digest says.

        Raises
        ------
        FactorNotFoundError
            If there is no such row.

        Examples
        --------
        >>> mine = book().allowing("exam.mr.mcalister.consequential")
        >>> mine.get("exam.mr.mcalister.consequential").value, mine.digest == book().digest
        (1.1, False)
        """
        checked = {factor_id for factor_id in factor_ids if factor_id in self._index and self._index[factor_id].enabled}
        return FactorBook(self.tables, self.allowed | (frozenset(factor_ids) - checked))

    def find(
        self,
        *,
        quantity: str | None = None,
        scope: str | None = None,
        region: str | None = None,
        year: int | None = None,
        accounting: str | None = None,
        table: str | None = None,
        include_disabled: bool = False,
    ) -> tuple[Factor, ...]:
        """Every row that fits what is said; nothing found is an empty tuple.

        >>> from ecorad.factors import book
        >>> [f.factor_id for f in book().find(quantity="cooling_ratio")]
        ['cooling.ratio.basel']
        """
        return tuple(
            factor
            for factor in self._all()
            if (include_disabled or self.is_usable(factor))
            and (quantity is None or factor.quantity == quantity)
            and (scope is None or scope in factor.scopes)
            and (region is None or factor.region == region)
            and (year is None or factor.year == year)
            and (accounting is None or factor.accounting == accounting)
            and (table is None or factor.table == table)
        )

    def table(self, name: str) -> FactorTable:
        """The table called ``name``.

        Raises
        ------
        UnknownNameError
            Names the nearest tables.
        """
        for candidate in self.tables:
            if candidate.name == name:
                return candidate
        raise UnknownNameError(f"no factor table {name!r}{_nearest(name, [t.name for t in self.tables])}")

    def source(self, factor: Factor) -> Source:
        """Where a row comes from."""
        return self.table(factor.table).sources[factor.source_id]

    def with_site_table(self, path: Path) -> FactorBook:
        """This book and a site's own table: contract electricity, measured power ...

        Parameters
        ----------
        path : Path
            ``<name>.csv`` with the columns of every table; ``<name>.toml`` with sources and licence lies beside it.

        Raises
        ------
        InputError
            If a file is missing or cannot be right: names file, line and reason.
        """
        sidecar = path.with_suffix(".toml")
        for needed in (path, sidecar):
            if not needed.is_file():
                raise InputError(f"the site table needs {needed.name}", code="ecorad.factor.table")
        try:
            texts = [file.read_text("utf-8-sig") for file in (path, sidecar)]
        except UnicodeDecodeError:
            raise InputError(f"{path.name}: the files must be UTF-8", code="ecorad.factor.table") from None
        return FactorBook((*self.tables, parse_table(path.stem, *texts)), self.allowed)

    def changes(self, other: FactorBook) -> tuple[Change, ...]:
        """What differs in ``other``: rows added, removed and changed, by identifier.

        >>> book().changes(book())
        ()
        """
        mine, theirs = self._index, other._index
        return tuple(
            Change(factor_id, mine.get(factor_id), theirs.get(factor_id))
            for factor_id in sorted({*mine, *theirs})
            if mine.get(factor_id) != theirs.get(factor_id)
        )

    @property
    def digest(self) -> str:
        """SHA-256 over every row: the name of this factor set. The same rows in another order have the same digest."""
        lines = sorted(row_text(factor) for factor in self._all())
        lines += [f"allowed {factor_id}" for factor_id in sorted(self.allowed)]
        return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


def row_text(factor: Factor) -> str:
    """All of a row on one line, for digests and comparisons."""
    cells = (getattr(factor, field.name) for field in fields(factor))
    return "|".join(",".join(cell.names) if hasattr(cell, "names") else str(cell) for cell in cells)


def read_tables(folder: Traversable) -> tuple[FactorTable, ...]:
    """Every table in a folder, by name."""
    names = sorted(entry.name.removesuffix(".csv") for entry in folder.iterdir() if entry.name.endswith(".csv"))
    return tuple(
        parse_table(name, (folder / f"{name}.csv").read_text("utf-8"), (folder / f"{name}.toml").read_text("utf-8"))
        for name in names
    )


@cache
def book() -> FactorBook:
    """The book that ships with Ecorad, read once.

    >>> len(book().digest)
    64
    """
    return FactorBook(read_tables(files(__package__) / "tables"))


def _nearest(name: str, names: Iterable[str]) -> str:
    lowered = {candidate.lower(): candidate for candidate in names}
    close = difflib.get_close_matches(name.lower(), lowered, n=3, cutoff=0.3)
    return f"; nearest: {', '.join(lowered[key] for key in close)}" if close else ""
