"""The public dose objects, decoded, and what is expected of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ecorad.intake import dicom, dose_sr
from ecorad.intake.identity import Pseudonymiser
from ecorad.model import Site
from tests.shared_data import shared_data

SITE = Site(name="Test", timezone="UTC")
KEYS = Pseudonymiser(bytes(32))


def folder() -> Path:
    """Where they lie."""
    return shared_data("dicom", "openrem")


@cache
def dose_of(name: str) -> dose_sr.Dose:
    """What one object tells."""
    return decode((folder() / name).read_bytes())


def decode(data: bytes, keys: Pseudonymiser = KEYS) -> dose_sr.Dose:
    """Header and dose of one object."""
    header = dicom.decode(io.BytesIO(data), size=len(data), site=SITE, pseudonymiser=keys)
    (instance,) = header.records
    if not dose_sr.recognise(instance):
        return dose_sr.Dose()
    return dose_sr.decode(io.BytesIO(data), size=len(data), instance=instance, site=SITE, pseudonymiser=keys)


def expected(name: str) -> Iterator[dict[str, str]]:
    """Rows of a table of expected values."""
    with shared_data("expected", name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
