"""The data dictionary: complete, plain, and a clear word for a table that is not there."""

from __future__ import annotations

import pytest

from ecorad.model import UnknownNameError, table, tables
from ecorad.model.dictionary import TYPES

# The columns that others rely on by name, wherever they stand in the table.
PROMISED = {
    "study": "study_key modality body_region started_utc ended_utc device_key is_exam",
    "series": "series_key study_key started_utc duration_s start_source",
    "administration": "agent kind volume_ml iodine_g gadolinium_g sf6_g activity_mbq origin confidence",
    "reading": "meter_key start_utc end_utc energy_kwh flags",
    "exam_energy": "study_key device_key tier active_kwh allocated_kwh marginal_kwh",
    "state_run": "device_key state start_utc end_utc energy_kwh",
    "clock_offset": "device_key date offset_s u_s",
}
LEAD = "record_key source_digest feed received_at event_time_utc event_zone version".split()


@pytest.mark.parametrize("name", list(tables()))
def test_every_column_is_described(name):
    for column in table(name).columns:
        assert column.type in TYPES
        assert column.meaning
        assert column.source
        assert column.name.isidentifier()


@pytest.mark.parametrize("name", list(tables()))
def test_no_column_stands_twice(name):
    names = table(name).column_names
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("name", "columns"), PROMISED.items())
def test_promised_columns_are_there(name, columns):
    assert set(columns.split()) <= set(table(name).column_names)


@pytest.mark.parametrize("name", [name for name, spec in tables().items() if spec.kind != "result"])
def test_what_was_received_says_where_it_came_from(name):
    assert list(table(name).column_names[: len(LEAD)]) == LEAD


def test_a_numeric_column_with_a_unit_ends_in_it():
    endings = {"kW.h": "kwh", "s": "_s", "mL": "_ml", "g": "_g", "MBq": "_mbq", "T": "_t", "ms": "_ms"}
    for spec in tables().values():
        for column in spec.columns:
            assert column.name.endswith(endings.get(column.unit, "")), (spec.name, column.name)


def test_an_unknown_table_names_those_there_are():
    with pytest.raises(UnknownNameError, match="exam_energy"):
        table("exam")
