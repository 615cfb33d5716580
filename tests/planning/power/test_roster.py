"""The plan as people follow it, as CSV and as iCalendar."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import numpy as np

from ecorad.model import PowerState
from ecorad.planning.power import PowerDevice, PowerProblem, Transition, plan_power
from ecorad.planning.power.calendar import calendar
from ecorad.planning.power.roster import Stretch, roster_csv, stretches

SAVE, IDLE = PowerState.POWER_SAVE, PowerState.IDLE
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
EDGES = [START + timedelta(minutes=15 * n) for n in range(14)]


def plan(required, name="MR 1"):
    device = PowerDevice(
        name=name,
        power_kw={SAVE: 1.0, IDLE: 5.0},
        transitions={(IDLE, SAVE): Transition(), (SAVE, IDLE): Transition(minutes=25)},
        required=np.array(required),
    )
    return plan_power(PowerProblem(devices=(device,), slots=len(required), slot_min=15.0))


def test_a_night_and_its_morning():
    rows = stretches(plan([True] + [False] * 11 + [True]), EDGES)
    assert len(rows) == 1
    # Up again after two whole slots, though 25 minutes would do.
    assert (rows[0].start, rows[0].wake, rows[0].ready) == (EDGES[1], EDGES[10], EDGES[12])


def test_one_that_stays_down_and_one_that_never_goes():
    rows = stretches(plan([True] + [False] * 12), EDGES)
    assert (rows[0].start, rows[0].wake, rows[0].ready) == (EDGES[1], None, None)
    assert stretches(plan([True] * 13), EDGES) == []


def test_csv_reads_back_and_no_cell_is_a_formula():
    rows = stretches(plan([True] + [False] * 11 + [True], name="=MR,1"), EDGES)
    read = list(csv.DictReader(io.StringIO(roster_csv(rows))))
    assert read[0]["device"] == "'=MR,1"
    assert read[0]["start"] == "2026-03-02T12:15+00:00"


def test_calendar_follows_rfc_5545():
    rows = [Stretch("MR 1", SAVE, EDGES[1], EDGES[10], EDGES[12]), Stretch("超声 1", SAVE, EDGES[1], None, None)]
    text = calendar(rows, START, EDGES[-1], lambda row: (f"{row.device}; on, off", "a line\nand a very long one " * 5))
    assert text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    unfolded = text.replace("\r\n ", "").split("\r\n")
    assert unfolded.count("BEGIN:VEVENT") == unfolded.count("END:VEVENT") == 2
    assert "DTSTART:20260302T121500Z" in unfolded
    assert "DTEND:20260302T150000Z" in unfolded
    assert r"SUMMARY:MR 1\; on\, off" in unfolded
    uids = [line for line in unfolded if line.startswith("UID:")]
    assert len(set(uids)) == 2
    assert text == calendar(
        rows, START, EDGES[-1], lambda row: (f"{row.device}; on, off", "a line\nand a very long one " * 5)
    )
