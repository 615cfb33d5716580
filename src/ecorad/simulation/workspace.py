"""Writes a whole simulated department as a workspace."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ecorad.model import InputError

from .clocks import draw_clock
from .days import Days
from .exams import Exam
from .headers import HeaderWriter
from .medication import write_medication
from .meter_files import MeterWriter
from .meters import SimMeter, draw_meter
from .plan import Plan, plan_scanner
from .power import Tally, draw_drift, render
from .renal import laboratory, true_pairs
from .scanners import Scanner, draw_scanners
from .settings import Settings
from .sheets import write_laboratory, write_sheets
from .site_file import site_toml
from .states import state_runs
from .truth_files import ScannerTruth, TruthWriter, windows_of

FIRST_DAY = date(2026, 3, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationSummary:
    """What :func:`simulate` made; energies are the truth. [kWh]"""

    path: Path
    seed: int
    days: int
    scanners: int
    exams: int
    dicom_files: int
    meter_files: int
    total_kwh: float


@dataclass(frozen=True, slots=True)
class _Job:
    folder: Path
    days: Days
    settings: Settings
    seed: int
    meter_resolution_s: int | None
    advance: Callable[[], None]


def simulate(
    path: Path,
    *,
    days: int = 28,
    scanners: int = 5,
    seed: int = 1,
    start: date = FIRST_DAY,
    zone: str = "Europe/Amsterdam",
    grid_zone: str | None = "NL",
    meter_resolution_s: int | None = None,
    settings: Settings | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SimulationSummary:
    """Write a department with known truth to ``path``: ``site.toml``, ``incoming/``, ``laboratory.csv`` and ``truth/``.

    The same arguments give the same bytes. The folder appears when it is complete, under a name ending in
    ``.partial`` until then.

    Parameters
    ----------
    path : Path
        Folder to make; it may exist only if it is empty.
    days, scanners : int
        Length in local days from ``start``; number of scanners, MR, CT, DX, US, XA in turn.
    zone, grid_zone : str
        IANA zone of the site; grid zone for ``site.toml``.
    meter_resolution_s : int, optional
        Interval of every meter, a divisor of 3600; each kind of meter has its own when not given. [s]
    settings : Settings, optional
        How difficult and how busy it is.
    progress : callable, optional
        Called with (scanner-days done, scanner-days in all).

    Returns
    -------
    SimulationSummary

    Raises
    ------
    InputError
        If the folder is not empty, or a number cannot be used.
    """
    path = Path(path)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputError("the folder to simulate into must be new or empty", code="ecorad.simulation.not_empty")
    settings = settings or Settings()
    span = Days.of(start, days, zone)
    made = draw_scanners(scanners, settings, seed)
    partial = path.with_name(path.name + ".partial")
    if partial.exists():
        shutil.rmtree(partial)
    done = _Counter(days * scanners, progress)
    job = _Job(partial, span, settings, seed, meter_resolution_s, done.step)
    about = {
        "seed": seed,
        "days": days,
        "start": start.isoformat(),
        "zone": zone,
        "grid_zone": grid_zone,
        "meter_resolution_s": meter_resolution_s,
        "settings": settings.as_dict(),
    }
    meters, dicom_files, summary = _write_scanners(job, made, about)
    name = f"Simulated department {seed}"
    (partial / "site.toml").write_text(site_toml(name, zone, grid_zone, made, meters), encoding="utf-8")
    if path.exists():
        path.rmdir()
    partial.rename(path)
    return SimulationSummary(
        path=path,
        seed=seed,
        days=days,
        scanners=scanners,
        exams=int(str(summary["exams"])),
        dicom_files=dicom_files,
        meter_files=sum(1 for _ in (path / "incoming" / "meters").rglob("*.csv")),
        total_kwh=float(str(summary["total_kwh"])),
    )


class _Counter:
    def __init__(self, total: int, progress: Callable[[int, int], None] | None) -> None:
        self.done, self.total, self.progress = 0, total, progress

    def step(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)


def _write_scanners(
    job: _Job, scanners: Sequence[Scanner], about: dict[str, object]
) -> tuple[list[SimMeter], int, dict[str, object]]:
    truth = TruthWriter(job.folder / "truth", job.days, job.seed)
    meters: list[SimMeter] = []
    exams: list[Exam] = []
    dicom_files = 0
    for scanner in scanners:
        plan = plan_scanner(scanner, job.days, job.settings, job.seed, exams)
        one, files = _write_scanner(job, plan)
        truth.add(one)
        if one.meter is not None:
            meters.append(one.meter)
        exams += plan.exams
        dicom_files += files
    sheets = job.folder / "incoming" / "ledgers"
    truth.add_helium(write_sheets(sheets, job.days, scanners, exams, settings=job.settings, seed=job.seed))
    write_medication(
        job.folder / "incoming" / "medication",
        job.days,
        exams,
        completeness=job.settings.medication_completeness,
        seed=job.seed,
    )
    truth.add_pairs(true_pairs(exams, job.seed))
    write_laboratory(job.folder / "laboratory.csv", laboratory(exams, job.seed), job.days)
    for part in ("dicom", "meters"):
        (job.folder / "incoming" / part).mkdir(parents=True, exist_ok=True)
    return meters, dicom_files, truth.close(about)


def _write_scanner(job: _Job, plan: Plan) -> tuple[ScannerTruth, int]:
    scanner, days, settings, seed = plan.scanner, job.days, job.settings, job.seed
    runs = state_runs(plan, days.length_s)
    drift = draw_drift(scanner, settings, seed)
    clock = draw_clock(scanner, days, settings, seed)
    tally = Tally(runs, windows_of(plan, days))
    meter = writer = None
    if scanner.is_metered:
        meter = draw_meter(
            scanner, length_s=days.length_s, resolution_s=job.meter_resolution_s, settings=settings, seed=seed
        )
        writer = MeterWriter(job.folder / "incoming" / "meters" / meter.id, meter, days, settings, seed)
    files = _write_dicom(
        job.folder / "incoming" / "dicom" / scanner.alias, plan, HeaderWriter(scanner, clock, days, settings, seed)
    )
    for day in range(len(days)):
        chunk = render(
            scanner, runs, drift, (days.bounds_s[day], days.bounds_s[day + 1]), noise=settings.noise, seed=seed
        )
        tally.add(chunk)
        if writer is not None:
            writer.add(day, chunk)
        job.advance()
    return ScannerTruth(plan, tally, clock, meter), files


def _write_dicom(folder: Path, plan: Plan, writer: HeaderWriter) -> int:
    files = 0
    for exam in plan.exams:
        for name, content in writer.files(exam):
            target = folder / name
            if name.endswith("s01i001.dcm"):
                target.parent.mkdir(parents=True)
            target.write_bytes(content)
            files += 1
    return files
