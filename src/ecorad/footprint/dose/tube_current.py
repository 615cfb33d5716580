"""Whether the dose of a CT protocol follows the size of the patient, and scans far above what their size asks for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from .columns import Columns, is_shared, texts

_SCANS = frozenset({"spiral", "sequenced"})
# Scans that it takes to tell, and the spread of sizes they must have between the 5th and the 95th percentile. [cm]
LEAST, _SPREAD_CM = 20, 5.0
# Scans that a line is drawn through at most.
_MOST = 600
# Less than this much more for each cm is no following: 10 cm more of patient would change the dose by a tenth. [1/cm]
FLAT_PER_CM = 0.01
# A robust score beyond which a scan is looked at (Iglewicz and Hoaglin 1993).
_THRESHOLD, _MAD_TO_SIGMA = 3.5, 1.4826


class Following(StrEnum):
    """How the dose index goes with size."""

    FOLLOWS = "follows"
    FIXED = "fixed"
    FALLS = "falls"
    UNSURE = "unsure"
    SIZES_ALIKE = "sizes_alike"


@dataclass(frozen=True, slots=True)
class Above:
    """A scan whose dose index lies far above that of its size in its protocol. [mGy]"""

    study_key: str
    value_mgy: float
    expected_mgy: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeCurve:
    r"""Dose index against size of one device and protocol, :math:`\ln\mathrm{CTDI_{vol}} = a + b\,D_w`.

    ``per_cm`` is b with its 95 % interval [1/cm]; ``protocol`` is ``None`` where too few patients share the name.
    """

    device_key: str
    protocol: str | None
    scans: int
    size_cm: tuple[float, float, float]
    per_cm: tuple[float, float, float]
    at_median_mgy: float
    following: Following
    above: tuple[Above, ...]


@dataclass(frozen=True, slots=True)
class SizeCurves:
    """Protocols with enough scans that tell a size; how many CT scans tell theirs, and how many do not."""

    curves: tuple[SizeCurve, ...]
    sized: int
    unsized: int


def expected_ctdi_mgy(size_cm: float, at_median_mgy: float, median_cm: float, per_cm: float) -> float:
    r"""Dose index of a size on a protocol's own line, :math:`\mathrm{CTDI}(D_m)\,e^{b(D - D_m)}`. [mGy]

    >>> round(expected_ctdi_mgy(32.0, 10.0, 30.0, 0.05), 2)
    11.05
    """
    return at_median_mgy * math.exp(per_cm * (size_cm - median_cm))


def size_curves(events: Columns) -> SizeCurves:
    """Theil-Sen lines (Sen 1968) of spiral and sequenced scans, by device and protocol.

    A line through medians of slopes stands when up to 29 % of the scans are odd. Of a study that scans one protocol
    several times the first scan counts; of a protocol with more than 600 scans the line is drawn through 600, evenly
    over time, and all are held against it. Size is the water-equivalent diameter as the console tells it.

    Parameters
    ----------
    events : Columns
        Of ``irradiation_event``, current.
    """
    kinds, modality = texts(events["event_type"]), texts(events["modality"])
    names = ("device_key", "protocol_name", "study_key")
    devices, protocols, studies = (texts(events[name]) for name in names)
    groups: dict[tuple[str, str], dict[str, int]] = {}
    unsized = 0
    for row in np.argsort(events["started_utc"], kind="stable"):
        if modality[row] != "CT" or kinds[row] not in _SCANS or not events["ctdi_vol_mgy"][row] > 0:
            continue
        if not events["water_equivalent_diameter_mm"][row] > 0:
            unsized += 1
        elif protocols[row] and events["is_rejected"][row] is not True:
            groups.setdefault((devices[row], protocols[row]), {}).setdefault(studies[row], int(row))
    curves = [_curve(events, key, list(rows.values())) for key, rows in sorted(groups.items()) if len(rows) >= LEAST]
    return SizeCurves(tuple(curves), sum(len(rows) for rows in groups.values()), unsized)


def _curve(events: Columns, key: tuple[str, str], rows: Sequence[int]) -> SizeCurve:
    from scipy import stats

    size_cm = events["water_equivalent_diameter_mm"][rows] / 10
    logs = np.log(events["ctdi_vol_mgy"][rows])
    patients = {events["patient_key"][row] for row in rows}
    protocol = key[1] if is_shared(len(rows), len(patients)) else None
    low, middle, high = (float(value) for value in np.quantile(size_cm, (0.05, 0.5, 0.95)))
    if high - low < _SPREAD_CM:
        slope = (math.nan, math.nan, math.nan)
        return SizeCurve(
            device_key=key[0],
            protocol=protocol,
            scans=len(rows),
            size_cm=(low, middle, high),
            per_cm=slope,
            at_median_mgy=float(np.exp(np.median(logs))),
            following=Following.SIZES_ALIKE,
            above=(),
        )
    some = _evenly(len(rows))
    found = stats.theilslopes(logs[some], size_cm[some], alpha=0.95)
    slope = (float(found.slope), float(found.low_slope), float(found.high_slope))
    level = float(np.median(logs - slope[0] * (size_cm - middle)))
    return SizeCurve(
        device_key=key[0],
        protocol=protocol,
        scans=len(rows),
        size_cm=(low, middle, high),
        per_cm=slope,
        at_median_mgy=math.exp(level),
        following=following(*slope),
        above=_above([str(events["study_key"][row]) for row in rows], logs, level + slope[0] * (size_cm - middle)),
    )


def _evenly(count: int) -> np.ndarray:
    """Places of at most :data:`_MOST` scans, evenly over time: all pairs of more would take memory as their square.

    >>> len(_evenly(30)), len(_evenly(60_000))
    (30, 600)
    """
    return np.unique(np.linspace(0, count - 1, min(count, _MOST)).astype(np.int64))


def following(per_cm: float, low: float, high: float) -> Following:
    """What an interval of slopes says: it must lie wholly on one side to say anything.

    >>> [following(*one).value for one in ((0.05, 0.04, 0.06), (0.0, -0.005, 0.005), (0.02, 0.0, 0.04))]
    ['follows', 'fixed', 'unsure']
    """
    if low > FLAT_PER_CM:
        return Following.FOLLOWS
    if high < -FLAT_PER_CM:
        return Following.FALLS
    return Following.FIXED if low >= -FLAT_PER_CM and high <= FLAT_PER_CM else Following.UNSURE


def _above(studies: Sequence[str], logs: np.ndarray, expected: np.ndarray) -> tuple[Above, ...]:
    """Scans above the line by more than 3.5 robust standard deviations, the farthest first."""
    rest = logs - expected
    spread = _MAD_TO_SIGMA * float(np.median(np.abs(rest - np.median(rest))))
    if spread <= 1e-9:
        return ()
    found = [
        Above(study, math.exp(log), math.exp(line), float(off) / spread)
        for study, log, line, off in zip(studies, logs, expected, rest, strict=True)
        if off / spread > _THRESHOLD
    ]
    return tuple(sorted(found, key=lambda one: (-one.score, one.study_key)))
