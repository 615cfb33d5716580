"""Factor sets, each with a name: the shipped book, a site's own tables on top of it, or another book altogether."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from ecorad.model import FactorNotFoundError, InputError

from .book import FactorBook, book, read_tables

SHIPPED = "shipped"
_SHORTEST_DIGEST = 8
_TABLE = "ecorad.factor.table"


@dataclass(frozen=True, slots=True)
class FactorSet:
    """A factor book and what a report calls it; ``tables`` are the site's own, by name."""

    name: str
    book: FactorBook
    tables: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the rows."""
        return self.book.digest


def shipped() -> FactorSet:
    """The set that comes with Ecorad.

    >>> shipped().digest == book().digest
    True
    """
    return FactorSet(SHIPPED, book())


def with_tables(base: FactorSet, paths: Iterable[Path], unverified: Iterable[str] = ()) -> FactorSet:
    """A set with tables of one's own on top, and rows that nobody has checked allowed by name.

    Parameters
    ----------
    paths : iterable of Path
        ``<name>.csv``, each with its ``<name>.toml`` beside it.
    unverified : iterable of str
        Identifiers of rows that ship disabled.

    Raises
    ------
    InputError
        If a table cannot be used: names file, line and reason.
    FactorNotFoundError
        For an identifier that no table has.
    """
    found, names = base.book, []
    for path in paths:
        found = found.with_site_table(path)
        names.append(path.stem)
    allowed = tuple(unverified)
    if allowed:
        found = found.allowing(*allowed)
    name = "+".join((base.name, *names))
    return FactorSet(name, found, (*base.tables, *names)) if found is not base.book else base


def read_set(folder: Path) -> FactorSet:
    """A whole set from a folder of tables, as :func:`write_set` leaves it.

    Raises
    ------
    InputError
        If the folder holds no table, or one that cannot be used.
    """
    if not any(folder.glob("*.csv")):
        raise InputError(f"{folder.name} holds no factor tables; `ecorad factors save` writes them", code=_TABLE)
    try:
        found = FactorBook(read_tables(folder))
    except (FileNotFoundError, UnicodeDecodeError):
        raise InputError(f"{folder.name}: each table is a .csv and a .toml in UTF-8", code=_TABLE) from None
    return shipped() if found.digest == book().digest else FactorSet(folder.name, found)


def write_set(folder: Path, own: Iterable[Path] = ()) -> None:
    """Copy every shipped table and a site's own into a folder, so that a report can be made again under this set.

    Raises
    ------
    InputError
        If the folder exists and is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError("that folder is not empty; name a new one", code="ecorad.input.not_empty")
    with as_file(files(__package__) / "tables") as tables:
        shutil.copytree(tables, folder, dirs_exist_ok=True)
    for path in own:
        for file in (path, path.with_suffix(".toml")):
            shutil.copyfile(file, folder / file.name)


def chosen_set(choice: str | None, site: FactorSet) -> FactorSet:
    """The set that somebody asked for.

    Parameters
    ----------
    choice : str or None
        Nothing: the site's. ``shipped``: without the site's own tables. A folder of tables: that set and no other. A
        ``.csv``: one more table on top of the site's. A digest, or its first eight digits or more: the site's set or
        the shipped one, whichever has it.
    site : FactorSet
        What ``site.toml`` says.

    Raises
    ------
    FactorNotFoundError
        If no set at hand has the digest.
    InputError
        If it is none of these, or a table cannot be used.

    Examples
    --------
    >>> chosen_set(book().digest[:12], shipped()).name
    'shipped'
    """
    if choice is None:
        return site
    if choice == SHIPPED:
        return shipped()
    path = Path(choice)
    if path.is_dir():
        return read_set(path)
    if path.suffix == ".csv":
        return with_tables(site, [path])
    if len(choice) >= _SHORTEST_DIGEST and set(choice) <= set("0123456789abcdef"):
        for one in (site, shipped()):
            if one.digest.startswith(choice):
                return one
        at_hand = f"the site has {site.digest[:12]}, Ecorad ships {book().digest[:12]}"
        raise FactorNotFoundError(
            f"no factor set {choice[:12]} is at hand: {at_hand}; name the folder of a set that was saved",
            code="ecorad.factor.set_not_found",
        )
    raise InputError("a factor set is `shipped`, a folder of tables, a .csv, or a digest", code="ecorad.factor.set")
