"""Repeated and rejected exposures: at least so many, at most so many, by room, protocol and cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Columns, is_shared, texts

# A second radiograph of one view so soon is a candidate for a repeat; nothing says that it is one.
_SOON = np.timedelta64(5 * 60 * 1_000_000, "us")
_STILLS = frozenset({"DX", "CR", "MG", "PX"})
UNSAID = "not said"


@dataclass(frozen=True, slots=True)
class RepeatRate:
    """Exposures of one room and protocol; without a name those of all its protocols that too few patients share.

    ``stated`` were said to be repeated or rejected (the floor); ``suspected`` look like repeats and nothing is said of
    them, so the ceiling is both together. ``causes`` counts the stated ones.
    """

    device_key: str
    protocol: str | None
    exposures: int
    stated: int
    suspected: int
    causes: Mapping[str, int]
    protocols: int = 1

    @property
    def floor(self) -> float:
        """Share that was said to be repeated or rejected."""
        return self.stated / self.exposures

    @property
    def ceiling(self) -> float:
        """Share at most: with what looks like it."""
        return (self.stated + self.suspected) / self.exposures


def repeat_rates(
    events: Columns, rejections: Columns, event_of_image: Mapping[str, str] | None = None
) -> tuple[RepeatRate, ...]:
    """Rates of each device and protocol, most stated first.

    A protocol that too few exams and patients share has no row of its own: its name, and its few exposures, could be
    those of one person.

    Parameters
    ----------
    events : Columns
        Of ``irradiation_event``, current.
    rejections : Columns
        Of ``rejection``. A rejected object is counted with the exposure whose image it is; one whose exposure is not
        known adds to its study's device neither exposure nor rejection.
    event_of_image : mapping of str to str, optional
        Event key by instance key, for exposures that a report told and whose image was rejected.
    """
    rejected = {
        key: reason
        for key, reason, kind in zip(
            texts(rejections["instance_key"]), texts(rejections["reason"]), texts(rejections["kind"]), strict=True
        )
        if kind == "quality"
    }
    of_image = event_of_image or {}
    rejected |= {of_image[image]: reason for image, reason in rejected.items() if image in of_image}
    cause = _causes(events, rejected)
    suspected = _suspected(events, cause)
    exposures: Counter[_Room] = Counter()
    causes: dict[_Room, Counter[str]] = {}
    doubtful: Counter[_Room] = Counter()
    kinds = texts(events["event_type"])
    rooms, withheld = _rooms(events, [kind != "administration" for kind in kinds])
    for row, room in enumerate(rooms):
        if room is None:
            continue
        exposures[room] += 1
        doubtful[room] += int(suspected[row])
        if cause[row] is not None:
            causes.setdefault(room, Counter())[str(cause[row])] += 1
    rates = [
        RepeatRate(
            *room,
            count,
            causes.get(room, Counter()).total(),
            doubtful[room],
            dict(causes.get(room, {})),
            withheld[room] if room[1] is None else 1,
        )
        for room, count in exposures.items()
    ]
    return tuple(sorted(rates, key=lambda rate: (-rate.stated, -rate.suspected, rate.device_key, rate.protocol or "")))


# Device, and protocol: "" where none is told, None for those whose name is not shown.
_Room = tuple[str, str | None]


def _rooms(events: Columns, is_exposure: list[bool]) -> tuple[list[_Room | None], Counter[_Room]]:
    """Device and protocol of each exposure, and of each device how many protocols have no row of their own."""
    named = list(zip(texts(events["device_key"]), texts(events["protocol_name"]), strict=True))
    studies: dict[tuple[str, str], set[str]] = {}
    patients: dict[tuple[str, str], set[str]] = {}
    who = zip(texts(events["study_key"]), texts(events["patient_key"]), strict=True)
    for room, (study, patient), counts in zip(named, who, is_exposure, strict=True):
        if counts:
            studies.setdefault(room, set()).add(study)
            patients.setdefault(room, set()).add(patient)
    small = {room for room in studies if room[1] and not is_shared(len(studies[room]), len(patients[room]))}
    rooms: list[_Room | None] = [
        None if not counts else (room[0], None) if room in small else room
        for room, counts in zip(named, is_exposure, strict=True)
    ]
    return rooms, Counter((device, None) for device, _ in small)


def _causes(events: Columns, rejected: Mapping[str, str]) -> list[str | None]:
    """Why each event was repeated or rejected; ``None`` for those of which nothing is said."""
    found: list[str | None] = []
    names = ("repeat_reason", "reject_reason", "report_key", "irradiation_event_key")
    for row, (repeat, reject, image, event) in enumerate(zip(*(texts(events[n]) for n in names), strict=True)):
        if events["is_repeated"][row] is True or events["is_rejected"][row] is True:
            found.append(repeat or reject or UNSAID)
        elif image in rejected or event in rejected:
            found.append(rejected.get(image) or rejected.get(event) or UNSAID)
        else:
            found.append(None)
    return found


def _suspected(events: Columns, cause: list[str | None]) -> NDArray[np.bool_]:
    """Radiographs of which nothing is said, taken soon after another of the same study, protocol, side and view.

    Without its view a mammogram is no suspect: every breast is taken in two.
    """
    suspected = np.zeros(len(cause), dtype=bool)
    times: NDArray[Any] = events["started_utc"].astype("datetime64[us]")
    names = ("study_key", "device_key", "protocol_name", "body_region", "laterality", "view", "modality")
    like = list(zip(*(texts(events[name]) for name in names), strict=True))
    last: dict[tuple[str, ...], Any] = {}
    for row in np.argsort(times, kind="stable"):
        key = like[row]
        if key[-1] not in _STILLS or (key[-1] == "MG" and not key[-2]) or np.isnat(times[row]):
            continue
        if key in last and times[row] - last[key] <= _SOON and cause[row] is None:
            suspected[row] = events["is_repeated"][row] is not False
        last[key] = times[row]
    return suspected
