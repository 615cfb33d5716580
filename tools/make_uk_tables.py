"""Official UK factors for travel, waste, materials, water and fuels: ``make_uk_tables.py DATA``.

Electricity is written by make_grid_tables.py. Rows are picked by the text of their own cells, never by row number.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
from factor_table_files import Sidecar, file_source, row, write

SCRIPT = "tools/make_uk_tables.py"
SOURCE = "desnz_2024"
FUEL_OF_CAR = (
    "Diesel",
    "Petrol",
    "Hybrid",
    "CNG",
    "LPG",
    "Unknown",
    "Plug-in Hybrid Electric Vehicle",
    "Battery Electric Vehicle",
)
WASTE_ROUTES = ("Re-use", "Open-loop", "Closed-loop", "Combustion", "Composting", "Landfill", "Anaerobic digestion")
MATERIALS = (
    "Plastics: average plastics",
    "Paper and board: paper",
    "Paper and board: board",
    "Glass",
    "Clothing",
    "Electrical items - IT",
    "Electrical items - small",
    "Metal: steel cans",
    "Metal: aluminium cans and foil (excl. forming)",
    "Batteries - Alkaline",
)
WASTES = (
    "Commercial and industrial waste",
    "Household residual waste",
    "Plastics: average plastics",
    "Paper and board: mixed",
    "Paper and board: paper",
    "Glass",
    "Clothing",
    "WEEE - mixed",
    "WEEE - small",
    "Batteries",
    "Metal: scrap metal",
)


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def rows_of(sheet: object, columns: int = 70) -> Iterator[tuple[object, ...]]:
    """Every row, with blank first cells filled from the row above (merged cells)."""
    yield from sheet.iter_rows(values_only=True, max_col=columns)  # type: ignore[attr-defined]


def travel(workbook: openpyxl.Workbook) -> list[dict[str, str]]:
    out, header = [], None
    for cells in rows_of(workbook["Business travel- land"]):
        texts = [str(cell).strip() if cell is not None else "" for cell in cells]
        if "Diesel" in texts and "Petrol" in texts:
            header = {fuel: texts.index(fuel) for fuel in FUEL_OF_CAR if fuel in texts}
        if "Average car" in texts and "km" in texts and header:
            out += [
                cell_row(
                    f"travel.uk.car_{slug(fuel)}",
                    float(cells[at]),
                    f"car, {fuel.lower()}",
                    "Business travel- land, Average car, km",
                    "per vehicle-km, however many sit in it",
                )
                for fuel, at in header.items()
                if isinstance(cells[at], int | float)
            ]
        for name in (
            "Local bus (not London)",
            "Average local bus",
            "Coach",
            "National rail",
            "International rail",
            "Light rail and tram",
            "London Underground",
            "Regular taxi",
        ):
            if name in texts and "passenger.km" in texts:
                value = cells[texts.index("passenger.km") + 1]
                out.append(
                    cell_row(
                        f"travel.uk.{slug(name)}",
                        float(value),
                        name.lower(),
                        f"Business travel- land, {name}",
                        "per passenger-km",
                    )
                )
    haul = ""
    for cells in rows_of(workbook["Business travel- air"], 12):
        texts = [str(cell).strip() if cell is not None else "" for cell in cells]
        haul = next(
            (text for text in texts if re.match("(Domestic|Short-haul|Long-haul|International), to", text)), haul
        )
        if "passenger.km" in texts and haul:
            at = texts.index("passenger.km")
            out.append(
                cell_row(
                    f"travel.uk.flight_{slug(haul.split(',')[0])}_{slug(texts[at - 1])}",
                    float(cells[at + 1]),
                    f"flight {haul.split(',')[0].lower()}, {texts[at - 1].lower()}",
                    f"Business travel- air, {haul}, {texts[at - 1]}, with RF",
                    "per passenger-km; effects beyond CO2 counted",
                )
            )
    return out


def cell_row(factor_id: str, value: float, scope: str, locator: str, note: str) -> dict[str, str]:
    return row(
        factor_id,
        "travel_footprint",
        value,
        "kg{CO2e}/km",
        scope=scope,
        region="GB",
        year=2024,
        flags=("travel",),
        accounting="attributional",
        source_id=SOURCE,
        locator=f"sheet {locator}",
        note=note,
    )


def by_tonne(
    workbook: openpyxl.Workbook,
    sheet: str,
    names: tuple[str, ...],
    columns: tuple[str, ...],
    *,
    stem: str,
    quantity: str,
) -> list[dict[str, str]]:
    """One row for each wanted name and each column that has a number."""
    out: list[dict[str, str]] = []
    header: dict[str, int] = {}
    for cells in rows_of(workbook[sheet], 52):
        texts = [str(cell).strip() if cell is not None else "" for cell in cells]
        if columns[0] in texts:
            header = {name: texts.index(name) for name in columns if name in texts}
        name = next((text for text in texts if text in names), None)
        if name is None or "tonnes" not in texts:
            continue
        for column, at in header.items():
            if isinstance(cells[at], int | float):
                out.append(
                    row(
                        f"{stem}.{slug(name)}.{slug(column)}",
                        quantity,
                        float(cells[at]),
                        "kg{CO2e}/t",
                        scope=f"{name}, {column.lower()}",
                        region="GB",
                        year=2024,
                        flags=("consumables",),
                        accounting="attributional",
                        source_id=SOURCE,
                        locator=f"sheet {sheet}, {name}, {column}",
                    )
                )
    return out


def other(workbook: openpyxl.Workbook) -> list[dict[str, str]]:
    wanted = [
        ("Water supply", ("Water supply", "Water supply", "cubic metres"), "water.uk.supply", "water_footprint", 1.0),
        (
            "Water treatment",
            ("Water treatment", "Water treatment", "cubic metres"),
            "water.uk.treatment",
            "water_footprint",
            1.0,
        ),
        (
            "Homeworking",
            ("Homeworking (office equipment + heating)", "per FTE Working Hour"),
            "homeworking.uk.hour",
            "homeworking_footprint",
            1.0,
        ),
    ]
    out = []
    for sheet, key, factor_id, quantity, scale in wanted:
        for cells in rows_of(workbook[sheet], 20):
            kept = [cell for cell in cells if cell is not None]
            if tuple(kept[: len(key)]) == key:
                # 1 m3 of water is taken as 1 t
                unit = "kg{CO2e}/t" if quantity.startswith("water") else "kg{CO2e}/h"
                out.append(
                    row(
                        factor_id,
                        quantity,
                        float(kept[len(key)]) * scale,
                        unit,
                        scope=sheet.lower(),
                        region="GB",
                        year=2024,
                        accounting="attributional",
                        source_id=SOURCE,
                        locator=f"sheet {sheet}",
                    )
                )
    return out


def main(data: Path) -> None:
    path = data / "lca/uk_ghg_conversion_factors_2024.xlsx"
    workbook = openpyxl.load_workbook(path, read_only=True)
    source = file_source(
        path,
        "UK Government GHG conversion factors for company reporting 2024, condensed set, version 1.1",
        "conversion-factors-2024.xlsx",
    )
    tables = {
        "uk_travel": (
            "Travel by mode, official UK factors 2024",
            "Direct emissions; fuel supply not counted; AR5 GWPs",
            travel(workbook),
        ),
        "uk_materials": (
            "Materials bought, official UK factors 2024",
            "Cradle to gate; AR5 GWPs",
            by_tonne(
                workbook,
                "Material use",
                MATERIALS,
                ("Primary material production",),
                stem="material.uk",
                quantity="material_footprint",
            ),
        ),
        "uk_waste": (
            "Waste by route, official UK factors 2024",
            "Transport and landfill; recycling and incineration count the transport alone; AR5 GWPs",
            by_tonne(workbook, "Waste disposal", WASTES, WASTE_ROUTES, stem="waste.uk", quantity="waste_footprint"),
        ),
        "uk_other": (
            "Water and homeworking, official UK factors 2024",
            "As the workbook draws it; AR5 GWPs",
            other(workbook),
        ),
    }
    for name, (title, boundary, rows) in tables.items():
        write(
            name,
            rows,
            Sidecar(
                title=title,
                licence="OGL-UK-3.0",
                boundary=boundary,
                script=SCRIPT,
                sources={SOURCE: source},
                attribution="UK Department for Energy Security and Net Zero; Crown copyright",
            ),
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
