"""Gas by gas what a dollar of spending emits (US EPA): ``make_gas_table.py BY_GAS_CSV``.

The companion of ``spend_us``: the same industries before anything was multiplied with a warming potential, so that the
CO2e column can be recomputed and moved to another assessment report.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from factor_table_files import Sidecar, file_source, row, write
from make_purchase_tables import INDUSTRIES

from ecorad.factors.gases import UNSPECIFIED

SCRIPT = "tools/make_gas_table.py"
NAMES = {
    "Carbon dioxide": "CO2",
    "Methane": "CH4",
    "Nitrous oxide": "N2O",
    "Sulfur hexafluoride": "SF6",
    "Nitrogen trifluoride": "NF3",
    "Carbon tetrafluoride": "CF4",
    "Hexafluoroethane": "C2F6",
    "Perfluoropropane": "C3F8",
    "Perfluorobutane": "C4F10",
    "Perfluorocyclobutane": "cC4F8",
    "Perfluorohexane": "C6F14",
    "HFCs and PFCs, unspecified": UNSPECIFIED,
}
COLUMN = "Supply Chain Emission Factors with Margins"
FILE = "SupplyChainGHGEmissionFactors_v1.3.0_NAICS_byGHG_USD2022.csv"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        entries = [entry for entry in csv.DictReader(file) if entry["2017 NAICS Code"] in INDUSTRIES]
    made = []
    for entry in entries:
        gas = NAMES.get(entry["GHG"], entry["GHG"].replace("-", ""))
        value = float(entry[COLUMN])
        made.append(
            row(
                f"spend_gas.us.{entry['2017 NAICS Code']}.{gas}",
                "spend_gas_co2e" if gas == UNSPECIFIED else "spend_gas",
                value,
                "kg{CO2e}/USD" if gas == UNSPECIFIED else "kg/USD",
                scope=f"{entry['2017 NAICS Code']}|{gas}",
                region="US",
                year=2022,
                flags=("consumables", "embodied"),
                accounting="attributional",
                origin="modelled",
                source_id="epa_1_3_gas",
                evidence="data_file_read",
                locator=f"NAICS {entry['2017 NAICS Code']}, {entry['GHG']}, column with margins",
                low=float(f"{value / 2:.4g}"),
                high=float(f"{value * 2:.4g}"),
                note="per USD of 2022 at purchaser's price; width declared: half to twice",
            )
        )
    return made


def main(path: Path) -> None:
    write(
        "spend_us_gases",
        rows(path),
        Sidecar(
            title="Greenhouse gases of money spent, US industries, gas by gas, 2022 USD",
            licence="US government work; MIT (compilation of the EPA)",
            attribution="US EPA, Supply Chain Greenhouse Gas Emission Factors v1.3.0",
            boundary="Cradle to shelf of the average product of an industry; the same emissions as spend_us, not more",
            script=SCRIPT,
            sources={
                "epa_1_3_gas": file_source(
                    path, "US EPA, Supply Chain Greenhouse Gas Emission Factors v1.3.0 by NAICS-6, by gas", FILE
                )
            },
        ),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
