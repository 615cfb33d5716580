"""Which meter a file belongs to."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

from ecorad.intake.identity import Pseudonymiser
from ecorad.intake.technical_names import is_technical
from ecorad.model import MeterEntry, Site

_SUFFIXES = (".gz", ".bz2", ".xz", ".csv", ".xlsx", ".xlsm", ".xls", ".tsv", ".txt", ".dat", ".asc")
# What meters and people put behind the name of a meter: a date, or a word that says that it is an export.
_AFTER_NAME = re.compile(r"[_\-. ]+(\d{4}|\d{2}[_\-.]\d|w\d|export|readings|data|part|all)", re.IGNORECASE)
_LONGEST = 64
_MARK_DIGITS = 12


def entries_of(site: Site, meter_id: str) -> tuple[MeterEntry, ...]:
    """Every entry of one meter: several when it was swapped or its transformer changed."""
    return tuple(entry for entry in site.meters if entry.id == meter_id)


def meter_of_file(name: str, feed: str | None, site: Site) -> str | None:
    """The meter of the register that a file belongs to, if feed, file name or folder say so.

        The name counts when it is the id, or begins with it and goes on with a date or a word like ``export``.

    >>> from ecorad.model import MeterEntry, Site
    >>> site = Site(name="x", meters=(MeterEntry(id="mr-1"), MeterEntry(id="mr-10")))
    >>> meter_of_file("in/mr-10_2026-03-01.csv.gz", None, site), meter_of_file("mr-1x.csv", None, site)
    ('mr-10', None)
    """
    ids = {entry.id for entry in site.meters}
    if feed is not None and feed in ids:
        return feed
    path = PurePosixPath(name.replace("\\", "/"))
    stem = stem_of(path.name).lower()
    fitting = [one for one in ids if stem == one.lower() or _goes_on(stem, one.lower())]
    if fitting:
        return max(fitting, key=len)
    return path.parent.name if path.parent.name in ids else None


def unregistered_key(text: str, pseudonymiser: Pseudonymiser) -> str:
    """Key of a meter that the register does not know, from its file name or the id it gives itself.

    Files are named after rooms and people, and a key stands in reports. So a name is kept only where it is plainly
    technical; else a pseudonym stands for it.

    >>> from ecorad.intake.identity import Pseudonymiser
    >>> keys = Pseudonymiser(bytes(32))
    >>> unregistered_key("mr1_power_2026-03.csv.gz", keys), unregistered_key("Jansen.csv", keys)
    ('file:mr1_power_2026-03', 'file:4cad0da0d992')
    >>> unregistered_key("a b.csv", keys) != unregistered_key("a_b.csv", keys)
    True
    """
    stem = stem_of(text)
    clean = re.sub(r"[^A-Za-z0-9_.\-]", "_", stem)[:_LONGEST]
    if pseudonymiser.retain or (clean == stem and is_technical(stem)):
        return f"file:{clean}" if clean == stem else f"file:{clean}-{hashlib.sha256(stem.encode()).hexdigest()[:8]}"
    mark = pseudonymiser.key("meter", stem).rpartition("-")[2][:_MARK_DIGITS]
    return f"file:{clean}-{mark}" if clean.strip("_") and is_technical(stem) else f"file:{mark}"


def stem_of(name: str) -> str:
    """File name without folder and without the suffixes of tables and packers."""
    stem = PurePosixPath(name.replace("\\", "/")).name
    while stem.lower().endswith(_SUFFIXES):
        stem = stem[: stem.rindex(".")]
    return stem


def _goes_on(stem: str, meter_id: str) -> bool:
    return stem.startswith(meter_id) and _AFTER_NAME.match(stem[len(meter_id) :]) is not None
