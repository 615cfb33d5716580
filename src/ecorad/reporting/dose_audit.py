"""Dose of one period: from the ledger to its section of the statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.factors import FactorBook
from ecorad.footprint.dose.background import background_of
from ecorad.footprint.dose.cumulative import cumulative
from ecorad.footprint.dose.effective import effective_doses
from ecorad.footprint.dose.outliers import Alert, outliers
from ecorad.footprint.dose.phases import grouped, phases_of
from ecorad.footprint.dose.reference_levels import Level, compare, read_levels
from ecorad.footprint.dose.repeats import repeat_rates
from ecorad.footprint.dose.size_specific import size_specific
from ecorad.footprint.dose.stopped import stopped_steps
from ecorad.footprint.dose.study import study_doses
from ecorad.footprint.dose.tube_current import size_curves
from ecorad.footprint.results import DepartmentEnergy
from ecorad.ledger import Ledger, Workspace
from ecorad.model import InputError, Issue, Period, Quantity
from ecorad.model.clock import to_us

from .alerts import above_cumulative, above_levels
from .statement.dose import DoseFound, dose_section

Columns = Mapping[str, NDArray[Any]]
LEVELS_FILE = "reference-levels.csv"


def dose_of_period(
    ledger: Ledger,
    workspace: Workspace,
    studies: Columns,
    aliases: Mapping[str, str | None],
    book: FactorBook,
    *,
    period: Period | None = None,
    marginal_kwh: Mapping[str, float] | None = None,
) -> tuple[dict[str, Any], tuple[Issue, ...], Mapping[str, Quantity]]:
    """The section ``dose``, what keeps parts of it unknown, and effective dose by study.

    Parameters
    ----------
    ledger : Ledger
        Open.
    workspace : Workspace
        Its site says the country; ``reference-levels.csv`` beside ``site.toml`` is the national table, if there is one.
    studies : Columns
        Of ``study``, those of the period. Phantoms and what else is no exam are left out.
    aliases : mapping
        Names of devices by key.
    book : FactorBook
        Factors of effective dose and of natural background.
    period : Period, optional
        For procedure steps, which may have no study; all of them unless said.
    marginal_kwh : mapping of study key to float, optional
        Energy above idle of metered exams. [kWh]

    Raises
    ------
    InputError
        ``ecorad.dose.levels`` for a table of reference levels that is none.
    """
    modality = _exams(studies)
    exams = set(modality)
    events, reports, rejections = (_of(ledger.columns(name), exams) for name in _TABLES)
    doses = study_doses(events, reports, modality)
    effective = effective_doses(events, book)
    sized = size_specific(events, book)
    phases = phases_of(events, book)
    country = workspace.site.grid_zone or ""
    background = background_of(country, book)
    found = DoseFound(
        doses=doses,
        effective=effective,
        background=background,
        comparisons=compare(doses, _levels(workspace)),
        alerts=outliers(doses),
        repeats=repeat_rates(events, rejections, _events_of_images(ledger, rejections["instance_key"])),
        patients=cumulative(doses, effective.by_study),
        size_specific=sized,
        stopped=stopped_steps(_steps(ledger, period, studies), dict(zip(*_rooms(studies), strict=True))),
        phases=phases,
        phase_groups=grouped(phases, marginal_kwh or {}),
        size_curves=size_curves(events),
        country=country,
    )
    issues = effective.issues
    if len(effective.by_study) and background.issue is not None:
        issues = (*issues, background.issue)
    return dose_section(found, aliases), issues, effective.by_study


def metered_marginal_kwh(found: DepartmentEnergy) -> dict[str, float]:
    """Energy above idle by study, of exams that a meter read itself. [kWh]"""
    exams = found.exam_energy
    rows = zip(exams["study_key"], exams["tier"], exams["marginal_kwh"], strict=True)
    return {key: float(kwh) for key, tier, kwh in rows if tier == _METERED and not np.isnan(kwh)}


_METERED = 3.0
_TABLES = ("irradiation_event", "dose_report", "rejection")


def dose_alerts(
    ledger: Ledger, workspace: Workspace, book: FactorBook | None = None, above_msv: float | None = None
) -> tuple[Alert, ...]:
    """Everything in all records that somebody should look at: doses far above like ones, medians above a level.

    With ``above_msv`` and the factors of effective dose also patients whose known doses together are more.
    """
    modality = _exams(ledger.columns("study", ["study_key", "modality", "is_exam", "not_exam_reason"]))
    exams = set(modality)
    events, reports = (_of(ledger.columns(name), exams) for name in _TABLES[:2])
    doses = study_doses(events, reports, modality)
    found = (*outliers(doses), *above_levels(compare(doses, _levels(workspace))))
    if above_msv is None or book is None:
        return found
    last = np.argsort(doses.started, kind="stable")
    rooms = {doses.patient_key[n]: doses.device_key[n] for n in last}
    return (*found, *above_cumulative(cumulative(doses, effective_doses(events, book).by_study), rooms, above_msv))


def _steps(ledger: Ledger, period: Period | None, studies: Columns) -> Columns:
    """Procedure steps of the period: by their own time, and by their study where they tell none."""
    steps = ledger.columns("performed_step")
    if period is None:
        return steps
    known = set(studies["study_key"])
    first, last = (np.datetime64(to_us(moment), "us") for moment in (period.start, period.end))
    at = np.asarray(steps["event_time_utc"], "datetime64[us]")
    inside = (at >= first) & (at < last)
    told = np.array([key in known for key in steps["study_key"]], dtype=bool)
    mine = np.where(np.isnat(at), told, inside)
    return {name: values[mine] for name, values in steps.items()}


def _rooms(studies: Columns) -> tuple[list[str], list[str | None]]:
    return list(studies["study_key"]), list(studies["device_key"])


def _exams(studies: Columns) -> dict[str, str]:
    """Modality of each study that something was done for: a dose screen or a summary alone is proof of it too."""
    names = ("study_key", "modality", "is_exam", "not_exam_reason")
    rows = zip(*(studies[name] for name in names), strict=True)
    return {key: modality or "" for key, modality, is_exam, reason in rows if is_exam or reason in _PROOFS}


_PROOFS = ("derived", "document")


def _of(columns: Columns, studies: set[str]) -> Columns:
    """The rows of these studies."""
    kept = np.array([key in studies for key in columns["study_key"]], dtype=bool)
    return {name: values[kept] for name, values in columns.items()}


def _levels(workspace: Workspace) -> tuple[Level, ...]:
    path = workspace.path / LEVELS_FILE
    if not path.exists():
        return ()
    try:
        return read_levels(path.read_text("utf-8-sig"))
    except UnicodeDecodeError:
        raise InputError(f"{LEVELS_FILE} is not UTF-8", code="ecorad.dose.levels") from None


def _events_of_images(ledger: Ledger, rejected: Iterable[Any]) -> dict[str, str]:
    """Event key by key of the rejected image, where its header gives one."""
    wanted = {str(key) for key in rejected}
    if not wanted:
        return {}
    names = ("record_key", "irradiation_event_key")
    images = ledger.columns("instance", names, where="irradiation_event_key IS NOT NULL")
    return {key: event for key, event in zip(*(images[name] for name in names), strict=True) if key in wanted}
