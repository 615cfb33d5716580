"""Global warming potentials by gas and assessment report: ``make_gwp_table.py DATA``."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from factor_table_files import Sidecar, file_source, row, write

REPORTS = {
    "AR4GWP100": ("gwp100", "AR4", 2007),
    "AR5GWP100": ("gwp100", "AR5", 2013),
    "AR6GWP100": ("gwp100", "AR6", 2021),
    "AR6GWP20": ("gwp20", "AR6", 2021),
}
WHERE = {
    "AR4": "IPCC AR4, as tabulated by the GHG Protocol, February 2016",
    "AR5": "IPCC AR5 without climate-carbon feedback, as tabulated by the GHG Protocol, February 2016",
    "AR6": "IPCC AR6 WGI chapter 7, supplementary table 7.SM.7, by way of the chapter's data repository",
}
SF6_NOTE = "24,300 circulates too (row gwp100.SF6.AR6.ghgp): say which one was used"


def main(data: Path) -> None:
    path = data / "gwp/globalwarmingpotentials.csv"
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith(("#", '"#'))]
    rows = []
    for entry in csv.DictReader(lines):
        gas = entry["Species"]
        for column, (quantity, report, year) in REPORTS.items():
            if entry[column]:
                note = SF6_NOTE if (gas, column) == ("SF6", "AR6GWP100") else ""
                rows.append(
                    row(
                        f"{quantity}.{gas}.{report}",
                        quantity,
                        float(entry[column]),
                        "kg{CO2e}/kg",
                        scope=gas,
                        year=year,
                        bounds="exact",
                        source_id="gwp_compilation",
                        locator=f"{WHERE[report]}; row {gas}, column {column}",
                        note=note,
                    )
                )
    rows += [
        row(
            f"{q}.CO2.{report}",
            q,
            1,
            "kg{CO2e}/kg",
            scope="CO2",
            year=year,
            bounds="exact",
            source_id="gwp_compilation",
            locator="by definition",
        )
        for q, report, year in REPORTS.values()
    ]
    rows.append(
        row(
            "gwp100.SF6.AR6.ghgp",
            "gwp100",
            24300,
            "kg{CO2e}/kg",
            scope="SF6",
            year=2021,
            bounds="exact",
            source_id="ghgp_2024",
            evidence="secondary",
            locator="row SF6, column AR6",
            note="the other AR6 value; which of the two the corrected IPCC table has is open",
        )
    )
    write(
        "gwp",
        rows,
        Sidecar(
            title="Global warming potentials over 100 and 20 years, by assessment report",
            licence="CC0-1.0",
            attribution="globalwarmingpotentials (openclimatedata), from IPCC AR4, AR5, AR6",
            boundary="A convention of each report, taken as exact; the scientific uncertainty of a GWP is not in it",
            script="tools/make_gwp_table.py",
            sources={
                "gwp_compilation": file_source(
                    path,
                    "Gieseke R, globalwarmingpotentials 0.13.2, from IPCC AR4 to AR6",
                    "openclimatedata/globalwarmingpotentials@fc4e6f48190b",
                ),
                "ghgp_2024": {
                    "citation": "GHG Protocol, IPCC Global Warming Potential Values, 2024, as quoted by others",
                    "retrieved": "2026-11-22",
                },
            },
        ),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
