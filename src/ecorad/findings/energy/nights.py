"""What each closed stretch (a night, a weekend) would have saved in a lower mode."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecorad.footprint.energy.spans import Ints, Spans, common, is_inside
from ecorad.model.site_power import LOW_MODES

from .finding import Excess
from .view import Low, View, by_stretch, hours

LONGEST_NIGHT_H = 24.0
# Until the last patient has gone, a scanner is not left on.
SHORTEST_H = 1.0


@dataclass(frozen=True, eq=False)
class Left:
    """Stretches in which a device was left awake while closed.

    Parameters
    ----------
    nights : tuple of ndarray
        The closed stretches that were read.
    spans : tuple of ndarray
        Stretches awake inside them.
    night : ndarray of int, shape (stretches,)
        To which closed stretch each belongs.
    until_opening : ndarray of bool, shape (stretches,)
        Whether it reaches the next opening, having been lower before: that is a start, not a night.
    """

    nights: Spans
    spans: Spans
    night: Ints
    until_opening: NDArray[np.bool_]

    def chosen(self, view: View, low: Low, which: NDArray[np.bool_]) -> Spans:
        """Stretches of some kind that are long enough for the lower mode to pay."""
        spans = (self.spans[0][which], self.spans[1][which])
        pays = hours(spans) > max(SHORTEST_H, low.pays_after_h(view.idle_kw or 0.0))
        return spans[0][pays], spans[1][pays]


def excess(view: View, days: Spans, spans: Spans, switch_kwh: float) -> Excess:
    """What spans drew, summed over the days or nights they lie in; each costs one switch."""
    return Excess(
        by_stretch(days, spans, view.energy_kwh(spans)),
        by_stretch(days, spans, hours(spans)),
        by_stretch(days, spans, np.full(len(spans[0]), switch_kwh)),
    )


def left_awake(view: View, *, weekend: bool) -> Left | None:
    """Awake stretches of all nights, or of all longer closures; ``None`` when opening hours are not known."""
    if view.closed is None:
        return None
    is_long = hours(view.closed) > LONGEST_NIGHT_H
    chosen = (is_long if weekend else ~is_long) & view.seen(view.closed)
    nights = (view.closed[0][chosen], view.closed[1][chosen])
    spans = common(view.waiting(), nights)
    night = np.searchsorted(nights[0], spans[0], side="right") - 1
    if not len(night):
        empty = np.zeros(0, dtype=np.int64)
        return Left(nights, spans, empty, np.zeros(0, dtype=bool))
    reaches = spans[1] >= nights[1][night]
    was_low = is_inside(spans[0] - 1, view.in_states(*LOW_MODES))
    return Left(nights, spans, night, reaches & was_low & (spans[0] > nights[0][night]))
