"""How far a result is from the truth of a simulated workspace."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from ecorad.model import WorkspaceError

Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One result beside the truth.

    ``relative_error`` is (found - truth) / truth; for medians over exams it is the median of its absolute value.
    ``absolute_error`` is in ``unit``. Both are ``None`` when nothing was found. ``is_covered`` says whether the 95 %
    interval of the result holds the truth, where it gave one.
    """

    what: str
    unit: str
    truth: float
    found: float | None
    relative_error: float | None = None
    absolute_error: float | None = None
    is_covered: bool | None = None


def has_truth(workspace: Path) -> bool:
    """Whether the workspace is a simulated one."""
    return (workspace / "truth" / "summary.json").is_file()


def read_summary(workspace: Path) -> dict[str, Any]:
    """``truth/summary.json``.

    Raises
    ------
    WorkspaceError
        If the workspace was not simulated.
    """
    if not has_truth(workspace):
        raise WorkspaceError("this workspace was not simulated: it has no truth", code="ecorad.simulation.no_truth")
    summary: dict[str, Any] = json.loads((workspace / "truth" / "summary.json").read_text("utf-8"))
    return summary


def read_table(workspace: Path, name: str) -> list[dict[str, str]]:
    """One table of ``truth/`` (``exams``, ``series``, ``state_runs``, ``clock_offsets`` …) as rows of text."""
    with (workspace / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def compare(
    workspace: Path,
    statement: Mapping[str, Any],
    *,
    exam_energy: Columns | None = None,
    clock_offset: Columns | None = None,
    study_key: Callable[[str], str] | None = None,
) -> list[Comparison]:
    """Hold a statement, and the result tables where given, against the truth.

    Parameters
    ----------
    workspace : Path
        A simulated workspace.
    statement : mapping
        Content of ``audit.json``.
    exam_energy, clock_offset : mapping of column to values, optional
        The result tables of these names.
    study_key : callable, optional
        Gives the pseudonym of a Study Instance UID; needed for ``exam_energy`` unless identifiers are retained.

    Returns
    -------
    list of Comparison
        Totals first, then scanners, states, classes, exams, clocks, contrast.

    Raises
    ------
    WorkspaceError
        If the workspace was not simulated.
    """
    truth = read_summary(workspace)
    totals = statement.get("totals", {})
    found = [_quantity("energy", "kWh", truth["total_kwh"], totals.get("energy_kwh"))]
    devices = {row.get("alias"): row for row in statement.get("devices", [])}
    for one in truth["scanners"]:
        row = devices.get(one["alias"], {})
        found.append(_quantity(f"energy {one['alias']}", "kWh", one["kwh"], row.get("energy_kwh")))
    states = totals.get("energy_by_state_kwh") or {}
    named = [one for one in truth["scanners"] if devices.get(one["alias"], {}).get("states_named", True)]
    for name in truth["kwh_by_state"]:  # of the scanners whose states were told apart: of the others nothing is claimed
        kwh = sum(one["kwh_by_state"][name] for one in named)
        found.append(_quantity(f"state {name}", "kWh", kwh, states.get(name)))
    classes = totals.get("energy_by_class_kwh") or {}
    found += [_quantity(f"class {name}", "kWh", kwh, classes.get(name)) for name, kwh in truth["kwh_by_class"].items()]
    found.append(_quantity("exams", "1", truth["exams"], totals.get("exams")))
    if exam_energy is not None:
        found += _exams(workspace, exam_energy, study_key or str)
    if clock_offset is not None:
        alias_of = {row.get("device"): row.get("alias") for row in statement.get("devices", [])}
        found += _clocks(workspace, clock_offset, alias_of)
    contrast = statement.get("contrast", {})
    for name in ("iodine_g", "gadolinium_g"):
        found.append(_quantity(name.removesuffix("_g"), "g", truth[name], contrast.get(name)))
    return found


def _quantity(what: str, unit: str, truth: float, result: Any) -> Comparison:
    """``result`` is a number, a quantity of ``audit.json``, or nothing."""
    low = high = None
    if isinstance(result, Mapping):
        low, high, result = result.get("low"), result.get("high"), result.get("value")
    if result is None:
        return Comparison(what, unit, truth, None)
    covered = None if low is None or high is None else low <= truth <= high
    relative = (result - truth) / truth if truth else None
    return Comparison(what, unit, truth, float(result), relative, float(result - truth), covered)


def _exams(workspace: Path, exam_energy: Columns, study_key: Callable[[str], str]) -> Iterator[Comparison]:
    """Median error of active and marginal energy, over all exams and by modality; how many exams were found."""
    rows = [row for row in read_table(workspace, "exams") if row["is_exam"] == "true"]
    place = {key: n for n, key in enumerate(exam_energy["study_key"])}
    by_modality: dict[str, list[dict[str, str]]] = {"": rows}
    for row in rows:
        by_modality.setdefault(row["modality"], []).append(row)
    for column in ("active_kwh", "marginal_kwh"):
        for modality, members in by_modality.items():
            pairs = []
            for row in members:
                n = place.get(study_key(row["study_instance_uid"]))
                value = None if n is None else exam_energy[column][n]
                if value is not None and value == value:  # noqa: PLR0124 - NaN is unknown
                    pairs.append((float(row[column]), float(value)))
            what = f"{column.removesuffix('_kwh')} energy of an exam{' ' + modality if modality else ''}, median error"
            yield _median_error(what, [float(row[column]) for row in members], pairs)


def _median_error(what: str, truths: list[float], pairs: list[tuple[float, float]]) -> Comparison:
    if not pairs:
        return Comparison(what, "kWh", median(truths), None)
    relative = median(abs(found - true) / true for true, found in pairs if true > 0)
    absolute = median(abs(found - true) for true, found in pairs)
    return Comparison(
        what, "kWh", median(true for true, _ in pairs), median(found for _, found in pairs), relative, absolute
    )


def _clocks(workspace: Path, offsets: Columns, alias_of: Mapping[Any, Any]) -> Iterator[Comparison]:
    """Median absolute error of the daily offset of each scanner. [s]"""
    truth = {(row["device"], row["date"]): float(row["offset_s"]) for row in read_table(workspace, "clock_offsets")}
    pairs: dict[str, list[tuple[float, float]]] = {}
    for device, day, offset in zip(offsets["device_key"], offsets["date"], offsets["offset_s"], strict=True):
        key = (alias_of.get(device, device), str(day)[:10])
        if key in truth and offset is not None and offset == offset:  # noqa: PLR0124 - NaN is unknown
            pairs.setdefault(str(key[0]), []).append((truth[key], float(offset)))
    for alias in sorted({device for device, _ in truth}):
        members = pairs.get(alias, [])
        what = f"clock offset {alias}, median error"
        if not members:
            yield Comparison(what, "s", median(v for (device, _), v in truth.items() if device == alias), None)
            continue
        error = median(abs(found - true) for true, found in members)
        yield Comparison(
            what, "s", median(true for true, _ in members), median(found for _, found in members), None, error
        )
