"""Random draws of a factor: the same for everyone who uses that factor, on every machine, in every run."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ecorad.model import InputError

from .distribution import DRAWS, Distribution

if TYPE_CHECKING:
    from numpy.typing import NDArray


def seed_of(factor_id: str) -> int:
    """A number that depends on the identifier alone, not on the Python process.

    >>> seed_of("cooling.ratio.basel") == seed_of("cooling.ratio.basel")
    True
    """
    return int.from_bytes(hashlib.sha256(factor_id.encode("utf-8")).digest()[:8], "big")


@lru_cache(maxsize=1024)
def uniform_draws(factor_id: str, n: int = DRAWS) -> NDArray[np.float64]:
    """Scrambled Sobol points of one factor, in an order of its own.

    One dimension of a Sobol sequence fills (0, 1) evenly, so that a mean of 4096 draws is far better than of as many
    random numbers. Two factors use two scramblings *and* two permutations; without the permutation their points would
    be paired.

    Parameters
    ----------
    factor_id : str
        The factor.
    n : int
        Number of draws, a power of two.

    Returns
    -------
    ndarray, shape (n,)
        Read-only numbers in (0, 1).
    """
    if n < 1 or n & (n - 1):
        raise InputError("the number of draws must be a power of two")
    from scipy.stats import qmc

    rng = np.random.default_rng(seed_of(factor_id))
    points = qmc.Sobol(d=1, scramble=True, rng=rng).random_base2(n.bit_length() - 1)[:, 0]
    points = rng.permutation(np.clip(points, 1e-12, 1 - 1e-12))
    points.flags.writeable = False
    return np.asarray(points, dtype=np.float64)


def draws(factor_id: str, distribution: Distribution, n: int = DRAWS) -> NDArray[np.float64]:
    """Draws of one factor.

    >>> from .distribution import Shape
    >>> x = draws("example", Distribution(Shape.LOGNORMAL, 2.0, 1.0, 4.0))
    >>> [round(float(q), 2) for q in np.quantile(x, [0.025, 0.5, 0.975])]
    [1.0, 2.0, 4.0]
    """
    return distribution.quantile(uniform_draws(factor_id, n))
