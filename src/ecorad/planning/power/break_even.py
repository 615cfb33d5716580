"""How long a gap must be before a lower mode uses less energy."""

from __future__ import annotations

import math


def break_even_min(idle_kw: float, low_kw: float, transition_kwh: float) -> float:
    """Gap after which the lower mode has used less: ``60 * transition_kwh / (idle_kw - low_kw)``. [min]

    Parameters
    ----------
    idle_kw, low_kw : float
        Power while waiting in either mode. [kW]
    transition_kwh : float
        What going down and up again draws beyond ``low_kw``. [kWh]

    Returns
    -------
    float
        Infinite when ``low_kw`` is not lower: then there is nothing to gain, whatever the mode is called.

    Notes
    -----
    Schulz et al. 2024 (doi 10.1016/j.acra.2024.05.004) measured 5 min for low power and 2 min for off on CT.

    Examples
    --------
    >>> round(break_even_min(2.6, 0.89, 0.1425), 2), break_even_min(7.0, 8.5, 0.1)
    (5.0, inf)
    """
    saved_kw = idle_kw - low_kw
    return 60.0 * transition_kwh / saved_kw if saved_kw > 0 else math.inf


def transition_kwh(idle_kw: float, low_kw: float, break_even_min: float) -> float:
    """The energy of a switch down and up that a published break-even time implies. [kWh]

    >>> round(transition_kwh(2.6, 0.89, 5.0), 4), round(transition_kwh(2.6, 0.01, 2.0), 4)
    (0.1425, 0.0863)
    """
    return (idle_kw - low_kw) * break_even_min / 60.0
