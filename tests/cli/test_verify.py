"""``ecorad verify``: a department whose results of an audit are replaced by a known change."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta

import duckdb
import jsonschema
import numpy as np
import pytest

from ecorad.cli.app import run
from ecorad.reporting.published_schema import change_schema, undocumented_keys

FIRST = date(2026, 1, 5)
DAYS = 84
ON = FIRST + timedelta(days=42)


def write(path, columns):
    """A Parquet file out of columns of plain values."""
    names = ", ".join(f'"{name}" {kind}' for name, (kind, _) in columns.items())
    rows = list(zip(*(values for _, values in columns.values()), strict=True))
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE t ({names})")
        connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(columns))})", rows)
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")


def known_change(folder, saving=30.0):
    """84 days of both scanners: 2 kWh an exam beside a base, a saving on MR-1 from day 42 on, with more exams then."""
    out = folder / "out"
    audit = json.loads((out / "audit.json").read_text("utf-8"))
    audit["period"] |= {"from": FIRST.isoformat(), "to": (FIRST + timedelta(days=DAYS - 1)).isoformat()}
    (out / "audit.json").write_text(json.dumps(audit), "utf-8")
    random = np.random.default_rng(7)
    meters, exams = [], []
    for row in audit["devices"]:
        if not row["meters"]:
            continue
        for n in range(DAYS):
            day = FIRST + timedelta(days=n)
            late = n >= 42
            count = (
                int(random.integers(8, 15) + (2 if late else 0)) if day.weekday() < 5 else int(random.integers(2, 5))
            )
            kwh = 200 + 2 * count + random.normal(scale=5) - (saving if late and row["alias"] == "MR-1" else 0)
            meters.append((row["meters"][0], day, kwh, 60.0 - (saving if late and row["alias"] == "MR-1" else 0)))
            length = 18 if late and row["alias"] == "MR-1" else 24
            for k in range(count):
                start = datetime(day.year, day.month, day.day, 8, tzinfo=UTC) + timedelta(minutes=35 * k)
                spread = float(random.normal(scale=2))
                end = start + timedelta(minutes=length + spread)
                exams.append((f"{row['device']}{n}-{k}", row["device"], row["modality"], start, end, 0.2 * length))
    zero = [0.0] * len(meters)
    write(
        out / "tables" / "meter_day.parquet",
        {
            "meter_key": ("VARCHAR", [row[0] for row in meters]),
            "date": ("DATE", [row[1] for row in meters]),
            **dict.fromkeys(("exams_kwh", "qc_kwh", "warm_up_kwh", "gaps_kwh"), ("DOUBLE", zero)),
            "off_hours_kwh": ("DOUBLE", [row[3] for row in meters]),
            **dict.fromkeys(("cooling_kwh", "unexplained_kwh"), ("DOUBLE", zero)),
            "meter_kwh": ("DOUBLE", [row[2] for row in meters]),
            "floor_kwh": ("DOUBLE", zero),
            "read_h": ("DOUBLE", [24.0] * len(meters)),
        },
    )
    write(
        out / "tables" / "exam_energy.parquet",
        {
            "study_key": ("VARCHAR", [row[0] for row in exams]),
            "device_key": ("VARCHAR", [row[1] for row in exams]),
            "tier": ("BIGINT", [3] * len(exams)),
            "modality": ("VARCHAR", [row[2] for row in exams]),
            "started_utc": ("TIMESTAMPTZ", [row[3] for row in exams]),
            "ended_utc": ("TIMESTAMPTZ", [row[4] for row in exams]),
            "active_kwh": ("DOUBLE", [row[5] for row in exams]),
            "allocated_kwh": ("DOUBLE", [row[5] for row in exams]),
            "marginal_kwh": ("DOUBLE", [row[5] for row in exams]),
            "known_fraction": ("DOUBLE", [1.0] * len(exams)),
            "flags": ("VARCHAR", [""] * len(exams)),
        },
    )


@pytest.fixture(scope="module")
def changed(audited, tmp_path_factory):
    folder = tmp_path_factory.mktemp("verify") / "site"
    shutil.copytree(audited, folder)
    known_change(folder)
    with (folder / "site.toml").open("a", encoding="utf-8") as site:
        site.write(
            f'\n[[change]]\nname = "night mode"\ndevice = "MR-1"\non = {ON}\ncontrols = ["CT-1"]\n'
            'claim_of = "kwh_per_day"\nclaim_percent = 30\n'
        )
    return folder


@pytest.fixture(scope="module")
def found(changed, tmp_path_factory):
    assert run(["verify", str(changed)]) == 0
    return json.loads((changed / "out" / "changes" / "night-mode.json").read_text("utf-8"))


def measure(found, name):
    return next(row for row in found["measures"] if row["measure"] == name)


def test_the_known_effect_is_found_in_spite_of_more_exams(found):
    row = measure(found, "kwh_per_day")
    assert row["verdict"] == "reduction"
    assert row["change"]["low"] <= -30 <= row["change"]["high"] and row["change"]["high"] < -20
    assert (row["days_before"], row["days_after"]) == (42, 42)


def test_shorter_exams_are_found_and_wait_for_a_person(found):
    row = measure(found, "minutes_per_exam")
    assert row["change"]["low"] <= -6 <= row["change"]["high"]
    assert row["quality"] == "unknown" and row["issues"] == ["ecorad.verify.rejects_unknown"]


def test_the_promise_is_ruled_out(found):
    # 30 of about 222 kWh is 13 %, not 30 %.
    assert measure(found, "kwh_per_day")["claim"] == {"percent": 30.0, "verdict": "not_met"}


def test_what_was_saved_counts_measured_days_only(found):
    saved = found["saved"]
    assert saved["days"] == 42
    assert saved["kwh"]["low"] <= 42 * 30 <= saved["kwh"]["high"] and saved["kwh"]["low"] > 0
    assert saved["co2e_kg"]["low"] > 0 and saved["co2e_kg"]["factors"]


def test_an_untouched_scanner_did_not_move(found):
    (control,) = found["controls"]
    assert control["issues"] == [] and control["change_share"]["low"] <= 0 <= control["change_share"]["high"]


def test_nothing_of_contrast_or_dose_is_invented(found):
    for name in ("contrast_ml_per_exam", "dose_msv_per_exam"):
        row = measure(found, name)
        assert row["refused"] == ["ecorad.verify.no_records"] and row["change"]["value"] is None


def test_published_effects_stand_beside(found):
    rows = measure(found, "kwh_per_exam")["published"]
    assert "share.saved.mr.acceleration.woolen" in {row["factor"] for row in rows}


def test_what_is_written_follows_its_published_form(found):
    schema = change_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(found)) == []
    assert undocumented_keys(found, schema) == []
    assert not jsonschema.Draft202012Validator(schema).is_valid({**found, "schema_version": "2"})


def test_an_audit_tells_what_each_declared_change_did(department, tmp_path, told):
    shutil.copytree(department, tmp_path / "site")
    with (tmp_path / "site" / "site.toml").open("a", encoding="utf-8") as site:
        for name, device in (("night mode", "MR-1"), ("gone", "MR-9")):
            site.write(f'\n[[change]]\nname = "{name}"\ndevice = "{device}"\non = 2026-03-03\ncontrols = ["CT-1"]\n')
    audit = told("audit", tmp_path / "site")
    (row,) = audit["changes"]
    assert [one["where"] for one in audit["quality"]["issues"] if one["code"] == "ecorad.verify.device"] == ["gone"]
    # Asked later, of the files that the audit wrote, it is the same to the last digit.
    (alone,) = told("verify", tmp_path / "site", "night mode")["changes"]
    assert {name: alone[name] for name in row} == row
    assert row["measures"][2]["days_before"] is None or row["measures"][2]["refused"]
    page = (tmp_path / "site" / "out" / "report.html").read_text("utf-8")
    assert "What changed, and whether it worked" in page and "Nothing is told of it" in page


@pytest.mark.parametrize("language", ["en", "nl", "zh"])
def test_the_page(changed, language):
    assert run(["verify", str(changed), "night mode", "--language", language]) == 0
    page = (changed / "out" / "changes" / "night-mode.html").read_text("utf-8")
    assert f'lang="{language}"' in page and "MR-1" in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")


def test_the_same_records_give_the_same_bytes(changed):
    path = changed / "out" / "changes" / "night-mode.html"
    assert run(["verify", str(changed)]) == 0
    before = path.read_bytes()
    assert run(["verify", str(changed)]) == 0
    assert path.read_bytes() == before


def test_a_change_said_on_the_command_line(changed, told):
    (one,) = told("verify", changed, "--device", "CT-1", "--on", ON)["changes"]
    row = measure(one, "kwh_per_day")
    assert row["verdict"] == "none_seen" and row["detectable_share"] > 0
    assert one["saved"]["kwh"]["reason"] == "no_reduction_shown"


def test_two_days_say_nothing(audited, tmp_path, told):
    shutil.copytree(audited, tmp_path / "site")
    (one,) = told("verify", tmp_path / "site", "--device", "MR-1", "--on", "2026-03-03")["changes"]
    assert all(row["verdict"] is None and row["refused"] for row in one["measures"])
    assert one["saved"]["kwh"]["value"] is None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["no such"], "ecorad.verify.case"),
        (["--device", "MR-1"], "ecorad.verify.case"),
        (["--device", "nobody", "--on", "2026-02-16"], "ecorad.verify.device"),
        (
            ["--device", "MR-1", "--on", "2026-02-16", "--claim-of", "beauty", "--claim-percent", "3"],
            "ecorad.verify.case",
        ),
        (["--device", "MR-1", "--on", "soon"], "ecorad.input.day"),
        (["--language", "fr"], "ecorad.input.language"),
    ],
)
def test_wrong_use(changed, capsys, arguments, code):
    assert run(["verify", str(changed), *arguments]) == 2
    assert code in capsys.readouterr().err


def test_it_rests_on_an_audit(department, capsys):
    assert run(["verify", str(department), "--device", "MR-1", "--on", "2026-03-03"]) == 2
    assert "ecorad.input.no_audit" in capsys.readouterr().err


def test_a_reduction_at_the_price_of_rejects_does_not_count(found):
    from ecorad.reporting.change_check.words import reader_of, sentence

    row = measure(found, "minutes_per_exam")
    reader = reader_of(found, "en")
    assert "does not count" in sentence(reader, row | {"quality": "rise"})
    assert "does not count" not in sentence(reader, row)


def test_only_meters_measure(found):
    origins = {row["measure"]: row["change"]["origin"] for row in found["measures"] if row["verdict"]}
    assert origins["kwh_per_day"] == "measured" and origins["minutes_per_exam"] == "reported"


def test_two_changes_never_share_a_file(changed, tmp_path, capsys):
    shutil.copytree(changed, tmp_path / "site")
    with (tmp_path / "site" / "site.toml").open("a", encoding="utf-8") as site:
        site.write(f'\n[[change]]\nname = "Night-mode"\ndevice = "CT-1"\non = {ON}\n')
    before = (tmp_path / "site" / "out" / "changes" / "night-mode.json").read_bytes()
    assert run(["verify", str(tmp_path / "site")]) == 2
    assert "ecorad.verify.case" in capsys.readouterr().err
    assert (tmp_path / "site" / "out" / "changes" / "night-mode.json").read_bytes() == before
