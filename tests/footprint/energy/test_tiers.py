import numpy as np
import pytest

from ecorad.factors import book, power_states
from ecorad.footprint.energy.tiers import tier_one, tier_two
from ecorad.footprint.energy.trace import Trace
from ecorad.footprint.uncertainty import total
from ecorad.model import Origin, PowerState
from tests.footprint.made import HOUR, NO_TIMES, hours

OPEN = (hours(8), hours(18))


def one_day(powers=None):
    return tier_two(
        "mr",
        powers or power_states("MR"),
        hours(9, 11),
        hours(10, 12),
        scan_h=np.array([0.5, 0.25]),
        opening=OPEN,
        in_use=(hours(0), hours(24)),
    )


def test_a_day_by_hand():
    model = one_day()
    kw = {state: row.value for state, row in power_states("MR").items()}
    active = model.parts["time"].value("active", 2)
    assert active[0] == pytest.approx(0.5 * kw[PowerState.SCAN] + 0.5 * kw[PowerState.READY])
    night = 0.25 * kw[PowerState.OFF] + 0.5 * kw[PowerState.POWER_SAVE] + 0.25 * kw[PowerState.IDLE]
    energy = total(model.energy, "kW.h")
    assert energy.value == pytest.approx(active.sum() + 8 * kw[PowerState.IDLE] + 14 * night)
    assert energy.low < energy.value < energy.high
    assert energy.origin is Origin.DEFAULT
    assert "power.mr.idle.woolen" in energy.factors


@pytest.mark.parametrize("rule", ["time", "exam", "active"])
def test_exams_carry_the_whole_device(rule):
    model = one_day()
    assert model.parts[rule].value("allocated", 2).sum() == pytest.approx(total(model.energy, "kW.h").value)


def test_the_marginal_energy_is_above_idle():
    model = one_day()
    kw = {state: row.value for state, row in power_states("MR").items()}
    found = model.parts["time"].value("marginal", 2)[0]
    above = 0.5 * (kw[PowerState.SCAN] - kw[PowerState.IDLE]) + 0.5 * (kw[PowerState.READY] - kw[PowerState.IDLE])
    assert found == pytest.approx(above)


def test_a_class_without_published_scan_power_has_no_tier_two():
    assert one_day(power_states("CT")) is None


def test_without_exams_a_device_still_draws():
    model = tier_two(
        "mr", power_states("MR"), NO_TIMES, NO_TIMES, scan_h=np.zeros(0), opening=None, in_use=(hours(0), hours(24))
    )
    assert total(model.energy, "kW.h").value > 24 * 6


def test_a_published_year_is_shared_by_the_hour():
    model = tier_one(book().get("annual.ct.heye"), 2, np.array([1.0, 3.0]), 8766.0 / 12)
    assert total(model.energy, "kW.h").value == pytest.approx(26226 / 12)
    assert model.parts["time"].value("allocated", 2) == pytest.approx([26226 / 48, 26226 / 16])
    assert np.isnan(model.parts["time"].value("active", 2)).all()


def test_an_annual_energy_of_the_literature_is_reached_from_its_powers():
    # Woolen 2023: 2.81-4.79 kW between idle and off, 12 hours a night, is 12.3-21.0 MWh a year.
    year = np.arange(365 * 24, dtype=np.int64) * HOUR
    for step_kw, mwh in ((2.81, 12.3), (4.79, 21.0)):
        night = Trace(year[::2], year[::2] + HOUR, np.full(len(year[::2]), step_kw))
        assert night.known_kwh / 1000 == pytest.approx(mwh, rel=0.005)


def test_an_exam_without_a_duration_has_a_share_and_no_energy_of_its_own():
    model = tier_two(
        "mr",
        power_states("MR"),
        hours(9, 11),
        hours(10, 11),
        scan_h=np.array([0.5, 0.0]),
        opening=OPEN,
        in_use=(hours(0), hours(24)),
    )
    for kind in ("active", "marginal"):
        found = model.parts["exam"].value(kind, 2)
        assert found[0] > 0.0
        assert np.isnan(found[1])
    assert model.parts["exam"].value("allocated", 2).sum() == pytest.approx(total(model.energy, "kW.h").value)
