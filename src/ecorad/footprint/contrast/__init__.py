"""Contrast agents: one injection from the best source, grams, what became of each pack, what reaches the water."""

from .balance import PackBalance, pack_balances
from .excretion import capture_by_bags_g, excreted_share, sewer_load_g
from .injections import SheetMatch, with_sheet
from .reported_packs import with_reported
from .totals import METHOD, ContrastTotals, contrast_totals, grams
from .vials import sf6_kg_co2e, sf6_of_vials
from .what_if import WhatIf, what_ifs

__all__ = [
    "METHOD",
    "ContrastTotals",
    "PackBalance",
    "SheetMatch",
    "WhatIf",
    "capture_by_bags_g",
    "contrast_totals",
    "excreted_share",
    "grams",
    "pack_balances",
    "sewer_load_g",
    "sf6_kg_co2e",
    "sf6_of_vials",
    "what_ifs",
    "with_reported",
    "with_sheet",
]
