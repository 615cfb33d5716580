from __future__ import annotations

from types import SimpleNamespace

from ecorad.factors import book
from ecorad.model import DeviceEntry
from ecorad.reporting.statement.fleet import fleet_section


def department(*keys):
    rows = [SimpleNamespace(device=SimpleNamespace(device_key=key, alias=key.upper(), modality="MR")) for key in keys]
    return SimpleNamespace(devices=tuple(rows))


def entry(minutes):
    return DeviceEntry(serial="1", alias="x", survives_outage_min=minutes)


def outages(entries):
    return fleet_section(department("a", "b"), 24.0, book(), entries)["outages"]


def test_who_was_not_asked_is_unknown():
    assert [row["survives_min"] for row in outages({"a": entry(10.0), "b": entry(None)})] == [10.0, None]
    assert [row["survives_min"] for row in outages({"a": entry(0.0)})] == [0.0, None]


def test_nothing_said_is_no_table():
    assert outages({"a": entry(None)}) == [] and outages({}) == []
