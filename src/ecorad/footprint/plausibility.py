"""Whether the levels a meter shows are those of its class of device, or of another unit or transformer ratio."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log

from ecorad.factors import Factor
from ecorad.factors.distribution import Distribution, Shape
from ecorad.factors.draws import draws
from ecorad.model import Origin, PowerState

from .uncertainty import Source

UNLIKE_CLASS = "ecorad.energy.unlike_class"
IMPLAUSIBLE = "ecorad.energy.implausible_power"
# Beyond the published intervals by more than this, on every level: a scale is doubted; so far from the middle of what
# was published that no device of the class could be meant: the meter is not used.
MARGIN = 4.0 / 3.0
ABSURD = 5.0


def scale_doubt(level_kw: Mapping[PowerState, float], published: Mapping[PowerState, Factor]) -> float | None:
    """By what factor all levels of a device differ from its class, when every one lies outside what was published.

    Parameters
    ----------
    level_kw : mapping of PowerState to float
        Levels learnt from the meter. [kW]
    published : mapping of PowerState to Factor
        Powers of the class. [kW]

    Returns
    -------
    float or None
        Geometric mean of learnt over published; ``None`` when any level could be one of the class, or nothing was
        published. A halved reading of a device that draws more than most is not found this way.
    """
    shared = [state for state in level_kw if state in published and level_kw[state] > 0]
    below = [level_kw[state] * MARGIN < published[state].interval95[0] for state in shared]
    above = [level_kw[state] > MARGIN * published[state].interval95[1] for state in shared]
    if not shared or not (all(below) or all(above)):
        return None
    return exp(sum(log(level_kw[state] / published[state].value) for state in shared) / len(shared))


def is_absurd(factor: float | None) -> bool:
    """Whether a factor is too large or too small for any device of the class."""
    return factor is not None and not 1 / ABSURD < factor < ABSURD


def doubted(gain: Source, factor: float | None) -> Source:
    """A gain that may also be off by ``factor``: its interval reaches there, and it is modelled."""
    if factor is None:
        return gain
    # The factor is known as well as the class is.
    far = MARGIN * max(factor, 1 / factor)
    name = f"scale:{gain.name}"
    spread = draws(name, Distribution(Shape.LOGNORMAL, 1.0, 1 / far, far), len(gain.draws))
    return Source(f"{gain.name}+{name}", gain.value, gain.draws * spread, origin=Origin.MODELLED)
