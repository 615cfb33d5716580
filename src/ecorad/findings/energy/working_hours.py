"""Long waits inside opening hours that a lower mode would have paid for."""

from __future__ import annotations

from ecorad.footprint.energy.spans import common

from .finding import Finding, Words, finding
from .nights import SHORTEST_H, excess
from .view import View, hours

# Shorter waits are how a list works, and nobody should have to watch the clock for them.
WORDS = Words(
    needs="fuller_list",
    decides="head_of_department",
    against="readiness",
    command="ecorad plan power DIR --booked LIST",
)


def idle_in_working_hours(view: View) -> Finding | None:
    """Energy of waits of an hour and more while open, beyond the lowest mode and its switches."""
    low = view.low()
    if low is None or view.open is None or view.idle_kw is None or not len(view.open[0]):
        return None
    seen = view.seen(view.open)
    days = (view.open[0][seen], view.open[1][seen])
    spans = common(view.waiting(), days)
    long = hours(spans) > max(SHORTEST_H, low.pays_after_h(view.idle_kw))
    spans = (spans[0][long], spans[1][long])
    drawn = excess(view, days, spans, low.switch_kwh)
    return finding("idle_in_working_hours", view, drawn, low, WORDS, price=view.mean_price(spans))
