import numpy as np

from ecorad.footprint import devices_from_columns, unplaced


def texts(*values):
    return np.array(values, dtype=object)


def times(*values):
    return np.array(values, dtype="datetime64[us]")


DEVICE = {"device_key": texts("d1", "d2"), "alias": texts("MR 1", None), "modality": texts("MR", "CT")}
STUDY = {
    "study_key": texts("s1", "s2", "s3", "s4"),
    "device_key": texts("d1", "d2", None, "d1"),
    "modality": texts("MR", "CT", "CT", "MR"),
    "body_region": texts("head", None, None, None),
    "started_utc": times("2026-03-02T08:00", "2026-03-02T09:00", "2026-03-02T09:00", "NaT"),
    "ended_utc": times("2026-03-02T08:20", "NaT", "2026-03-02T09:10", "NaT"),
    "is_exam": np.array([True, False, True, True]),
}
SERIES = {
    "study_key": texts("s1", "s1", "s1", "s9"),
    "device_key": texts("d1", "d2", None, "d1"),
    "is_acquisition": np.array([True, True, True, True]),
    "started_utc": times("2026-03-02T08:00", "2026-03-02T12:00", "2026-03-02T08:10", "2026-03-02T08:00"),
    "ended_utc": times("2026-03-02T08:05", "2026-03-02T12:01", "2026-03-02T08:12", "2026-03-02T08:05"),
    "duration_s": np.array([300.0, 60.0, np.nan, 300.0]),
}


def test_studies_go_to_their_device():
    first, second = devices_from_columns(DEVICE, STUDY, SERIES)
    assert first.study_key.tolist() == ["s1"]
    assert second.study_key.tolist() == ["s2"]
    assert not second.is_exam[0]


def test_a_series_made_elsewhere_is_left_out():
    first, _ = devices_from_columns(DEVICE, STUDY, SERIES)
    assert len(first.acquisition_start_us) == 2


def test_an_unwritten_length_is_no_length():
    first, _ = devices_from_columns(DEVICE, STUDY, SERIES)
    assert (first.acquisition_end_us - first.acquisition_start_us).tolist() == [300_000_000, 0]


def test_an_unknown_end_is_the_start():
    _, second = devices_from_columns(DEVICE, STUDY, SERIES)
    assert second.study_end_us[0] == second.study_start_us[0]


def test_exams_without_a_place_or_time_are_counted():
    assert unplaced(STUDY) == 2
