"""What other ways of switching would have cost in the same gaps: how good a plan is, and how good one can be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecorad.model import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LowMode:
    """One mode to wait in: its power, and the energy of going there and back. [kW, kWh]"""

    power_kw: float
    switch_kwh: float


def offline_kwh(gap_h: Floats, idle_kw: float, modes: Sequence[LowMode]) -> Floats:
    """The least that could have been drawn in each gap by one who knew its length. [kWh]

    >>> offline_kwh(np.array([0.05, 1.0]), 2.6, [LowMode(0.89, 0.1425)]).round(4).tolist()
    [0.13, 1.0325]
    """
    ways = [idle_kw * gap_h] + [mode.power_kw * gap_h + mode.switch_kwh for mode in modes]
    return np.asarray(np.min(ways, axis=0))


def immediate_kwh(gap_h: Floats, idle_kw: float, modes: Sequence[LowMode]) -> Floats:
    """Into the lowest mode at once. [kWh]"""
    lowest = min(modes, key=lambda mode: mode.power_kw, default=LowMode(idle_kw, 0.0))
    return np.asarray(lowest.power_kw * gap_h + lowest.switch_kwh)


def wait_kwh(gap_h: Floats, idle_kw: float, modes: Sequence[LowMode]) -> Floats:
    """Wait until the offline optimum would have switched, then switch: never more than twice the optimum. [kWh]

    With several modes the lower envelope of their costs is followed (Irani, Shukla, Gupta 2003,
    doi 10.1145/860176.860180); with one it is the ski-rental rule, "wait B" (Karlin et al. 1994,
    doi 10.1007/BF01189993). The switch energy is that of the mode it woke from.
    """
    lines = _envelope(idle_kw, modes)
    energy = np.zeros(np.shape(gap_h))
    switch = np.zeros(np.shape(gap_h))
    for (since_h, mode), until_h in zip(lines, [*(since for since, _ in lines[1:]), math.inf], strict=True):
        energy = energy + mode.power_kw * np.clip(gap_h - since_h, 0.0, until_h - since_h)
        switch = np.where(gap_h > since_h, mode.switch_kwh, switch)
    return np.asarray(energy + switch)


def _envelope(idle_kw: float, modes: Sequence[LowMode]) -> list[tuple[float, LowMode]]:
    """Modes of the lower envelope of cost over time, each with the time from which it is lowest. [h]"""
    now, since = LowMode(idle_kw, 0.0), 0.0
    found = [(since, now)]
    left = [mode for mode in modes if mode.power_kw < idle_kw]
    while left:
        at = [(mode.switch_kwh - now.switch_kwh) / (now.power_kw - mode.power_kw) for mode in left]
        first = min(range(len(left)), key=lambda n: (max(at[n], since), left[n].power_kw))
        since, now = max(at[first], since), left[first]
        found.append((since, now))
        left = [mode for mode in left if mode.power_kw < now.power_kw]
    return found


def randomised_wait_h(break_even_h: float, quantile: float) -> float:
    """When to switch for a uniform draw: expected cost at most e/(e-1) = 1.582 times the optimum. [h]

    Density ``exp(t / B) / (B (e - 1))`` on ``0..B`` (Karlin et al. 1994, theorem 3.1).

    Raises
    ------
    InputError
        For a draw outside 0..1.

    >>> round(randomised_wait_h(1.0, 0.5), 4)
    0.6201
    """
    if not 0 <= quantile <= 1:
        raise InputError("a draw lies between 0 and 1")
    return break_even_h * math.log1p(quantile * (math.e - 1.0))


def compared(gap_h: Floats, planned_kwh: float, idle_kw: float, modes: Sequence[LowMode]) -> Mapping[str, float]:
    """Energy of each way of switching over the same gaps. [kWh]

    Returns
    -------
    mapping
        ``offline`` (the best with hindsight), ``plan``, ``wait``, ``immediate``, ``never``.
    """
    return {
        "offline": float(offline_kwh(gap_h, idle_kw, modes).sum()),
        "plan": planned_kwh,
        "wait": float(wait_kwh(gap_h, idle_kw, modes).sum()),
        "immediate": float(immediate_kwh(gap_h, idle_kw, modes).sum()),
        "never": float(idle_kw * gap_h.sum()),
    }
