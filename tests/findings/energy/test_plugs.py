"""The plug meters of a real building: every computer that was on all night is found, and none that was off."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ecorad.factors import marginal_or_average
from ecorad.findings.energy.detect import energy_findings
from ecorad.findings.energy.view import Setting
from ecorad.footprint import DepartmentInput, MeterInput, assess
from ecorad.footprint.inputs import DeviceInput
from ecorad.model.clock import to_us
from tests.footprint.test_plug_meters import LEFT_ON, SWITCHED_OFF, ZONE, plugs

__all__ = ["plugs"]
NOBODY = np.zeros(0, dtype=np.int64)
OPEN = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (time(8), time(18)))


def of_local_day(trace):
    """The local day on which most was read. [us]"""
    middle = datetime.fromtimestamp(int(np.median(trace.start_us)) / 1e6, UTC).astimezone(ZoneInfo(ZONE))
    first = middle.replace(hour=0, minute=0, second=0, microsecond=0)
    return to_us(first), to_us(first.replace(hour=23)) + 3_600_000_000


def findings_of(trace, modality="PC"):
    first, last = of_local_day(trace)
    computer = DeviceInput(
        device_key="pc",
        alias="PC",
        modality=modality,
        study_key=np.zeros(0, dtype=object),
        study_start_us=NOBODY,
        study_end_us=NOBODY,
        is_exam=np.zeros(0, dtype=bool),
        body_region=np.zeros(0, dtype=object),
        acquisition_study=NOBODY,
        acquisition_start_us=NOBODY,
        acquisition_end_us=NOBODY,
    )
    meter = MeterInput(meter_key="plug", trace=trace, feeds=("pc",))
    found = assess(
        DepartmentInput(first_us=first, last_us=last, zone=ZONE, devices=[computer], meters=[meter], opening_hours=OPEN)
    )
    setting = Setting(
        zone=ZONE,
        first_us=first,
        last_us=last,
        price=lambda local: 0.25,
        marginal=marginal_or_average("NL", 2024).intensity,
        opening_hours=OPEN,
    )
    return energy_findings(found, setting)


def test_the_desktop_left_on_all_day_is_found(plugs):
    row, trace = plugs[LEFT_ON]
    [found] = findings_of(trace)
    assert found.kind == "device_left_on"
    # New Year's Eve of 2011 was a Saturday: all of the day is closed, and none of its hours was asleep.
    assert 0.8 * float(row["kWh_gap60"]) < found.kwh.value < float(row["kWh_gap60"])
    assert 0 < found.kwh.low < found.kwh.value < found.kwh.high
    assert found.money.value == pytest.approx(0.25 * found.kwh.value)


def test_the_desktop_that_was_switched_off_is_not(plugs):
    assert findings_of(plugs[SWITCHED_OFF][1]) == ()


def test_a_scanner_is_not_judged_as_a_computer(plugs):
    assert findings_of(plugs[LEFT_ON][1], modality="CT") == ()


def test_of_all_plugs_those_are_found_that_drew_at_night_what_they_drew_by_day(plugs):
    for name, (row, trace) in plugs.items():
        night, day = row["night_00_05_mean_W"], row["day_09_17_mean_W"]
        if not night or not day:
            continue
        is_on = bool(findings_of(trace))
        if float(night) > 0.6 * float(row["p90_W"]):
            assert is_on, name
        if float(night) < 0.2 * float(row["p90_W"]):
            assert not is_on, name
