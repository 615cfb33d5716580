"""Energy of the exams of a metered device, with what is uncertain about each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecorad.model import PowerState

from .energy.allocation import RULES, Rule, allocate
from .energy.clock import ClockTrack
from .energy.join import Joined, duration_h
from .energy.states import COARSEST_S, StateRuns
from .energy.trace import Floats, Ints
from .energy.windows import Windows
from .exam_parts import ExamParts, Kind, Part
from .inputs import DeviceInput
from .results import ExamTable
from .uncertainty import Source, deviation, relative_error

# Half width of 95 % of a learnt idle level, relative: what is left of drift and noise in the simulator.
IDLE_HALF_WIDTH = 0.02
_UNKNOWN_CLOCK_S = 60.0


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
    marks.append(("coarse", found.exam_end_us - found.exam_start_us < 2 * resolution_s * 1e6))
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


def _filled(energy_kwh: Floats, hours: Floats) -> Floats:
    """Energies where they are known, elsewhere length times the mean power of the known ones."""
    known = ~np.isnan(energy_kwh)
    if not known.any() or not hours[known].sum() > 0:
        return energy_kwh
    mean_kw = energy_kwh[known].sum() / hours[known].sum()
    return np.where(known, energy_kwh, mean_kw * hours)


def step_kw(runs: StateRuns, idle_kw: float) -> float:
    """Step of the power at the edge of an exam: ready minus idle, or idle where ready was not seen. [kW]"""
    level = runs.level_kw
    if PowerState.READY in level:
        return level[PowerState.READY] - level.get(PowerState.IDLE, 0.0)
    return idle_kw


def edge_error(device_key: str, found: Windows, joined: Joined, *, resolution_s: float, step_kw: float) -> Source:
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
    is_fine = resolution_s <= min(window_s, COARSEST_S)
    independent = np.sqrt(2.0 * len(active)) if is_fine else np.sqrt(2.0) * len(active)
    half_kwh = 1.96 * abs(step_kw) * edge_s / 3600.0 * independent
    return relative_error(name, float(min(half_kwh / active.sum(), 0.5)))
