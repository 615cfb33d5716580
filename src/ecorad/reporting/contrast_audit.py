"""Contrast and helium of one period: from the ledger to their sections of the statement."""

from __future__ import annotations

from typing import Any

from ecorad.factors import FactorBook
from ecorad.findings.leftovers import find_leftovers
from ecorad.footprint.contrast import contrast_totals, pack_balances
from ecorad.ledger import Ledger, Workspace
from ecorad.model import Period
from ecorad.rules.local import rules_of
from ecorad.safety.history import past_intervals
from ecorad.safety.injections import given_injections

from .contrast_records import gather_contrast
from .records import Records, protocols
from .statement.contrast import ContrastFound, GasFactors, contrast_with_packs, vials_opened
from .statement.contrast_volumes import volume_rows
from .statement.contrast_water import water_section
from .statement.helium import helium_rows


def contrast_and_helium(
    ledger: Ledger, workspace: Workspace, period: Period, of: Records, book: FactorBook
) -> dict[str, Any]:
    """The sections ``contrast`` and ``helium``; intervals are judged without any renal function."""
    aliases = {device.device_key: device.alias for device in of.devices}
    records = gather_contrast(ledger, workspace, period, administrations=of.administrations, studies=of.studies)
    injections = given_injections(ledger).injections
    with rules_of(workspace.path):
        judged = past_intervals(injections, lambda patient, at: None)
        found = ContrastFound(
            totals=contrast_totals(records.match.administrations),
            sf6_vials_g=vials_opened(records.lines, book),
            match=records.match,
            medication=records.medication,
            packs=pack_balances(records.lines),
            leftovers=find_leftovers(records.lines),
            intervals=[one for one in judged if period.start <= one.following.at < period.end],
        )
        section = contrast_with_packs(found, aliases, GasFactors(book, workspace.site.factors.gwp))
        names, _ = protocols(ledger, period)
        section["to_water"] = water_section(found.totals, workspace.site.wastewater, book)
        section["volumes"] = volume_rows(records.match.administrations, of.studies, names, book, _weights_kg(ledger))
        return {
            "contrast": section,
            "helium": helium_rows(records.helium, aliases, book, workspace.site.helium),
        }


def _weights_kg(ledger: Ledger) -> dict[str, float]:
    """Body weight by study where its objects tell one; where they tell several it is not known. [kg]"""
    rows = ledger.rows(
        """SELECT study_key, min(patient_weight_kg) AS kg FROM instance
           WHERE patient_weight_kg IS NOT NULL GROUP BY study_key
           HAVING min(patient_weight_kg) = max(patient_weight_kg)"""
    )
    return {row["study_key"]: float(row["kg"]) for row in rows}
