"""``[medication]`` of ``site.toml``: how medication records name patients and orders that the archive knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import SiteError

_KEYS = ("accession_issuer", "patient_issuer", "patient_system")


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationSource:
    """Issuers as the headers of the archive write them, and the identifier system of its patients in FHIR."""

    patient_system: str | None = None
    patient_issuer: str | None = None
    accession_issuer: str | None = None


def parse_medication(content: Mapping[str, Any]) -> MedicationSource:
    """The table ``[medication]``; without one, headers are taken to name no issuers.

    Raises
    ------
    SiteError
        Names the first key that cannot be used.

    Examples
    --------
    >>> parse_medication({"medication": {"patient_issuer": "HOSP"}}).patient_issuer
    'HOSP'
    """
    row = content.get("medication", {})
    if not isinstance(row, Mapping):
        raise SiteError("[medication] must be a table")
    unknown = sorted(set(row) - set(_KEYS))
    if unknown:
        raise SiteError(f"[medication]: {unknown[0]!r} is not a key; there are {', '.join(_KEYS)}")
    for key, value in row.items():
        if not isinstance(value, str) or not value.strip():
            raise SiteError(f"[medication]: {key} must be a text")
    return MedicationSource(**{key: value.strip() for key, value in row.items()})
