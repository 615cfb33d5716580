"""Dose of each study: the sum of its events, each counted once; declared totals where a report lists no events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Columns, groups_of, known_sum, texts

QUANTITIES = (
    "dlp_mgy_cm",
    "dose_area_product_gy_m2",
    "dose_rp_gy",
    "glandular_left_mgy",
    "glandular_right_mgy",
    "fluoroscopy_s",
    "activity_mbq",
)
# By how much a declared total may pass the sum of the events before it says that events are missing.
_MISSING = 1.05


@dataclass(frozen=True, slots=True)
class StudyDoses:
    """One row a study that tells a dose; not a number where a quantity is not known.

    ``totals`` is by quantity; ``declared_only`` marks studies whose reports list no events, ``is_short`` those where
    a declared total is more than 5 % above what the listed events make.
    """

    study_key: NDArray[Any]
    modality: list[str]
    body_region: list[str]
    protocol: list[str]
    age_band: list[str]
    device_key: list[str]
    patient_key: list[str]
    started: NDArray[Any]
    events: NDArray[np.int64]
    totals: dict[str, NDArray[np.float64]]
    declared_only: NDArray[np.bool_]
    is_short: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.study_key)


def study_doses(events: Columns, reports: Columns, study_modality: Mapping[str, str] | None = None) -> StudyDoses:
    """Totals of each study.

    Parameters
    ----------
    events : Columns
        Of ``irradiation_event``, current: each event once.
    reports : Columns
        Of ``dose_report``, current. Declared totals of several reports of one study are those of the latest, for a
        report without events cannot be told from one that says the same again.
    study_modality : mapping of str to str, optional
        Modality of the study where it is known otherwise: the CT of a PET/CT is not like other CT.
    """
    every = np.concatenate([events["study_key"], reports["study_key"]])
    keys, places = groups_of(every)
    of_event, of_report = places[: len(events["study_key"])], places[len(events["study_key"]) :]
    count = len(keys)
    found = _summed(events, of_event, count)
    declared = _declared(reports, of_report, count)
    has_events = np.bincount(of_event, minlength=count) > 0
    totals = {name: np.where(np.isnan(found[name]), declared[name], found[name]) for name in QUANTITIES}
    short = np.zeros(count, dtype=bool)
    for name in ("dlp_mgy_cm", "dose_area_product_gy_m2"):
        with np.errstate(invalid="ignore"):
            short |= declared[name] > _MISSING * found[name]
    told = study_modality or {}
    leading = _leading(events, of_event, count)
    modality = _first_text(reports, of_report, count, "modality")
    return StudyDoses(
        study_key=keys,
        modality=[
            told.get(str(keys[i])) or _at(events, place, "modality") or modality[i] for i, place in enumerate(leading)
        ],
        body_region=[_at(events, place, "body_region") for place in leading],
        protocol=[_at(events, place, "protocol_name") for place in leading],
        age_band=[_at(events, place, "age_band") for place in leading],
        device_key=[_at(events, place, "device_key") for place in leading],
        patient_key=[_at(events, place, "patient_key") for place in leading],
        started=_starts(events, of_event, count),
        events=np.bincount(of_event, minlength=count).astype(np.int64),
        totals=totals,
        declared_only=~has_events,
        is_short=short,
    )


def _summed(events: Columns, places: NDArray[np.intp], count: int) -> dict[str, NDArray[np.float64]]:
    found = {
        name: known_sum(events[name], places, count)[0]
        for name in ("dlp_mgy_cm", "dose_area_product_gy_m2", "dose_rp_gy", "activity_mbq")
    }
    side = np.array(texts(events["laterality"]), dtype=object)
    glandular = events["average_glandular_dose_mgy"]
    for name in ("left", "right"):
        one = np.where(side == name, glandular, np.nan).astype(float)
        found[f"glandular_{name}_mgy"], _ = known_sum(one, places, count)
    # Fluoroscopy time is declared: pulses of an event do not add up to beam-on time at every maker.
    found["fluoroscopy_s"] = np.full(count, np.nan)
    return found


def _declared(reports: Columns, places: NDArray[np.intp], count: int) -> dict[str, NDArray[np.float64]]:
    """What the latest report of each study declares, over its planes."""
    declared = {name: np.full(count, np.nan) for name in QUANTITIES}
    latest: dict[int, str] = {}
    order = np.lexsort((reports["report_key"].astype(str), reports["reported_utc"].astype("datetime64[us]")))
    for row in order:
        latest[int(places[row])] = reports["report_key"][row]
    for row in order:
        place = int(places[row])
        if latest[place] != reports["report_key"][row]:
            continue
        for name, values in declared.items():
            value = float(reports[name][row])
            if not np.isnan(value):
                values[place] = value if np.isnan(values[place]) else values[place] + value
    return declared


def _leading(events: Columns, places: NDArray[np.intp], count: int) -> list[int | None]:
    """The event that each study is named after: the one with the largest dose, then the first by key."""
    size = np.nan_to_num(events["dlp_mgy_cm"]) + 1e6 * np.nan_to_num(events["dose_area_product_gy_m2"])
    size = size + np.nan_to_num(events["average_glandular_dose_mgy"])
    leading: list[int | None] = [None] * count
    for row in np.lexsort((events["record_key"].astype(str), -size))[::-1]:
        leading[int(places[row])] = int(row)
    return leading


def _starts(events: Columns, places: NDArray[np.intp], count: int) -> NDArray[Any]:
    starts = np.full(count, np.datetime64("NaT"), dtype="datetime64[us]")
    times = events["event_time_utc"].astype("datetime64[us]")
    for row in np.argsort(times)[::-1]:
        if not np.isnat(times[row]):
            starts[int(places[row])] = times[row]
    return starts


def _at(columns: Columns, place: int | None, name: str) -> str:
    value = None if place is None else columns[name][place]
    return "" if value is None else str(value)


def _first_text(columns: Columns, places: NDArray[np.intp], count: int, name: str) -> list[str]:
    found = [""] * count
    for row, value in enumerate(texts(columns[name])):
        found[int(places[row])] = found[int(places[row])] or value
    return found
