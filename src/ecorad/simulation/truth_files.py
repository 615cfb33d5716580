"""Writes ``truth/``: what really happened. Nothing that audits may read it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .clocks import ScannerClock
from .days import Days
from .exams import Exam, uid
from .headers import accession, series_of
from .meters import SimMeter
from .plan import Plan
from .power import Tally
from .renal import TruePair, kidneys_of
from .scanners import STATES


@dataclass(frozen=True, slots=True)
class ScannerTruth:
    """All that is true of one scanner; windows of ``tally`` are those of :func:`windows_of`."""

    plan: Plan
    tally: Tally
    clock: ScannerClock
    meter: SimMeter | None


def windows_of(plan: Plan, days: Days) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Windows to tally: every exam, every series, every opening, every exam as far as it lies inside an opening."""
    exams = [(exam.start_s, exam.end_s) for exam in plan.exams]
    series = [(part[0].start_s, part[-1].end_s) for exam in plan.exams for part in series_of(exam)]
    spans = [days.opening_s(index, saturday=True) for index in range(len(days))]  # as site.toml says for all
    openings = [span or (0, 0) for span in spans]
    inside = [_clipped(exam, openings) if exam.is_exam else (0, 0) for exam in plan.exams]
    return np.array([*exams, *series, *openings, *inside], dtype=np.int64).reshape(-1, 2)


def _clipped(exam: Exam, openings: Sequence[tuple[int, int]]) -> tuple[int, int]:
    for opens, closes in openings:
        if exam.start_s < closes and exam.end_s > opens:
            return max(exam.start_s, opens), min(exam.end_s, closes)
    return 0, 0


class TruthWriter:
    """Collects the truth scanner by scanner and writes it at the end."""

    def __init__(self, folder: Path, days: Days, seed: int) -> None:
        self.folder, self.days, self.seed = folder, days, seed
        self.scanners: list[dict[str, Any]] = []
        folder.mkdir(parents=True)
        self._head("state_runs", "device", "state", "start_utc", "end_utc", "energy_kwh")
        self._head("exams", *_EXAM_COLUMNS)
        self._head("series", "series_instance_uid", "study_instance_uid", *_SERIES_COLUMNS)
        self._head("clock_offsets", "device", "date", "offset_s")
        self._head("leftovers", "study_instance_uid", "date", "device", "product", "pack_ml", "given_ml", "left_ml")
        self._head("contrast_pairs", *_PAIR_COLUMNS)
        self._head("helium", "device", "date", "level_l", "lost_l_per_week", "received_l")
        self._head("nights", "device", "date", "state", "left_on")
        self._head("bookings", "device", "start_utc", "outcome", "study_instance_uid")
        self._head("meters", "meter", "device", "gain", "what", "start_utc", "end_utc")

    def add(self, truth: ScannerTruth) -> None:
        """Append all rows of one scanner."""
        plan = truth.plan
        alias = plan.scanner.alias
        self._rows("state_runs", self._state_runs(alias, truth.tally))
        self._rows("exams", self._exams(truth))
        self._rows("series", self._series(truth))
        noons = [(self.days.bounds_s[n] + self.days.bounds_s[n + 1]) / 2 for n in range(len(self.days))]
        self._rows(
            "clock_offsets",
            ((alias, self.days.date(n), f"{truth.clock.offset_s(noon):.3f}") for n, noon in enumerate(noons)),
        )
        self._rows("leftovers", self._leftovers(plan))
        self._rows("nights", ((alias, self.days.date(n.day), n.state, _flag(n.is_left_on)) for n in plan.nights))
        self._rows(
            "bookings",
            (
                (alias, self._utc(b.start_s), b.outcome, uid(self.seed, b.exam_key) if b.exam_key else "")
                for b in plan.bookings
            ),
        )
        if truth.meter is not None:
            self._rows("meters", self._meter(truth.meter))
        self.scanners.append(self._summary(truth))

    def add_pairs(self, pairs: Iterable[TruePair]) -> None:
        """Append injections of one patient that were a week or less apart."""
        rows = []
        for pair in pairs:
            kidneys = kidneys_of(pair.following.patient, self.seed)
            required = "" if pair.required_h is None else f"{pair.required_h:g}"
            rows.append(
                (
                    f"SIM{pair.following.patient}",
                    uid(self.seed, pair.previous.key),
                    uid(self.seed, pair.following.key),
                    f"{pair.hours:.4f}",
                    kidneys.egfr,
                    kidneys.dialysis,
                    _flag(kidneys.is_known),
                    required,
                    _flag(pair.is_too_soon),
                )
            )
        self._rows("contrast_pairs", rows)

    def add_helium(self, rows: Iterable[Sequence[object]]) -> None:
        """Append true levels and losses of magnets."""
        self._rows("helium", rows)

    def close(self, about: dict[str, Any]) -> dict[str, Any]:
        """Write ``summary.json``: totals, scanners, and ``about`` (seed, settings, period)."""
        total: dict[str, Any] = {
            "total_kwh": sum(one["kwh"] for one in self.scanners),
            "metered_kwh": sum(one["kwh"] for one in self.scanners if one["is_metered"]),
            "exams": sum(one["exams"] for one in self.scanners),
            "iodine_g": round(sum(one["iodine_g"] for one in self.scanners), 6),
            "gadolinium_g": round(sum(one["gadolinium_g"] for one in self.scanners), 6),
        }
        for part in ("kwh_by_state", "kwh_by_class"):
            names = self.scanners[0][part]
            total[part] = {name: sum(one[part][name] for one in self.scanners) for name in names}
        summary = {**about, **total, "scanners": self.scanners}
        (self.folder / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
        return summary

    def _summary(self, truth: ScannerTruth) -> dict[str, Any]:
        scanner, exams, tally = truth.plan.scanner, truth.plan.exams, truth.tally
        kwh = float(tally.run_kwh.sum())
        hours = np.bincount(tally.runs.state, weights=np.diff(tally.runs.bounds_s) / 3600.0, minlength=len(STATES))
        grams = {"iodine": 0.0, "gadolinium": 0.0}
        for exam in exams:
            if exam.contrast is not None:
                grams[exam.contrast.product.substance] += exam.contrast.active_g
        return {
            "alias": scanner.alias,
            "serial": scanner.serial,
            "modality": scanner.modality,
            "model": scanner.model.model,
            "is_metered": scanner.is_metered,
            "night_state": scanner.night_state,
            "level_kw": {state: round(level, 6) for state, level in scanner.level_kw.items()},
            "kwh": kwh,
            "kwh_by_state": dict(zip(STATES, map(float, tally.by_state_kwh()), strict=True)),
            "hours_by_state": dict(zip(STATES, map(float, hours), strict=True)),
            "kwh_by_class": self._classes(truth, kwh),
            "exams": sum(exam.is_exam for exam in exams),
            "quality_checks": sum(not exam.is_exam for exam in exams),
            "no_shows": sum(booking.outcome == "no_show" for booking in truth.plan.bookings),
            "iodine_g": round(grams["iodine"], 6),
            "gadolinium_g": round(grams["gadolinium"], 6),
        }

    def _classes(self, truth: ScannerTruth, kwh: float) -> dict[str, float]:
        """Exams, gaps inside opening hours, and the rest, which is off-hours; quality checks are no exams."""
        count, days = len(truth.plan.exams), len(self.days)
        window_kwh = truth.tally.window_kwh
        is_exam = np.array([exam.is_exam for exam in truth.plan.exams], dtype=bool)
        exams = float(window_kwh[:count][is_exam].sum())
        openings = float(window_kwh[-count - days : len(window_kwh) - count].sum())
        gaps = openings - float(window_kwh[len(window_kwh) - count :].sum())
        return {"exams": exams, "gaps": gaps, "off_hours": kwh - exams - gaps}

    def _state_runs(self, alias: str, tally: Tally) -> Iterable[Sequence[object]]:
        bounds = [self._utc(second) for second in tally.runs.bounds_s.tolist()]
        for n, (state, energy) in enumerate(zip(tally.runs.state.tolist(), tally.run_kwh.tolist(), strict=True)):
            yield alias, STATES[state], bounds[n], bounds[n + 1], f"{energy:.9f}"

    def _exams(self, truth: ScannerTruth) -> Iterable[Sequence[object]]:
        for n, exam in enumerate(truth.plan.exams):
            contrast = exam.contrast
            grams = {contrast.product.substance: f"{contrast.active_g:.6f}"} if contrast else {}
            yield (
                uid(self.seed, exam.key),
                exam.alias,
                exam.kind.modality,
                exam.kind.body_region,
                accession(exam),
                f"SIM{exam.patient}" if exam.patient else "",
                exam.booked,
                self._utc(exam.start_s),
                self._utc(exam.end_s),
                f"{truth.tally.window_kwh[n]:.9f}",
                f"{truth.tally.window_marginal_kwh[n]:.9f}",
                contrast.product.product if contrast else "",
                f"{contrast.given_ml:g}" if contrast else "",
                f"{contrast.left_ml:g}" if contrast else "",
                grams.get("iodine", ""),
                grams.get("gadolinium", ""),
                _flag(exam.is_exam),
                uid(self.seed, exam.duplicate_of) if exam.duplicate_of else "",
                uid(self.seed, exam.repeat_of) if exam.repeat_of else "",
                sum(acquisition.is_repeat for acquisition in exam.acquisitions),
            )

    def _series(self, truth: ScannerTruth) -> Iterable[Sequence[object]]:
        row = len(truth.plan.exams)
        for exam in truth.plan.exams:
            for number, part in enumerate(series_of(exam), 1):
                yield (
                    uid(self.seed, exam.key, number),
                    uid(self.seed, exam.key),
                    exam.alias,
                    part[0].protocol,
                    self._utc(part[0].start_s),
                    self._utc(part[-1].end_s),
                    f"{truth.tally.window_kwh[row]:.9f}",
                    _flag(part[0].is_repeat),
                )
                row += 1

    def _leftovers(self, plan: Plan) -> Iterable[Sequence[object]]:
        for exam in plan.exams:
            if exam.contrast is not None:
                one = exam.contrast
                day = self.days.local(exam.start_s).date()
                volumes = (f"{one.pack_ml:g}", f"{one.given_ml:g}", f"{one.left_ml:g}")
                yield uid(self.seed, exam.key), day, exam.alias, one.product.product, *volumes

    def _meter(self, meter: SimMeter) -> Iterable[Sequence[object]]:
        head = (meter.id, meter.scanner.alias, f"{meter.gain:.6f}")
        yield *head, "whole", self._utc(0), self._utc(self.days.length_s)
        for start_s, end_s in meter.gaps_s:
            yield *head, "gap", self._utc(start_s), self._utc(end_s)
        for reset_s in meter.resets_s:
            yield *head, "reset", self._utc(reset_s), self._utc(reset_s)

    def _utc(self, second: float) -> str:
        return self.days.utc(second).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _head(self, name: str, *columns: str) -> None:
        self._rows(name, [columns])

    def _rows(self, name: str, rows: Iterable[Sequence[object]]) -> None:
        with (self.folder / f"{name}.csv").open("a", encoding="utf-8", newline="") as target:
            csv.writer(target, lineterminator="\n").writerows(rows)


_EXAM_COLUMNS = (
    "study_instance_uid",
    "device",
    "modality",
    "body_region",
    "accession_number",
    "patient_id",
    "booked",
    "start_utc",
    "end_utc",
    "active_kwh",
    "marginal_kwh",
    "product",
    "given_ml",
    "left_ml",
    "iodine_g",
    "gadolinium_g",
    "is_exam",
    "duplicate_of",
    "repeat_of",
    "repeated_series",
)
_PAIR_COLUMNS = (
    "patient_id",
    "previous_study",
    "following_study",
    "hours",
    "egfr",
    "dialysis",
    "is_known",
    "required_h",
    "is_too_soon",
)
_SERIES_COLUMNS = ("device", "protocol", "start_utc", "end_utc", "energy_kwh", "is_repeat")


def _flag(value: bool) -> str:
    return "true" if value else "false"
