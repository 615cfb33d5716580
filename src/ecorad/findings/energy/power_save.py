"""Nights spent off, though power save is there and draws less."""

from __future__ import annotations

from ecorad.footprint.energy.spans import common
from ecorad.model import PowerState

from .finding import Finding, Words, finding
from .nights import excess
from .view import View

WORDS = Words(needs="power_mode", decides="lead_radiographer", against="vendor_limits", command="ecorad plan power DIR")


def power_save_unused(view: View) -> Finding | None:
    """Energy of nights spent ``off`` beyond power save: off is not the lowest mode of every device.

    Power save counts as there when the device's own meter has seen it, the site names it, or a twin of the same maker
    and model has used it.
    """
    save, off = view.low(PowerState.POWER_SAVE, assume=_twin_has_it(view)), view.low(PowerState.OFF)
    if save is None or off is None or off.source != "measured" or save.kw >= off.kw or view.closed is None:
        return None
    seen = view.seen(view.closed)
    nights = (view.closed[0][seen], view.closed[1][seen])
    spans = common(view.in_states(PowerState.OFF), nights)
    drawn = excess(view, nights, spans, 0.0)
    return finding("power_save_unused", view, drawn, save, WORDS, price=view.mean_price(spans))


def _twin_has_it(view: View) -> bool:
    return any(twin.runs is not None and PowerState.POWER_SAVE in twin.runs.level_kw for twin in view.twins)
