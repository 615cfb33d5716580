from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from ecorad.model import load_site
from ecorad.simulation import Settings, simulate
from ecorad.simulation.truth import read_summary, read_table

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def rows_of(workspace, meter_id):
    """All rows of a meter in the order of its files, as (text, number)."""
    found = []
    for path in sorted((workspace / "incoming" / "meters" / meter_id).glob("*.csv")):
        text = path.read_text("utf-8-sig")
        delimiter = ";" if ";" in text else ","
        lines = list(csv.reader(text.splitlines(), delimiter=delimiter))
        found += [(time, float(value.replace(",", "."))) for time, value in lines[1:]]
    return found


def meter_kwh(workspace, meter) -> float:
    """Energy of a meter, the plain way: no gap, no reset."""
    values = [value for _, value in rows_of(workspace, meter.id)]
    if meter.kind == "interval":
        return sum(values)
    if meter.kind == "power":
        return sum(values) * meter.interval_s / 3600 * (0.001 if meter.unit == "W" else 1)
    steps = [after - before for before, after in pairwise(values)]
    return sum(step if step >= 0 else step + meter.register_max for step in steps)


@pytest.fixture(scope="module")
def without_reset(tmp_path_factory):
    path = tmp_path_factory.mktemp("meters") / "w"
    settings = Settings(gap_share=0.0, duplicate_rows=0.0, register_resets=0)
    simulate(path, days=2, seed=21, start=date(2026, 10, 24), settings=settings)
    return path


def test_each_meter_differs_from_the_truth_by_its_gain_only(without_reset):
    site = load_site(without_reset / "site.toml")
    truth = {one["alias"]: one["kwh"] for one in read_summary(without_reset)["scanners"]}
    gains = {row["device"]: float(row["gain"]) for row in read_table(without_reset, "meters")}
    for meter, device in zip(site.meters, site.devices, strict=True):
        expected = truth[device.alias] * gains[device.alias]
        assert meter_kwh(without_reset, meter) == pytest.approx(expected, rel=5e-4, abs=1e-3)


def test_the_register_rolls_over(without_reset):
    values = [value for _, value in rows_of(without_reset, "dx-1-meter")]
    assert values[0] > 99_900
    assert sum(after < before for before, after in pairwise(values)) == 1


def test_a_reset_starts_the_register_at_zero_again(tmp_path):
    settings = Settings(gap_share=0.0, duplicate_rows=0.0, register_resets=1)
    simulate(tmp_path / "w", days=2, scanners=3, seed=21, settings=settings)
    reset = next(row for row in read_table(tmp_path / "w", "meters") if row["what"] == "reset")
    rows = rows_of(tmp_path / "w", "dx-1-meter")
    before = max(time for time, _ in rows if time <= reset["start_utc"])
    after = min((time, value) for time, value in rows if time > reset["start_utc"])
    assert after[1] < dict(rows)[before]
    assert after[1] < 0.5


def test_the_long_day_has_its_repeated_hour_in_naive_local_time(without_reset):
    times = [time for time, _ in rows_of(without_reset, "ct-1-meter")]
    assert len(times) == 49 * 60
    assert times.count("25.10.2026 02:30:00") == 2
    assert times[-1] == "26.10.2026 00:00:00"  # stamped at the end of the interval


def test_the_short_day_skips_the_hour_that_is_not_there(small):
    times = [time for time, _ in rows_of(small, "mr-1-meter")]
    assert "2026-03-29T01:59:50+01:00" in times and "2026-03-29T03:00:00+02:00" in times
    assert not any("T02:" in time for time in times if time.startswith("2026-03-29"))
    moments = [datetime.fromisoformat(time) for time in times]
    assert {(after - before).total_seconds() for before, after in pairwise(moments)} == {10.0}


def test_the_kinds_differ_in_delimiter_decimal_and_newline(small):
    raw = next((small / "incoming" / "meters" / "ct-1-meter").glob("*.csv")).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfDatum;") and b"\r\n" in raw and b"," in raw.splitlines()[1]
    plain = next((small / "incoming" / "meters" / "us-1-meter").glob("*.csv")).read_bytes()
    assert b"\r\n" not in plain and plain.startswith(b"Time (UTC);Power [W]")


def test_a_1_s_meter_writes_daily_files_in_a_short_simulation(small):
    files = sorted(path.name for path in (small / "incoming" / "meters" / "xa-1-meter").iterdir())
    assert len(files) == 4
    assert len(rows_of(small, "xa-1-meter")) == 95 * 3600


def test_one_resolution_can_be_set_for_all(tmp_path):
    simulate(tmp_path / "w", days=1, scanners=3, seed=2, meter_resolution_s=300, settings=Settings(gap_share=0.0))
    assert {meter.interval_s for meter in load_site(tmp_path / "w" / "site.toml").meters} == {300.0}


def test_gaps_and_repeated_rows_are_as_many_as_asked_for(tmp_path):
    settings = Settings(gap_share=0.05, duplicate_rows=0.01)
    simulate(tmp_path / "w", days=2, scanners=1, seed=4, settings=settings)
    rows = rows_of(tmp_path / "w", "mr-1-meter")
    distinct = set(rows)
    assert len(distinct) == pytest.approx(2 * 8640 * 0.95, rel=0.01)
    assert len(rows) - len(distinct) == pytest.approx(0.01 * len(distinct), rel=0.05)
    gaps = [row for row in read_table(tmp_path / "w", "meters") if row["what"] == "gap"]
    utc = [datetime.fromisoformat(time).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for time, _ in rows]
    assert not any(gap["start_utc"] <= time < gap["end_utc"] for gap in gaps for time in utc)
