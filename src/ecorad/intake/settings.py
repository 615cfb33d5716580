"""Under which settings of the site a file of rows was read, as digests that can be compared later.

Only what changes rows counts: which devices a meter feeds, or how exact it is, is looked up whenever it is needed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, fields
from typing import Any

from ecorad.ledger.batch import ReadingBlock
from ecorad.model import LedgerMapping, MeterEntry, Site

from .identity import Pseudonymiser

_LATE = frozenset({"feeds", "cooling", "accuracy_percent"})
_LENGTH = 16


def origin_of(name: str, pseudonymiser: Pseudonymiser) -> str:
    """Digest of the name that an input came under: file and folder, as far as they tell a meter or a sheet.

    It is made with the site's key, because files are often named after people.

    >>> one, other = (origin_of(name, Pseudonymiser(bytes(32))) for name in ("march/mr1.csv", "april/mr1.csv"))
    >>> one == other
    False
    """
    return _digest(pseudonymiser.key("origin", name))


def target_of(names: Iterable[str]) -> str:
    """Digest of the meters, or the ledger, that an input told of."""
    return _digest(sorted(set(names)))


def meter_settings(site: Site, blocks: Sequence[ReadingBlock]) -> str:
    """Digest of what ``site.toml`` says about the meters of a file and the times in it.

    >>> import numpy as np
    >>> none = np.array([], dtype=np.int64)
    >>> blocks = [ReadingBlock("mr1", none, none, none.astype(float), none, "site")]
    >>> def settings(**entry):
    ...     return meter_settings(Site(name="x", meters=(MeterEntry(id="mr1", **entry),)), blocks)
    >>> settings(unit="Wh") == settings(unit="kWh"), settings(feeds=("a",)) == settings()
    (False, True)
    """
    keys = sorted({block.meter_key for block in blocks})
    entries = [[_said(entry) for entry in site.meters if entry.id == key] for key in keys]
    return _digest([site.timezone, keys, entries])


def ledger_settings(site: Site, mapping: LedgerMapping, feed: str | None) -> str:
    """Digest of what ``site.toml`` says about a sheet and the days in it."""
    return _digest([site.timezone, _said(mapping), feed])


def medication_settings(site: Site, beside: str = "") -> str:
    """Digest of what ``site.toml`` says about medication records: its zone, and how they name patients and orders.

    ``beside`` is a digest of what files beside the input told of it.
    """
    source = site.medication
    said = [site.timezone, source.patient_system, source.patient_issuer, source.accession_issuer]
    return _digest([*said, beside] if beside else said)


def _said(entry: MeterEntry | LedgerMapping) -> dict[str, Any]:
    """What an entry says, without defaults: a key that a later version knows changes nothing where it is not used."""
    said = {}
    for one in fields(entry):
        value = getattr(entry, one.name)
        default = one.default_factory() if one.default_factory is not MISSING else one.default
        if one.name not in _LATE and value != default:
            said[one.name] = value
    return said


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]
