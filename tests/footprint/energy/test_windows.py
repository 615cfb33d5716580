import numpy as np

from ecorad.footprint.energy.clock import ClockTrack
from ecorad.footprint.energy.clock_track import Line
from ecorad.footprint.energy.exam_end import ends_from_power
from ecorad.footprint.energy.trace import Trace
from ecorad.footprint.energy.windows import scan_hours, windows
from tests.footprint.made import HOUR, MONDAY, NO_TIMES, SECOND


def at(*seconds):
    return MONDAY + np.array(seconds, dtype=np.int64) * SECOND


def made(study=((0, 600),), exam=(True,), acquisitions=((0, 0, 60), (0, 300, 420)), clock=None, modality="MR"):
    rows = np.array(acquisitions, dtype=np.int64).reshape(-1, 3)
    return windows(
        study_start_us=at(*(a for a, _ in study)),
        study_end_us=at(*(b for _, b in study)),
        is_exam=np.array(exam),
        acquisition_study=rows[:, 0],
        acquisition_start_us=at(*rows[:, 1]),
        acquisition_end_us=at(*rows[:, 2]),
        clock=clock,
        zone="UTC",
        modality=modality,
    )


def test_a_window_is_from_first_start_to_last_end():
    found = made(study=((0, 0),), acquisitions=((0, 30, 60), (0, 300, 420)))
    assert (found.exam_start_us[0], found.exam_end_us[0]) == (at(30)[0], at(420)[0])
    assert found.end_is_known[0]


def test_an_unwritten_length_leaves_the_end_open():
    assert not made(acquisitions=((0, 0, 60), (0, 300, 300))).end_is_known[0]
    assert made(acquisitions=((0, 0, 0), (0, 300, 360))).end_is_known[0]


def test_an_exposure_without_a_length_ends_where_it_starts():
    assert made(acquisitions=((0, 0, 0),), modality="DX").end_is_known[0]


def test_the_offset_is_added_and_the_length_kept():
    day = float(MONDAY // (24 * HOUR))
    clock = ClockTrack(
        np.array([int(day)]),
        np.array([90.0]),
        np.array([1.0]),
        np.array([5]),
        (Line(day, day, day, 90.0, 0.0, 1.0),),
        np.array([90.0]),
        np.array([1.0]),
    )
    found = made(clock=clock)
    assert found.exam_start_us[0] == at(90)[0]
    assert found.exam_end_us[0] - found.exam_start_us[0] == 600 * SECOND
    assert found.scan_start_us[0] == at(90)[0]


def test_phantoms_are_use_but_no_exam():
    found = made(study=((0, 100), (500, 700)), exam=(True, False), acquisitions=((0, 0, 100), (1, 500, 700)))
    assert len(found.exam_start_us) == 1
    assert found.qc_start_us.tolist() == at(500).tolist()


def test_scan_hours_fill_unwritten_lengths_up_to_the_next():
    found = made(acquisitions=((0, 0, 36), (0, 100, 100), (0, 110, 110)))
    # 36 s known; then at most the usual 36 s: 10 s up to the next, and 36 s.
    assert scan_hours(found, "MR", 1)[0] * 3600 == 36 + 10 + 36


def test_scan_hours_of_nothing_are_none():
    assert scan_hours(made(acquisitions=()), "MR", 1).tolist() == [0.0]


def steps(*pairs):
    """A trace at 10 s from (until second, kW)."""
    level = np.concatenate(
        [np.full((until - since) // 10, kw) for (since, _), (until, kw) in zip([(0, 0), *pairs], pairs, strict=False)]
    )
    starts = MONDAY + np.arange(len(level), dtype=np.int64) * 10 * SECOND
    return Trace(starts, starts + 10 * SECOND, level / 360.0)


def end_of(trace, limit_s=10_000):
    return ends_from_power(trace, at(100), at(limit_s), np.array([20.0]), np.array([12.0]))


def test_a_beam_ends_where_power_falls():
    end, found = end_of(steps((100, 20.0), (400, 40.0), (600, 20.0), (2000, 12.0)))
    assert found[0]
    assert end[0] == at(400)[0]


def test_without_a_beam_the_patient_leaving_ends_it():
    end, _ = end_of(steps((600, 20.0), (2000, 12.0)))
    assert end[0] == at(600)[0]


def test_the_end_is_at_most_twenty_minutes_away_and_before_the_next_exam():
    always = steps((5000, 20.0))
    assert end_of(always)[0][0] == at(100 + 1200)[0]
    assert end_of(always, limit_s=500)[0][0] == at(500)[0]


def test_without_readings_or_levels_nothing_is_found():
    end, found = ends_from_power(steps((50, 20.0)), at(100), at(900), np.array([20.0]), np.array([12.0]))
    assert (end[0], bool(found[0])) == (at(100)[0], False)
    _, found = ends_from_power(steps((500, 20.0)), at(100), at(900), np.array([np.nan]), np.array([12.0]))
    assert not found[0]
    assert len(NO_TIMES) == 0
