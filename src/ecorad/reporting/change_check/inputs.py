"""The days and exams of one scanner, out of the last audit and the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.factors import FactorBook
from ecorad.footprint.dose.effective import effective_doses
from ecorad.intake.register import feed_keys, open_ledger
from ecorad.ledger import Ledger, Workspace
from ecorad.model import InputError, Period
from ecorad.model.clock import MICROSECONDS_PER_DAY, wall_us
from ecorad.verification.measures import Days, Exams

from ..last_results import result_columns

Columns = Mapping[str, NDArray[Any]]
NO_DEVICE = "ecorad.verify.device"
_EPOCH = date(1970, 1, 1)
# Under this part read, the energy of an exam is not its own.
_KNOWN = 0.9
_KINDS = ("iodine", "gadolinium")


@dataclass(frozen=True, kw_only=True, eq=False)
class Studies:
    """What the ledger says of each study: region, contrast, dose, and whether anything of it was rejected."""

    region: Mapping[str, str]
    contrast_ml: Mapping[str, float]
    dose_msv: Mapping[str, float]
    rejected: frozenset[str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Scanner:
    """One scanner as the audit knows it; ``is_rejected`` belongs to the rows of ``exams``."""

    key: str
    alias: str | None
    modality: str | None
    accuracy_percent: float
    meters: tuple[str, ...]
    days: Days
    exams: Exams
    is_rejected: NDArray[np.bool_]


class History:
    """An audit with what the ledger says of each study.

    Parameters
    ----------
    audit : dict
        Its period, devices and meters, as ``audit.json`` has them.
    exams, meter_days : dict of str to ndarray
        Its results ``exam_energy`` and ``meter_day``, as :mod:`~ecorad.reporting.last_results` gives them.
    workspace : Workspace
        Whose ledger it was made of.
    studies : Studies
        Of that ledger.
    """

    def __init__(
        self, audit: Mapping[str, Any], exams: Columns, meter_days: Columns, workspace: Workspace, studies: Studies
    ) -> None:
        self.audit, self._exams, self._meter_days, self._studies = audit, exams, meter_days, studies
        self._zone = workspace.site.timezone
        self._keys = feed_keys(workspace)
        self.first, self.last = (date.fromisoformat(self.audit["period"][name]) for name in ("from", "to"))

    @classmethod
    def of_last_audit(cls, workspace: Workspace, book: FactorBook, out_path: Path | None = None) -> History:
        """The last audit of a workspace.

        Raises
        ------
        InputError
            When no audit was made yet.
        """
        folder = out_path or workspace.out_path
        path = folder / "audit.json"
        exams, meter_days = (result_columns(folder, name) for name in ("exam_energy", "meter_day"))
        if not path.exists() or exams is None or meter_days is None:
            raise InputError("this rests on an audit: run `ecorad audit` first", code="ecorad.input.no_audit")
        with open_ledger(workspace) as ledger:
            told = studies(ledger, book)
        return cls(json.loads(path.read_text("utf-8")), exams, meter_days, workspace, told)

    def scanner(self, name: str) -> Scanner:
        """The scanner of an alias, serial number or pseudonym.

        Raises
        ------
        InputError
            When the audit has none of that name.
        """
        key = self._keys.get(name, name)
        rows = [row for row in self.audit["devices"] if key == row["device"] or name == row["alias"]]
        if not rows:
            raise InputError("no device of that name is in the last audit", code=NO_DEVICE)
        row = rows[0]
        exams, rejected = self._of(row["device"])
        meters = {one["meter"]: one for one in self.audit["meters"]}
        own = [one for one in row["meters"] if one in meters and meters[one]["devices"] == [row["device"]]]
        accuracy = max((meters[one]["accuracy_percent"] for one in own), default=2.0)
        is_own = bool(own) and len(own) == len(row["meters"])
        return Scanner(
            key=row["device"],
            alias=row["alias"],
            modality=row["modality"],
            accuracy_percent=float(accuracy),
            meters=tuple(own),
            days=self._days(own if is_own else [], exams, knows_hours=row["opening_hours"] is not None),
            exams=exams,
            is_rejected=rejected,
        )

    def _of(self, device: str) -> tuple[Exams, NDArray[np.bool_]]:
        mine = (self._exams["device_key"] == device) & (self._exams["started_utc"] > np.iinfo(np.int64).min)
        rows = {name: values[mine] for name, values in self._exams.items()}
        start, end = rows["started_utc"], rows["ended_utc"]
        length = (end - start) / 60e6
        ended = np.array(["end_unknown" not in flags.split("|") for flags in rows["flags"]], dtype=bool)
        metered = (rows["tier"] == 3) & (rows["known_fraction"] >= _KNOWN)
        told = self._studies
        keys = rows["study_key"]
        exams = Exams(
            day=wall_us(start, self._zone) // MICROSECONDS_PER_DAY,
            region=np.array([told.region.get(key, "") for key in keys], dtype=object),
            minutes=np.where(ended & (end > start), length, np.nan),
            kwh=np.where(metered, rows["active_kwh"], np.nan),
            contrast_ml=np.array([told.contrast_ml.get(key, np.nan) for key in keys], dtype=np.float64),
            dose_msv=np.array([told.dose_msv.get(key, np.nan) for key in keys], dtype=np.float64),
        )
        return exams, np.array([key in told.rejected for key in keys], dtype=bool)

    def _days(self, meters: list[str], exams: Exams, *, knows_hours: bool) -> Days:
        first, last = day_number(self.first), day_number(self.last)
        day = np.arange(first, last + 1)
        kwh, off, read = (np.zeros(len(day)) for _ in range(3))
        if not meters:
            kwh[:], off[:] = np.nan, np.nan
        for meter in meters:
            mine = self._meter_days["meter_key"] == meter
            place = self._meter_days["date"][mine] - first
            seen = np.isin(day - first, place)
            inside = (place >= 0) & (place < len(day))
            for total, name in ((kwh, "meter_kwh"), (off, "off_hours_kwh"), (read, "read_h")):
                np.add.at(total, place[inside], self._meter_days[name][mine][inside])
            kwh[~seen] = np.nan
        hours = np.array([Period.of_days(one, one, self._zone).hours for one in map(day_date, day.tolist())])
        return Days(
            day=day,
            kwh=kwh,
            off_hours_kwh=off if knows_hours else np.full(len(day), np.nan),
            read_share=read / hours / max(len(meters), 1),
            exams=_by_day(day, exams, np.ones(len(exams.day))),
            minutes=_by_day(day, exams, exams.minutes),
        )


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def day_date(number: int) -> date:
    """The day that :func:`day_number` counts."""
    return _EPOCH + timedelta(days=number)


def of_regions(scanner: Scanner, regions: tuple[str, ...]) -> Scanner:
    """The scanner with the exams of some body regions only; its days stay whole."""
    if not regions:
        return scanner
    rows = np.isin(scanner.exams.region, regions)
    return replace(scanner, exams=scanner.exams.only(rows), is_rejected=scanner.is_rejected[rows])


def _by_day(day: NDArray[np.int64], exams: Exams, amount: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums by day; before the first exam received and after the last nothing is known of how many there were."""
    total = np.zeros(len(day))
    inside = (exams.day >= day[0]) & (exams.day <= day[-1])
    np.add.at(total, exams.day[inside] - day[0], amount[inside])
    if not inside.any():
        return np.full(len(day), np.nan)
    known = (day >= exams.day[inside].min()) & (day <= exams.day[inside].max())
    return np.where(known, total, np.nan)


def studies(ledger: Ledger, book: FactorBook) -> Studies:
    """What a ledger says of its studies."""
    study = ledger.columns("study", ["study_key", "body_region"])
    events = ledger.columns("irradiation_event")
    notes = ledger.columns("rejection", ["study_key", "kind"])
    told = (events["is_repeated"] == True) | (events["is_rejected"] == True)  # noqa: E712 - empty is neither
    rejected = {str(key) for key in events["study_key"][told.astype(bool)]}
    rejected |= {str(key) for key, kind in zip(*(notes[name] for name in notes), strict=True) if kind == "quality"}
    given: dict[str, float] = {}
    shots = ledger.columns("administration", ["study_key", "kind", "volume_ml"])
    for key, kind, volume in zip(*(shots[name] for name in shots), strict=True):
        if kind in _KINDS:
            # One injection of unknown volume makes the exam's volume unknown.
            given[key] = given.get(key, 0.0) + float(np.nan if volume is None else volume)
    doses = effective_doses(events, book).by_study
    return Studies(
        region={key: region or "" for key, region in zip(study["study_key"], study["body_region"], strict=True)},
        contrast_ml=given,
        dose_msv={key: one.value for key, one in doses.items() if one.value is not None},
        rejected=frozenset(rejected),
    )
