"""The sheets a department keeps: contrast packs, consumables, helium, linen, paper."""

from __future__ import annotations

import csv
import io
import random
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .days import Days
from .exams import Exam
from .renal import Kidneys
from .scanners import Scanner
from .settings import Settings

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
# Pieces used per exam, by modality. Assumed: no published counts were used.
USED_PER_EXAM: dict[str, dict[str, float]] = {
    "MR": {"ear plugs": 2, "paper sheet": 1},
    "CT": {"paper sheet": 1, "syringe set": 0.6},
    "DX": {"disinfectant wipe": 2},
    "US": {"gel bottle": 0.1, "paper sheet": 1, "disinfectant wipe": 3},
    "XA": {"sterile set": 1, "glove pair": 6, "catheter": 2},
}


def write_sheets(
    folder: Path, days: Days, scanners: Sequence[Scanner], exams: Sequence[Exam], *, settings: Settings, seed: int
) -> list[tuple[object, ...]]:
    """All ledger sheets below ``folder``; :data:`LEDGER_TOML` tells how to read them. Gives the true helium levels."""
    folder.mkdir(parents=True)
    rng = random.Random(f"{seed}/sheets")
    real = [exam for exam in exams if exam.is_exam]
    _write_csv(folder / "contrast.csv", _contrast_rows(days, real, settings, rng), ";")
    _write_xlsx(folder / "consumables.xlsx", "Usage", list(_consumable_rows(days, real)))
    magnets = [scanner for scanner in scanners if scanner.modality == "MR"]
    levels: list[tuple[object, ...]] = []
    _write_csv(folder / "helium.csv", _helium_rows(days, magnets, rng, levels), ",")
    _write_csv(folder / "linen.csv", _linen_rows(days, real), ",")
    _write_csv(folder / "paper.csv", _paper_rows(days, real), ",")
    return levels


def write_laboratory(path: Path, results: Iterable[tuple[str, Kidneys]], days: Days) -> None:
    """One eGFR a patient every two months, the first on the day before: what a check of contrast intervals is given."""
    begun = (days.local(0) - timedelta(days=1)).replace(hour=9)
    taken = [begun + timedelta(days=after) for after in range(0, len(days) + 1, 60)]
    rows = [
        [
            f"SIM{patient}",
            at.isoformat(),
            "" if one.dialysis == "anuric" else str(one.egfr),
            "mL/min/1.73m2",
            one.dialysis,
        ]
        for patient, one in results
        for at in taken
    ]
    head = ["patient_id", "taken_at", "egfr", "unit", "dialysis"]
    _write_csv(path, iter([head, *rows]), ",")


def _contrast_rows(days: Days, exams: Sequence[Exam], settings: Settings, rng: random.Random) -> Iterator[list[str]]:
    yield ["Datum", "Product", "Verpakking (mL)", "Toegediend (mL)", "Restant (mL)", "Kamer"]
    for exam in sorted(exams, key=lambda one: one.start_s):
        contrast = exam.contrast
        if contrast is None or rng.random() >= settings.ledger_completeness:
            continue
        numbers = (contrast.pack_ml, contrast.given_ml, contrast.left_ml)
        written = [f"{number:g}".replace(".", ",") for number in numbers]
        yield [days.local(exam.start_s).strftime("%d-%m-%Y"), contrast.product.product, *written, exam.alias]


def _consumable_rows(days: Days, exams: Sequence[Exam]) -> Iterator[list[object]]:
    yield ["Day", "Item", "Used", "Room"]
    for day, alias, modality, count in _exams_by_day(days, exams):
        for item, each in USED_PER_EXAM[modality].items():
            number = round(each * count)
            if number:
                yield [datetime(day.year, day.month, day.day), item, number, alias]  # noqa: DTZ001 - a cell has no zone


def _helium_rows(
    days: Days, magnets: Sequence[Scanner], rng: random.Random, truth: list[tuple[object, ...]]
) -> Iterator[list[str]]:
    """A weekly level, read from an indicator good to 5 % of full scale, and one top-up where it runs low."""
    yield ["date", "magnet", "what", "litres"]
    for magnet in magnets:
        level_l, loss_l_per_week = rng.uniform(1050, 1500), rng.uniform(1.0, 4.0)
        for index in range(0, len(days), 7):
            date = days.date(index).isoformat()
            yield [date, magnet.alias, "counted", f"{level_l + rng.gauss(0.0, 40.0):.0f}"]
            filled_l = 150.0 if level_l < 1100 else 0.0
            truth.append((magnet.alias, date, f"{level_l:.3f}", f"{loss_l_per_week:.6f}", f"{filled_l:g}"))
            if filled_l:
                yield [date, magnet.alias, "received", "150"]
            level_l += filled_l - loss_l_per_week


def _linen_rows(days: Days, exams: Sequence[Exam]) -> Iterator[list[str]]:
    yield ["day", "room", "kg"]
    for day, alias, modality, count in _exams_by_day(days, exams):
        kg = {"MR": 0.4, "CT": 0.15, "XA": 1.8}.get(modality, 0.0) * count
        if kg:
            yield [day.date().isoformat(), alias, f"{kg:.1f}"]


def _paper_rows(days: Days, exams: Sequence[Exam]) -> Iterator[list[str]]:
    yield ["day", "sheets"]
    for index in range(len(days)):
        count = sum(days.bounds_s[index] <= exam.start_s < days.bounds_s[index + 1] for exam in exams)
        if count:
            yield [days.date(index).isoformat(), str(2 * count)]


def _exams_by_day(days: Days, exams: Sequence[Exam]) -> list[tuple[datetime, str, str, int]]:
    counts: dict[tuple[str, str, str], int] = {}
    moments: dict[str, datetime] = {}
    for exam in sorted(exams, key=lambda one: (one.start_s, one.alias)):
        local = days.local(exam.start_s)
        moments.setdefault(local.date().isoformat(), local)
        key = (local.date().isoformat(), exam.alias, exam.kind.modality)
        counts[key] = counts.get(key, 0) + 1
    return [(moments[day], alias, modality, count) for (day, alias, modality), count in counts.items()]


def _write_csv(path: Path, rows: Iterator[list[str]], delimiter: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, delimiter=delimiter, lineterminator="\r\n").writerows(rows)


def _write_xlsx(path: Path, title: str, rows: list[list[object]]) -> None:
    """A workbook with the same bytes every time: openpyxl stamps the hour it saves, so the parts are packed again."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    book.properties.created = EPOCH.replace(tzinfo=None)
    buffer = io.BytesIO()
    book.save(buffer)
    stamp = EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, content)
            target.writestr(zipfile.ZipInfo(name, EPOCH.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)


LEDGER_TOML = """\
[[ledger]]
name = "contrast"
kind = "contrast"
date_format = "%d-%m-%Y"
decimal = ","
columns = { day = "Datum", product = "Product", pack_volume_ml = "Verpakking (mL)", \
volume_given_ml = "Toegediend (mL)", volume_left_ml = "Restant (mL)", device_alias = "Kamer" }
defaults = { movement = "opened", quantity = "1", unit = "{item}" }

[[ledger]]
name = "consumables"
kind = "consumable"
sheet = "Usage"
columns = { day = "Day", product = "Item", quantity = "Used", device_alias = "Room" }
defaults = { movement = "used", unit = "{item}" }

[[ledger]]
name = "helium"
kind = "helium"
columns = { day = "date", device_alias = "magnet", movement = "what", quantity = "litres" }
defaults = { product = "helium", unit = "L" }

[[ledger]]
name = "linen"
kind = "linen"
columns = { day = "day", device_alias = "room", quantity = "kg" }
defaults = { product = "linen", movement = "used", unit = "kg" }

[[ledger]]
name = "paper"
kind = "paper"
columns = { day = "day", quantity = "sheets" }
defaults = { product = "paper", movement = "used", unit = "{item}" }
"""
