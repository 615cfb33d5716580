"""Repeated and rejected exposures: at least so many, at most so many, by room, protocol and cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Columns, texts

# A second radiograph of one view so soon is a candidate for a repeat; nothing says that it is one.
_SOON = np.timedelta64(5 * 60 * 1_000_000, "us")
_STILLS = frozenset({"DX", "CR", "MG", "PX"})
UNSAID = "not said"


@dataclass(frozen=True, slots=True)
class RepeatRate:
    """Exposures of one room and protocol.

    ``stated`` were said to be repeated or rejected (the floor); ``suspected`` look like repeats and nothing is said of
    them, so the ceiling is both together. ``causes`` counts the stated ones.
    """

    device_key: str
    protocol: str
    exposures: int
    stated: int
    suspected: int
    causes: Mapping[str, int]

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
    exposures: Counter[tuple[str, str]] = Counter()
    causes: dict[tuple[str, str], Counter[str]] = {}
    doubtful: Counter[tuple[str, str]] = Counter()
    rooms = list(zip(texts(events["device_key"]), texts(events["protocol_name"]), strict=True))
    kinds = texts(events["event_type"])
    for row, room in enumerate(rooms):
        if kinds[row] == "administration":
            continue
        exposures[room] += 1
        doubtful[room] += int(suspected[row])
        if cause[row] is not None:
            causes.setdefault(room, Counter())[str(cause[row])] += 1
    rates = [
        RepeatRate(*room, count, causes.get(room, Counter()).total(), doubtful[room], dict(causes.get(room, {})))
        for room, count in exposures.items()
    ]
    return tuple(sorted(rates, key=lambda rate: (-rate.stated, -rate.suspected, rate.device_key, rate.protocol)))


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
