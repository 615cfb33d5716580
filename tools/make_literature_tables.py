"""Tables from the literature: ``make_literature_tables.py DRAFT.csv``.

``literature_map.csv`` says, row by row of the draft, which table and identifier a figure goes to, what it counts and
what its bounds mean; value, bounds, year, country, citation, DOI and kind of evidence come from the draft alone.
"""

from __future__ import annotations

import csv
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

from factor_table_files import RETRIEVED, Sidecar, row, write

HERE = Path(__file__).parent
SCRIPT = "tools/make_literature_tables.py"
# Words of the draft for a country, and the region of the book; studies over many countries hold nowhere in particular.
REGION = {"UK": "GB", "INT": "", "EU": ""}
# Widths declared in the map's note instead of following from the evidence: factor below, factor above.
DECLARED = {"wide": (0.25, 1.5), "wide_grid": (0.75, 1.25)}


def main(draft_path: Path) -> None:
    with draft_path.open(encoding="utf-8", newline="") as file:
        draft = {entry["id"]: entry for entry in csv.DictReader(file)}
    with (HERE / "literature_map.csv").open(encoding="utf-8", newline="") as file:
        plan = list(csv.DictReader(file))
    titles = tomllib.loads((HERE / "literature_titles.toml").read_text("utf-8"))
    rows, sources = defaultdict(list), defaultdict(dict)
    for line in plan:
        entry = draft[line["draft_id"]]
        rows[line["table"]].append(one_row(line, entry))
        known = sources[line["table"]].setdefault(line["source_id"], citation(entry))
        if known["doi"] != entry["doi"]:
            known["doi"] = known["doi"] or entry["doi"]
    for table, entries in rows.items():
        write(
            table,
            entries,
            Sidecar(
                title=titles[table]["title"],
                boundary=titles[table]["boundary"],
                licence=titles[table].get("licence", "Apache-2.0 (the table); the figures are facts, cited"),
                attribution="The studies named in [sources]",
                script=SCRIPT,
                sources=sources[table],
            ),
        )


def one_row(line: dict[str, str], entry: dict[str, str]) -> dict[str, str]:
    """One row of a table from a line of the map and the entry of the draft that it names."""
    scale = float(line["scale"])
    low, high = (float(entry[end]) * scale if entry[end] else None for end in ("low", "high"))
    middle = (low + high) / 2 if low is not None and high is not None else None
    value = float(entry["central"]) * scale if entry["central"] else middle
    if value is None:
        raise ValueError(f"{line['draft_id']} has no value")
    value = round(value, 10)
    cells: dict[str, object] = {}
    if line["bounds"] in DECLARED:
        below, above = DECLARED[line["bounds"]]
        cells = {"low": round(value * below, 6), "high": round(value * above, 6), "bounds": "assumed"}
    elif line["bounds"] == "exact":
        cells = {"bounds": "exact"}
    elif line["bounds"]:
        cells = {"low": round(low, 10), "high": round(high, 10), "bounds": line["bounds"]}
    if line["bounds"] == "uniform":
        cells |= {"bounds": "range", "distribution": "uniform"}
    return row(
        line["factor_id"],
        line["quantity"],
        value,
        line["unit"],
        scope=line["scope"],
        flags=line["flags"].split("+"),
        region=REGION.get(entry["country"], entry["country"]),
        year=entry["year"],
        accounting=line["accounting"],
        grid_kind="marginal" if line["quantity"] == "grid_intensity" else "",
        origin=line["origin"],
        evidence=evidence(entry),
        source_id=line["source_id"],
        locator=locator(entry),
        note=line["note"],
        **cells,
    )


def evidence(entry: dict[str, str]) -> str:
    return entry["evidence"] if entry["verified"] == "yes" else "memory"


def locator(entry: dict[str, str]) -> str:
    """What was read, in a word: the abstract, another's account of it, or arithmetic on figures of the same study."""
    if entry["verified"] != "yes":
        return "not seen"
    place = {
        "abstract_or_primary": "abstract",
        "derived": "arithmetic on its figures",
        "data_file_read": "data file",
        "secondary": "as quoted at",
    }[entry["evidence"]]
    site = entry["verified_at"].split("/")[0].split(" (")[0].split(";")[0].strip()
    return f"{place} {site}" if entry["evidence"] == "secondary" else place


def citation(entry: dict[str, str]) -> dict[str, str]:
    return {"citation": entry["source"], "doi": entry["doi"], "retrieved": RETRIEVED}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
