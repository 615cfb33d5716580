"""Small inputs other than DICOM files, to be damaged."""

from __future__ import annotations

import io
import json

import openpyxl
import pydicom

from .mutate import TEST_FILES


def other_seeds() -> list[tuple[str, bytes]]:
    """Eight of them: three kinds of meter file, two sheets, a workbook, and two objects as JSON."""
    minutes = [f"2026-03-01T00:{minute:02d}:00Z" for minute in range(60)]
    readings = "\n".join(f"{at};{100 + number * 0.1:.1f}" for number, at in enumerate(minutes))
    power = "\n".join(f"{at},{4000 + number}" for number, at in enumerate(minutes))
    sheet = "\n".join(f"2026-03-{day:02d},Iomeron 350,{day},box" for day in range(1, 20))
    german = sheet.replace(",", ";").replace("2026-03-", "03.2026;")
    return [
        ("m.csv", ("Time;Meter reading [kWh]\n" + readings).encode()),
        ("m.csv", ("time,power [W]\n" + power).encode("utf-16")),
        ("other.csv", ("time,power [W]\n" + power).encode()),
        ("contrast.csv", ("date,product,quantity,unit\n" + sheet).encode()),
        ("contrast.csv", ("Datum;Produkt;Menge;Einheit\n" + german).encode("cp1252")),
        ("contrast.xlsx", _workbook()),
        ("a.json", _told("CT_small.dcm")),
        ("a.json", _told("MR_small.dcm")),
    ]


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["date", "product", "quantity", "unit"])
    for day in range(1, 20):
        book.active.append([f"2026-03-{day:02d}", "Iomeron 350", day, "box"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _told(name: str) -> bytes:
    told = pydicom.dcmread(TEST_FILES / name, stop_before_pixels=True).to_json_dict(suppress_invalid_tags=True)
    return json.dumps(told, sort_keys=True).encode()
