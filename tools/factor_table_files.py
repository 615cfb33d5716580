"""Writing a factor table: rows to ``<table>.csv``, sources and licence to ``<table>.toml``."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ecorad.factors.boundary import FLAGS
from ecorad.factors.pedigree import assumed_bounds
from ecorad.factors.table import COLUMNS, parse_table

TABLES = Path(__file__).parents[1] / "src" / "ecorad" / "factors" / "tables"
RETRIEVED = "2026-11-22"


@dataclass
class Sidecar:
    """What the toml says."""

    title: str
    licence: str
    attribution: str
    boundary: str
    script: str
    share_alike: bool = False
    sources: dict[str, dict[str, str]] = field(default_factory=dict)


def number(value: float) -> str:
    """Shortest text that reads back as the same number, without an exponent where it is short."""
    text = repr(round(value, 12))
    return text.removesuffix(".0")


def row(factor_id: str, quantity: str, value: float, unit: str, **cells: object) -> dict[str, str]:
    """One row with the defaults filled in; without ``low`` and ``high`` they follow from the evidence."""
    flags = cells.pop("flags", ())
    filled: dict[str, object] = {
        "scope": "",
        "region": "",
        "year": "",
        "bounds": "assumed",
        "distribution": "lognormal",
        "accounting": "neutral",
        "grid_kind": "",
        "origin": "reported",
        "evidence": "data_file_read",
        "enabled": "yes",
        "locator": "",
        "note": "",
    } | cells
    if filled["bounds"] == "exact":
        filled |= {"low": value, "high": value, "distribution": "fixed"}
    if "low" not in filled or "high" not in filled:
        kind = "grid" if quantity == "grid_intensity" else str(filled["evidence"])
        low, high = assumed_bounds(value, kind)
        filled |= {"low": float(f"{low:.4g}"), "high": float(f"{high:.4g}"), "bounds": "assumed"}
    if filled["evidence"] == "memory":
        filled["enabled"] = "no"
    filled |= {"factor_id": factor_id, "quantity": quantity, "value": value, "unit": unit}
    filled |= {flag: "yes" if flag in flags else "no" for flag in FLAGS}
    texts = {name: number(cell) if isinstance(cell, float | int) else str(cell) for name, cell in filled.items()}
    return {name: texts[name] for name in COLUMNS}


def file_source(path: Path, citation: str, original: str, **more: str) -> dict[str, str]:
    """The entry of a source that is a file: with its digest."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"citation": citation, "original": original, "retrieved": RETRIEVED, "sha256": digest, **more}


def write(name: str, rows: Iterable[dict[str, str]], sidecar: Sidecar) -> None:
    """Write both files, after the library has read them back without complaint."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda cells: cells["factor_id"]))
    toml = _toml(sidecar)
    table = parse_table(name, out.getvalue(), toml)
    TABLES.mkdir(exist_ok=True)
    (TABLES / f"{name}.csv").write_text(out.getvalue(), "utf-8")
    (TABLES / f"{name}.toml").write_text(toml, "utf-8")
    print(f"{name}: {len(table.factors)} rows")


def _toml(sidecar: Sidecar) -> str:
    lines = [
        f"{key} = {json.dumps(getattr(sidecar, key), ensure_ascii=False)}"
        for key in ("title", "licence", "attribution", "boundary", "share_alike", "script")
    ]
    for key in sorted(sidecar.sources):
        lines += ["", f"[sources.{key}]"]
        lines += [f"{name} = {json.dumps(text, ensure_ascii=False)}" for name, text in sidecar.sources[key].items()]
    return "\n".join(lines) + "\n"
