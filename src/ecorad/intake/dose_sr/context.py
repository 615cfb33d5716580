"""What is known of an object before its dose is read, and the records made from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ecorad.intake.identity import Pseudonymiser
from ecorad.model import DoseReport, Instance, IrradiationEvent

from .dataset import Item
from .elements import TAG
from .moments import Zone
from .text import plain
from .tree import Notes

_AGE = re.compile(r"(\d{1,3})([DWMY])")
_YEARS = {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1.0}
# The ages that dose factors are published for, and up to where each is the nearest (geometrically halfway).
_BANDS = ((0.5, "0y"), (2.5, "1y"), (7.5, "5y"), (15.0, "10y"))


@dataclass(slots=True)
class Context:
    """One object: its header, its clock, and what has gone wrong so far."""

    instance: Instance
    root: Item
    zone: Zone
    pseudonymiser: Pseudonymiser
    decode: Callable[[bytes], str | None]
    told_by: str
    notes: Notes = field(default_factory=Notes)
    _taken: dict[str, list[IrradiationEvent]] = field(default_factory=dict)

    def event_key(self, uid: str | None, *instead: object) -> tuple[str, bool]:
        """The key of an event, of its UID or of what else tells it from the others of its study; whether by UID."""
        if uid is not None:
            return self.pseudonymiser.key("irradiation_event", uid), True
        parts = (self.instance.study_key, *("" if part is None else str(part) for part in instead))
        return self.pseudonymiser.key("irradiation_event", *parts), False

    def event(
        self, identity: tuple[str, bool], *, started: datetime | None, zone: str | None, plane: str | None, **facts: Any
    ) -> None:
        """Add an event with what all events of the object share.

        The same event told twice with the same dose is one. With another dose both are kept under different keys: a
        total must hold both.
        """
        instance, (key, is_identified) = self.instance, identity
        event = IrradiationEvent(
            record_key=f"{key}:{plane}" if plane in {"A", "B"} else key,
            source_digest=instance.source_digest,
            event_time_utc=started or instance.event_time_utc,
            event_zone=zone if started else instance.event_zone,
            irradiation_event_key=key,
            study_key=instance.study_key,
            report_key=instance.record_key,
            device_key=instance.device_key,
            patient_key=instance.patient_key,
            is_identified=is_identified,
            told_by=self.told_by,
            reported_utc=self.reported_utc,
            started_utc=started,
            plane=plane,
            age_band=age_band(plain(self.root.get(TAG["PatientAge"]))),
            patient_sex=_sex(plain(self.root.get(TAG["PatientSex"]))),
            **facts,
        )
        self._add(event)

    def _add(self, event: IrradiationEvent) -> None:
        before = self._taken.setdefault(event.record_key, [])
        if event in before:
            self.notes.add("ecorad.dose_sr.event_twice", "113769", "told twice in one report; counted once")
            return
        if before:
            self.notes.add("ecorad.dose_sr.event_uid_reused", "113769", "one UID for different doses; both counted")
        before.append(event)

    @property
    def events(self) -> tuple[IrradiationEvent, ...]:
        """All events, those under a key already taken with their number behind it."""
        return tuple(
            event if place == 0 else replace(event, record_key=f"{event.record_key}#{place + 1}")
            for same in self._taken.values()
            for place, event in enumerate(same)
        )

    @property
    def reported_utc(self) -> datetime | None:
        """When the report was made."""
        return self.instance.content_utc or self.instance.created_utc

    def report(self, plane: str | None, **totals: Any) -> DoseReport:
        """A row of declared totals."""
        instance = self.instance
        flag = plain(self.root.get(TAG["CompletionFlag"]))
        return DoseReport(
            record_key=f"{instance.record_key}:{plane}" if plane in {"A", "B"} else instance.record_key,
            source_digest=instance.source_digest,
            event_time_utc=instance.event_time_utc,
            event_zone=instance.event_zone,
            report_key=instance.record_key,
            study_key=instance.study_key,
            device_key=instance.device_key,
            told_by=self.told_by,
            reported_utc=self.reported_utc,
            is_final={"COMPLETE": True, "PARTIAL": False}.get(flag),
            plane=plane,
            **totals,
        )


def age_band(written: str) -> str | None:
    """The band of an age (AS); ``None`` when it is not written.

    >>> age_band("067Y"), age_band("005M"), age_band("006Y"), age_band("")
    ('adult', '0y', '5y', None)
    """
    match = _AGE.fullmatch(written)
    if match is None:
        return None
    years = int(match.group(1)) * _YEARS[match.group(2)]
    return next((band for limit, band in _BANDS if years < limit), "adult")


def _sex(written: str) -> str | None:
    return written if written in {"F", "M"} else None
