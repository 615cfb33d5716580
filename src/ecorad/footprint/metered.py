"""One device on its own meter or meters: clock, windows, states, energy of exams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ecorad.model import Issue, Origin, PowerState

from .energy.allocation import Split, split, unexplained
from .energy.clock import ClockTrack, estimate_offsets
from .energy.join import Joined, join
from .energy.missing import Missing, estimate_missing
from .energy.opening import Opening, from_exams, from_site
from .energy.presence import FLANK_S, left_open_s, outlasting_s
from .energy.sharpen import coarsened, shaped, sharpened, touched
from .energy.spans import merged
from .energy.states import COARSEST_S, COMPLETE, LIVE, STEP_S, StateRuns, classify
from .energy.trace import Floats, Ints, Trace, added
from .energy.warm_up import warm_ups
from .energy.week import floor_kw
from .energy.windows import INSTANT, SHORTEST_LIVE_US, Windows, local_days, windows, with_ends_from_power
from .exam_energy import edge_error, exam_flags, exam_table, step_kw
from .inputs import DepartmentInput, DeviceInput, MeterInput
from .meter_checks import clock_issues, is_unrelated
from .plausibility import UNLIKE_CLASS, doubted, scale_doubt
from .reconciliation import NOTHING_KNOWN, Table, Uses, by_day
from .refusal import believed
from .results import ExamTable
from .uncertainty import Source, Term, meter_gain, relative_error

OPENING_UNKNOWN = "ecorad.energy.opening_unknown"
UNRELATED = "ecorad.energy.unrelated_meter"
# What power shows of an exposure: it lasts a second or two, and is seen in readings up to this long. [s]
EXPOSURE_S = 2.0
SEEN_EXPOSURE_S = 15.0
# Standard uncertainty of a clock known only from a live scan, or from somebody's presence, around the images, where
# power does not tell by how much it outlasts them: working assumptions. [s]
LIVE_LEAD_U_S = 10.0
PATIENT_LEAD_U_S = 20.0
# Where all images carry the time of the session's beginning, only the rise of power tells, and how long somebody looked
# before the first image stands on one side only: a working assumption. [s]
LIVE_START_U_S = 30.0
_FEWEST_GAP_READINGS = 10


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
    days: tuple[Table, ...]
    scale: float | None
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
    trace = added([meter.trace for meter in meters])
    seen = _seen(device, trace, department)
    where = device.alias or device.device_key
    joined, doubts = _joined(seen, trace, department.zone, where)
    splits, days = zip(*(_balance(seen, meter, trace, department.zone) for meter in meters), strict=True)
    missing = tuple(
        estimate_missing(meter.trace, department.zone, department.first_us, department.last_us) for meter in meters
    )
    published = department.power_states.get(device.modality or "", {})
    scale = scale_doubt(seen.runs.level_kw, published)
    if scale is not None:
        doubts.append(Issue(UNLIKE_CLASS, where=where, detail=f"{scale:.2g} times"))
    gain = doubted(combined_gain(meters), scale)
    level = float(np.nanmean(seen.idle_kw)) if np.any(np.isfinite(seen.idle_kw)) else float("nan")
    step = step_kw(seen.runs, level)
    edge = edge_error(device.device_key, seen.windows, joined, resolution_s=trace.resolution_s, step_kw=step)
    exams = exam_table(
        device,
        seen.windows,
        joined,
        flags=exam_flags(seen.windows, joined, seen.ended_by_power, seen.clock, trace.resolution_s),
        explained_kwh=sum(
            part.total_kwh if seen.is_refused else part.total_kwh - part.unexplained_kwh for part in splits
        ),
        errors=(gain, edge),
        idle_kw=level,
    )
    terms = tuple(term for meter, hole in zip(meters, missing, strict=True) for term in meter_terms(meter, hole, scale))
    return Metered(
        trace=trace,
        gain=gain,
        edge=edge,
        clock=seen.clock,
        windows=seen.windows,
        opening=seen.opening,
        runs=seen.runs,
        idle_kw=level,
        splits=splits,
        days=days,
        scale=scale,
        missing=missing,
        exams=exams,
        energy_terms=terms,
        issues=(*seen.issues, *doubts),
    )


def _joined(seen: _Seen, trace: Trace, zone: str, where: str) -> tuple[Joined, list[Issue]]:
    """Energy of the exams as far as it can be believed, and what is to be said of the rest."""
    joined = join(seen.fine, seen.windows.exam_start_us, seen.windows.exam_end_us, seen.idle_kw)
    if seen.is_refused:
        return joined.without(np.ones(len(joined.flags), dtype=bool), "join_refused"), []
    return believed(joined, seen.windows, seen.clock, resolution_s=trace.resolution_s, zone=zone, where=where)


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """Clock, windows, states and levels of one device on its meter.

    ``fine`` is the trace in steps, cut at the edges of acquisitions, ``idle_kw`` the idle level at each reading of it;
    ``ended_by_power`` are the exams whose end was read from the power.
    """

    clock: ClockTrack | None
    windows: Windows
    ended_by_power: Ints
    opening: Opening | None
    runs: StateRuns
    fine: Trace
    idle_kw: Floats
    is_refused: bool
    issues: tuple[Issue, ...]


def _seen(device: DeviceInput, trace: Trace, department: DepartmentInput) -> _Seen:
    where = device.alias or device.device_key
    clock = find_clock(device, trace, department.zone)
    found = exam_windows(device, clock, department.zone)
    issues = clock_issues(clock, trace, where, len(found.exam))
    is_refused = is_unrelated(clock, trace, device)
    if is_refused:
        issues.append(Issue(UNRELATED, where=where, count=len(found.exam)))
    runs = _states(device, trace, None if is_refused else found, department)
    issues += [replace(issue, where=where) for issue in runs.issues]
    opening = find_opening(found, department)
    if opening is None:
        issues.append(Issue(OPENING_UNKNOWN, where=where, detail=f"{len(found.exam)} exams"))
    found, ended = _ended(device, trace, found, runs)
    if device.modality in LIVE and len(ended) and not is_refused:
        # Now that power has told how long each live scan was, ready is known to lie beside them.
        runs = _classified(device, trace, found, department)
    fine = _finer(device, trace, found, runs)
    return _Seen(
        clock=clock,
        windows=found,
        ended_by_power=ended,
        opening=opening,
        runs=runs,
        fine=fine,
        idle_kw=_idle_kw(fine, runs, found, opening),
        is_refused=is_refused,
        issues=tuple(issues),
    )


def _ended(device: DeviceInput, trace: Trace, found: Windows, runs: StateRuns) -> tuple[Windows, Ints]:
    """Windows with the ends that power tells, and the exams that got theirs so."""
    middle = (found.exam_start_us + found.exam_end_us) // 2
    idle = runs.power_kw(PowerState.IDLE, middle)
    # What rises above idle is the live scan; a level in between is not needed to see its end.
    ready = idle if device.modality in LIVE else runs.power_kw(PowerState.READY, middle)
    return with_ends_from_power(found, trace, ready, idle)


def _balance(seen: _Seen, meter: MeterInput, whole: Trace, zone: str) -> tuple[Split, Table]:
    """What one meter of the device was used for; several meters follow the edges of their sum."""
    if seen.is_refused:
        return unexplained(meter.trace), by_day(meter.trace, NOTHING_KNOWN, zone)
    found = seen.windows
    trace = seen.fine
    if meter.trace is not whole:
        trace = shaped(_taken_together(meter.trace, found), _taken_together(whole, found), seen.fine)
    hours = None if seen.opening is None else seen.opening.spans
    exams, qc = (found.exam_start_us, found.exam_end_us), (found.qc_start_us, found.qc_end_us)
    warm_up = warm_ups(seen.runs, np.concatenate((found.exam_start_us, found.qc_start_us)))
    uses = Uses(exams=exams, qc=qc, warm_up=warm_up, opening=hours)
    floor = floor_kw(meter.trace) if floor_is_seen(seen.runs) else None
    part = split(trace, *exams, hours, qc_start_us=qc[0], qc_end_us=qc[1])
    return part, by_day(trace, uses, zone, floor_kw=floor)


def floor_is_seen(runs: StateRuns) -> bool:
    """Whether a device was ever seen below idle, so that what it draws then can be called its floor.

    Where states have no names nobody can tell, and the lowest power counts.
    """
    return not runs.is_named or any(state in runs.level_kw for state in (PowerState.OFF, PowerState.POWER_SAVE))


def find_clock(device: DeviceInput, trace: Trace, zone: str) -> ClockTrack | None:
    """Clock of a device against a meter; ``None`` for readings too far apart to tell."""
    if not trace.resolution_s <= COARSEST_S:
        return None
    start, end = device.acquisition_start_us, device.acquisition_end_us
    sessions = (device.study_start_us, device.study_end_us)
    if device.modality in LIVE:
        # Images are moments of one live scan; the session is what the power shows.
        has_end = np.any(sessions[1] - sessions[0] >= SHORTEST_LIVE_US)
        if has_end:
            return _from_presence(trace, sessions, zone, LIVE_LEAD_U_S)
        start, end = sessions
        found = estimate_offsets(trace, start, end, local_days(start, zone), flank_s=FLANK_S)
        return found.widened(LIVE_START_U_S)
    if device.modality in INSTANT and trace.resolution_s > SEEN_EXPOSURE_S:
        # The reading holds an exposure and much more; what stands out is that somebody is there.
        return _from_presence(trace, sessions, zone, PATIENT_LEAD_U_S)
    if device.modality in INSTANT:
        end = np.maximum(end, start + int(EXPOSURE_S * 1e6))
    return estimate_offsets(trace, start, end, local_days(start, zone))


def _from_presence(trace: Trace, sessions: tuple[Ints, Ints], zone: str, u_s: float) -> ClockTrack:
    """Clock from sessions, which power outlasts on both sides: by how much on each, nobody wrote.

    Only the sum of both shows in the power; ``u_s`` where even that does not.
    """
    start, end = sessions
    day = local_days(start, zone)
    found = estimate_offsets(trace, start, end, day, flank_s=FLANK_S)
    shift = np.round(found.at(day)[0] * 1e6).astype(np.int64)
    left_open = left_open_s(outlasting_s(trace, start + shift, end + shift), trace.resolution_s)
    return found.widened(left_open if np.isfinite(left_open) else u_s)


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


def meter_terms(meter: MeterInput, missing: Missing, scale: float | None = None) -> list[Term]:
    """What a meter read, and what it would have read in the hours it did not, each with its errors."""
    gain = doubted(meter_gain(meter.meter_key, meter.accuracy_percent), scale)
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


def _states(device: DeviceInput, trace: Trace, found: Windows | None, department: DepartmentInput) -> StateRuns:
    """States of a device, from power alone when its windows are not to be believed."""
    too_short = device.modality in LIVE and found is not None and not np.any(found.end_is_known)
    return _classified(device, trace, None if too_short else found, department)


def _classified(device: DeviceInput, trace: Trace, found: Windows | None, department: DepartmentInput) -> StateRuns:
    powers = department.power_states.get(device.modality or "", {})
    prior = {state: (factor.value, *factor.interval95) for state, factor in powers.items()} or None
    if found is None:
        return classify(trace, device.modality or "", prior=prior)
    every_known = len(found.scan_is_known) > 0 and float(np.mean(found.scan_is_known)) > 0.95
    return classify(
        trace,
        device.modality or "",
        *found.known_scans,
        exam_start_us=np.concatenate((found.exam_start_us, found.qc_start_us)),
        exam_end_us=np.concatenate((found.exam_end_us, found.qc_end_us)),
        prior=prior,
        all_scans_known=every_known and device.modality in COMPLETE,
    )


def _taken_together(trace: Trace, found: Windows) -> Trace:
    """Readings finer than states last in steps, but for those in which an exam or an acquisition begins or ends."""
    if not trace.resolution_s < STEP_S:
        return trace
    sides = (found.exam_start_us, found.exam_end_us, found.qc_start_us, found.qc_end_us, *found.known_scans)
    return coarsened(trace, STEP_S, trace.borders_of(np.concatenate(sides)))


def _finer(device: DeviceInput, trace: Trace, found: Windows, runs: StateRuns) -> Trace:
    """The trace cut at the edges of acquisitions, where every beam leaves one and the background is known."""
    trace = _taken_together(trace, found)
    if device.modality not in COMPLETE or not runs.is_named or not found.scan_is_known.any():
        return trace
    level = PowerState.READY if PowerState.READY in runs.level_kw else PowerState.IDLE
    if level not in runs.level_kw:
        return trace
    return sharpened(trace, *found.known_scans, partial(runs.power_kw, level))


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
