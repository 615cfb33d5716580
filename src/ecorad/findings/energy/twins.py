"""Scanners of one model of which one draws more while it waits."""

from __future__ import annotations

import numpy as np

from ecorad.footprint.uncertainty import meter_gain
from ecorad.model import PowerState

from .finding import Excess, Finding, Words, finding
from .view import Low, View, hours

# Two meters and two learnt levels differ by some percent without any cause.
LEAST_SHARE = 0.10
WORDS = Words(needs="service_look", decides="physicist", against="vendor_limits")


def unlike_its_twin(view: View) -> Finding | None:
    """Energy of idle hours beyond the idle power of the lowest twin of the same maker and model.

    The published spread between scanners of one model is up to a half (Heye et al. 2020, doi
    10.1148/radiol.2020192084).
    """
    others = [
        (twin.runs.level_kw[PowerState.IDLE], twin.meters[0])
        for twin in view.twins
        if twin.runs is not None and PowerState.IDLE in twin.runs.level_kw and twin.meters
    ]
    if not others or view.idle_kw is None:
        return None
    least_kw, meter = min(others)
    if view.idle_kw - least_kw < LEAST_SHARE * view.idle_kw:
        return None
    idle = view.in_states(PowerState.IDLE)
    drawn = Excess(np.array([float(view.energy_kwh(idle).sum())]), np.array([float(hours(idle).sum())]), np.zeros(1))
    return finding(
        "unlike_its_twin",
        view,
        drawn,
        Low(PowerState.IDLE, least_kw, "measured", 0.0, 0.0),
        WORDS,
        price=view.mean_price(idle),
        days=round(float(view.runs.end_us[-1] - view.runs.start_us[0]) / 86.4e9),
        least_times=1,
        errors=(meter_gain(meter, view.site.accuracy_percent.get(meter, 2.0)),),
    )
