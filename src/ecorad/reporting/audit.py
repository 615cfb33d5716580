"""The main job: ledger to footprint to statement.

Nothing of the run itself enters the statement, so that the same records, factors and choices give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ecorad import __version__
from ecorad.factors.sets import FactorSet
from ecorad.findings.scanner_use.fewer import scanners_together
from ecorad.footprint import DepartmentEnergy, assess
from ecorad.intake.register import open_ledger
from ecorad.ledger import Ledger, Workspace, inputs, problems
from ecorad.model import InputError, Period, Site
from ecorad.model.clock import to_datetime

from .contrast_audit import contrast_and_helium
from .contrast_yield import contrast_yield_rows
from .dose_audit import dose_of_period, metered_marginal_kwh
from .published_schema import SCHEMA_VERSION
from .records import Records, gather, protocols
from .result_tables import write_results
from .site_factors import site_set
from .site_modes import device_entries, power_entries
from .statement import department, devices, groups
from .statement.changes import changes_section
from .statement.data_advice import UnmeteredDevice, meter_advice
from .statement.evidence import evidence_section
from .statement.exam_model import exam_model_section
from .statement.factor_rows import factor_rows, used_factors
from .statement.findings import finding_setting, findings_section
from .statement.fleet import fleet_section
from .statement.method import Choices, choices, inputs_used, method_section, middle_year, unverified_issues
from .statement.published import published_section
from .statement.quality import issue_rows, longest, unread_stretches
from .statement.reconciliation import reconciliation_section
from .statement.together import together_rows
from .statement.uncertainty import uncertainty_section
from .statement.use import DeviceUse, use_section
from .statement.variants import variants_section

UNPLACED = "ecorad.audit.exam_without_device"
UNDATED = "ecorad.audit.exam_without_time"
_NO_SPANS = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class AuditResult:
    """A statement, and what writes its result tables into a folder."""

    statement: dict[str, Any]
    tables: Callable[[Path], None]


def audit(workspace: Workspace, period: Period | None = None, factors: FactorSet | None = None) -> AuditResult:
    """The statement of a workspace over a period.

    Parameters
    ----------
    workspace : Workspace
        Whose ledger.
    period : Period, optional
        All days with records unless said.
    factors : FactorSet, optional
        Another factor set than the one that ``site.toml`` asks for.

    Raises
    ------
    InputError
        When the ledger holds nothing that could be audited.
    """
    usual = site_set(workspace)
    factors = factors or usual
    with open_ledger(workspace) as ledger:
        period = period or period_of_records(ledger, workspace.site.timezone)
        records = gather(ledger, workspace, period)
        chosen = choices(workspace.site, period, factors.book)
        found = assess(records.department(workspace.site, period, chosen))
        commonest, together = protocols(ledger, period)
        statement = _statement(workspace, ledger, period, records, chosen=chosen, factors=factors, found=found)
        statement["exam_model"] = exam_model_section(found, records.studies, commonest, records.facts)
        statement["dose"], dose_issues, dose_msv = dose_of_period(
            ledger,
            workspace,
            records.studies,
            {device.device_key: device.alias for device in records.devices},
            factors.book,
            period=period,
            marginal_kwh=metered_marginal_kwh(found),
        )
        statement["variants"] = variants_section(
            found, records.studies, together, records.administrations, dose_msv, zone=workspace.site.timezone
        )
        statement["contrast"]["yields"] = contrast_yield_rows(workspace)
        statement["changes"], lost = changes_section(ledger, workspace, statement, found, factors.book)
        statement["method"] = method_section(
            workspace.site,
            period,
            factors,
            chosen,
            inputs=_inputs_used(ledger, records, workspace),
            rules=groups.allocation_rules(found.modalities),
            versions={"ecorad": __version__, "schema": SCHEMA_VERSION},
            is_usual_set=factors.digest == usual.digest,
        )
        statement["factors"] = factor_rows(factors.book, used_factors(statement))
        told = [(issue.code, None, issue.count) for issue in dose_issues]
        noted = [*unverified_issues(statement["factors"]), *lost, *told]
        statement["quality"] = _quality(ledger, records, chosen, found, noted)
    return AuditResult(statement, lambda folder: write_results(found, folder))


def period_of_records(ledger: Ledger, zone: str) -> Period:
    """From the first to the last local day on which anything was acquired or read.

    Raises
    ------
    InputError
        When there is nothing.
    """
    ledger.materialise("study")
    ledger.materialise("meter")
    first, last = ledger.connection.execute(
        """SELECT epoch_us(min(a)), epoch_us(max(b)) FROM (
            SELECT min(started_utc) AS a, max(started_utc) AS b FROM study WHERE is_exam
            UNION ALL SELECT min(first_utc), max(last_utc - INTERVAL 1 MICROSECOND) FROM meter)"""
    ).fetchone() or (None, None)
    if first is None or last is None:
        raise InputError(
            "there are no exams and no readings yet: run `ecorad ingest` first", code="ecorad.audit.nothing_received"
        )
    days = list(Period(to_datetime(first), to_datetime(last + 1)).local_days(zone))
    return Period.of_days(days[0], days[-1], zone)


def _statement(
    workspace: Workspace,
    ledger: Ledger,
    period: Period,
    records: Records,
    *,
    chosen: Choices,
    factors: FactorSet,
    found: DepartmentEnergy,
) -> dict[str, Any]:
    site = workspace.site
    aliases = {device.device_key: device.alias for device in records.devices}
    days = list(period.local_days(site.timezone))
    agents = contrast_and_helium(ledger, workspace, period, records, factors.book)
    setting = finding_setting(found, site, period, chosen, entries=power_entries(workspace), facts=records.facts)
    entries = device_entries(workspace)
    together = scanners_together(found.devices, setting, {key: one.regions for key, one in entries.items()})
    use = use_section(records.studies, records.series_count, used_devices(found, records), site.timezone)
    return {
        "schema_version": SCHEMA_VERSION,
        "site": _site(site),
        "period": {
            "from": days[0].isoformat(),
            "to": days[-1].isoformat(),
            "timezone": site.timezone,
            "hours": period.hours,
        },
        "receipts": inputs(ledger),
        "totals": department.totals(found, site.tariff_per_kwh, site.currency, site.grid_zone),
        "scopes": department.scopes(found, site.grid_zone, agents["contrast"]["sf6_co2e_kg"]),
        "published": published_section(found.devices, factors.book, grid_zone=site.grid_zone, year=middle_year(period)),
        "meters": department.meter_rows(found.meters, aliases),
        "reconciliation": reconciliation_section(found, site.timezone),
        "devices": devices.device_rows(found.devices, records.facts),
        "modalities": groups.modality_rows(found.modalities, {}),
        "use": use | {"together": together_rows(together)},
        "cooling": department.cooling(found),
        **agents,
        "dose": {},
        "findings": findings_section(found, setting, together),
        "fleet": fleet_section(found, period.hours, factors.book, entries),
        "exam_model": [],
        "variants": [],
        "advice_on_data": meter_advice(_unmetered(found), found.energy),
        "quality": {},
        "uncertainty": uncertainty_section(found),
        "evidence": evidence_section(),
        "factors": [],
        "method": {},
    }


def _site(site: Site) -> dict[str, Any]:
    return {
        "name": site.name,
        "grid_zone": site.grid_zone,
        "currency": site.currency,
        "tariff_per_kwh": site.tariff_per_kwh,
    }


def used_devices(found: DepartmentEnergy, records: Records) -> list[DeviceUse]:
    """Devices with exams, as the ``use`` section takes them."""
    keys, sizes = records.studies["device_key"], records.studies["data_bytes"]
    rows = []
    for one in found.devices:
        if not len(one.exams):
            continue
        spans = _NO_SPANS if one.opening is None else one.opening.spans
        rows.append(
            DeviceUse(
                device_key=one.device.device_key,
                alias=one.device.alias,
                modality=one.device.modality,
                exam_start_us=one.exams.start_us,
                exam_end_us=one.exams.end_us,
                open_start_us=spans[0],
                open_end_us=spans[1],
                data_bytes=float(np.nansum(np.asarray(sizes, dtype=float)[keys == one.device.device_key])),
            )
        )
    return rows


def _unmetered(found: DepartmentEnergy) -> list[UnmeteredDevice]:
    return [
        UnmeteredDevice(one.device.device_key, one.device.alias, one.device.modality, one.energy)
        for one in found.devices
        if not one.meters and len(one.exams)
    ]


def _inputs_used(ledger: Ledger, records: Records, workspace: Workspace) -> dict[str, Any]:
    stored, digest = ledger.connection.execute(
        """SELECT count(*), sha256(coalesce(string_agg(source_digest, '' ORDER BY source_digest), ''))
        FROM (SELECT DISTINCT source_digest FROM receipt WHERE outcome IN ('stored', 'new_version'))"""
    ).fetchone() or (0, "")
    return inputs_used(int(stored), str(digest), records.devices, records.meters, workspace.site)


def _quality(
    ledger: Ledger,
    records: Records,
    chosen: Choices,
    found: DepartmentEnergy,
    noted: Sequence[tuple[str, str | None, int]],
) -> dict[str, Any]:
    gaps = [gap for meter in records.meters for gap in unread_stretches(meter.meter_key, *meter.trace.known_spans())]
    own = [(issue.code, issue.where or None, issue.count) for issue in (*chosen.issues, *found.issues)]
    received = [(row["code"], None, int(row["count"])) for row in problems(ledger)]
    counted = [(UNPLACED, None, records.unplaced_exams), (UNDATED, None, records.undated_studies)]
    origins = {"measured": 0.0, "modelled": 0.0, "default": 0.0, **found.energy_by_origin_kwh}
    return {
        "tiers": all_tiers(found),
        "energy_by_origin_kwh": origins,
        "read_hours": sum(meter.read_h for meter in found.meters),
        "unread_hours": sum(meter.missing.hours for meter in found.meters),
        "gaps": longest(gaps),
        "gap_count": len(gaps),
        "issues": issue_rows([*own, *noted, *received, *(row for row in counted if row[2])]),
    }


def all_tiers(found: DepartmentEnergy) -> list[dict[str, Any]]:
    """Exams and their energy by tier over all devices, best first."""
    rows: dict[int | None, dict[str, Any]] = {}
    for row in (row for one in found.devices for row in devices.tier_counts(one.exams)):
        mine = rows.setdefault(row["tier"], {"tier": row["tier"], "exams": 0, "kwh": None})
        mine["exams"] += row["exams"]
        if row["kwh"] is not None:
            mine["kwh"] = (mine["kwh"] or 0.0) + row["kwh"]
    return [rows[tier] for tier in (3, 2, 1, None) if tier in rows]
