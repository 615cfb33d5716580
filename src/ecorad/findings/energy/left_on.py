"""Workstations, displays and other devices on a plug meter, left on while nobody works."""

from __future__ import annotations

import numpy as np

from ecorad.footprint.energy.opening import from_site
from ecorad.footprint.energy.trace import MICROSECONDS_PER_HOUR
from ecorad.footprint.results import DeviceEnergy
from ecorad.model import PowerState
from ecorad.model.clock import MICROSECONDS_PER_DAY, wall_us, weekday
from ecorad.model.site_power import WEEKDAYS

from .finding import Excess, Finding, Words, finding
from .view import About, Floats, Low, Setting, without

# Registered under such a modality, a device is no scanner: it has no exams, and its meter is all there is.
NOT_SCANNERS = frozenset({"WS", "DISPLAY", "PC", "PRINTER", "OTHER"})
# Asleep, a desktop computer draws a few percent of what it draws in use; what stays above a third of it is on.
ON_SHARE = 1.0 / 3.0
WORDS = Words(needs="sleep_setting", decides="head_of_department", against="updates_at_night")
_NIGHT_HOURS = (0, 1, 2, 3, 4)


def is_appliance(one: DeviceEnergy) -> bool:
    """Whether a device is no scanner."""
    return (one.device.modality or "").upper() in NOT_SCANNERS


def on_while_closed(week_kw: Floats, closed_h: Floats) -> tuple[float, float, float]:
    """What a device draws while closed and on, for how long, and what it draws asleep.

    Parameters
    ----------
    week_kw : ndarray, shape (7, 24)
        Mean power by weekday and hour, NaN where not read. [kW]
    closed_h : ndarray, shape (7, 24)
        How long it was closed, by weekday and hour. [h]

    Returns
    -------
    energy_kwh, hours_h, standby_kw : float
        Hours of the week that were never read count for nothing. Its standby is what it drew in its lowest hours where
        that is under a third of its working power; else nothing is known of it, and a twentieth of its working power is
        taken.

    Examples
    --------
    >>> energy, length, standby = on_while_closed(np.full((7, 24), 0.1), np.ones((7, 24)))
    >>> round(energy, 2), length, round(standby, 3)
    (16.8, 168.0, 0.005)
    """
    known = week_kw[~np.isnan(week_kw)]
    if not len(known):
        return 0.0, 0.0, 0.0
    working, lowest = float(np.quantile(known, 0.9)), float(np.quantile(known, 0.02))
    standby = lowest if lowest < ON_SHARE * working else 0.05 * working
    on = np.where(~np.isnan(week_kw) & (week_kw > ON_SHARE * working), closed_h, 0.0)
    return float((np.nan_to_num(week_kw) * on).sum()), float(on.sum()), standby


def is_left_on(week_kw: Floats) -> bool:
    """Whether the small hours of most days are spent at working power.

    >>> office = np.full((7, 24), 0.002); office[:5, 8:18] = 0.1
    >>> is_left_on(office), is_left_on(np.full((7, 24), 0.1))
    (False, True)
    """
    known = week_kw[~np.isnan(week_kw)]
    if not len(known):
        return False
    night = week_kw[:, _NIGHT_HOURS]
    seen = night[~np.isnan(night)]
    return bool(len(seen)) and float(np.mean(seen > ON_SHARE * float(np.quantile(known, 0.9)))) > 0.5


def device_left_on(one: DeviceEnergy, setting: Setting) -> Finding | None:
    """A device that is no scanner and is on in the small hours, though the department has closed."""
    week = one.week_kw
    if week is None or not is_appliance(one) or not setting.opening_hours or not is_left_on(week):
        return None
    about = About(one, setting)
    energy, length, standby = on_while_closed(week, closed_share(setting) * hours_in_period(setting))
    period = (setting.first_us, setting.last_us)
    whole = (np.array([period[0]], dtype=np.int64), np.array([period[1]], dtype=np.int64))
    closed = without(whole, from_site(setting.opening_hours, setting.zone, *period).spans)
    return finding(
        "device_left_on",
        about,
        Excess(np.array([energy]), np.array([length]), np.zeros(1)),
        Low(PowerState.OFF, standby, "published", 0.0, 0.0),
        WORDS,
        price=about.mean_price(closed),
        days=round((period[1] - period[0]) / MICROSECONDS_PER_DAY),
        least_times=1,
    )


def hours_in_period(setting: Setting) -> Floats:
    """How often each hour of the week lies in the period, shape (7, 24). [h]"""
    begins = np.arange(setting.first_us, setting.last_us, MICROSECONDS_PER_HOUR, dtype=np.int64)
    local = wall_us(begins, setting.zone)
    place = weekday(local) * 24 + local % MICROSECONDS_PER_DAY // MICROSECONDS_PER_HOUR
    length = np.minimum(setting.last_us - begins, MICROSECONDS_PER_HOUR) / MICROSECONDS_PER_HOUR
    return np.asarray(np.bincount(place, weights=length, minlength=7 * 24).reshape(7, 24))


def closed_share(setting: Setting) -> Floats:
    """Share of each hour of the week in which the department is closed, shape (7, 24)."""
    found = np.ones((7, 24))
    for place, name in enumerate(WEEKDAYS):
        span = setting.opening_hours.get(name)
        if span is not None:
            opens, closes = (one.hour + one.minute / 60.0 for one in span)
            hour = np.arange(24)
            found[place] -= np.clip(np.minimum(closes, hour + 1) - np.maximum(opens, hour), 0.0, 1.0)
    return found
