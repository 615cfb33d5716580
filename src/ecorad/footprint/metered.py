"""One device on its own meter or meters: clock, windows, states, energy of exams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecorad.model import Issue, Origin, PowerState

from .energy.allocation import RULES, Rule, Split, allocate, split, unexplained
from .energy.clock import ClockTrack, estimate_offsets
from .energy.join import Joined, duration_h, join
from .energy.missing import Missing, estimate_missing
from .energy.opening import Opening, from_exams, from_site
from .energy.sharpen import sharpened, touched
from .energy.spans import merged
from .energy.states import COARSEST_S, COMPLETE, LIVE, StateRuns, classify
from .energy.trace import Floats, Ints, Trace, added
from .energy.windows import Windows, local_days, windows, with_ends_from_power
from .exam_parts import ExamParts, Kind, Part
from .inputs import DepartmentInput, DeviceInput, MeterInput
from .results import ExamTable
from .uncertainty import Source, Term, deviation, meter_gain, relative_error

CLOCK_UNKNOWN = "ecorad.energy.clock_unknown"
CLOCK_FAR = "ecorad.energy.clock_far"
CLOCK_STEP = "ecorad.energy.clock_step"
OPENING_UNKNOWN = "ecorad.energy.opening_unknown"
UNRELATED = "ecorad.energy.unrelated_meter"
FAR_S = 60.0
# Half width of 95 % of a learnt idle level, relative: what is left of drift and noise in the simulator.
IDLE_HALF_WIDTH = 0.02
_UNKNOWN_CLOCK_S = 60.0
_FEWEST_GAP_READINGS = 10
_UNRELATED_DAYS = 3
_UNRELATED_SERIES = 30
_UNRELATED_FINEST_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Metered:
    """What a meter tells of one device."""

    trace: Trace
    gain: Source
    edge: Source
    clock: ClockTrack | None
    windows: Windows
    opening: Opening | None
    runs: StateRuns
    idle_kw: float
    splits: tuple[Split, ...]
    missing: tuple[Missing, ...]
    exams: ExamTable
    energy_terms: tuple[Term, ...]
    issues: tuple[Issue, ...]


def assess_metered(device: DeviceInput, meters: Sequence[MeterInput], department: DepartmentInput) -> Metered:
    """Energy of one device that has its meters for itself.

    Parameters
    ----------
    meters : sequence of MeterInput
        At least one, none of cooling, with known readings.
    """
    where = device.alias or device.device_key
    trace = added([meter.trace for meter in meters])
    clock = find_clock(device, trace, department.zone)
    found = exam_windows(device, clock, department.zone)
    issues = list(_clock_issues(clock, trace, where, len(found.exam)))
    is_refused = _is_unrelated(clock, trace, device)
    if is_refused:
        issues.append(Issue(UNRELATED, where=where, count=len(found.exam)))
    runs = _states(device, trace, None if is_refused else found, department)
    issues += [replace(issue, where=where) for issue in runs.issues]
    opening = find_opening(found, department)
    if opening is None:
        issues.append(Issue(OPENING_UNKNOWN, where=where, detail=f"{len(found.exam)} exams"))
    middle = (found.exam_start_us + found.exam_end_us) // 2
    ready, idle = (runs.power_kw(state, middle) for state in (PowerState.READY, PowerState.IDLE))
    if device.modality in LIVE:
        # What rises above idle is the live scan; a level in between is not needed to see its end.
        ready = idle
    found, from_power = with_ends_from_power(found, trace, ready, idle)
    fine = _finer(device, trace, found, runs)
    idle_kw = _idle_kw(fine, runs, found, opening)
    joined = join(fine, found.exam_start_us, found.exam_end_us, idle_kw)
    if is_refused:
        joined = refused(joined)
    exams = (found.exam_start_us, found.exam_end_us)
    hours = None if opening is None else opening.spans
    splits = tuple(
        unexplained(meter.trace)
        if is_refused
        else split(meter.trace, *exams, hours, qc_start_us=found.qc_start_us, qc_end_us=found.qc_end_us)
        for meter in meters
    )
    missing = tuple(
        estimate_missing(meter.trace, department.zone, department.first_us, department.last_us) for meter in meters
    )
    gain = combined_gain(meters)
    level = float(np.nanmean(idle_kw)) if np.any(np.isfinite(idle_kw)) else float("nan")
    edge = _edge_error(device.device_key, found, joined, resolution_s=trace.resolution_s, step_kw=_step_kw(runs, level))
    flags = exam_flags(found, joined, from_power, clock, trace.resolution_s)
    return Metered(
        trace=trace,
        gain=gain,
        edge=edge,
        clock=clock,
        windows=found,
        opening=opening,
        runs=runs,
        idle_kw=level,
        splits=splits,
        missing=missing,
        exams=exam_table(
            device,
            found,
            joined,
            flags=flags,
            explained_kwh=sum(
                part.total_kwh if is_refused else part.total_kwh - part.unexplained_kwh for part in splits
            ),
            errors=(gain, edge),
            idle_kw=level,
        ),
        energy_terms=tuple(
            term for meter, hole in zip(meters, missing, strict=True) for term in meter_terms(meter, hole)
        ),
        issues=tuple(issues),
    )


def find_clock(device: DeviceInput, trace: Trace, zone: str) -> ClockTrack | None:
    """Clock of a device against a meter; ``None`` for readings too far apart to tell."""
    if not trace.resolution_s <= COARSEST_S:
        return None
    start, end = device.acquisition_start_us, device.acquisition_end_us
    if device.modality in LIVE:
        # Images are moments of one live scan; the session is what the power shows.
        start, end = device.study_start_us, device.study_end_us
    return estimate_offsets(trace, start, end, local_days(start, zone))


def exam_windows(device: DeviceInput, clock: ClockTrack | None, zone: str) -> Windows:
    """Windows of a device on its meter's clock."""
    return windows(
        study_start_us=device.study_start_us,
        study_end_us=device.study_end_us,
        is_exam=device.is_exam,
        acquisition_study=device.acquisition_study,
        acquisition_start_us=device.acquisition_start_us,
        acquisition_end_us=device.acquisition_end_us,
        clock=clock,
        zone=zone,
        modality=device.modality,
    )


def find_opening(found: Windows, department: DepartmentInput) -> Opening | None:
    """Opening hours of the site, else inferred from the exams of this device."""
    period = (department.first_us, department.last_us)
    if department.opening_hours:
        return from_site(department.opening_hours, department.zone, *period)
    return from_exams(found.exam_start_us, found.exam_end_us, department.zone, *period)


def meter_terms(meter: MeterInput, missing: Missing) -> list[Term]:
    """What a meter read, and what it would have read in the hours it did not, each with its errors."""
    gain = meter_gain(meter.meter_key, meter.accuracy_percent)
    terms = [Term(meter.trace.known_kwh, (gain,))]
    if missing.energy_kwh:
        half = ((missing.high_kwh or 0.0) - missing.energy_kwh) / missing.energy_kwh
        unread = relative_error(f"unread:{meter.meter_key}", half, origin=Origin.MODELLED)
        terms.append(Term(missing.energy_kwh, (gain, unread)))
    return terms


def combined_gain(meters: Sequence[MeterInput]) -> Source:
    """Gain of the sum of several meters, by their energy."""
    gains = [meter_gain(meter.meter_key, meter.accuracy_percent) for meter in meters]
    if len(gains) == 1:
        return gains[0]
    energy = np.array([max(meter.trace.known_kwh, 0.0) for meter in meters])
    weight = energy / energy.sum() if energy.sum() > 0 else np.full(len(meters), 1.0 / len(meters))
    drawn = weight @ np.array([gain.draws for gain in gains])
    return Source("+".join(gain.name for gain in gains), 1.0, drawn)


def exam_flags(
    found: Windows, joined: Joined, from_power: Ints, clock: ClockTrack | None, resolution_s: float
) -> NDArray[np.object_]:
    """What is uncertain about each exam, joined by ``|``, shape (exams,)."""
    count = len(found.exam)
    marks: list[tuple[str, NDArray[np.bool_]]] = []
    ended = np.zeros(count, dtype=bool)
    ended[from_power] = True
    marks.append(("end_from_power", ended))
    marks.append(("end_unknown", ~found.end_is_known & ~ended))
    unknown_clock = np.full(count, clock is None or not clock.is_known)
    marks.append(("clock_unknown", unknown_clock))
    with np.errstate(invalid="ignore"):
        marks.append(("clock_uncertain", ~unknown_clock & (found.offset_u_s > max(0.5 * resolution_s, 2.0))))
    marks.append(("coarse", found.exam_end_us - found.exam_start_us < resolution_s * 1e6))
    flags = joined.flags.astype(object).copy()
    for name, mine in marks:
        flags[mine] = [f"{old}|{name}" if old else name for old in flags[mine]]
    return flags


def exam_table(
    device: DeviceInput,
    found: Windows,
    joined: Joined,
    *,
    flags: NDArray[np.object_],
    explained_kwh: float,
    errors: tuple[Source, Source],
    idle_kw: float,
) -> ExamTable:
    """Exams of a metered device; those the meter missed get the mean power of the others and tier 2.

    Parameters
    ----------
    explained_kwh : float
        Energy of exams, gaps and off-hours: what all exams carry together. [kWh]
    errors : tuple of Source
        Gain of the meter, and edges of the windows.
    """
    gain, edge = errors
    hours = duration_h(found.exam_start_us, found.exam_end_us)
    is_read = ~np.isnan(joined.active_kwh)
    pool = explained_kwh - float(np.nansum(joined.active_kwh))
    active, marginal = _filled(joined.active_kwh, hours), _filled(joined.marginal_kwh, hours)
    by_rule: dict[Rule, ExamParts] = {}
    for rule in RULES:
        # Without any exam read, the exams still share the device they were made on; only "active" cannot be told.
        base = joined.active_kwh if is_read.any() else np.zeros(len(hours))
        allocated = allocate(base, hours, pool, rule) if len(hours) else base
        parts: dict[Kind, tuple[Part, ...]] = {
            "allocated": ((_filled(allocated, hours), (gain,)),),
            "active": ((active, (gain, edge)),),
        }
        if np.any(~np.isnan(marginal)):
            wobble = deviation(f"idle:{device.device_key}", IDLE_HALF_WIDTH)
            spread = (np.where(np.isnan(marginal), np.nan, idle_kw * hours), (gain, wobble))
            parts["marginal"] = ((marginal, (gain, edge)), spread)
        by_rule[rule] = ExamParts(parts)
    tier = np.where(is_read, 3.0, np.where(np.isnan(active), np.nan, 2.0))
    flags = flags.copy()
    flags[~is_read & ~np.isnan(active)] = [f"{old}|own_mean" for old in flags[~is_read & ~np.isnan(active)]]
    return ExamTable(
        study_key=device.study_key[found.exam],
        body_region=device.body_region[found.exam],
        tier=tier,
        start_us=found.exam_start_us,
        end_us=found.exam_end_us,
        known_fraction=joined.known_fraction,
        flags=flags,
        parts=by_rule,
    )


def refused(joined: Joined) -> Joined:
    """A join that must not be believed: energies of exams are not known."""
    nothing = np.full(len(joined.active_kwh), np.nan)
    flags = np.full(len(nothing), "join_refused", dtype=object)
    return Joined(nothing, nothing, joined.known_fraction, flags)


def _is_unrelated(clock: ClockTrack | None, trace: Trace, device: DeviceInput) -> bool:
    """Whether power does not follow the acquisitions although there is enough of both to see it.

    Readings of a minute or finer, at least 30 acquisitions on 3 days while the meter was read, and no shift of the
    clock within 15 minutes at which the one follows the other: the meter of another device, or a clock far off.
    """
    if clock is None or clock.is_known or trace.resolution_s > _UNRELATED_FINEST_S:
        return False
    start = device.acquisition_start_us
    _, known = trace.energy_between(start, start + 60_000_000)
    days = len(np.unique(start[known > 0.9] // 86_400_000_000))
    return days >= _UNRELATED_DAYS and int(np.count_nonzero(known > 0.9)) >= _UNRELATED_SERIES


def _filled(energy_kwh: Floats, hours: Floats) -> Floats:
    """Energies where they are known, elsewhere length times the mean power of the known ones."""
    known = ~np.isnan(energy_kwh)
    if not known.any() or not hours[known].sum() > 0:
        return energy_kwh
    mean_kw = energy_kwh[known].sum() / hours[known].sum()
    return np.where(known, energy_kwh, mean_kw * hours)


def _states(device: DeviceInput, trace: Trace, found: Windows | None, department: DepartmentInput) -> StateRuns:
    """States of a device, from power alone when its windows are not to be believed."""
    powers = department.power_states.get(device.modality or "", {})
    prior = {state: (factor.value, *factor.interval95) for state, factor in powers.items()}
    too_short = device.modality in LIVE and found is not None and not np.any(found.end_is_known)
    if found is None or too_short:
        return classify(trace, device.modality or "", prior=prior or None)
    every_known = len(found.scan_is_known) > 0 and float(np.mean(found.scan_is_known)) > 0.95
    return classify(
        trace,
        device.modality or "",
        *found.known_scans,
        exam_start_us=np.concatenate((found.exam_start_us, found.qc_start_us)),
        exam_end_us=np.concatenate((found.exam_end_us, found.qc_end_us)),
        prior=prior or None,
        all_scans_known=every_known and device.modality in COMPLETE,
    )


def _finer(device: DeviceInput, trace: Trace, found: Windows, runs: StateRuns) -> Trace:
    """The trace cut at the edges of acquisitions, where every beam leaves one and the background is known."""
    if device.modality not in COMPLETE or not runs.is_named or not found.scan_is_known.any():
        return trace
    level = PowerState.READY if PowerState.READY in runs.level_kw else PowerState.IDLE
    if level not in runs.level_kw:
        return trace
    background = runs.power_kw(level, (trace.start_us + trace.end_us) // 2)
    return sharpened(trace, *found.known_scans, background)


def _idle_kw(trace: Trace, runs: StateRuns, found: Windows, opening: Opening | None) -> Floats:
    """Idle level at each reading; from the quiet of opening hours where states have no names."""
    if PowerState.IDLE in runs.level_kw:
        return runs.power_kw(PowerState.IDLE, (trace.start_us + trace.end_us) // 2)
    level = float("nan")
    if opening is not None:
        used = merged(
            np.concatenate((found.exam_start_us, found.qc_start_us)),
            np.concatenate((found.exam_end_us, found.qc_end_us)),
        )
        quiet = trace.is_known & (touched(trace, opening.spans) > 0.99) & (touched(trace, used) == 0)
        if np.count_nonzero(quiet) >= _FEWEST_GAP_READINGS:
            level = float(np.median(trace.power_kw[quiet]))
    return np.full(len(trace), level)


def _step_kw(runs: StateRuns, idle_kw: float) -> float:
    """Step of the power at the edge of an exam: ready minus idle, or idle where ready was not seen. [kW]"""
    level = runs.level_kw
    if PowerState.READY in level:
        return level[PowerState.READY] - level.get(PowerState.IDLE, 0.0)
    return idle_kw


def _edge_error(device_key: str, found: Windows, joined: Joined, *, resolution_s: float, step_kw: float) -> Source:
    """Relative error of the energy of all exams from the edges of their windows.

    At each edge the power steps by ``step_kw``, or by the mean power of an exam when that is not known; the edge is off
    by the clock's error and by a twelfth (variance) of a reading; edges err independently.
    """
    active = joined.active_kwh[~np.isnan(joined.active_kwh)]
    name = f"edges:{device_key}"
    if not len(active) or not active.sum() > 0:
        return relative_error(name, 0.0)
    if not np.isfinite(step_kw):
        step_kw = float(active.sum() / max(duration_h(found.exam_start_us, found.exam_end_us).sum(), 1e-9))
    u_clock = found.offset_u_s[np.isfinite(found.offset_u_s)]
    u_s = float(np.median(u_clock)) if len(u_clock) else _UNKNOWN_CLOCK_S
    edge_s = np.hypot(u_s, resolution_s / np.sqrt(12.0))
    window_s = float(np.median(found.exam_end_us - found.exam_start_us)) / 1e6
    # A reading longer than the exam dilutes every exam in the same direction.
    independent = np.sqrt(2.0 * len(active)) if resolution_s < window_s else np.sqrt(2.0) * len(active)
    half_kwh = 1.96 * abs(step_kw) * edge_s / 3600.0 * independent
    return relative_error(name, float(min(half_kwh / active.sum(), 0.5)))


def _clock_issues(clock: ClockTrack | None, trace: Trace, where: str, exams: int) -> list[Issue]:
    if not exams:
        return []
    if clock is None or not clock.is_known:
        return [Issue(CLOCK_UNKNOWN, where=where, detail=f"readings of {trace.resolution_s:.0f} s")]
    issues = []
    known = clock.offset_s[~np.isnan(clock.offset_s)]
    if len(known) and float(np.max(np.abs(known))) > FAR_S:
        issues.append(Issue(CLOCK_FAR, where=where, count=int(np.count_nonzero(np.abs(known) > FAR_S))))
    if clock.steps:
        issues.append(Issue(CLOCK_STEP, where=where, count=clock.steps))
    return issues
