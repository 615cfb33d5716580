"""Exports that could be taken for something else: read right, or told, and never wrong without a word."""

from __future__ import annotations

import io

import pytest

from ecorad.intake.meters import decode
from ecorad.intake.meters.suggest import suggest
from ecorad.model import DecodeError, Site
from tests.intake.meters.files import codes, energy, meter, only, read, rows, site

# 2026-03-02T00:00Z
START_US = 1772409600_000_000
QUARTER_US = 900_000_000


def refused(content: str, **fields: object) -> str:
    with pytest.raises(DecodeError) as caught:
        read(content, meter(**fields))
    return caught.value.code.removeprefix("ecorad.meter.")


def test_a_day_with_its_hour_is_no_count_of_seconds():
    found = read(rows("time,add_ele(kWh)", *(f"20260302{hour:02d},{hour}.5" for hour in range(4))))
    assert energy(found) == [0.5, 1.5, 2.5, 3.5]
    assert only(found).start_us.tolist() == [START_US + 4 * i * QUARTER_US for i in range(4)]


def test_seconds_since_1970_still_are_some():
    found = read(
        rows("time,kWh", *(f"{START_US // 1_000_000 + 900 * i},{i}" for i in range(12))),
        meter(kind="interval", unit="kWh"),
    )
    assert only(found).start_us[0] == START_US


@pytest.mark.parametrize(
    "written",
    [
        "Mo 02.03.2026 00:{:02d}",
        "Mon, 02 Mar 2026 00:{:02d}:00 +0000",
        "02 March 2026 00:{:02d}",
        "2026-03-02 星期一 00:{:02d}",
    ],
)
def test_names_of_days_and_months(written):
    found = read(rows("Zeit;MR1_P_kW", *(f"{written.format(15 * i)};{4 * i}" for i in range(4))), meter())
    assert energy(found) == [0, 1, 2, 3]
    assert only(found).start_us.tolist() == [START_US + i * QUARTER_US for i in range(4)]


def test_watts_of_five_digits_and_seconds_since_the_start_are_no_days():
    lines = [f"{900 * i},{20_000 + 10 * i}.0" for i in range(100)]
    assert refused(rows("Elapsed (s),Power (W)", *lines), unit="W") == "no_readings"
    assert refused(rows("Elapsed (s),x", *(f"{900 * i},7" for i in range(100))), unit="W") == "no_readings"


def test_days_since_1899_still_are_some():
    lines = [f"{46083 + i / 96:.6f};4" for i in range(100)]
    assert only(read(rows("Time;kW", *lines), meter())).start_us[4] == START_US + 4 * QUARTER_US


def test_a_counter_in_thousands_with_points_is_told():
    lines = [f"02-03-2026 00:{15 * i:02d};123.{456 + 5 * i}" for i in range(4)]
    assert "decimal_assumed" in codes(read(rows("Datum;Meterstand (kWh)", *lines), meter(kind="register", unit="kWh")))
    between_commas = rows("Datum,Meterstand (kWh)", *(line.replace(";", ",") for line in lines))
    assert "decimal_assumed" not in codes(read(between_commas, meter(kind="register", unit="kWh")))


def test_a_factor_in_the_file_is_told_and_never_used():
    lines = [f"2026-03-02 00:{15 * i:02d},{500 + i},40" for i in range(4)]
    table = rows("Time,Reading (kWh),Multiplier", *lines)
    plain, scaled = (read(table, meter(kind="register", unit="kWh", scale=scale)) for scale in (1.0, 40.0))
    assert energy(plain) == [1, 1, 1] and "factor_not_used" in codes(plain)
    assert energy(scaled) == [40, 40, 40] and "factor_not_used" not in codes(scaled)
    ones = table.replace(",40", ",1")
    assert "factor_not_used" not in codes(read(ones, meter(kind="register", unit="kWh")))


def test_the_end_in_the_column_of_clock_times():
    lines = [f"03/02/26,00:{15 * i:02d}:00,{4 * i}" for i in range(1, 4)]
    found = read(rows("Date,End Time,Avg. kW System", *lines), meter(), zone="America/New_York")
    assert "stamp_from_header" in codes(found)
    assert only(found).start_us[0] == START_US + 5 * 4 * QUARTER_US  # midnight in New York


def test_a_row_that_says_how_columns_were_made():
    above = ["TOA5,MR1,CR1000,1234", "TIMESTAMP,RECORD,kW_Avg,kWh_Tot", "TS,RN,kW,kWh", ",,Avg,Tot"]
    lines = [f"2026-03-02 00:{15 * i:02d}:00,{i},{4 * i},{i}" for i in range(4)]
    found = decode(io.BytesIO(rows(*above, *lines).encode()), name="x.dat", feed=None, site=site())
    assert energy(found) == [0, 1, 2, 3]


def test_several_quantities_of_one_day_are_refused_until_one_is_named():
    hours = ",".join(f"HH{i:02d}" for i in range(1, 49))
    days = [f"12000,{what},02/03/2026,{','.join([value] * 48)}" for what, value in (("AI", "1.5"), ("RI", "0.2"))]
    table = rows(f"MPAN,Measurement Quantity,Date,{hours}", *days)
    assert refused(table, kind="interval", unit="kWh") == "several_series"
    found = read(table, meter(kind="interval", unit="kWh", only={"Measurement Quantity": ("AI",)}))
    assert energy(found) == [1.5] * 48
    told = suggest(io.BytesIO(table.encode()), name="hh.csv", site=Site(name="x"))
    assert any('only = { "Measurement Quantity" = ["AI"] }' in line for line in told.lines)


@pytest.mark.parametrize("header", ["S_total_kVA", "Reactive kvar", "Q kvarh", "I_L1 [A]"])
def test_apparent_and_reactive_power_and_currents_are_no_readings(header):
    assert refused(rows(f"time,{header}", *(f"2026-03-02 00:{15 * i:02d},{i}" for i in range(4)))) == "no_readings"


def test_a_file_of_two_units_is_one_of_the_first_of_them():
    lines = [
        f"m,{value},2026-03-02T00:{15 * i:02d}Z,{unit}" for i in range(3) for value, unit in ((4000, "W"), (9, "kWh"))
    ]
    found = read(rows("entity_id,state,last_changed,unit_of_measurement", *lines), meter(unit="W"))
    assert energy(found) == [1, 1, 1] and "row_unit" in codes(found)


def test_a_guess_of_energy_too_large_by_a_thousand_stays_energy():
    lines = [f"{START_US // 1_000_000 + 900 * i},{5000 + 700 * (i % 3)}" for i in range(20)]
    told = suggest(io.BytesIO(rows("timestamp,total_act_energy", *lines).encode()), name="x.csv", site=Site(name="x"))
    assert any(line.startswith('unit = "Wh"') for line in told.lines)
