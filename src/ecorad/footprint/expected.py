"""What an exam of its kind is expected to draw, and which drew far more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST_EXAMS = 40
FEWEST_OF_A_KIND = 8
_ROUNDS = 25
_HUBER = 1.345
_MAD_TO_SD = 1.4826
# Of normal residuals one in 16,000 lies so far out; of ours a few more, because they have longer tails.
OUTLYING = 4.0


@dataclass(frozen=True, eq=False)
class Expected:
    """A regression of the logarithm of an exam's energy.

    Parameters
    ----------
    names : tuple of str
        ``intercept``, ``protocol=...``, ``log(data)`` ...
    effect, low, high : ndarray, shape (terms,)
        Factor on the energy, with its 95 % interval: 1.2 means a fifth more than the reference.
    expected_kwh : ndarray, shape (exams,)
        Of each exam; NaN where not known. [kWh]
    score : ndarray, shape (exams,)
        Residual in robust standard deviations.
    explained : float
        Share of the variance of the logarithm that is explained. [1]
    """

    names: tuple[str, ...]
    effect: Floats
    low: Floats
    high: Floats
    expected_kwh: Floats
    score: Floats
    explained: float

    @property
    def outliers(self) -> NDArray[np.int64]:
        """Exams that drew far more than expected, the farthest first."""
        score = np.nan_to_num(self.score, nan=-np.inf)
        far = np.flatnonzero(score > OUTLYING)
        return far[np.argsort(-score[far], kind="stable")]


def expect(
    energy_kwh: Floats, kinds: Mapping[str, Sequence[str | None]], measures: Mapping[str, Floats]
) -> Expected | None:
    """Robust regression of ``log(energy)`` on kinds and measures.

    Huber's weights with the median absolute deviation as scale; one light ridge keeps kinds that nearly coincide (a
    scanner and its field strength) from tearing each other apart. Kinds seen fewer than eight times are one kind,
    ``other``. Measures enter as logarithms.

    Parameters
    ----------
    energy_kwh : ndarray, shape (exams,)
        Active energy; exams without one, or with none above zero, are left out. [kWh]
    kinds : mapping of name to sequence of str, length exams
        ``protocol``, ``region``, ``device`` ...; ``None`` is a kind of its own.
    measures : mapping of name to ndarray, shape (exams,)
        ``data_bytes``, ``field_strength_t``, ``age_years`` ...; one that is not known for all exams gets its median
        there, and one that never varies is left out.

    Returns
    -------
    Expected or None
        ``None`` with fewer than 40 exams.

    Notes
    -----
    Huber 1981, Robust Statistics, section 7.8.
    """
    used = np.isfinite(energy_kwh) & (energy_kwh > 0)
    if used.sum() < FEWEST_EXAMS:
        return None
    names, columns = _design(used, kinds, measures)
    x, y = np.column_stack(columns)[used], np.log(energy_kwh[used])
    beta, weight, sd = _huber(x, y)
    residual = y - x @ beta
    covariance = sd**2 * np.linalg.pinv(x.T @ (weight[:, None] * x))
    half = 1.959963984540054 * np.sqrt(np.maximum(np.diag(covariance), 0.0))
    expected, score = np.full(len(energy_kwh), np.nan), np.full(len(energy_kwh), np.nan)
    expected[used], score[used] = np.exp(x @ beta), residual / sd
    return Expected(
        names=names,
        effect=np.exp(beta),
        low=np.exp(beta - half),
        high=np.exp(beta + half),
        expected_kwh=expected,
        score=score,
        explained=float(1.0 - np.average(residual**2, weights=weight) / np.average((y - y.mean()) ** 2, weights=weight))
        if np.var(y) > 0
        else 0.0,
    )


def _design(
    used: NDArray[np.bool_], kinds: Mapping[str, Sequence[str | None]], measures: Mapping[str, Floats]
) -> tuple[tuple[str, ...], list[Floats]]:
    """Columns for all exams; the commonest kind of each name is the reference and has none."""
    names, columns = ["intercept"], [np.ones(len(used))]
    for name, values in kinds.items():
        named = np.array(["none" if value is None else str(value) for value in values], dtype=object)
        found, counts = np.unique(named[used].astype(str), return_counts=True)
        rare = {kind for kind, count in zip(found, counts, strict=True) if count < FEWEST_OF_A_KIND}
        merged = np.array(["other" if kind in rare or kind not in set(found) else kind for kind in named])
        kept, seen = np.unique(merged[used], return_counts=True)
        reference = kept[np.argmax(seen)]
        for kind in kept[kept != reference]:
            names.append(f"{name}={kind}")
            columns.append((merged == kind).astype(np.float64))
    for name, measured in measures.items():
        known = np.isfinite(measured) & (measured > 0)
        if (known & used).sum() < FEWEST_OF_A_KIND or np.ptp(measured[known & used]) == 0:
            continue
        log = np.log(np.where(known, measured, np.median(measured[known & used])))
        names.append(f"log({name})")
        columns.append(log - float(np.mean(log[used])))
    return tuple(names), columns


def _huber(x: Floats, y: Floats) -> tuple[Floats, Floats, float]:
    """Coefficients, weights, and the robust standard deviation of the residuals."""
    weight: Floats = np.ones(len(y))
    ridge = 1e-6 * len(y) * np.eye(x.shape[1])
    beta: Floats = np.zeros(x.shape[1])
    sd = 1.0
    for _ in range(_ROUNDS):
        before = beta
        beta = np.asarray(np.linalg.solve(x.T @ (weight[:, None] * x) + ridge, x.T @ (weight * y)), dtype=np.float64)
        residual = y - x @ beta
        sd = max(_MAD_TO_SD * float(np.median(np.abs(residual - np.median(residual)))), 1e-9)
        weight = np.asarray(np.minimum(1.0, _HUBER * sd / np.maximum(np.abs(residual), 1e-12)))
        if np.allclose(before, beta, rtol=0, atol=1e-10):
            break
    return beta, weight, sd
