"""Records and data dictionary say the same: names, order, types, what may be empty."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from datetime import date, datetime
from types import NoneType, UnionType
from typing import get_args, get_type_hints

import pytest

from ecorad.model import records, table

LEDGER_ADDS = {"feed", "received_at", "version", "interpretation"}
TYPES = {str: "string", int: "int64", float: "float64", bool: "bool", datetime: "timestamp", date: "date"}
RECORDS = {
    re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower(): kind
    for name, kind in vars(records).items()
    if isinstance(kind, type) and issubclass(kind, records.Record) and kind is not records.Record
}


def python_type(hint: object) -> tuple[type, bool]:
    """The type and whether None is allowed."""
    parts = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    (kind,) = (part for part in parts if part is not NoneType)
    return kind, NoneType in parts


@pytest.fixture(params=sorted(RECORDS))
def pair(request):
    """A record class and the columns of its table that a source fills."""
    columns = [column for column in table(request.param).columns if column.name not in LEDGER_ADDS]
    return RECORDS[request.param], columns


def test_every_stored_table_of_records_has_its_class():
    assert set(RECORDS) >= {"instance", "reading", "stock", "receipt"}


def test_names_and_order_agree(pair):
    record, columns = pair
    assert [field.name for field in fields(record)] == [column.name for column in columns]


def test_types_and_emptiness_agree(pair):
    record, columns = pair
    hints = get_type_hints(record)
    for column in columns:
        kind, may_be_none = python_type(hints[column.name])
        assert (TYPES[kind], may_be_none) == (column.type, column.nullable), column.name


def test_what_may_not_be_empty_has_no_default(pair):
    record, columns = pair
    required = {column.name for column in columns if not column.nullable}
    assert all(field.default is MISSING for field in fields(record) if field.name in required)


def test_a_record_cannot_be_changed():
    moment = datetime.fromisoformat("2026-03-01T00:00:00+00:00")
    reading = records.Reading(
        record_key="k",
        source_digest="d",
        event_time_utc=moment,
        event_zone="utc",
        meter_key="m",
        start_utc=moment,
        end_utc=moment,
        flags="",
    )
    with pytest.raises(AttributeError):
        reading.flags = "gap"
    assert reading.energy_kwh is None  # not known unless said
