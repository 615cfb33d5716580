"""Left awake through the night, though a lower mode is there."""

from __future__ import annotations

from .finding import Finding, Words, finding
from .nights import excess, left_awake
from .view import View

WORDS = Words(needs="power_mode", decides="lead_radiographer", against="readiness", command="ecorad plan power DIR")


def left_idle_overnight(view: View) -> Finding | None:
    """Energy of awake stretches between two opening days beyond the lowest mode and its switches."""
    return _left(view, "left_idle_overnight", weekend=False)


def left_on_weekend(view: View) -> Finding | None:
    """The same for closures longer than a day."""
    return _left(view, "left_on_weekend", weekend=True)


def _left(view: View, kind: str, *, weekend: bool) -> Finding | None:
    low = view.low(assume=True)
    left = left_awake(view, weekend=weekend)
    if low is None or left is None or not len(left.night):
        return None
    spans = left.chosen(view, low, ~left.until_opening)
    drawn = excess(view, left.nights, spans, low.switch_kwh)
    return finding(kind, view, drawn, low, WORDS, price=view.mean_price(spans), least_times=1 if weekend else 2)
