"""Each detector on two weeks whose waste can be counted by hand, and where it must be silent."""

from __future__ import annotations

import numpy as np
import pytest

from ecorad.findings.energy.left_on import device_left_on, is_left_on
from ecorad.findings.energy.overnight import left_idle_overnight, left_on_weekend
from ecorad.findings.energy.power_save import power_save_unused
from ecorad.findings.energy.ready_state import ready_instead_of_idle
from ecorad.findings.energy.twins import unlike_its_twin
from ecorad.findings.energy.warm_up import warm_up_early
from ecorad.findings.energy.working_hours import idle_in_working_hours
from ecorad.model import Origin, PowerState
from ecorad.model.site_power import PowerEntry

from .made import KW, at, device, runs, setting, view, weeks

SILENT = (
    left_idle_overnight,
    left_on_weekend,
    power_save_unused,
    warm_up_early,
    ready_instead_of_idle,
    unlike_its_twin,
)
# Down 5 min and up 20 min at 3 kW above off.
SWITCH = 3.0 * 25 / 60


def test_nothing_to_find_where_nothing_is_lost():
    one = view(weeks())
    assert [detector(one) for detector in SILENT] == [None] * len(SILENT)


def test_evenings_left_on_by_hand():
    """Three evenings of 14 h at 4 instead of 1 kW; Friday the 6th is a weekend of 62 h."""
    one = view(weeks(left_on=(3, 4, 11)))
    found = left_idle_overnight(one)
    assert found.kwh.value == pytest.approx(3 * (14 * 3.0 - SWITCH))
    assert (found.times, found.days, found.mode) == (
        3,
        9,
        "off",
    )  # eight nights, and the morning the period begins with
    assert found.money.value == pytest.approx(0.2 * found.kwh.value)
    assert found.kwh.low > 0 and found.kwh.origin is Origin.MEASURED
    assert found.co2e_kg.value == pytest.approx(found.kwh.value * one.marginal.value)
    assert left_on_weekend(one) is None


def test_one_evening_is_an_accident():
    assert left_idle_overnight(view(weeks(left_on=(3,)))) is None


def test_a_weekend_left_on_by_hand():
    rows = [
        (("idle" if start >= at(6, 18) and end <= at(9, 8) else state), start, end) for state, start, end in weeks()
    ]
    found = left_on_weekend(view(rows))
    assert found.kwh.value == pytest.approx(62 * 3.0 - SWITCH)
    assert (found.times, found.days) == (1, 2)
    assert left_idle_overnight(view(rows)) is None


def test_an_emergency_in_the_night_is_not_waste_and_not_an_early_start():
    exam = (at(4, 2), at(4, 3))
    found = left_idle_overnight(view(weeks(left_on=(3, 4)), exams=[exam]))
    # The exam's hour is its own, and cuts the night in two stretches.
    assert found.kwh.value == pytest.approx((14 + 13) * 3.0 - 3 * SWITCH)
    assert warm_up_early(view(weeks(left_on=(3, 4)), exams=[exam])) is None


def test_the_site_says_what_a_switch_takes():
    entries = {"k": PowerEntry(switch_kwh={PowerState.OFF: 10.0})}
    found = left_idle_overnight(view(weeks(left_on=(3, 4)), entries=entries))
    assert found.kwh.value == pytest.approx(2 * (14 * 3.0 - 10.0))
    ruled_out = {"k": PowerEntry(never=(PowerState.OFF,))}
    assert left_idle_overnight(view(weeks(left_on=(3, 4)), entries=ruled_out)).mode == "power_save"


def test_always_on_is_measured_against_what_was_published_and_says_so():
    found = left_idle_overnight(view(weeks(night="idle")))
    assert found.kwh.origin is Origin.MODELLED
    assert "power.ct.off.schulz" in found.kwh.factors
    # Published off of a magnet is too near its idle, and too unsure, to speak of.
    magnet = {**KW, "idle": 12.0}
    assert left_idle_overnight(view(weeks(night="idle"), modality="XX", kw=magnet)) is None


def test_off_draws_more_than_power_save():
    kw = {**KW, "off": 3.0}
    rows = [(("power_save" if start == at(12, 18) else state), start, end) for state, start, end in weeks()]
    found = power_save_unused(view(rows, kw=kw))
    # The first morning, eight nights less 6 h in power save, a weekend, and one that the period cuts short; 1 kW each.
    assert found.kwh.value == pytest.approx(8 + 8 * 14 - 6 + 62 + 54)
    assert found.mode == "power_save"
    assert power_save_unused(view(weeks(), kw=KW)) is None


def test_early_starts_by_hand():
    """Awake from 5:00, opened at 8:00: 3 h, of which 20 min start and 15 min to spare are due."""
    found = warm_up_early(view(weeks(awake_from=5.0)))
    assert found.kwh.value == pytest.approx(9 * (3 - 35 / 60) * 3.0)
    assert found.times == 9
    assert warm_up_early(view(weeks(awake_from=7.5))) is None


def test_long_waits_while_open():
    """Exams all day but for 2 h on two afternoons."""
    exams = [(at(d, 8), at(d, 18)) for d in range(2, 16) if (d - 2) % 7 < 5 and d not in (3, 4)]
    exams += [part for d in (3, 4) for part in ((at(d, 8), at(d, 13)), (at(d, 15), at(d, 18)))]
    found = idle_in_working_hours(view(weeks(), exams=exams))
    assert found.kwh.value == pytest.approx(2 * (2 * 3.0 - SWITCH))
    assert (found.times, found.days) == (2, 10)


def test_ready_where_idle_would_do():
    rows = []
    for state, start, end in weeks():
        if state == "idle" and start in (at(3, 8), at(4, 8)):
            rows += [("idle", start, start + 3_600_000_000), ("ready", start + 3_600_000_000, end)]
        else:
            rows.append((state, start, end))
    found = ready_instead_of_idle(view(rows))
    assert found.kwh.value == pytest.approx(2 * 9 * 2.0)
    assert found.times == 2
    exams = [(at(3, 9), at(3, 18)), (at(4, 9), at(4, 18))]
    assert ready_instead_of_idle(view(rows, exams=exams)) is None


def test_twins():
    twin = device(runs(weeks(), {**KW, "idle": 3.0}), key="twin")
    found = unlike_its_twin(view(weeks(), twins=(twin,)))
    assert found.kwh.value == pytest.approx(10 * 10 * 1.0)
    # 5 % apart is within what two meters may differ by.
    near = device(runs(weeks(), {**KW, "idle": 3.8}), key="twin")
    assert unlike_its_twin(view(weeks(), twins=(near,))) is None
    assert unlike_its_twin(view(weeks())) is None


def test_without_opening_hours_no_night_is_judged():
    one = view(weeks(left_on=(3, 4, 5)))
    one.closed = one.open = None
    assert left_idle_overnight(one) is None
    assert idle_in_working_hours(one) is None


def test_half_read_nights_do_not_count():
    rows = [row for row in weeks(left_on=(3, 4)) if not at(3, 23) <= row[1] < at(4, 8)]
    assert left_idle_overnight(view(rows)) is None  # one of the two evenings was not read through


def workstation(week, modality="WS"):
    one = device(runs(weeks()), modality=modality)
    return type(one)(**{**{name: getattr(one, name) for name in one.__dataclass_fields__}, "week_kw": week})


def test_a_workstation_left_on_and_one_that_is_not():
    left = np.full((7, 24), 0.1)
    found = device_left_on(workstation(left), setting())
    # 118 h a week closed, two weeks, 0.1 kW on and 0.005 kW asleep.
    assert found.kwh.value == pytest.approx(2 * 118 * 0.095)
    office = np.full((7, 24), 0.002)
    office[:5, 8:18] = 0.1
    assert device_left_on(workstation(office), setting()) is None
    assert device_left_on(workstation(left, modality="CT"), setting()) is None
    assert not is_left_on(np.full((7, 24), np.nan))


def test_a_period_that_is_no_whole_week_has_the_hours_it_has():
    """Wednesday to Friday: 3 x 14 h closed at 0.1 kW, asleep at 0.005; no Saturday of which nothing was read."""
    week = np.full((7, 24), np.nan)
    week[2:5] = 0.1
    found = device_left_on(workstation(week), setting(first_us=at(4, 0), last_us=at(7, 0)))
    assert found.kwh.value == pytest.approx(42 * 0.095)
    assert found.days == 3


def test_a_gain_within_its_own_error_is_not_spoken_of():
    """The site's 3.9 kW is sure to a tenth: 0.1 kW below idle is within that."""
    entry = PowerEntry(kw={PowerState.POWER_SAVE: 3.9}, switch_kwh={PowerState.POWER_SAVE: 0.0})
    assert left_idle_overnight(view(weeks(night="idle"), modality="XX", entries={"k": entry})) is None
    lower = PowerEntry(kw={PowerState.POWER_SAVE: 2.0}, switch_kwh={PowerState.POWER_SAVE: 0.0})
    assert left_idle_overnight(view(weeks(night="idle"), modality="XX", entries={"k": lower})) is not None


def test_ready_between_two_patients_is_as_it_should_be():
    minute = 60_000_000
    rows = []
    for state, start, end in weeks():
        if state == "idle":
            rows += [("ready", start, start + 5 * minute), ("idle", start + 5 * minute, end)]
        else:
            rows.append((state, start, end))
    assert ready_instead_of_idle(view(rows)) is None
