"""What one commit holds: records, readings, issues and the fate of each input."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.model import (
    DoseReport,
    Injection,
    Instance,
    IrradiationEvent,
    Issue,
    Medication,
    Outcome,
    Rejection,
    StepMessage,
    Stock,
)


@dataclass(frozen=True, slots=True)
class ReadingBlock:
    """Readings of one meter from one input: half-open intervals in UTC. Energy not known is not a number. [kWh]"""

    meter_key: str
    start_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    energy_kwh: NDArray[np.float64]
    flags: NDArray[Any]
    zone_source: str


@dataclass(frozen=True, slots=True)
class ReadAs:
    """How a file of rows was read: the same bytes under other settings of the site give other rows.

    ``origin`` stands for the name that it came under, ``target`` for the meters or the ledger that it told of,
    ``configuration`` for all that ``site.toml`` says about how to read these. Each is a digest.
    """

    origin: str
    target: str
    configuration: str


@dataclass(frozen=True, slots=True)
class KnownFile:
    """An input that need not be read again: its digest, and that of what it says."""

    digest: str
    content: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """One input as it came out of the decoders.

    ``fate`` is set for what was quarantined or refused; the fate of all else is found at the commit. A field named like
    a stored table holds its rows: the ledger keeps them without being told more. Its file will be known by
    ``file_stamp``; ``known_content`` is set for what was known by that, and not read.
    """

    digest: str
    feed: str
    kind: str
    bytes: int
    instance: Instance | None = None
    irradiation_event: tuple[IrradiationEvent, ...] = ()
    dose_report: tuple[DoseReport, ...] = ()
    rejection: tuple[Rejection, ...] = ()
    injection: tuple[Injection, ...] = ()
    medication: tuple[Medication, ...] = ()
    step_message: tuple[StepMessage, ...] = ()
    stock: tuple[Stock, ...] = ()
    readings: tuple[ReadingBlock, ...] = ()
    issues: tuple[Issue, ...] = ()
    rows_quarantined: int = 0
    read_as: ReadAs | None = None
    fate: Outcome | None = None
    code: str | None = None
    file_stamp: str | None = None
    known_content: str | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Travels between processes as its values, which is quicker than field by field."""
        return Arrival, _values(self)

    @property
    def content(self) -> str:
        """Digest of what was said, whatever it was wrapped in: of an object what is read of it, else all the input."""
        return (self.instance.content_digest if self.instance else self.known_content) or self.digest


_values = attrgetter(*(one.name for one in fields(Arrival)))


@dataclass(slots=True)
class Fates:
    """What became of the inputs of a commit, in their order, and how their rows fared."""

    outcomes: list[Outcome] = field(default_factory=list)
    rows_stored: int = 0
    rows_duplicate: int = 0
    rows_new_version: int = 0

    def add(self, other: Fates) -> None:
        """Go on with what became of the next inputs."""
        self.outcomes.extend(other.outcomes)
        self.rows_stored += other.rows_stored
        self.rows_duplicate += other.rows_duplicate
        self.rows_new_version += other.rows_new_version
