"""The working days of one scanner: bookings, emergencies, quality checks, nights."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from .acquisitions import LEAVING_S, PREPARATION_S, Acquired, acquire, quality_check
from .catalogue import ExamKind, exam_mix, habits
from .days import Days
from .exams import Exam, choose_kind, draw_contrast
from .scanners import Scanner
from .settings import Settings

FORTNIGHT_S = 14 * 86400
DAILY_CHECK = ("MR", "CT")  # the others are checked on Mondays


@dataclass(frozen=True, slots=True)
class Night:
    """How a scanner was left at the end of day ``day``."""

    day: int
    state: str
    is_left_on: bool


@dataclass(frozen=True, slots=True)
class Booking:
    """One filled slot of the list: ``outcome`` is ``done``, ``no_show`` or ``no_room`` (the day was over)."""

    start_s: int
    outcome: str
    exam_key: str = ""


@dataclass(slots=True)
class Plan:
    """Everything that happened at one scanner, in order of time; ``background`` is (from second, state)."""

    scanner: Scanner
    exams: list[Exam] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)
    nights: list[Night] = field(default_factory=list)
    background: list[tuple[int, str]] = field(default_factory=list)


def plan_scanner(scanner: Scanner, days: Days, settings: Settings, seed: int, others: Sequence[Exam] = ()) -> Plan:
    """Draw all days of ``scanner``; ``others`` are exams of other scanners whose patients may come here too."""
    return _Planner(scanner, days, settings, random.Random(f"{seed}/{scanner.index}/plan"), others).run()


class _Planner:
    def __init__(
        self, scanner: Scanner, days: Days, settings: Settings, rng: random.Random, others: Sequence[Exam]
    ) -> None:
        self.scanner, self.days, self.settings, self.rng = scanner, days, settings, rng
        self.others = [exam for exam in others if exam.is_exam and exam.kind.modality != scanner.modality]
        self.habit = habits()[scanner.modality]
        self.plan = Plan(scanner)
        self.free_s = 600
        self.number = 0

    def run(self) -> Plan:
        self.plan.background.append((0, self.scanner.night_state))
        for day in range(len(self.days)):
            span = self.days.opening_s(day, saturday=self.habit.opens_saturday)
            begin_s, end_s = self.days.bounds_s[day], self.days.bounds_s[day + 1]
            if span is None:
                self._emergencies(begin_s, end_s)
                continue
            warm_s = span[0] - round(60 * self.habit.warm_up_min * self.rng.uniform(0.7, 1.4))
            self._emergencies(begin_s, warm_s - 300)
            self.plan.background.append((max(warm_s, self.plan.background[-1][0] + 1), "idle"))
            if self.scanner.modality in DAILY_CHECK or self.days.date(day).weekday() == 0:
                self._quality_check(span[0], warm_s)
            self._booked_day(*span)
            self._night(day, span[1])
            self._emergencies(max(span[1], self.free_s) + 1800, end_s)
        return self.plan

    def _night(self, day: int, closes_s: int) -> None:
        is_left_on = self.rng.random() < self.scanner.left_on
        state = "idle" if is_left_on else self.scanner.night_state
        closed_s = max(closes_s, self.free_s) + self.rng.randint(600, 2400)
        self.plan.background.append((closed_s, state))
        self.plan.nights.append(Night(day, state, is_left_on))

    def _quality_check(self, opens_s: int, warm_s: int) -> None:
        enters_s = max(opens_s - self.rng.randint(500, 900), warm_s + 120, self.free_s)
        start_s = enters_s + 60
        acquisitions, beams = quality_check(self.scanner.modality, start_s, self.rng)
        kind = ExamKind(
            modality=self.scanner.modality,
            body_region="other",
            body_part="",
            laterality="",
            procedure="Quality check phantom",
            protocols=(),
            share=0.0,
            window_min=(0.0, 0.0),
            acquisitions=(2, 2),
            contrast_share=0.0,
        )
        leaves_s = acquisitions[-1].end_s + 30
        self._add(
            kind=kind, patient="", booked="qc", enters_s=enters_s, leaves_s=leaves_s, acquired=(acquisitions, beams)
        )

    def _booked_day(self, opens_s: int, closes_s: int) -> None:
        slot_s = round(self.habit.slot_min * 60)
        repeat: Exam | None = None
        for start_s in range(opens_s, closes_s - slot_s + 1, slot_s):
            if repeat is None and self.rng.random() >= self.settings.load:
                continue
            if repeat is None and self.rng.random() < self.settings.no_show:
                self.plan.bookings.append(Booking(start_s, "no_show"))
                continue
            if self.free_s > closes_s:
                self.plan.bookings.append(Booking(start_s, "no_room"))
                continue
            exam = self._exam(start_s + self.rng.randint(-120, 240), "booked", repeat_of=repeat)
            self.plan.bookings.append(Booking(start_s, "done", exam.key if exam else ""))
            repeat = exam if repeat is None and self.rng.random() < self.settings.repeat_exam else None

    def _emergencies(self, from_s: int, until_s: int) -> None:
        rate = self.habit.emergencies_per_night / (13 * 3600)
        moment = from_s + self.rng.expovariate(rate) if rate else float(until_s)
        while moment < until_s - 3600:
            self._exam(round(moment), "unbooked")
            moment += 2700 + self.rng.expovariate(rate)

    def _exam(self, wanted_s: int, booked: str, *, repeat_of: Exam | None = None) -> Exam | None:
        rng, modality = self.rng, self.scanner.modality
        kind, patient, duplicate_of = self._who_and_what(repeat_of)
        enters_s = max(wanted_s, self.free_s)
        start_s = enters_s + rng.randint(*PREPARATION_S[modality])
        contrast = bool(self.habit.products) and rng.random() < kind.contrast_share
        acquired = acquire(kind, start_s, contrast=contrast, settings=self.settings, rng=rng)
        leaves_s = max(one.end_s for one in acquired[0]) + rng.randint(*LEAVING_S[modality])
        if leaves_s > self.days.length_s - 1800:
            return None
        return self._add(
            kind=kind,
            patient=patient,
            booked=booked,
            enters_s=enters_s,
            leaves_s=leaves_s,
            acquired=acquired,
            contrast=contrast,
            duplicate_of=duplicate_of,
            repeat_of="" if repeat_of is None else repeat_of.key,
        )

    def _who_and_what(self, repeat_of: Exam | None) -> tuple[ExamKind, str, str]:
        rng, settings = self.rng, self.settings
        if repeat_of is not None:
            return repeat_of.kind, repeat_of.patient, ""
        chance = rng.random()
        if chance < settings.duplicate_exam:
            recent = [
                exam
                for exam in self.plan.exams[-400:]
                if exam.is_exam and not exam.repeat_of and 43200 < self.free_s - exam.leaves_s < FORTNIGHT_S
            ]
            if recent:
                earlier = rng.choice(recent)
                return earlier.kind, earlier.patient, earlier.key
        kind = choose_kind(exam_mix()[self.scanner.modality], rng)
        if self.others and chance > 1 - settings.shared_patients:
            return kind, rng.choice(self.others).patient, ""
        return kind, f"{self.scanner.index + 1:02d}{self.number + 1:06d}", ""

    def _add(
        self,
        *,
        kind: ExamKind,
        patient: str,
        booked: str,
        enters_s: int,
        leaves_s: int,
        acquired: Acquired,
        contrast: bool = False,
        duplicate_of: str = "",
        repeat_of: str = "",
    ) -> Exam:
        self.number += 1
        acquisitions, beams = acquired
        injection = None
        if contrast:
            habit = self.scanner.model.contrast_habit
            injection = draw_contrast(self.habit.products, habit, acquisitions, self.rng)
        has_derived = kind.modality == "CT" and booked != "qc" and self.rng.random() < self.settings.derived_series
        exam = Exam(
            key=f"{self.scanner.alias}/{self.number:06d}",
            alias=self.scanner.alias,
            number=self.number,
            kind=kind,
            patient=patient,
            booked=booked,
            enters_s=enters_s,
            leaves_s=leaves_s,
            acquisitions=acquisitions,
            beams=beams,
            contrast=injection,
            is_exam=booked != "qc",
            duplicate_of=duplicate_of,
            repeat_of=repeat_of,
            derived_after_s=self.rng.randint(300, 1500) if has_derived else None,
        )
        self.plan.exams.append(exam)
        self.free_s = leaves_s + self.rng.randint(20, 90)
        return exam
