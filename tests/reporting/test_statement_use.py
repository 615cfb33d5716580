from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ecorad.footprint.energy.spans import merged, overlap_us, span_us
from ecorad.reporting.statement.use import DeviceUse, use_section

MINUTE, HOUR = 60_000_000, 3_600_000_000
MONDAY = 1772409600_000_000  # 2026-03-02 00:00 UTC, 01:00 in Amsterdam
NONE = np.array([], dtype=np.int64)
windows = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 30)), max_size=8)


def section(start, end, opens=NONE, closes=NONE):
    device = DeviceUse("d", "MR 1", "MR", np.array(start), np.array(end), np.array(opens), np.array(closes), 2e9)
    studies = {
        "is_exam": np.array([True, False]),
        "not_exam_reason": np.array([None, "phantom_qc"], dtype=object),
        "instance_count": np.array([3, 1]),
        "data_bytes": np.array([2e9, 5e8]),
    }
    return use_section(studies, 4, [device], "Europe/Amsterdam")


def test_a_morning_by_hand():
    start = [MONDAY + 7 * HOUR, MONDAY + 8 * HOUR]
    end = [MONDAY + 7 * HOUR + 30 * MINUTE, MONDAY + 8 * HOUR + 20 * MINUTE]
    row = section(start, end, [MONDAY + 6 * HOUR], [MONDAY + 11 * HOUR])["devices"][0]
    assert (row["exams"], row["days_used"], row["open_h"]) == (2, 1, 5.0)
    assert row["busy_h"] == 50 / 60
    assert row["busy_share"] == 50 / 300
    assert (row["median_exam_min"], row["median_gap_min"]) == (25.0, 30.0)
    assert (row["usual_first"], row["usual_last"]) == ("08:00", "09:20")
    assert row["starts"][0][8] == row["starts"][0][9] == 1


def test_what_is_not_an_exam_is_listed_by_reason():
    found = section([MONDAY], [MONDAY + HOUR])
    assert (found["studies"], found["exams"], found["data_gb"]) == (2, 1, 2.5)
    assert found["not_exams"] == [{"reason": "phantom_qc", "count": 1}]


def test_without_opening_hours_the_busy_share_is_unknown_and_not_zero():
    row = section([MONDAY], [MONDAY + HOUR])["devices"][0]
    assert row["open_h"] is None
    assert row["busy_share"] is None


def minutes(rows):
    return {m for start, length in rows for m in range(start, start + length)}


def disjoint(rows):
    return merged(np.array([a for a, _ in rows], dtype=np.int64), np.array([a + n for a, n in rows], dtype=np.int64))


@given(windows, windows)
def test_windows_cover_and_overlap_as_sets_of_minutes_do(one, other):
    spans = disjoint(one)
    assert span_us(spans) == len(minutes(one))
    assert overlap_us(spans, disjoint(other)) == len(minutes(one) & minutes(other))


def test_exams_whose_length_nobody_wrote_do_not_pass_for_short_ones():
    hour = [MONDAY + n * HOUR for n in (6, 7, 8)]
    ends = [hour[0] + 20 * MINUTE, hour[1], hour[2]]
    row = section(hour, ends, [MONDAY + 6 * HOUR], [MONDAY + 11 * HOUR])["devices"][0]
    assert row["median_exam_min"] == 20.0
    assert row["busy_share"] is None
    untimed = section(hour, hour, [MONDAY + 6 * HOUR], [MONDAY + 11 * HOUR])["devices"][0]
    assert untimed["median_exam_min"] is None
