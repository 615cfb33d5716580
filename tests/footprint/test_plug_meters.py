"""Plug meters of a real building, through the arithmetic: totals, gaps, and the desktop that was left on."""

import csv
import gzip
import io

import numpy as np
import pytest

from ecorad.footprint import MeterInput, assess
from ecorad.footprint.energy.duty import estimate_duty
from ecorad.footprint.energy.trace import Trace
from ecorad.footprint.energy.week import floor_kw, week_matrix
from ecorad.intake.meters import decode
from tests.footprint.made import DAY, HOUR, department
from tests.intake.meters.files import site
from tests.shared_data import shared_data

LEFT_ON = "PC-Desktop__Desktop_Schalli_2011.12.31.csv.gz"
SWITCHED_OFF = "PC-Desktop__Desktop_Denis_2012.01.02.csv.gz"
ZONE = "Europe/Amsterdam"


@pytest.fixture(scope="module")
def plugs():
    with shared_data("expected", "power_tracebase_stats.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    found = {}
    for row in rows:
        content = gzip.decompress(shared_data("power", "tracebase", row["file"]).read_bytes())
        read = decode(io.BytesIO(content), name=row["file"], feed=None, site=site(zone=ZONE)).readings[0]
        found[row["file"]] = row, Trace(read.start_us, read.end_us, read.energy_kwh)
    return found


def of_day(trace):
    first = int(trace.start_us[0]) // HOUR * HOUR
    return first, first + DAY


def test_energy_and_quantiles_are_those_of_the_reference(plugs):
    for row, trace in plugs.values():
        # The last sample of a file has no length there, and one usual step here.
        assert trace.known_kwh - trace.energy_kwh[-1] == pytest.approx(float(row["kWh_gap60"]), abs=6e-6)
        watts = np.sort(1000 * trace.power_kw[trace.is_known])
        assert np.quantile(watts, 0.5) == pytest.approx(float(row["p50_W"]), abs=1.0)
        above = trace.power_kw > 0.06
        assert trace.duration_h[above].sum() == pytest.approx(float(row["hours_above_60W"]), abs=0.01)


def test_night_and_day_are_those_of_the_reference(plugs):
    for row, trace in plugs.values():
        week = 1000 * week_matrix(trace, ZONE)
        weekday = int(np.flatnonzero(np.isfinite(week[:, 12]))[0]) if np.isfinite(week[:, 12]).any() else None
        if weekday is None or np.isnan(week[weekday, :17]).any():
            continue
        night, day = week[weekday, 0:5].mean(), week[weekday, 9:17].mean()
        assert night == pytest.approx(float(row["night_00_05_mean_W"]), abs=0.5, rel=0.01), row["file"]
        assert day == pytest.approx(float(row["day_09_17_mean_W"]), abs=0.5, rel=0.01), row["file"]


def test_gaps_are_never_integrated(plugs):
    for row, trace in plugs.values():
        gap_s = float(row["max_gap_s"])
        assert trace.known_h == pytest.approx(24 * float(row["covered_fraction_of_day"]), abs=0.02)
        if gap_s > 60:
            widest = int(np.argmax(np.where(trace.is_known, 0, trace.end_us - trace.start_us)))
            energy, known = trace.energy_between(trace.start_us[widest : widest + 1], trace.end_us[widest : widest + 1])
            assert energy.tolist() == [0.0]
            assert known.tolist() == [0.0]


def test_the_desktop_left_on_all_day_is_found_and_the_other_not(plugs):
    on, off = plugs[LEFT_ON][1], plugs[SWITCHED_OFF][1]
    # One never falls below what the other draws at work; the other falls to a few watts when nobody is there.
    working = estimate_duty(off).high_kw
    assert floor_kw(on) > 0.8 * working
    assert floor_kw(off) < 0.05 * working
    assert estimate_duty(off).share_high == pytest.approx(
        float(plugs[SWITCHED_OFF][0]["hours_above_60W"]) / 24, abs=0.02
    )


def test_a_plug_without_a_device_counts_and_is_named(plugs):
    _, trace = plugs[LEFT_ON]
    first, last = of_day(trace)
    plain = department([], [MeterInput(meter_key="plug", trace=trace)])
    found = assess(type(plain)(first_us=first, last_us=last, zone=ZONE, devices=[], meters=plain.meters))
    assert found.energy.value == pytest.approx(trace.within(first, last).known_kwh, rel=0.01)
    assert found.unexplained_share.value == pytest.approx(1.0)
    assert found.overnight_share.value is None
    assert "ecorad.energy.meter_without_device" in {issue.code for issue in found.issues}
