"""A day in each row: the same readings as of the same table written long, or a reason why not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ecorad.intake.meters import recognise
from ecorad.intake.meters.wide import find_fold
from ecorad.model import DecodeError, MeterEntry

from .files import read

ZONE = "Europe/Amsterdam"
LOCAL = ZoneInfo(ZONE)
CLOCKS = {step: [f"{m // 60:02d}:{m % 60:02d}" for m in range(0, 1440, step)] for step in (15, 30, 60)}
ENTRY = MeterEntry(id="m", unit="kWh", kind="interval")


def series(day: date, days: int, step_min: int) -> list[tuple[datetime, float]]:
    """Instants from one local midnight to another, each with a number of its own."""
    first = datetime(day.year, day.month, day.day, tzinfo=LOCAL)
    begin = first.astimezone(UTC)
    end = (first + timedelta(days=days)).astimezone(UTC)
    count = int((end - begin) / timedelta(minutes=step_min))
    return [(begin + timedelta(minutes=step_min * n), round(1 + 0.001 * n + 0.37 * (n % 7), 3)) for n in range(count)]


def long_table(rows: list[tuple[datetime, float]]) -> str:
    lines = [f"{at.isoformat()},{value}" for at, value in rows]
    return "\n".join(["start,energy [kWh]", *lines]) + "\n"


def by_day(rows: list[tuple[datetime, float]]) -> dict[str, list[tuple[str, float]]]:
    found: dict[str, list[tuple[str, float]]] = {}
    for at, value in rows:
        local = at.astimezone(LOCAL)
        found.setdefault(f"{local:%d.%m.%Y}", []).append((f"{local:%H:%M}", value))
    return found


def wide_table(rows: list[tuple[datetime, float]], step_min: int) -> str:
    """Columns by clock; the hour that comes twice a year stands twice."""
    twice = CLOCKS[step_min].index("02:00")
    hour = 60 // step_min
    columns = CLOCKS[step_min][: twice + hour] + CLOCKS[step_min][twice:]
    lines = ["Datum;" + ";".join(columns) + ";Summe"]
    for day, cells in by_day(rows).items():
        left = list(cells)
        line = [day]
        for column in columns:
            line.append(str(left.pop(0)[1]).replace(".", ",") if left and left[0][0] == column else "")
        assert not left
        lines.append(";".join([*line, "99,9"]))
    return "\n".join(["Lastgang in kWh", "", *lines, "Summe;" + ";".join(["1,0"] * (len(columns) + 1))]) + "\n"


def same(one, other) -> None:
    (a,), (b,) = one.readings, other.readings
    assert a.start_us.tolist() == b.start_us.tolist()
    assert a.end_us.tolist() == b.end_us.tolist()
    np.testing.assert_array_equal(a.energy_kwh, b.energy_kwh)


@pytest.mark.parametrize("step_min", [15, 30, 60])
@pytest.mark.parametrize(
    ("day", "days"),
    [(date(2026, 3, 25), 10), (date(2025, 10, 20), 10), (date(2026, 6, 1), 3)],
    ids=["spring", "autumn", "summer"],
)
def test_a_wide_table_says_what_a_long_one_says(day, days, step_min):
    rows = series(day, days, step_min)
    same(read(wide_table(rows, step_min), ENTRY, zone=ZONE), read(long_table(rows), ENTRY, zone=ZONE))


def test_the_unit_is_taken_from_above_the_table():
    rows = series(date(2026, 6, 1), 2, 15)
    (found,) = read(wide_table(rows, 15), zone=ZONE).readings
    assert found.energy_kwh.sum() == pytest.approx(sum(value for _, value in rows))


def test_ends_of_intervals_are_seen():
    columns = [*CLOCKS[30][1:], "24:00"]
    text = "\n".join(["date," + ",".join(columns), "2026-06-01," + ",".join(["2"] * 48)]) + "\n"
    (found,) = read(text, ENTRY).readings
    assert found.start_us[0] == datetime(2026, 6, 1, tzinfo=UTC).timestamp() * 1e6
    assert found.end_us[-1] == datetime(2026, 6, 2, tzinfo=UTC).timestamp() * 1e6
    assert read(text.replace("24:00", "00:00"), ENTRY).readings[0].end_us[-1] == found.end_us[-1]


def numbered(rows: list[list[str]], parts: int) -> str:
    header = ["Settlement date", "MPAN", *(f"HH{n}" for n in range(1, parts + 1))]
    return "\n".join(",".join(row) for row in [header, *rows]) + "\n"


def test_numbered_parts_are_read_and_days_of_change_set_aside():
    whole, short, long = ["0.5"] * 48 + ["", ""], ["0.5"] * 46 + [""] * 4, ["0.5"] * 50
    text = numbered(
        [
            ["28/03/2026", "x", *whole],
            ["29/03/2026", "x", *short],
            ["30/03/2026", "x", *whole],
            ["25/10/2026", "x", *long],
        ],
        50,
    )
    found = read(text, ENTRY, zone="Europe/London")
    (readings,) = found.readings
    assert np.nansum(readings.energy_kwh) == pytest.approx(48.0)
    (issue,) = [issue for issue in found.issues if issue.code == "ecorad.meter.day_of_change"]
    assert (issue.count, issue.where) == (2, "rows 3, 5")


def test_empty_cells_are_no_readings_and_broken_ones_are_told():
    cells = ["1.0"] * 24
    cells[5], cells[7] = "", "n/a?"
    found = read("\n".join(["day," + ",".join(CLOCKS[60]), "2026-06-01," + ",".join(cells)]) + "\n", ENTRY)
    (readings,) = found.readings
    assert np.nansum(readings.energy_kwh) == pytest.approx(22.0)
    assert {issue.code for issue in found.issues} >= {"ecorad.meter.bad_value", "ecorad.meter.gap"}


def test_whose_readings_they_are_stands_in_a_column():
    rows = [
        f"2026-06-0{day},{name}," + ",".join([value] * 24) for day in (1, 2) for name, value in (("a", "1"), ("b", "2"))
    ]
    text = "\n".join(["date,meter_id," + ",".join(CLOCKS[60]), *rows]) + "\n"
    entries = tuple(MeterEntry(id=name, unit="kWh", kind="interval") for name in "ab")
    found = {one.meter_key: one.energy_kwh.sum() for one in read(text, entries=entries).readings}
    assert found == {"a": 48.0, "b": 96.0}


def test_two_quantities_in_one_table_are_not_added():
    rows = [f"2026-06-01,{name}," + ",".join(["1"] * 24) for name in ("active", "reactive")]
    with pytest.raises(DecodeError) as error:
        read("\n".join(["date,quantity," + ",".join(CLOCKS[60]), *rows]) + "\n", ENTRY)
    assert error.value.code == "ecorad.meter.several_series"


def test_without_a_unit_nothing_is_guessed():
    text = "\n".join(["date," + ",".join(CLOCKS[60]), "2026-06-01," + ",".join(["1.5"] * 24)]) + "\n"
    assert recognise(text.encode(), "x.csv")
    with pytest.raises(DecodeError) as error:
        read(text)
    assert error.value.code == "ecorad.meter.unit_unknown"


@pytest.mark.parametrize(
    "header",
    [
        ["date", *CLOCKS[60][:23]],
        ["date", *CLOCKS[60][:12], *CLOCKS[60][13:], "23:30"],
        ["date", *reversed(CLOCKS[60])],
        ["date", *(str(n) for n in range(1, 25) if n != 7), "25"],
        ["date", *(f"channel {n}" for n in range(1, 49))],
        ["when", *CLOCKS[60]],
    ],
    ids=["an hour short", "a hole", "backwards", "a number left out", "channels", "no day"],
)
def test_other_tables_are_left_as_they_are(header):
    day = "soon" if header[0] == "when" else "2026-06-01"
    assert find_fold([(1, header), (2, [day, *["1"] * (len(header) - 1)])]) is None


@pytest.mark.parametrize(
    "names",
    [range(24), range(1, 25), [f"HE{n:02d}" for n in range(1, 25)], [f"Kwh{n}" for n in range(1, 25)]],
    ids=["from nought", "from one", "hour ending", "unit and number"],
)
def test_hours_by_number_say_what_a_long_table_says(names):
    rows = series(date(2026, 6, 1), 3, 60)
    days = by_day(rows)
    lines = [",".join([day, *(str(value) for _, value in cells)]) for day, cells in days.items()]
    wide = "\n".join([",".join(["date", *map(str, names)]), *lines]) + "\n"
    same(read(wide, ENTRY, zone=ZONE), read(long_table(rows), ENTRY, zone=ZONE))
