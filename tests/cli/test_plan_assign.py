"""``ecorad plan assign``: two MR scanners of which one takes half the energy."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ecorad.cli.app import run
from tests.cli.test_verify import FIRST, write

DAYS = 40


def two_alike(folder, thrifty):
    """Both devices as MR with 12 exams a day each; the second takes ``thrifty`` times as much an exam."""
    out = folder / "out"
    audit = json.loads((out / "audit.json").read_text("utf-8"))
    audit["period"] |= {"from": FIRST.isoformat(), "to": (FIRST + timedelta(days=DAYS - 1)).isoformat()}
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ("08:00", "18:00"))
    rows = [row for row in audit["devices"] if row["meters"]]
    for row, tesla in zip(rows, (3.0, 0.55), strict=True):
        row |= {"modality": "MR", "field_strength_t": tesla, "opening_hours": {"source": "site"} | week}
    (out / "audit.json").write_text(json.dumps(audit), "utf-8")
    random = np.random.default_rng(5)
    exams = []
    for n in range(DAYS):
        day = FIRST + timedelta(days=n)
        for row, share in zip(rows, (1.0, thrifty), strict=True):
            for k in range(12):
                start = datetime(day.year, day.month, day.day, 7, tzinfo=UTC) + timedelta(minutes=30 * k)
                kwh = share * random.lognormal(1.0, 0.2)
                exams.append((f"{row['device']}-{n}-{k}", row["device"], start, start + timedelta(minutes=20), kwh))
    count = len(exams)
    write(
        out / "tables" / "exam_energy.parquet",
        {
            "study_key": ("VARCHAR", [row[0] for row in exams]),
            "device_key": ("VARCHAR", [row[1] for row in exams]),
            "tier": ("BIGINT", [3] * count),
            "modality": ("VARCHAR", ["MR"] * count),
            "started_utc": ("TIMESTAMPTZ", [row[2] for row in exams]),
            "ended_utc": ("TIMESTAMPTZ", [row[3] for row in exams]),
            "active_kwh": ("DOUBLE", [row[4] for row in exams]),
            "allocated_kwh": ("DOUBLE", [row[4] for row in exams]),
            "marginal_kwh": ("DOUBLE", [row[4] for row in exams]),
            "known_fraction": ("DOUBLE", [1.0] * count),
            "flags": ("VARCHAR", [""] * count),
        },
    )
    return {row[0] for row in exams}


@pytest.fixture(scope="module")
def made(audited, tmp_path_factory):
    return lambda thrifty, name: _made(audited, tmp_path_factory.mktemp(name) / "site", thrifty)


def _made(audited, folder, thrifty):
    shutil.copytree(audited, folder)
    two_alike(folder, thrifty)
    return folder


@pytest.fixture
def regions(monkeypatch):
    """Every study is one of the head: the ledger knows none of these."""
    from ecorad.ledger import Ledger

    columns = Ledger.columns

    def told(self, name, wanted=None, **more):
        if name != "study" or wanted != ["study_key", "body_region"]:
            return columns(self, name, wanted, **more)
        keys = [f"{key}-{n}-{k}" for key in self.keys for n in range(DAYS) for k in range(12)]
        return {"study_key": np.array(keys, object), "body_region": np.array(["head"] * len(keys), object)}

    monkeypatch.setattr(Ledger, "columns", told)
    return lambda folder: monkeypatch.setattr(
        Ledger,
        "keys",
        [row["device"] for row in json.loads((folder / "out" / "audit.json").read_text("utf-8"))["devices"]],
        raising=False,
    )


def test_exams_move_to_the_thrifty_scanner_as_far_as_its_hours_go(made, regions, told):
    folder = made(0.5, "thrifty")
    regions(folder)
    found = told("plan", "assign", folder)
    first, second = found["scanners"]
    # Ten hours hold 20 exams of 20 min with the change-over of 10 min that the records show.
    assert (found["days"], found["exams"], found["changeover_min"]) == (28, 28 * 24, 10.0)
    assert {first["exams_now"], second["exams_now"]} == {28 * 12}
    low = next(row for row in found["scanners"] if row["field_strength_t"] == 0.55)
    assert low["exams_then"] == 28 * 20
    # Eight exams a day save half of exp(1 + 0.02) kWh each.
    truth = 28 * 8 * 0.5 * np.exp(1.02)
    assert found["is_sure"] and found["kwh"]["low"] <= truth <= found["kwh"]["high"]
    assert found["low_field"]["exams_now"] == 28 * 12
    assert found["low_field"]["exams_it_can_do"] == 28 * 24 and found["low_field"]["exams_that_fit"] == 28 * 20


def test_scanners_that_are_alike_save_nothing_sure(made, regions, capsys):
    folder = made(1.0, "alike")
    regions(folder)
    assert run(["plan", "assign", str(folder)]) == 0
    printed = capsys.readouterr()
    assert "No saving is sure" in printed.out and "head" not in printed.out and "A person must confirm" in printed.err


@pytest.mark.parametrize(("language", "words"), [("nl", {"Bespaart", "hoofd"}), ("zh", {"节省", "头部"})])
def test_in_the_language_of_the_reader(made, regions, capsys, language, words):
    folder = made(0.5, f"thrifty-{language}")
    regions(folder)
    assert run(["plan", "assign", str(folder), "--language", language, "--if-served", "head"]) == 0
    printed = capsys.readouterr()
    assert all(word in printed.out for word in words) and "exams" not in printed.out + printed.err


def test_a_list_of_bookings(made, regions, told, tmp_path):
    folder = made(0.5, "booked")
    regions(folder)
    audit = json.loads((folder / "out" / "audit.json").read_text("utf-8"))
    names = {row["field_strength_t"]: row["alias"] for row in audit["devices"] if row["meters"]}
    rows = [{"device": names[3.0], "region": "head", "start": f"2026-04-01T{8 + n:02d}:00"} for n in range(4)]
    rows.append({"device": names[3.0], "region": "heart", "start": "2026-04-01T14:00"})
    (tmp_path / "list.json").write_text(json.dumps(rows), "utf-8")
    found = told("plan", "assign", folder, "--booked", tmp_path / "list.json")
    assert (found["days"], found["exams"], found["exams_that_stay"]) == (1, 4, 1)
    assert next(row for row in found["scanners"] if row["field_strength_t"] == 0.55)["exams_then"] == 4


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "{}",
        '[{"device": "MR-1"}]',
        '[{"device": "nobody", "region": "head", "start": "2026-04-01T08:00"}]',
    ],
)
def test_bookings_that_cannot_be_used(made, regions, capsys, tmp_path, content):
    folder = made(1.0, "bad")
    regions(folder)
    (tmp_path / "list.json").write_text(content, "utf-8")
    assert run(["plan", "assign", str(folder), "--booked", str(tmp_path / "list.json")]) == 2
    printed = capsys.readouterr().err
    assert "ecorad.assign.booked" in printed and "nobody" not in printed


def test_one_scanner_is_no_choice(audited, capsys):
    assert run(["plan", "assign", str(audited)]) == 2
    assert "ecorad.assign.one_scanner" in capsys.readouterr().err
    assert run(["plan", "assign", str(audited), "--modality", "XX"]) == 2
    assert "ecorad.capacity.modality" in capsys.readouterr().err


def test_the_share_of_a_scanner_that_is_not_there_yet(made, regions, told, capsys):
    folder = made(1.0, "if")
    regions(folder)
    found = told("plan", "assign", folder, "--if-served", "head", "--days", "7")["if_served"]
    assert (found["exams"], found["of"], found["days"]) == (7 * 24, 7 * 24, 7)
    assert found["minutes_a_day"] == pytest.approx(24 * 30)
    assert run(["plan", "assign", str(folder), "--if-served", "wing"]) == 2
