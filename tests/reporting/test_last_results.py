"""Result tables come back as they were written."""

from __future__ import annotations

import io
import json

import duckdb
import pytest

from ecorad.model import InputError, UnknownNameError
from ecorad.reporting.last_results import export_result, read_result


@pytest.fixture
def out(tmp_path):
    (tmp_path / "tables").mkdir()
    target = tmp_path / "tables" / "state_run.parquet"
    duckdb.sql(
        f"""COPY (SELECT * FROM (VALUES ('k1', 'scan', TIMESTAMPTZ '2026-03-01 10:00:00+00',
        TIMESTAMPTZ '2026-03-01 11:00:00+00', 2.5), ('k1', 'off', TIMESTAMPTZ '2026-03-01 11:00:00+00',
        TIMESTAMPTZ '2026-03-01 12:00:00+00', NULL)) t(device_key, state, start_utc, end_utc, energy_kwh))
        TO '{target}' (FORMAT parquet)"""
    )
    return tmp_path


def test_unknown_energy_stays_unknown(out):
    assert read_result(out, "state_run")["energy_kwh"] == [2.5, None]


@pytest.mark.parametrize(("form", "start"), [("csv", b"device_key,state"), ("jsonl", b'{"device_key":"k1"')])
def test_it_is_written_in_each_form(out, form, start):
    target = io.BytesIO()
    assert export_result(out, "state_run", form, target) == 2
    assert target.getvalue().startswith(start)


def test_times_say_that_they_are_utc(out):
    target = io.BytesIO()
    export_result(out, "state_run", "jsonl", target)
    assert json.loads(target.getvalue().splitlines()[0])["start_utc"].startswith("2026-03-01T10:00:00")
    assert b"Z" in target.getvalue()


def test_no_audit_yet_is_said(tmp_path):
    assert read_result(tmp_path, "state_run") is None
    with pytest.raises(InputError, match="ecorad audit"):
        export_result(tmp_path, "state_run", "csv", io.BytesIO())


def test_a_record_is_not_a_result(tmp_path):
    with pytest.raises(UnknownNameError):
        read_result(tmp_path, "study")
