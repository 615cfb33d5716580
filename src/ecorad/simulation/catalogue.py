"""The tables behind the simulation: scanners and their habits, exam mix, contrast products, power levels."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

MODALITIES = ("MR", "CT", "DX", "US", "XA")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One scanner model; the habits say how it writes its headers."""

    modality: str
    manufacturer: str
    model: str
    software: str
    field_strength_t: float | None
    time_habit: str
    offset_habit: str
    duration_habit: str
    contrast_habit: str
    region_habit: str
    qc_habit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamKind:
    """One kind of exam and what it takes: window from first to last acquisition, number of acquisitions."""

    modality: str
    body_region: str
    body_part: str
    laterality: str
    procedure: str
    protocols: tuple[str, ...]
    share: float
    window_min: tuple[float, float]
    acquisitions: tuple[int, int]
    contrast_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One contrast agent; ``active_mg_ml`` is iodine or gadolinium, not salt."""

    product: str
    substance: str
    active_mg_ml: float
    given_ml: tuple[float, float]
    round_ml: float
    default_ml: float
    packs_ml: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModalityHabit:
    """How one modality is worked with."""

    slot_min: float
    opens_saturday: bool
    emergencies_per_night: float
    night_states: tuple[str, ...]
    warm_up_min: float
    products: tuple[str, ...]


@cache
def models() -> dict[str, tuple[Model, ...]]:
    """Scanner models by modality."""
    found: dict[str, list[Model]] = {modality: [] for modality in MODALITIES}
    for row in _rows("catalogue"):
        tesla = row.pop("field_strength_t")
        found[row["modality"]].append(Model(**row, field_strength_t=float(tesla) if tesla else None))
    return {modality: tuple(rows) for modality, rows in found.items()}


@cache
def exam_mix() -> dict[str, tuple[ExamKind, ...]]:
    """Exam kinds by modality; shares add up to 1."""
    found: dict[str, list[ExamKind]] = {modality: [] for modality in MODALITIES}
    for row in _rows("exam_mix"):
        kind = ExamKind(
            modality=row["modality"],
            body_region=row["body_region"],
            body_part=row["body_part"],
            laterality=row["laterality"],
            procedure=row["procedure"],
            protocols=tuple(row["protocols"].split("|")),
            share=float(row["share"]),
            window_min=(float(row["window_low_min"]), float(row["window_high_min"])),
            acquisitions=(int(row["acquisitions_low"]), int(row["acquisitions_high"])),
            contrast_share=float(row["contrast_share"]),
        )
        found[kind.modality].append(kind)
    return {modality: tuple(rows) for modality, rows in found.items()}


@cache
def products() -> dict[str, Product]:
    """Contrast products by name."""
    return {
        row["product"]: Product(
            product=row["product"],
            substance=row["substance"],
            active_mg_ml=float(row["active_mg_ml"]),
            given_ml=(float(row["ml_low"]), float(row["ml_high"])),
            round_ml=float(row["round_ml"]),
            default_ml=float(row["default_ml"]),
            packs_ml=tuple(float(size) for size in row["packs_ml"].split("|")),
        )
        for row in _rows("contrast")
    }


@cache
def habits() -> dict[str, ModalityHabit]:
    """Working habits by modality."""
    return {
        row["modality"]: ModalityHabit(
            slot_min=float(row["slot_min"]),
            opens_saturday=row["opens_saturday"] == "yes",
            emergencies_per_night=float(row["emergencies_per_night"]),
            night_states=tuple(row["night_states"].split("|")),
            warm_up_min=float(row["warm_up_min"]),
            products=tuple(name for name in row["contrast_products"].split("|") if name),
        )
        for row in _rows("modalities")
    }


@cache
def power_ranges_kw() -> Mapping[str, Mapping[str, tuple[float, float]]]:
    """Lowest and highest level by modality and state. [kW]

    >>> power_ranges_kw()["MR"]["idle"]
    (9.5, 14.5)
    """
    found: dict[str, dict[str, tuple[float, float]]] = {modality: {} for modality in MODALITIES}
    for row in _rows("power_levels"):
        found[row["modality"]][row["state"]] = (float(row["low_kw"]), float(row["high_kw"]))
    return found


def _rows(name: str) -> list[dict[str, str]]:
    text = (files(__package__) / "tables" / f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
