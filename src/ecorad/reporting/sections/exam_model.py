"""What an exam of its kind is expected to draw, and which exams drew far more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..page import Cell, Table
from ..reader import Reader

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExamModel:
    """How far kind and scanner explain an exam's energy, and the exams that they do not explain."""

    table: Table
    outliers: Table | None


def exam_model(reader: Reader) -> ExamModel | None:
    """The section; ``None`` where too few exams were metered."""
    rows = reader.statement.get("exam_model", [])
    if not rows:
        return None
    names = ("modality", "exams", "protocols", "explained", "unusual")
    table = Table(
        reader.text("exam_model.caption"),
        tuple(reader.text(f"exam_model.{name}") for name in names),
        tuple(_row(reader, row) for row in rows),
        frozenset({1, 2, 3, 4}),
    )
    return ExamModel(table, _outliers(reader, rows))


def _row(reader: Reader, row: Row) -> tuple[Cell, ...]:
    return (
        reader.named("modality", row["modality"]),
        reader.integer(row["exams"]),
        reader.integer(row["protocols"]),
        reader.share(row["explained"], 1.0),
        reader.integer(row["outlier_count"]),
    )


def _outliers(reader: Reader, rows: list[Row]) -> Table | None:
    found = [one for row in rows for one in row["outliers"]]
    if not found:
        return None
    names = ("study", "scanner", "energy", "expected")
    cells = tuple(
        (one["study"], reader.device_name(one), reader.energy(one["kwh"]), reader.energy(one["expected_kwh"]))
        for one in found
    )
    return Table(
        reader.text("exam_model.outliers"),
        tuple(reader.text(f"exam_model.{name}") for name in names),
        cells,
        frozenset({2, 3}),
    )
