"""Published powers of one class of device, drawn together: one device has all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ecorad.factors.distribution import DRAWS
from ecorad.factors.draws import uniform_draws
from ecorad.model import PowerState

from ..uncertainty import Drawable, Source, of_factor

# A working assumption: a published range is the spread among devices, and whichever draws much while it waits draws
# much while it scans (both ends of the ranges of angiography move together). What is left is each state's own.
ALIKE = 0.9
ORDER = (PowerState.IDLE, PowerState.READY, PowerState.SCAN)


def awake_powers(powers: Mapping[PowerState, Drawable], n: int = DRAWS) -> dict[PowerState, Source]:
    """Sources of idle, ready and scan, in each draw of which idle <= ready <= scan.

    Each keeps its own draws, in another order: the normal scores of the states have the correlation :data:`ALIKE`,
    by a place of the device that all of them share. Where draws of neighbours still cross, the higher state is lifted
    to the lower one, so that energy above idle is never negative.

    Parameters
    ----------
    powers : mapping of PowerState to factor
        Published powers, :data:`ORDER` among them. [kW]
    n : int
        Number of draws, a power of two.

    Notes
    -----
    Ranks are moved, not values, after Iman and Conover (Commun Stat Simul Comput 1982;11:311-334), with the place of
    the device as the one common factor.

    Examples
    --------
    >>> from ecorad.factors import power_states
    >>> found = awake_powers(power_states("XA"))
    >>> bool(np.all(found[PowerState.IDLE].draws <= found[PowerState.READY].draws))
    True
    """
    from scipy.special import ndtri

    place = ndtri(uniform_draws("+".join(powers[state].factor_id for state in ORDER), n))
    found: dict[PowerState, Source] = {}
    least: NDArray[np.float64] = np.full(n, -np.inf)
    for state in ORDER:
        source = of_factor(powers[state], n)
        own = ndtri(uniform_draws(powers[state].factor_id, n))
        rank = np.argsort(np.argsort(np.sqrt(ALIKE) * place + np.sqrt(1.0 - ALIKE) * own, kind="stable"), kind="stable")
        drawn = np.sort(source.draws)[rank]
        crosses = bool(np.any(drawn < least))
        drawn = np.maximum(drawn, least)
        found[state] = replace(source, draws=drawn, log_sd=None if crosses else source.log_sd)
        least = drawn
    return found
