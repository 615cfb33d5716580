"""What is bought: by money spent (US EPA), computers and screens (Boavizta): ``make_purchase_tables.py DATA``."""

from __future__ import annotations

import csv
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from factor_table_files import Sidecar, file_source, row, write

SCRIPT = "tools/make_purchase_tables.py"
# What a radiology department buys or is; the full list has 1,016 industries.
INDUSTRIES = (
    "621512",
    "622110",
    "334510",
    "334517",
    "334111",
    "334112",
    "325412",
    "325413",
    "325414",
    "339112",
    "339113",
    "339115",
    "423450",
    "322121",
    "323111",
    "518210",
    "541512",
    "562211",
    "812331",
    "481111",
    "811219",
)
DEVICES = {
    ("Workplace", "Desktop"): "desktop",
    ("Workplace", "Laptop"): "laptop",
    ("Workplace", "Monitor"): "monitor",
    ("Workplace", "Workstation"): "workstation",
    ("Workplace", "Tablet"): "tablet",
    ("Workplace", "Thin Client"): "thin_client",
    ("Workplace", "Printer"): "printer",
    ("Datacenter", "Server"): "server",
    ("Datacenter", "Hard drive"): "hard_drive",
}


def spend(data: Path) -> None:
    path = data / "lca/epa_SupplyChainGHG_v1.3.0_CO2e_USD2022.csv"
    with path.open(encoding="utf-8", newline="") as file:
        entries = [entry for entry in csv.DictReader(file) if entry["2017 NAICS Code"] in INDUSTRIES]
    column = "Supply Chain Emission Factors with Margins"
    rows = [
        row(
            f"spend.us.{entry['2017 NAICS Code']}",
            "spend_footprint",
            float(entry[column]),
            "kg{CO2e}/USD",
            scope=entry["2017 NAICS Title"],
            region="US",
            year=2022,
            flags=("consumables", "embodied"),
            accounting="attributional",
            origin="modelled",
            source_id="epa_1_3",
            evidence="data_file_read",
            locator=f"NAICS {entry['2017 NAICS Code']}, column with margins",
            low=round(float(entry[column]) / 2, 5),
            high=float(entry[column]) * 2,
            note="per USD of 2022 at purchaser's price; a sector average; width declared: half to twice",
        )
        for entry in entries
    ]
    write(
        "spend_us",
        rows,
        Sidecar(
            title="Footprint of money spent, US industries, 2022 USD",
            licence="US government work; MIT (compilation of the EPA)",
            attribution="US EPA, Supply Chain Greenhouse Gas Emission Factors v1.3.0",
            boundary="Cradle to shelf of the average product of an industry; double counts with any physical factor",
            script=SCRIPT,
            sources={
                "epa_1_3": file_source(
                    path,
                    "US EPA, Supply Chain Greenhouse Gas Emission Factors v1.3.0 by NAICS-6, CO2e",
                    "SupplyChainGHGEmissionFactors_v1.3.0_NAICS_CO2e_USD2022.csv",
                )
            },
        ),
    )


def computers(data: Path) -> None:
    path = data / "lca/boavizta-data-us.csv"
    totals = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for entry in csv.DictReader(file):
            name = DEVICES.get((entry["category"], entry["subcategory"]))
            if name and entry["gwp_total"] and entry["gwp_use_ratio"]:
                totals[name].append(float(entry["gwp_total"]) * (1 - float(entry["gwp_use_ratio"])))
    rows = []
    for name, values in totals.items():
        values.sort()
        last = len(values) - 1
        rows.append(
            row(
                f"product.{name}.boavizta",
                "product_footprint",
                round(statistics.median(values), 1),
                "kg{CO2e}/{item}",
                scope=name,
                flags=("embodied",),
                accounting="attributional",
                origin="claimed",
                source_id="boavizta",
                bounds="95" if last > 40 else "range",
                year=2023,
                low=round(values[round(0.025 * last)], 1),
                high=round(values[round(0.975 * last)], 1),
                locator=f"median over {len(values)} products, total less the share of use",
                note="makers' own product statements",
            )
        )
    write(
        "it_products",
        rows,
        Sidecar(
            title="Making and shipping computers and screens, makers' product statements",
            licence="ODbL-1.0",
            attribution="Boavizta, Environmental Footprint Data",
            share_alike=True,
            script=SCRIPT,
            boundary="Production, transport and end of life; electricity in use left out",
            sources={
                "boavizta": file_source(
                    path,
                    "Boavizta, environmental footprint data: boavizta-data-us.csv",
                    "Boavizta/environmental-footprint-data@61323eb5c3bb",
                )
            },
        ),
    )


def main(data: Path) -> None:
    spend(data)
    computers(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
