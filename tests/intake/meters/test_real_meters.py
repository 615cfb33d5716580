"""Plug meters of a real building against reference statistics made with another program.

The rule of the reference: a sample of power stands until the next one, at most 60 s; the last sample of a file has no
length. Ours gives the last sample one usual step, so that a day in two files is the same as in one.
"""

from __future__ import annotations

import csv
import gzip
import io

import numpy as np
import pytest

from ecorad.intake.meters import decode, recognise
from tests.intake.meters.files import codes, site
from tests.shared_data import shared_data


def expected() -> list[dict[str, str]]:
    with shared_data("expected", "power_tracebase_stats.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def decoded():
    found = {}
    for row in expected():
        content = gzip.decompress(shared_data("power", "tracebase", row["file"]).read_bytes())
        assert recognise(content[:4096], row["file"])
        found[row["file"]] = decode(
            io.BytesIO(content), name=row["file"], feed=None, site=site(zone="Europe/Amsterdam")
        )
    return found


def test_energy_agrees_to_the_last_digit(decoded):
    for row in expected():
        energy = decoded[row["file"]].readings[0].energy_kwh[:-1]
        assert np.nansum(energy) == pytest.approx(float(row["kWh_gap60"]), abs=6e-6), row["file"]


def test_covered_fraction_agrees(decoded):
    for row in expected():
        columns = decoded[row["file"]].readings[0]
        known = ~np.isnan(columns.energy_kwh)
        covered_us = (columns.end_us - columns.start_us)[known].sum()
        assert covered_us / 86_400e6 == pytest.approx(float(row["covered_fraction_of_day"]), abs=6e-5), row["file"]


def test_the_longest_gap_is_explicit_and_nothing_is_filled(decoded):
    for row in expected():
        columns = decoded[row["file"]].readings[0]
        gaps = columns.flags == "gap"
        longest_s = float(row["max_gap_s"])
        lengths_s = (columns.end_us - columns.start_us)[gaps] / 1e6
        assert sorted(lengths_s) == ([longest_s - 60] if longest_s > 60 else [])
        assert np.isnan(columns.energy_kwh[gaps]).all()


def test_every_row_is_counted_and_repeated_times_are_told(decoded):
    for row in expected():
        found = decoded[row["file"]]
        assert found.rows_received == int(row["samples"])
        assert found.rows_quarantined == 0
        counts = {issue.code: issue.count for issue in found.issues}
        repeated = counts.get("ecorad.meter.conflict", 0) + counts.get("ecorad.meter.duplicate_row", 0)
        assert repeated == int(row["repeated_timestamps"])


def test_an_idle_desktop_is_not_a_stuck_sensor_and_bursts_are_no_spikes(decoded):
    for row in expected():
        assert not {"stuck", "spike", "implausible", "unit_suspect"} & set(codes(decoded[row["file"]])), row["file"]


def test_the_unit_is_assumed_and_said_on_every_reading(decoded):
    for found in decoded.values():
        flags = {str(text) for text in found.readings[0].flags}
        assert all("unit_assumed" in text or text == "gap" for text in flags)
        assert found.readings[0].meter_key.startswith("file:")


def test_hourly_and_daily_building_data_with_a_declared_unit():
    from ecorad.model import MeterEntry

    for name, hours in (("il-electricity-cdd-hdd-hourly", 1), ("il-electricity-cdd-hdd-daily", 24)):
        content = gzip.decompress(shared_data("power", "eemeter", f"{name}.csv.gz").read_bytes())
        place = site(MeterEntry(id="whole", unit="kWh", kind="interval"), zone="America/Chicago")
        found = decode(io.BytesIO(content), name=name, feed="whole", site=place)
        columns = found.readings[0]
        values = [float(row["value"]) for row in csv.DictReader(io.StringIO(content.decode())) if row["value"]]
        assert np.nansum(columns.energy_kwh) == pytest.approx(np.nansum(values))
        assert np.median(columns.end_us - columns.start_us) == hours * 3600 * 10**6
        assert columns.zone_source == "explicit"
