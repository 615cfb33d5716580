"""How sure a mean of days is when one day is like the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def cosine_terms(days: int) -> int:
    """How many cosines an estimate from so many days rests on; also its degrees of freedom.

    Lazarus, Lewis, Stock & Watson 2018 (J Bus Econ Stat 36:541, doi 10.1080/07350015.2018.1506926), abstract:
    :math:`\\nu = 0.4\\,T^{2/3}`.

    >>> cosine_terms(20), cosine_terms(90), cosine_terms(365)
    (2, 8, 20)
    """
    return max(1, int(0.4 * days ** (2.0 / 3.0)))


def long_run_variance(series: Floats) -> float:
    """Variance of the sum of a series, divided by its length, with whatever one day says of the next.

    The equal-weighted cosine estimator: :math:`\\frac1\\nu\\sum_{j=1}^{\\nu}\\Lambda_j^2` with
    :math:`\\Lambda_j=\\sqrt{2/T}\\sum_t z_t\\cos(\\pi j(t-\\frac12)/T)` (source as in :func:`cosine_terms`). Its
    quantiles are those of Student's t with :math:`\\nu` degrees of freedom, which keeps short series honest where
    Newey-West with normal quantiles is too sure.

    Parameters
    ----------
    series : ndarray, shape (days,)
        One number a day, in order; its mean does not matter.

    Returns
    -------
    float
        In the unit of the series, squared.

    Examples
    --------
    Days that alternate say nothing new together; days that hang together say less than they seem:

    >>> fair = np.tile([1.0, -1.0], 50)
    >>> clustered = np.repeat([1.0, -1.0], 50)
    >>> long_run_variance(fair) < 1.0 < long_run_variance(clustered)
    True
    """
    days = len(series)
    if days < 2:
        return float("nan")
    order = np.arange(1, cosine_terms(days) + 1)[:, None]
    cosines = np.cos(np.pi * order * (np.arange(days) + 0.5)[None, :] / days)
    weights = np.sqrt(2.0 / days) * (cosines @ np.asarray(series, dtype=np.float64))
    return float(np.mean(weights**2))
