"""Energy of one exam by modality and region: once as a share of everything, once as what one exam less saves.

The two are never given to one picture: each call draws one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ..charts.dots import Dot, dots
from ..messages import number
from ..page import Cell, Picture, Table, csv_href
from ..reader import NBSP, Reader

Basis = Literal["allocated", "marginal"]
TONES: Mapping[Basis, str] = {"allocated": "a", "marginal": "c"}
TITLES: Mapping[Basis, tuple[str, str]] = {
    "allocated": ("dots.title", "dots.caption"),
    "marginal": ("dots.marginal_title", "dots.marginal_caption"),
}
Row = Mapping[str, Any]


def per_exam_picture(reader: Reader, basis: Basis) -> Picture | None:
    """The chart of one basis, or ``None`` when no modality has a value for it."""
    modalities = reader.statement["modalities"]
    if all(row["kwh_per_exam"][basis]["value"] is None for row in modalities):
        return None
    groups = [_dots(reader, row, basis) for row in modalities]
    title, caption = (reader.text(key) for key in TITLES[basis])
    words = {
        "title": title,
        "summary": reader.text("dots.summary", parts="; ".join(f"{rows[0].name} {rows[0].text}" for rows in groups)),
    }

    def tick(value: float, top: float) -> str:
        unit, one = reader.scaled("kW.h", top)
        return f"{number(value / one, reader.messages.locale)}{NBSP}{unit}" if value else "0"

    return Picture(
        dots(f"{basis}-w", groups, width=1000, tone=TONES[basis], tick_text=tick, **words),
        dots(f"{basis}-n", groups, width=360, tone=TONES[basis], tick_text=tick, **words),
        caption,
        _chart_table(reader, basis, title),
        f"kwh_per_exam_{basis}.csv",
        csv_href(["modality", "body_region", "exams", "value", "low", "high", "unit"], _raw(modalities, basis)),
    )


def per_exam_table(reader: Reader, basis: Basis, carbon: str, carbon_title: str) -> Table:
    """One row a modality: exams, evidence, energy and carbon of one exam."""
    energy_title = reader.text("dots.energy" if basis == "allocated" else "dots.marginal")
    columns = (reader.text("dots.modality"), reader.text("scanners.exams"), energy_title, carbon_title)
    rows = tuple(
        (
            reader.named("modality", row["modality"]),
            reader.integer(row["exams"]),
            reader.shown(row["kwh_per_exam"][basis], per_exam=False),
            reader.shown(row["co2e_kg_per_exam"][carbon], per_exam=False),
        )
        for row in reader.statement["modalities"]
    )
    return Table(reader.text("dots.caption_table"), columns, rows, frozenset({1, 2, 3}))


def _dots(reader: Reader, row: Row, basis: Basis) -> list[Dot]:
    lead = _dot(reader, row, basis, reader.named("modality", row["modality"]), lead=True)
    if lead.value is None:
        return [lead]
    return [
        lead,
        *(
            _dot(reader, part, basis, reader.named("region", part["body_region"]), lead=False)
            for part in row["regions"]
        ),
    ]


def _dot(reader: Reader, row: Row, basis: Basis, name: str, *, lead: bool) -> Dot:
    quantity = row["kwh_per_exam"][basis]
    published = tuple((r["low"], r["high"]) for r in row.get("published", ()) if r["basis"] == basis)
    # The caption says "per exam" once; repeating it on every line would hide the figures.
    shown = reader.shown(quantity, per_exam=False)
    return Dot(
        name,
        reader.integer(row["exams"]),
        quantity["value"],
        quantity["low"],
        quantity["high"],
        shown.text,
        shown.value or reader.text("unknown"),
        lead,
        published,
    )


def _chart_table(reader: Reader, basis: Basis, title: str) -> Table:
    published = basis == "allocated"
    keys = ("modality", "region", "exams", "energy" if published else "marginal")
    columns = tuple(reader.text(f"dots.{key}") for key in keys)
    rows: list[tuple[Cell, ...]] = []
    for row in reader.statement["modalities"]:
        modality = reader.named("modality", row["modality"])
        rows.append(_line(reader, row, basis, (modality, reader.text("dots.all_regions")), published))
        rows += [
            _line(reader, part, basis, (modality, reader.named("region", part["body_region"])), published)
            for part in row["regions"]
        ]
    if published:
        columns = (*columns, reader.text("dots.published"))
    return Table(title, columns, tuple(rows), frozenset({2, 3, 4}), unfold=False)


def _line(reader: Reader, row: Row, basis: Basis, names: tuple[str, str], published: bool) -> tuple[Cell, ...]:
    cells: tuple[Cell, ...] = (
        *names,
        reader.integer(row["exams"]),
        reader.shown(row["kwh_per_exam"][basis], per_exam=False),
    )
    if not published:
        return cells
    ranges = [
        reader.text(
            "between",
            low=reader.plain(r["low"]),
            high=reader.plain(r["high"]),
            unit=reader.scaled(r["unit"].removesuffix("/{exam}"), 1.0)[0],
        )
        for r in row.get("published", ())
        if r["basis"] == basis
    ]
    return (*cells, "; ".join(ranges))


def _raw(modalities: list[Row], basis: Basis) -> list[list[str | float | None]]:
    rows: list[list[str | float | None]] = []
    for row in modalities:
        for region, part in [("", row), *((part["body_region"], part) for part in row["regions"])]:
            q = part["kwh_per_exam"][basis]
            rows.append([row["modality"], region, part["exams"], q["value"], q["low"], q["high"], q["unit"]])
    return rows
