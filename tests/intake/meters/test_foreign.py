"""Exports of named makers and portals, in their shape with numbers made up: read as they mean, or refused with a code."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from ecorad.intake.meters import recognise
from ecorad.model import DecodeError, MeterEntry

from .files import codes, energy, only, read

ZONE = "Europe/Amsterdam"
# 2 March 2026 00:00 in Amsterdam.
MIDNIGHT = datetime(2026, 3, 1, 23, tzinfo=UTC)


def entry(**fields) -> MeterEntry:
    return MeterEntry(id="m", **fields)


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"


def times(found) -> tuple[datetime, datetime]:
    columns = only(found)
    first, last = int(columns.start_us[0]), int(columns.end_us[-1])
    return datetime.fromtimestamp(first / 1e6, UTC), datetime.fromtimestamp(last / 1e6, UTC)


def refused(text: str, *entries: MeterEntry) -> str:
    with pytest.raises(DecodeError) as caught:
        read(text, entries=entries, zone=ZONE)
    return caught.value.code.removeprefix("ecorad.meter.")


HOUR = timedelta(hours=1)
LONG = {  # format: (text, its entry, kWh by row, start of the first, end of the last)
    "Shelly 3EM": (
        lines(
            "Date/time UTC,Active energy Wh (A),Returned energy Wh (A)",
            *(f"2026-03-01 23:{m},250.00,0.00" for m in ("00", "10")),
        ),
        entry(),
        [0.25, 0.25],
        MIDNIGHT,
        MIDNIGHT + HOUR / 3,
    ),
    "Emporia": (
        lines("Time Bucket (Asia/Tokyo),MR (kWhs)", "03/22/2026 08:00:00,1.5", "03/22/2026 09:00:00,1.25"),
        entry(kind="interval"),
        [1.5, 1.25],
        MIDNIGHT + timedelta(days=20),
        MIDNIGHT + timedelta(days=20) + 2 * HOUR,
    ),
    "Fluvius": (
        lines(
            "Van datum;Van tijdstip;Tot datum;Tot tijdstip;EAN;Meter;Metertype;Register;Volume;Eenheid;Validatiestatus",
            '02-03-2026;00:00:00;02-03-2026;00:15:00;="54144";1SAG1;Digitale Meter;Afname Nacht;0,173;kWh;Gelezen',
            '02-03-2026;00:00:00;02-03-2026;00:15:00;="54144";1SAG1;Digitale Meter;Injectie Nacht;9,000;kWh;Gelezen',
            '02-03-2026;00:15:00;02-03-2026;00:30:00;="54144";1SAG1;Digitale Meter;Afname Nacht;0,200;kWh;Gelezen',
        ),
        entry(kind="interval", only={"Register": ("Afname Dag", "Afname Nacht")}),
        [0.173, 0.2],
        MIDNIGHT,
        MIDNIGHT + HOUR / 2,
    ),
    "Eloverblik": (
        lines(
            "MålepunktsID;Fra_dato;Til_dato;Mængde;Måleenhed;Kvalitet;Type",
            "5713;02-03-2026 00.00.00;02-03-2026 01.00.00;1,5;KWH;Målt;Tidsserie",
            "5713;02-03-2026 01.00.00;02-03-2026 02.00.00;2,5;KWH;Målt;Tidsserie",
        ),
        entry(kind="interval"),
        [1.5, 2.5],
        MIDNIGHT,
        MIDNIGHT + 2 * HOUR,
    ),
    "Elhub": (
        lines(
            "Fra;Til;KWH 60 Forbruk;KWH 60 Forbruk Kvalitet",
            "02.03.2026 00:00;02.03.2026 01:00;1,5;Målt",
            "02.03.2026 01:00;02.03.2026 02:00;2,5;Målt",
        ),
        entry(),
        [1.5, 2.5],
        MIDNIGHT,
        MIDNIGHT + 2 * HOUR,
    ),
    "PG&E": (
        lines(
            "Name,JANE DOE",
            'Address,"1 MAIN ST, CITY"',
            "",
            "TYPE,DATE,START TIME,END TIME,USAGE,UNITS,COST,NOTES",
            "Electric usage,2026-03-02,00:00,00:14,0.30,kWh,$0.09,",
            "Electric usage,2026-03-02,00:15,00:29,0.23,kWh,$0.09,",
        ),
        entry(),
        [0.3, 0.23],
        MIDNIGHT,
        MIDNIGHT + HOUR / 2,
    ),
    "Datadis": (
        lines(
            "cups,date,time,consumptionKWh,obtainMethod",
            *(f"ES0021,2026/03/02,{hour:02d}:00,{hour % 5}.5,Real" for hour in range(1, 25)),
        ),
        entry(kind="interval"),
        [hour % 5 + 0.5 for hour in range(1, 25)],
        MIDNIGHT,
        MIDNIGHT + 24 * HOUR,
    ),
    "Fluke 1730 text": (
        lines(
            "Date\tTime\tVrms ph-n AN Avg\tActive Power Total Max\tActive Power Total Avg",
            "3/22/2026\t12:00:00 AM.000\t230\t99999\t4000",
            "3/22/2026\t12:15:00 AM.000\t230\t99999\t8000",
        ),
        entry(unit="W", kind="power", interval_s=900, timezone=ZONE),
        [1.0, 2.0],
        MIDNIGHT + timedelta(days=20),
        MIDNIGHT + timedelta(days=20) + HOUR / 2,
    ),
    "Fluke Energy Analyze": (
        lines(
            "Start(W. Europe Standard Time),Stop(W. Europe Standard Time),Vrms_AN_avg,PowerP_A_avg,PowerP_Total_max,"
            "PowerP_Total_avg,PowerQ_Total_avg,PowerS_Total_avg",
            "2026-03-02 00:00:00.000000,2026-03-02 00:15:00.000000,230.1,1,99999,4000.0,10,4100",
            "2026-03-02 00:15:00.000000,2026-03-02 00:30:00.000000,230.1,1,99999,8000.0,10,8100",
        ),
        entry(unit="W", kind="power"),
        [1.0, 2.0],
        MIDNIGHT,
        MIDNIGHT + HOUR / 2,
    ),
    "Chauvin Arnoux PEL": (
        lines(
            "Date;Time;U1 (V);P1 (W);P2 (W);P3 (W);PT (W);QT (var);ST (VA)",
            "02/03/2026;00:00:00;230;1000;1000;2000;4000;10;4100",
            "02/03/2026;00:15:00;230;2000;2000;4000;8000;10;8100",
        ),
        entry(),
        [1.0, 2.0],
        MIDNIGHT,
        MIDNIGHT + HOUR / 2,
    ),
    "Janitza GridVis": (
        lines(
            "Startzeit;Endzeit;Wirkleistung L1[W];Wirkleistung L2[W];Wirkleistung L3[W];Wirkleistung Summe L1-L3[W]",
            "02.03.2026 00:00:00;02.03.2026 00:15:00;1000;1000;2000;4000",
            "02.03.2026 00:15:00;02.03.2026 00:30:00;2000;2000;4000;8000",
        ),
        entry(),
        [1.0, 2.0],
        MIDNIGHT,
        MIDNIGHT + HOUR / 2,
    ),
    "Schneider EGX": (
        lines(
            "Gateway Name,Gateway SN,Device Name,Logging Interval",
            "EGX300,0001,MR1,15",
            ",,,Topic ID1,Topic ID2",
            "Error,UTC Offset (minutes),Local Time Stamp,Real Energy (kWh),Real Power (kW)",
            "0,60,2026-03-02 00:00:00,1000.0,6.0",
            "0,60,2026-03-02 00:15:00,1001.5,6.0",
            "0,60,2026-03-02 00:30:00,1002.0,2.0",
        ),
        entry(kind="register"),
        [1.5, 0.5],
        MIDNIGHT,
        MIDNIGHT + HOUR / 2,
    ),
    "HOBO": (
        lines(
            '"Plot Title: MR 1","",""',
            '"#","Date Time, GMT+01:00","RMS Watts, W (LGR S/N: 10203040, SEN S/N: 1)"',
            "1,03/13/26 12:00:00 AM,4000.0",
            "2,03/13/26 12:15:00 AM,8000.0",
        ),
        entry(),
        [1.0, 2.0],
        MIDNIGHT + timedelta(days=11),
        MIDNIGHT + timedelta(days=11) + HOUR / 2,
    ),
    "InfluxDB annotated CSV": (
        lines(
            "#group,false,false,true,true,false,false,true,true",
            "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,double,string,string",
            "#default,_result,,,,,,,",
            ",result,table,_start,_stop,_time,_value,_field,meter",
            ",,0,2026-03-01T00:00:00Z,2026-03-05T00:00:00Z,2026-03-01T23:00:00Z,4.0,power_kw,mr1",
            ",,0,2026-03-01T00:00:00Z,2026-03-05T00:00:00Z,2026-03-01T23:15:00Z,8.0,power_kw,mr1",
        ),
        entry(unit="kW", kind="power"),
        [1.0, 2.0],
        MIDNIGHT,
        MIDNIGHT + HOUR / 2,
    ),
    "Grafana with units in cells": (
        lines('"Time","Power"', '2026-03-02 00:00:00,"4.00 kW"', '2026-03-02 00:15:00,"400 W"'),
        entry(),
        [1.0, 0.1],
        MIDNIGHT,
        MIDNIGHT + HOUR / 2,
    ),
    "phases to be added": (
        lines("time,P1 [W],P2 [W],P3 [W]", "2026-03-02 00:00,1000,1000,2000", "2026-03-02 00:15,2000,2000,4000"),
        entry(columns={"value": "P1 [W] + P2 [W] + P3 [W]"}),
        [1.0, 2.0],
        MIDNIGHT,
        MIDNIGHT + HOUR / 2,
    ),
    "HomeWizard, two tariffs": (
        lines(
            "time,Import T1 kWh,Import T2 kWh,Export T1 kWh",
            "2026-03-02 00:00,8350.274,4650.277,3095.077",
            "2026-03-02 00:15,8350.385,4650.468,3095.078",
        ),
        entry(kind="register", columns={"value": "Import T1 kWh + Import T2 kWh"}),
        [0.302],
        MIDNIGHT,
        MIDNIGHT + HOUR / 4,
    ),
    "Home Assistant statistics": (
        lines(
            "statistic_id\tunit\tstart\tmin\tmax\tmean",
            "sensor.mr1\tkW\t02.03.2026 00:00\t0\t9\t4",
            "sensor.mr1\tkW\t02.03.2026 01:00\t0\t9\t8",
        ),
        entry(kind="power"),
        [4.0, 8.0],
        MIDNIGHT,
        MIDNIGHT + 2 * HOUR,
    ),
}


@pytest.mark.parametrize("name", LONG)
def test_exports_that_are_read(name):
    text, one, kwh, first, last = LONG[name]
    found = read(text, one, zone=ZONE)
    assert energy(found) == pytest.approx(kwh)
    assert times(found) == (first, last)
    assert recognise(text.encode(), "x.csv")


def test_ends_that_stand_in_two_columns():
    """Fluvius in English: the day of the end alone would end every quarter at midnight."""
    text = lines(
        "From (date);From (time);Until (date);Until (time);Volume;Unit",
        *(f"02/03/2026;00:{m:02d}:00;02/03/2026;00:{m + 10}:00;0,5;kWh" for m in (0, 15, 30)),
    )
    found = read(text, entry(kind="interval"), zone=ZONE)
    lengths = (only(found).end_us - only(found).start_us) / 60e6
    assert lengths.tolist() == [10, 5, 10, 5, 10]  # with what nobody read between
    assert np.nansum(only(found).energy_kwh) == pytest.approx(1.5)
    assert "no_length" not in codes(found)


def test_columns_that_name_each_meter_once_more_mix_nothing():
    """Liander: each meter has its EAN."""
    rows = [f"2026-03-0{d},{ean},{meter},{d}" for d in (1, 2, 3) for ean, meter in (("871", "E1"), ("872", "G1"))]
    found = read(lines("date,ean,meternummer,kWh", *rows), entries=(), name="x.csv")
    assert [float(np.nansum(one.energy_kwh)) for one in found.readings] == [6.0, 6.0]


@pytest.mark.parametrize(
    ("number_of", "first", "parts"),
    [("Hora", 1, 24), ("hour", 0, 24), ("Settlement Period", 1, 48)],
    ids=["i-DE", "hours from nought", "Elexon"],
)
def test_hours_by_number_in_a_column(number_of, first, parts):
    header = "date,consumption [kWh]".replace(",", f",{number_of},")
    rows = [
        f"{date(2026, 3, 1) + timedelta(days=day)},{part + first},{1 + part / 100 + day}"
        for day in (0, 1)
        for part in range(parts)
    ]
    found = read(lines(header, *rows), entry(kind="interval"))
    assert energy(found) == pytest.approx([1 + part / 100 + day for day in (0, 1) for part in range(parts)])
    assert times(found) == (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))


def test_days_of_change_by_number_are_set_aside():
    counts = {date(2026, 3, 28): 24, date(2026, 3, 29): 23, date(2026, 3, 30): 24, date(2026, 10, 25): 25}
    rows = [f"{day};{hour};1,0" for day, count in counts.items() for hour in range(1, count + 1)]
    found = read(lines("Fecha;Hora;AE_kWh", *rows), entry(kind="interval"), zone="Europe/Madrid")
    assert np.nansum(only(found).energy_kwh) == pytest.approx(48.0)
    assert codes(found)["day_of_change"] == "rows 26-48, 73-97"


def test_numbered_hours_need_one_whole_day():
    rows = [f"2026-03-01;{hour};1,0" for hour in range(1, 15)]
    assert refused(lines("Fecha;Hora;AE_kWh", *rows), entry(kind="interval")) == "day_parts"


def nem12(*days: str, uom: str = "KWH") -> str:
    return lines(
        "100,NEM12,202603040000,MDP,RET",
        f"200,NMI0000001,E1B1,E1,E1,N1,SER1,{uom},30,",
        *days,
        f"200,NMI0000001,E1B1,B1,B1,N1,SER1,{uom},30,",
        "300,20260302," + ",".join(["7"] * 48) + ",A,,,20260304120000,",
        "900",
    )


def day(number: int, value: str = "0.5", quality: str = "A") -> str:
    return f"300,202603{number:02d}," + ",".join([value] * 48) + f",{quality},,,20260304120000,"


def test_nem12_is_read_in_its_own_time_and_only_what_was_delivered():
    found = read(nem12(day(2), day(3, "0.25")), entry(), zone=ZONE)
    assert np.nansum(only(found).energy_kwh) == pytest.approx(24 + 12)
    assert times(found) == (datetime(2026, 3, 1, 14, tzinfo=UTC), datetime(2026, 3, 3, 14, tzinfo=UTC))
    assert only(found).zone_source == "explicit"
    assert np.nansum(only(read(nem12(day(2), uom="WH"), entry())).energy_kwh) == pytest.approx(0.024)


def test_nem12_zeros_of_null_data_are_unknown():
    found = read(nem12(day(2), day(3, "0", "N")), entry())
    assert np.isnan(only(found).energy_kwh[48:]).all()
    part = read(nem12(day(1), day(2, "0", "V") + "\n400,1,4,N,,\n400,5,48,A,,", day(3)), entry())
    assert np.isnan(only(part).energy_kwh).tolist() == [False] * 48 + [True] * 4 + [False] * 92


def test_nem12_days_that_do_not_fit_their_channel_are_set_aside():
    short = "300,20260303," + ",".join(["0.5"] * 40) + ",A,,,20260304120000,"
    found = read(nem12(day(2), short), entry())
    assert codes(found)["ragged_row"] == "row 4"
    assert np.nansum(only(found).energy_kwh) == pytest.approx(24)


def test_nem12_meters_stand_apart():
    text = nem12(day(2)).replace("E1B1,B1,B1", "E1E2,E2,E2")
    found = {one.meter_key: float(np.nansum(one.energy_kwh)) for one in read(text, name="x.csv").readings}
    assert sorted(found.values()) == [24.0, 336.0]


BOTH = [f"2026-03-02T{hour:02d}:00Z,{name},{value}" for hour in range(24) for name, value in (("MR1", 4), ("CT1", 9))]
APART = [f"2026-03-02T00:{m:02d}:{s}Z,{name},4" for m in range(24) for s, name in (("00", "MR1"), ("07", "CT1"))]


@pytest.mark.parametrize("header", ["time,device,power_kw", "time,channel,power_kw", "time,_field,power_kw"])
@pytest.mark.parametrize("rows", [BOTH, APART], ids=["at one moment", "by turns"])
def test_rows_of_several_series_are_no_meter(header, rows):
    """Such as Modbus loggers, Prometheus, Grafana and InfluxDB write them; the last row of each moment won before."""
    text = lines(header, *rows)
    assert refused(text, entry()) == "several_series"
    assert recognise(text.encode(), "x.csv")
    column = header.split(",")[1]
    found = read(text, entry(only={column: ("MR1",)}), zone=ZONE)
    assert np.nanmax(only(found).energy_kwh / (only(found).end_us - only(found).start_us)) * 3.6e9 == pytest.approx(4)


def test_series_that_no_known_word_tells_apart_are_refused_by_their_conflicts():
    assert refused(lines("time,wing,power_kw", *BOTH), entry()) == "many_conflicts"
    # A time of day that nobody can read is the same.
    rows = [f"2026-03-02,around {hour},4.{hour}" for hour in range(12)]
    assert refused(lines("date,roughly,power_kw", *rows), entry()) == "many_conflicts"


def test_a_meter_that_corrects_itself_now_and_then_is_no_mixture():
    rows = [f"2026-03-02T{hour:02d}:{m:02d}Z,{hour}" for hour in range(24) for m in range(0, 60, 5)]
    corrected = [row.replace("Z,", "Z,1") for row in rows[::8]]
    assert codes(read(lines("time,power_kw", *rows, *corrected), entry()))["conflict"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (lines(*(f"2026-03-02 00:{m};231;400;1.7" for m in range(10, 40))), "no_header"),
        (lines(*(f"2026-03-02 00:{m};90;91" for m in range(10, 40))), None),
        (lines(*(f"2026-03-02 00:{m};231;4000" for m in range(10, 40))), "no_header"),
    ],
    ids=["three", "a reading and its mean", "a voltage and a power"],
)
def test_columns_without_a_header(text, code):
    if code is None:
        assert read(text, entry(unit="W", kind="power")).readings
    else:
        assert refused(text, entry(unit="W", kind="power")) == code


def test_few_numbers_of_a_counter_are_not_taken_for_energies():
    """The first seven rows of a HomeWizard file were read as 43,397 kWh."""
    text = lines("time,Import kWh", *(f"2026-03-02 00:{m:02d},6199.{m + 500}" for m in range(0, 45, 15)))
    assert refused(text, entry()) == "kind_unknown"
    assert energy(read(text, entry(kind="register"))) == pytest.approx([0.015, 0.015])
    assert energy(read(text, entry(kind="interval")))[0] == pytest.approx(6199.5)


def test_a_column_named_twice_is_asked_by_number():
    text = lines("Time,kW,kW", "2026-03-02 00:00,4,8", "2026-03-02 00:15,4,8")
    assert refused(text, entry(columns={"value": "kW"})) == "value_column"
    assert energy(read(text, entry(columns={"value": "3"}))) == [2.0, 2.0]


def test_a_time_that_never_changes_is_not_the_time():
    text = lines(
        "start,stop,time,kW", *(f"2026-03-01 00:00,2026-03-09 00:00,2026-03-02 00:{m},4" for m in (10, 20, 30))
    )
    assert energy(read(text, entry())) == pytest.approx([4 / 6] * 3)


def test_rows_in_another_unit_are_set_aside():
    text = lines("time;Wert;Einheit", "2026-03-02 00:00;1,5;kWh", "2026-03-02 00:15;3;m3", "2026-03-02 00:30;1;kWh")
    found = read(text, entry(kind="interval", interval_s=900))
    assert np.nansum(only(found).energy_kwh) == pytest.approx(2.5)
    assert codes(found)["row_unit"] == "row 3"


@pytest.mark.parametrize(
    "header",
    ["Energy Produced (Wh)", "EUR/kWh", "Tarif (ct/kWh)", "kWh/m2", "Retour kWh", "g CO2/kWh", "PowerS_Total_avg"],
)
def test_columns_that_are_no_consumption(header):
    text = lines(f"time;{header}", *(f"2026-03-02 00:{m};4" for m in (10, 20, 30)))
    assert refused(text, entry()) == "no_readings"


def test_columns_of_energy_that_are_called_power_are_energy():
    text = lines(
        "Time,PV(kWh),Purchased Energy(kWh),Feed-in(kWh),Load(kWh)", "2026-03-01,56.2,7,44.7,18.5", "2026-03-02,5,6,4,9"
    )
    assert refused(text, entry(kind="interval")) == "value_column"
