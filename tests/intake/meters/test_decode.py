"""CSV as it is found (E11), kinds, units, times, and which meter a file belongs to."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.intake.meters import decode, recognise
from ecorad.model import DecodeError
from tests.intake.meters.files import START, codes, energy, flagged, hours, meter, only, read, rows, site, table

PLAIN = rows("time;Leistung [kW]", "02.03.2026 00:00;9,5", "02.03.2026 00:15;8,5", "02.03.2026 00:30;7,5")
ENERGY = [2.375, 2.125, 1.875]


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-16-le"),
        PLAIN.encode("utf-16-be"),
        PLAIN.replace("time", "Zeit für Gerät").encode("latin-1"),
        PLAIN.replace("time", "时间").encode("gb18030"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.replace(";", "\t").encode(),
        PLAIN.replace(";", "|").encode(),
        PLAIN.replace(";", ";\0").encode(),
        PLAIN.rstrip().encode(),
        PLAIN.replace(";9,5", ';"9,5"').replace(";7,5", ' ; "7,5"').encode(),
        PLAIN.replace("time;Leistung [kW]", "Datum;Uhrzeit;Leistung [kW]").replace(" 00:", ";00:").encode(),
        b"Report of meter 7\nSerial: 12\n\n" + PLAIN.encode(),
        PLAIN.replace("Leistung [kW]", "Leistung\n;kW").encode(),
        b"# exported by hand\n# " + PLAIN.encode() + b"# end\n",
        PLAIN.encode() + b"Summe;25,5\n",
    ],
    ids=range(19),
)
def test_e11_dialects(content):
    found = read(content, meter())
    assert energy(found) == ENERGY
    assert found.rows_received == 3
    assert found.rows_quarantined == 0


def test_e11_header_in_the_middle_and_ragged_rows_are_told_by_number():
    lines = PLAIN.splitlines()
    text = "\n".join([lines[0], lines[1], lines[0], "02.03.2026 00:10", "1;2;3;4", lines[2], lines[3]])
    found = read(text, meter())
    assert energy(found) == ENERGY
    assert codes(found)["not_data"] == "row 3"
    assert codes(found)["ragged_row"] == "rows 4-5"
    assert (found.rows_received, found.rows_quarantined) == (5, 2)


def test_rows_without_a_time_or_a_number_are_quarantined_by_number():
    text = rows(
        "time,kW", "2026-03-02T00:00Z,4", "2026-02-30T00:00Z,4", "2026-03-02T00:15Z,four", "2026-03-02T00:30Z,4"
    )
    text += rows("2026-03-02T00:45Z,4", "2026-03-02T01:00Z,4")
    found = read(text, meter())
    assert codes(found)["bad_time"] == "row 3"
    assert codes(found)["bad_value"] == "row 4"
    assert energy(found) == [1, None, 1, 1, 1]


def test_a_number_beyond_any_meter_is_damage():
    found = read(table([4, "1e300", 4], header="time,MWh"), meter(kind="interval", unit="MWh"))
    assert codes(found)["bad_value"] == "row 3"


@pytest.mark.parametrize("word", ["NaN", "inf", "", "-", "n/a", "#N/A"])
def test_words_for_not_known_are_unknown_energy(word):
    found = read(table([4, word, 4]), meter())
    assert energy(found) == [1, None, 1]
    assert flagged(found, "unknown") == [1]
    assert found.rows_quarantined == 0


def test_a_decimal_comma_between_commas_is_refused_not_guessed():
    text = rows("time,kW", *(f"2026-03-02 00:{m:02d},9,5" for m in range(0, 60, 15)))
    with pytest.raises(DecodeError) as caught:
        read(text, meter())
    assert caught.value.code == "ecorad.meter.header_width"


@pytest.mark.parametrize(
    ("header", "unit", "kind", "expected"),
    [
        ("time,Power [W]", None, None, 0.001),
        ("time,power_kw", None, None, 1.0),
        ("tijd,Vermogen (kW)", None, None, 1.0),
        ("horodatage,Puissance W", None, None, 0.001),
        ("时间,功率(千瓦)", None, None, 1.0),
        ("time,value", "W", "power", 0.001),
        ("time,Verbrauch (kWh)", None, None, 4.0),
        ("tijd,Verbruik Wh", None, None, 0.004),
        ("时间,电量", "kWh", None, 4.0),
        ("time,value", "MWh", "interval", 4000.0),
        ("time,value", "J", "interval", 4 / 3.6e6),
    ],
)
def test_kind_and_unit_from_register_or_header(header, unit, kind, expected):
    entry = meter(unit=unit, kind=kind) if unit else None
    found = read(table([4, 5, 4, 5], header=header), entry)
    assert only(found).energy_kwh[0] == pytest.approx(expected)


def test_numbers_that_only_rise_are_a_register_and_that_is_said():
    found = read(table([1000 + 2 * i for i in range(30)], header="time,kWh"), meter(unit=None, kind=None))
    assert energy(found) == [2] * 29
    assert "kind_inferred" in codes(found)


def test_a_unit_that_nobody_says_is_refused():
    with pytest.raises(DecodeError) as caught:
        read(table([4.5, 5.5, 4.5], header="start,value"))
    assert caught.value.code == "ecorad.meter.unit_unknown"


def test_unit_and_kind_that_do_not_go_together():
    with pytest.raises(DecodeError) as caught:
        read(table([4, 5]), meter(kind="power", unit="kWh"))
    assert caught.value.code == "ecorad.meter.unit_kind"


def test_scale_multiplies_each_value():
    assert energy(read(table([4, 4]), meter(scale=20.0))) == [20, 20]


def test_columns_as_site_toml_names_them():
    text = rows("When,Kanal 1,Kanal 3", "2026-03-02T00:00Z,1,4", "2026-03-02T00:15Z,1,8")
    assert energy(read(text, meter(columns={"time": "when", "value": "Kanal 3"}))) == [1, 2]
    with pytest.raises(DecodeError) as caught:
        read(text, meter(columns={"value": "Kanal 9"}))
    assert caught.value.code == "ecorad.meter.column_missing"


def test_voltage_current_and_feed_in_columns_are_not_taken():
    text = rows(
        "time,U [V],I [A],Export [kWh],Power [kW],cos phi", *(f"2026-03-02T00:{m}Z,230,9,1,4,0.9" for m in (10, 25))
    )
    assert energy(read(text, None)) == [1, 1]


def test_three_phases_without_a_total_are_refused():
    text = rows("time,L1 [kW],L2 [kW],L3 [kW]", "2026-03-02T00:00Z,1,2,3", "2026-03-02T00:15Z,1,2,3")
    with pytest.raises(DecodeError) as caught:
        read(text, None)
    assert caught.value.code == "ecorad.meter.value_column"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2026-03-02T00:00:00Z", "2026-03-02T00:15:00Z"),
        ("2026-03-02T01:00:00+01:00", "2026-03-02T01:15:00+0100"),
        ("2026-03-02 00:00:00.000 UTC", "2026-03-02 00:15:00.000 UTC"),
        ("2026/3/2 0:00", "2026/3/2 0:15"),
        ("02.03.2026 00:00", "02.03.2026 00:15"),
        ("02-03-2026 00:00", "02-03-2026 00:15"),
        ("2.3.26 0:00", "2.3.26 0:15"),
        ("02-Mar-2026 00:00", "02-Mar-2026 00:15"),
        ("02/03/2026 12:00 AM", "02/03/2026 12:15 AM"),
        ("01.03.2026 24:00", "02.03.2026 00:15"),
        ("2026年3月2日 00:00", "2026年3月2日 00:15"),
        ("202603020000", "202603020015"),
        ("1772409600", "1772410500"),
        ("1772409600000", "1772410500000"),
        ("1772409600000000", "1772410500000000"),
        ("46083", "46083.0104166667"),
    ],
)
def test_ways_of_writing_times(first, second):
    found = read(rows("time;kW", f"{first};4", f"{second};4"), meter())
    assert only(found).start_us.tolist() == [1772409600 * 10**6, 1772410500 * 10**6]


def test_day_or_month_first_is_decided_over_the_whole_file():
    days = [f"{month:02d}/{day:02d}/2026 00:00" for month, day in ((3, 11), (3, 12), (3, 13))]
    found = read(rows("time,kW", *(f"{day},1" for day in days)), meter(interval_s=86400))
    assert only(found).start_us[0] == int(datetime(2026, 3, 11, tzinfo=UTC).timestamp()) * 10**6
    assert "date_order_assumed" not in codes(found)


@pytest.mark.parametrize(("zone", "month"), [("Europe/Amsterdam", 1), ("America/New_York", 9)])
def test_an_open_order_follows_the_custom_of_the_zone_and_is_told(zone, month):
    found = read(rows("time;W", "09/01/2012 12:00:00;4", "09/01/2012 12:15:00;4"), meter(), zone=zone)
    start = datetime.fromtimestamp(only(found).start_us[0] / 1e6, UTC)
    assert start.month == month
    assert "date_order_assumed" in codes(found)


def test_the_zone_in_the_header_rules_where_the_register_names_none():
    text = rows("Time (UTC),kW", "2026-07-02 00:00,4", "2026-07-02 00:15,4")
    assert only(read(text, meter(), zone="Europe/Amsterdam")).start_us[0] == 1782950400 * 10**6
    assert only(read(text, meter(), zone="Europe/Amsterdam")).zone_source == "explicit"


def test_stamps_at_the_end_of_an_interval():
    found = read(table([4, 8], header="time,kWh"), meter(kind="interval", unit="kWh", stamp="end"))
    assert only(found).end_us[0] == int(START.timestamp()) * 10**6
    assert hours(only(found)).tolist() == [0.25, 0.25]


def test_an_end_column_gives_the_interval():
    text = rows("from,to,kWh", "2026-03-02T00:00Z,2026-03-02T00:10Z,4", "2026-03-02T00:15Z,2026-03-02T00:25Z,4")
    found = read(text, None)
    assert hours(only(found)) == pytest.approx([1 / 6, 1 / 12, 1 / 6])
    assert energy(found) == [4, None, 4]


def test_samples_finer_than_a_minute_stand_until_the_next_at_most_a_minute():
    seconds = (0, 1, 3, 4, 34, 104)
    text = rows(*(f"02/03/2026 00:{s // 60:02d}:{s % 60:02d};3600;0" for s in seconds))
    found = read(text, None)
    assert energy(found) == pytest.approx([0.001, 0.002, 0.001, 0.03, 0.06, None, 0.002])
    assert set(only(found).flags) == {"unit_assumed", "gap"}


def test_a_meter_id_column_gives_several_meters():
    text = rows(
        "time,meter_id,kW", *(f"2026-03-02T00:{m}Z,{name},4" for m in (10, 25) for name in ("m", "ct", "new one"))
    )
    found = read(text, entries=(meter(), meter(id="ct", scale=2.0)), name="all.csv")
    keys = [columns.meter_key for columns in found.readings]
    assert keys[:2] == ["m", "ct"]
    assert keys[2].startswith("file:new_one-")
    assert [float(columns.energy_kwh.sum()) for columns in found.readings] == [2.0, 4.0, 2.0]


@pytest.mark.parametrize(
    ("name", "feed", "key"),
    [
        ("x.csv", "m", "m"),
        ("m.csv", None, "m"),
        ("M_2026-W10.csv.gz", None, "m"),
        ("m/2026-W10.csv", None, "m"),
        ("mr.csv", None, "file:mr"),
        ("plug 7.csv", "elsewhere", "file:plug_7-"),
        ("patient list/mr-1.csv", None, "file:mr-1"),
    ],
)
def test_which_meter_a_file_belongs_to(name, feed, key):
    found = read(table([4, 4], header="time,kW"), meter(), name=name, feed=feed)
    assert only(found).meter_key.startswith(key)
    assert ("unregistered" in codes(found)) == key.startswith("file:")


@pytest.mark.parametrize(
    "name", ["Jansen.csv", "PIET_JANSEN.csv", "meter 19610314.csv", "Desktop_2011.12.29.csv", "Müller.csv", "患者.csv"]
)
def test_a_file_that_may_be_named_after_somebody_is_shown_under_a_pseudonym(name):
    key = only(read(table([4, 4], header="time,kW"), name=name)).meter_key
    assert re.fullmatch(r"file:[0-9a-f]{12}", key)
    assert key != only(read(table([4, 4], header="time,kW"), name=name.replace(".csv", "x.csv"))).meter_key


def test_input_is_never_quoted_in_issues():
    text = rows(
        "time,kW", "2026-03-02T00:00Z,4", "Canary^Zebra,5", "2026-03-02T00:15Z,Canary^Zebra", "2026-03-02T00:30Z,4"
    )
    found = read(text, meter())
    assert found.rows_quarantined == 2
    assert not any("Canary" in f"{issue}" for issue in found.issues)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\0" * 50, "empty"),
        (bytes(range(256)) * 20, "no_table"),
        (b"a,b\nc,d\ne,f\n", "no_readings"),
        (b"2026-03-02T00:00Z,x\n2026-03-02T00:15Z,y\n", "no_readings"),
        (b"time,kW\n1970-01-01T00:00:00Z,4\n1970-01-01T00:15:00Z,4\n", "no_readings"),
        (b"time,kW\n2026-03-02T00:00Z,4\n", "no_readings"),
    ],
)
def test_nothing_usable_is_refused_with_a_code(content, code):
    with pytest.raises(DecodeError) as caught:
        read(content, None)
    assert caught.value.code == f"ecorad.meter.{code}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PLAIN, True),
        ("start,value\n2026-03-02T00:00Z,4\n2026-03-02T00:15Z,4\n", True),
        ("dt,tempF\n2026-03-02T00:00Z,4\n2026-03-02T00:15Z,4\n", False),
        ("Datum;Product;Aantal\n02-03-2026;Omnipaque;4\n03-03-2026;Omnipaque;4\n", False),
        ("day,sheets\n2026-03-02,4\n2026-03-03,4\n", False),
        ("a,b\n1,2\n3,4\n", False),
        ("Dear colleague,\nthank you for the referral.\n", False),
        ("MSH|^~\\&|A|B|C|D|20260302||ORU^R01|1|P|2.5\rPID|1||7\rOBX|1|NM|X||5\r", False),
    ],
)
def test_recognition_by_content(text, expected):
    assert recognise(text.encode(), "x.csv") is expected


def test_recognition_of_a_head_cut_in_the_middle():
    assert recognise(table(range(500), header="time,kW").encode()[:4099], "x.csv")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    recognise(content, "x.csv")
    try:
        decode(io.BytesIO(content), name="x.csv", feed=None, site=site(zone="Europe/Amsterdam"))
    except DecodeError as error:
        assert error.code.startswith("ecorad.meter.")


CELL = st.sampled_from(
    '||4|9,5|1.234,5|NaN|x|"|"a;b"|-7|1e308|99999999999999999999|2026-03-02|24:00|02.03.2026 00:15|02/13/2026 1:15 PM|'
    "29.03.2026 02:30|25.10.2026 02:30|1772409600|\0|Summe".split("|")
)


@given(st.lists(st.lists(CELL, min_size=1, max_size=4), min_size=1, max_size=25), st.sampled_from([";", ","]))
def test_any_table_is_read_or_refused_and_what_is_read_is_sound(lines, delimiter):
    text = "time;kWh\n".replace(";", delimiter) + "\n".join(delimiter.join(line) for line in lines)
    try:
        found = decode(io.BytesIO(text.encode()), name="x.csv", feed=None, site=site(zone="Europe/Amsterdam"))
    except DecodeError:
        return
    assert 0 <= found.rows_quarantined <= found.rows_received
    for columns in found.readings:
        assert (columns.end_us > columns.start_us).all()
        assert (columns.start_us[1:] >= columns.end_us[:-1]).all()
        assert not np.isinf(columns.energy_kwh).any()
        assert len(columns.flags) == len(columns.energy_kwh)


@given(st.lists(st.floats(0, 50), min_size=4, max_size=40), st.sampled_from([60, 900, 3600]))
def test_power_and_energy_of_the_same_intervals_agree(values, step_s):
    written = [round(value, 3) for value in values]
    as_energy = [value * step_s / 3600 for value in written]
    power = read(table(written, step_s), meter(interval_s=step_s))
    interval = read(table(as_energy, step_s), meter(kind="interval", unit="kWh", interval_s=step_s))
    np.testing.assert_allclose(only(power).energy_kwh, only(interval).energy_kwh, atol=1e-9)


def test_a_day_in_two_files_is_the_same_as_in_one():
    whole = table(range(1, 97), 900, header="time,kW")
    header, *lines = whole.splitlines()
    parts = [read("\n".join([header, *lines[:40]]), meter()), read("\n".join([header, *lines[40:]]), meter())]
    joined = np.concatenate([only(part).energy_kwh for part in parts])
    np.testing.assert_array_equal(joined, only(read(whole, meter())).energy_kwh)
    assert only(parts[0]).end_us[-1] == only(parts[1]).start_us[0]


def test_a_year_of_minutes_is_read_without_loss():
    start = datetime(2025, 1, 1, tzinfo=UTC)
    stamps = ((start + timedelta(minutes=i)).strftime("%Y-%m-%d %H:%M:%S") for i in range(0, 525_600, 10))
    found = read(rows("time,W", *(f"{stamp},1200" for stamp in stamps)), meter(unit="W"))
    assert only(found).energy_kwh.sum() == pytest.approx(1.2 * 8760)


def test_a_history_export_of_a_home_automation_system():
    stamps = ("2026-03-02T00:00:01.250Z", "2026-03-02T00:00:11.500Z", "2026-03-02T00:00:31.500Z")
    text = rows(
        "entity_id,state,last_changed",
        *(f"sensor.mr,{value},{s}" for s, value in zip(stamps, (9, "unavailable", 9), strict=True)),
    )
    assert recognise(text.encode(), "history.csv")
    found = read(text, meter(id="sensor.mr"), name="history.csv")
    assert only(found).meter_key == "sensor.mr"
    assert flagged(found, "unknown") == [1]


def test_numbers_with_their_unit_in_the_cell():
    text = rows('"Time","Power"', *(f'2026-03-02 00:{m}:00,"{9 + m / 100:.2f} kW"' for m in (10, 25, 40)))
    assert energy(read(text, None)) == [2.275, 2.3125, 2.35]


def test_the_mean_is_taken_where_a_logger_also_writes_extremes():
    text = rows("Date,Time,Pmin[W],P avg[W],P max[W]", *(f"02.03.2026,00:{m}:00,1,4000,9000" for m in (10, 25)))
    assert energy(read(text, None)) == [1, 1]


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02 00:{0:02d} - 2026-03-02 00:{1:02d}",
        "02.03.2026 00:{0:02d} bis 02.03.2026 00:{1:02d}",
        "2026-03-02 00:{0:02d} – 00:{1:02d}",
        "02.03.2026:00:{0:02d}:00",
        "Mar 2, 2026 12:{0:02d} AM",
        "Mar 02, 2026, 12:{0:02d}:00 AM",
    ],
)
def test_times_that_few_exports_write_so(written):
    lines = [f'"{written.format(minute, minute + 15)}";{minute}' for minute in (0, 15, 30)]
    found = read(rows("time;energy [kWh]", *lines), meter(kind="interval", unit="kWh"))
    assert only(found).start_us.tolist() == [1772409600_000_000 + minute * 60_000_000 for minute in (0, 15, 30)]
    assert energy(found) == [0, 15, 30]
