import numpy as np
import pytest

from ecorad.factors import book, power_states
from ecorad.footprint.energy.standing import ORDER, awake_powers
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


def test_what_one_exam_less_would_save_is_never_negative():
    # Published idle and ready of angiography overlap almost wholly, each between 0.7 and 7.6 kW.
    model = one_day(power_states("XA"))
    for which in ([True, False], [False, True], [True, True]):
        terms = model.parts["time"].terms("marginal", np.array(which))
        drawn = sum(term.draws() for term in terms)
        assert drawn.min() >= -1e-12
        saved = total(terms, "kW.h")
        assert 0 < saved.low < saved.value < saved.high


@pytest.mark.parametrize("modality", ["MR", "XA"])
def test_each_state_keeps_what_was_published_of_it(modality):
    published, found = power_states(modality), awake_powers(power_states(modality))
    for state in ORDER:
        crossed = found[state].draws - np.sort(published[state].draws())[np.argsort(np.argsort(found[state].draws))]
        # Nothing but the order of the draws changed, save where a state was lifted to the one below it.
        assert np.median(np.abs(crossed)) == pytest.approx(0, abs=0.2)
        assert found[state].value == published[state].value
    assert sorted(found[PowerState.IDLE].draws) == sorted(published[PowerState.IDLE].draws())
    if modality == "MR":
        assert sorted(found[PowerState.SCAN].draws) == sorted(published[PowerState.SCAN].draws())


def test_a_device_that_draws_much_in_one_state_draws_much_in_the_others():
    idle, ready, scan = (awake_powers(power_states("MR"))[state].draws for state in ORDER)
    for one, other in ((idle, ready), (ready, scan), (idle, scan)):
        assert np.corrcoef(one, other)[0, 1] == pytest.approx(0.9, abs=0.01)
    # So the whole device is known less well than if each state were a device of its own.
    powers = power_states("MR")
    alone = sum(hours_ * powers[state].draws() for hours_, state in zip((6, 1, 1), ORDER, strict=True))
    assert np.std(6 * idle + ready + scan) > 1.2 * np.std(alone)
