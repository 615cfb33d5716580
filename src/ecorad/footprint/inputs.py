"""What one department hands to the footprint: its devices with what they acquired, its meters, its choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.factors import Factor
from ecorad.model import PowerState

from .carbon import Intensity
from .energy.allocation import Rule
from .energy.trace import Ints, Trace
from .reconciliation import Bill

Columns = Mapping[str, NDArray[Any]]
UNKNOWN_MODALITY = "unknown"


@dataclass(frozen=True, kw_only=True)
class MeterInput:
    """One meter with its readings inside the period, and the devices it feeds."""

    meter_key: str
    trace: Trace
    feeds: tuple[str, ...] = ()
    cooling: bool = False
    accuracy_percent: float = 2.0


@dataclass(frozen=True, kw_only=True)
class DeviceInput:
    """One device and what it acquired, times on its own clock (UTC microseconds).

    Arrays ``study_*`` have shape (studies,) and hold exams and non-exams; ``acquisition_*`` have shape (acquisitions,)
    and hold what the device acquired for any of them. ``acquisition_study`` indexes the studies. An acquisition that
    ends when it starts has an unknown length.
    """

    device_key: str
    alias: str | None = None
    modality: str | None = None
    study_key: NDArray[np.object_]
    study_start_us: Ints
    study_end_us: Ints
    is_exam: NDArray[np.bool_]
    body_region: NDArray[np.object_]
    acquisition_study: Ints
    acquisition_start_us: Ints
    acquisition_end_us: Ints


@dataclass(frozen=True, kw_only=True)
class DepartmentInput:
    """One department over one period.

    Parameters
    ----------
    first_us, last_us : int
        Period, UTC microseconds.
    zone : str
        IANA zone.
    devices, meters : sequence
        ``feeds`` of the meters name ``device_key``.
    opening_hours : mapping of weekday to (open, close)
        Local; empty to infer them from exams.
    rule : {"time", "exam", "active"}
        Allocation.
    power_states : mapping of modality to (PowerState to Factor)
        Published powers: prior of the states, and tier 2.
    annual_energy : mapping of modality to Factor
        Published energy of a device and year, for tier 1. [kWh/a]
    bills : sequence of Bill
        What was billed for whole meters, to hold them against.
    average, marginal : grid intensity, optional
        Without them no CO2e is given.
    """

    first_us: int
    last_us: int
    zone: str
    devices: Sequence[DeviceInput]
    meters: Sequence[MeterInput] = ()
    opening_hours: Mapping[str, tuple[time, time]] = field(default_factory=dict)
    rule: Rule = "time"
    power_states: Mapping[str, Mapping[PowerState, Factor]] = field(default_factory=dict)
    annual_energy: Mapping[str, Factor] = field(default_factory=dict)
    bills: Sequence[Bill] = ()
    average: Intensity | None = None
    marginal: Intensity | None = None
    contract: Intensity | None = None

    @property
    def hours(self) -> float:
        """Length of the period. [h]"""
        return (self.last_us - self.first_us) / 3.6e9


def devices_from_columns(device: Columns, study: Columns, series: Columns) -> tuple[DeviceInput, ...]:
    """Devices with their studies and acquisitions, out of the columns of the tables of these names.

    Parameters
    ----------
    device : mapping of column to array
        ``device_key, alias, modality``.
    study : mapping of column to array
        ``study_key, device_key, modality, body_region, started_utc, ended_utc, is_exam``. Studies without a device or a
        start belong to no device and are left out; count them with :func:`unplaced`.
    series : mapping of column to array
        ``study_key, device_key, is_acquisition, started_utc, ended_utc, duration_s``. A series of another device than
        its study is left out: it was made elsewhere.

    Returns
    -------
    tuple of DeviceInput
        In the order of ``device``.
    """
    study_start, study_end = to_us(study["started_utc"]), to_us(study["ended_utc"])
    series_start, series_end = to_us(series["started_utc"]), to_us(series["ended_utc"])
    usable = (study_start > _NAT) & np.array([key is not None for key in study["device_key"]], dtype=bool)
    place = {key: n for n, key in enumerate(study["study_key"])}
    of_study = np.array([place.get(key, -1) for key in series["study_key"]], dtype=np.int64)
    acquired = (of_study >= 0) & np.asarray(series["is_acquisition"], dtype=bool) & (series_start > _NAT)
    length = np.asarray(series["duration_s"], dtype=np.float64)
    known_length = ~np.isnan(length) & (series_end > series_start)
    series_end = np.where(known_length, series_end, series_start)
    study_device = np.asarray(study["device_key"], dtype=object)
    series_device = np.asarray(series["device_key"], dtype=object)
    same = np.zeros(len(of_study), dtype=bool)
    same[acquired] = [
        own is None or own == study_device[n]
        for own, n in zip(series_device[acquired], of_study[acquired], strict=True)
    ]
    found = []
    for n, key in enumerate(device["device_key"]):
        mine = np.flatnonzero(usable & (study_device == key))
        local = np.full(len(study_device), -1, dtype=np.int64)
        local[mine] = np.arange(len(mine))
        chosen = np.flatnonzero(same & (local[of_study] >= 0))
        found.append(
            DeviceInput(
                device_key=key,
                alias=device["alias"][n],
                modality=device["modality"][n],
                study_key=np.asarray(study["study_key"], dtype=object)[mine],
                study_start_us=study_start[mine],
                study_end_us=np.maximum(study_end, study_start)[mine],
                is_exam=np.asarray(study["is_exam"], dtype=bool)[mine],
                body_region=np.asarray(study["body_region"], dtype=object)[mine],
                acquisition_study=local[of_study[chosen]],
                acquisition_start_us=series_start[chosen],
                acquisition_end_us=series_end[chosen],
            )
        )
    return tuple(found)


def unplaced(study: Columns) -> int:
    """Exams that no energy can be given to, because their device or start is not written."""
    start = to_us(study["started_utc"])
    has_device = np.array([key is not None for key in study["device_key"]], dtype=bool)
    return int(np.count_nonzero(np.asarray(study["is_exam"], dtype=bool) & ~((start > _NAT) & has_device)))


_NAT = np.iinfo(np.int64).min


def to_us(moments: NDArray[Any]) -> Ints:
    """Microseconds since 1970-01-01 of naive UTC timestamps; NaT becomes the smallest integer.

    >>> to_us(np.array(["1970-01-01T00:00:01", "NaT"], dtype="datetime64[us]")).tolist()[0]
    1000000
    """
    return np.asarray(moments).astype("datetime64[us]").astype(np.int64)
