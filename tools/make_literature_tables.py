"""Tables from the literature: ``make_literature_tables.py DRAFT.csv``.

``literature_map.csv`` says, row by row of the draft, which table and identifier a figure goes to, what it counts and
what its bounds mean; value, bounds, year, country, citation, DOI and kind of evidence come from the draft alone.
"""

from __future__ import annotations

import csv
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from factor_table_files import RETRIEVED, Sidecar, row, write

from ecorad.factors.pedigree import ASSUMED_K

HERE = Path(__file__).parent
SCRIPT = "tools/make_literature_tables.py"
# Words of the draft for a country, and the region of the book; studies over many countries hold nowhere in particular.
REGION = {"UK": "GB", "INT": "", "EU": ""}
# Names of what the draft numbers.
PLAIN = {"source 000": "ESR eBook, Sustainable Imaging", "source 001": "RIMAG imaging network journal, December 2022"}
# Widths declared in the map's note instead of following from the evidence: factor below, factor above.
DECLARED = {"wide": (0.25, 1.5), "wide_grid": (0.75, 1.25), "wide_k": (0.67, 1.76)}


def main(draft_path: Path) -> None:
    with draft_path.open(encoding="utf-8", newline="") as file:
        draft = {entry["id"]: entry for entry in csv.DictReader(file)}
    with (HERE / "literature_map.csv").open(encoding="utf-8", newline="") as file:
        plan = list(csv.DictReader(file))
    titles = tomllib.loads((HERE / "literature_titles.toml").read_text("utf-8"))
    rows, sources = defaultdict(list), defaultdict(dict)
    for line, entry in expand(plan, draft):
        rows[line["table"]].append(one_row(line, entry))
        known = sources[line["table"]].setdefault(line["source_id"], citation(entry))
        if known["citation"] != citation(entry)["citation"]:
            raise ValueError(f"{line['source_id']} is cited in two ways: {known['citation']}; {entry['source']}")
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


def expand(
    plan: list[dict[str, str]], draft: dict[str, dict[str, str]]
) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Each line of the map with its entry; a line that ends in ``*`` stands for every entry no earlier line took."""
    taken = {line["draft_id"] for line in plan}
    for line in plan:
        if not line["draft_id"].endswith("*"):
            yield line, draft[line["draft_id"]]
            continue
        prefix = line["draft_id"][:-1]
        for draft_id, entry in draft.items():
            if draft_id.startswith(prefix) and draft_id not in taken:
                taken.add(draft_id)
                rest = re.sub(r"[^a-z0-9.+-]+", "_", draft_id.removeprefix(prefix).lower()).strip("_")
                names = {"{rest}": rest, "{rest0}": rest.split(".")[0], "{scope}": entry["scope"]}
                filled = dict(line)
                for column in ("factor_id", "scope"):
                    for name, text in names.items():
                        filled[column] = filled[column].replace(name, text)
                yield filled, entry


def one_row(line: dict[str, str], entry: dict[str, str]) -> dict[str, str]:
    """One row of a table from a line of the map and the entry of the draft that it names."""
    scale = float(line["scale"])
    low, high = (float(entry[end]) * scale if entry[end] else None for end in ("low", "high"))
    middle = (low + high) / 2 if low is not None and high is not None else None
    value = float(entry["central"]) * scale if entry["central"] else middle
    if value is None:
        raise ValueError(f"{line['draft_id']} has no value")
    value = float(f"{value:.10g}")
    cells = bounds_of(line["bounds"], value, low, high, evidence(entry))
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


def bounds_of(kind: str, value: float, low: float | None, high: float | None, checked: str) -> dict[str, object]:
    """The cells low, high, bounds and distribution; nothing when they follow from the kind of evidence."""
    if kind in DECLARED:
        below, above = DECLARED[kind]
        return {"low": round(value * below, 6), "high": round(value * above, 6), "bounds": "assumed"}
    if kind == "exact":
        return {"bounds": "exact"}
    if kind == "share":  # a share cannot pass 1: at most half of the way there
        k = ASSUMED_K[checked]
        ends = {"low": round(value / k, 6), "high": round(min(value * k, (1 + value) / 2), 6)}
        return ends | {"bounds": "assumed", "distribution": "uniform"}
    if not kind or low is None or high is None:
        return {}
    return published_bounds(kind, value, low, high)


def published_bounds(kind: str, value: float, low: float, high: float) -> dict[str, object]:
    """The cells for bounds that were published."""
    if kind == "iqr":  # the ends of uniform halves whose quartiles are the published ones
        ends = {"low": round(2 * low - value, 4), "high": round(min(2 * high - value, 1.0), 4)}
        return ends | {"bounds": "range", "distribution": "uniform"}
    ends = {"low": float(f"{low:.10g}"), "high": float(f"{high:.10g}")}
    if kind == "uniform":
        return ends | {"bounds": "range", "distribution": "uniform"}
    if kind == "share_sd":
        return ends | {"bounds": "sd1", "distribution": "normal"}
    return ends | {"bounds": "range" if kind == "maybe_range" else kind}


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
    site = PLAIN.get(site, site)
    return f"{place} {site}" if entry["evidence"] == "secondary" else place


def citation(entry: dict[str, str]) -> dict[str, str]:
    text = re.sub("source 00[0-4]", lambda found: PLAIN[found[0]], entry["source"])
    return {"citation": text, "doi": entry["doi"], "retrieved": RETRIEVED}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
