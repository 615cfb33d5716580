"""Claims as data: ``make_facts.py FACTS.yaml`` (needs PyYAML).

Which row of the factor book a claim is held against stands here.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import yaml

OUT = Path(__file__).parents[1] / "src" / "ecorad" / "factors" / "facts" / "facts.csv"
HEADER = ("fact_id", "group", "label", "text", "value", "low", "high", "unit", "source", "reference", "kind", "formula",
          "tolerance", "factor_id", "factor_scale", "remark")  # fmt: skip
# Claim, row of the factor book for the same quantity, and what the row is multiplied with to have the claim's unit.
BESIDE = {
    "SF176": ("contrast.reference.ct_angiography", 1), "SF177": ("contrast.reference.mr", 1),
    "SF178": ("contrast.reference.mr_pituitary", 1),
    "SF022": ("exam.us.mcalister", 1), "SF023": ("exam.ct.mcalister", 1), "SF024": ("exam.mr.mcalister", 1),
    "SF037": ("grid.marginal.US.woolen_implied", 1), "SF047": ("travel.congress.rsna2017", 1),
    "SF058": ("contrast.rhine_load", 1), "SF066": ("gwp100.SF6.AR5", 1), "SF067": ("gwp100.SF6.AR6", 1),
    "SF068": ("helium.share.hospitals", 100), "SF069": ("helium.inventory.conventional", 1),
    "SF070": ("helium.inventory.drycool", 1), "SF074": ("paper.sheet.dias", 1000),
    "SF122": ("dose.card.ct_lung_screening", 1),
    "SF121": ("dose.card.xr_chest", 1), "SF125": ("dose.card.ct_brain", 1), "SF126": ("dose.card.ct_chest", 1),
    "SF127": ("dose.card.ct_abdomen_pelvis", 1), "SF128": ("dose.card.ct_abdomen_pelvis_without_with_contrast", 1),
    "SF129": ("dose.card.xr_extremity", 1), "SF130": ("dose.card.xr_chest", 1),
    "SF131": ("dose.card.xr_lumbar_spine", 1), "SF132": ("dose.msd.xr_abdomen_1_view", 1),
    "SF134": ("dose.card.mammography_screening_2d", 1), "SF135": ("dose.card.dxa", 1),
    "SF136": ("dose.card.upper_gi_barium", 1), "SF137": ("dose.card.coronary_cta", 1),
    "SF138": ("dose.background.US", 1), "SF175": ("contrast.iodine.volume.routine", 1),
    "SF186": ("share.idle.ct.heye", 1), "SF187": ("share.off.mr.heye", 1), "SF194": ("helium.inventory.drycool", 1),
    "SF200": ("equipment.mr.upgrade.saving.vendor", 1), "SF204": ("equipment.ct.refurbished.saving.vendor", 1),
}  # fmt: skip


def number(value: object) -> str:
    return repr(value).removesuffix(".0") if isinstance(value, int | float) and not isinstance(value, bool) else ""


def row_of(entry: dict[str, object]) -> dict[str, object]:
    value = entry.get("value")
    text = "" if value is None or number(value) else str(value)
    factor_id, scale = BESIDE.get(str(entry["id"]), ("", ""))
    return {
        "fact_id": entry["id"], "group": entry["group"], "label": entry["statement"], "text": text,
        "value": number(value), "low": number(entry.get("low")), "high": number(entry.get("high")),
        "unit": entry.get("unit") or "", "source": entry["source"], "reference": entry.get("reference") or "",
        "kind": entry["kind"], "formula": entry.get("reproducible") or "", "tolerance": entry.get("tolerance") or "",
        "factor_id": factor_id, "factor_scale": scale, "remark": entry.get("flag") or "",
    }  # fmt: skip


def main(path: Path) -> None:
    entries = yaml.safe_load(path.read_text("utf-8"))
    with OUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row_of(entry) for entry in entries)
    print(f"{len(entries)} facts")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
