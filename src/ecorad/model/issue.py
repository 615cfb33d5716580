"""What was wrong and where, as data that is counted, stored and shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that was not as it should be.

    Parameters
    ----------
    code : str
        Stable, dotted, begins with ``ecorad.`` (``ecorad.dicom.truncated``); every code has a line in
        ``docs/reference/issues.md``.
    where : str
        Place inside the input: row number, tag, segment. Never a patient's name or identifier.
    count : int
        How many times.
    detail : str
        What was found, from closed vocabulary and numbers only; never text copied from the input.

    >>> Issue("ecorad.meter.gap", where="row 17", detail="3 h").code
    'ecorad.meter.gap'
    """

    code: str
    where: str = ""
    count: int = 1
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Decoded(Generic[Record]):
    """What a decoder gives back: records, and what it could not use.

    A decoder never drops anything without an issue.
    """

    records: tuple[Record, ...] = ()
    issues: tuple[Issue, ...] = field(default=())
