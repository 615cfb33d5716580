"""What a site lacks, what it costs, and the lines that mend it."""

from __future__ import annotations

import tomllib
from datetime import time

import pytest

from ecorad.model import DeviceEntry, MeterEntry, Site, parse_site
from ecorad.reporting.diagnosis import diagnose

FULL = Site(
    name="Demo",
    grid_zone="NL",
    tariff_per_kwh=0.2,
    opening_hours={"mon": (time(8), time(18))},
    devices=(DeviceEntry(serial="1", alias="MR 1"),),
    meters=(MeterEntry(id="mr1", feeds=("MR 1",)),),
)


def device(**changed):
    row = {"device_key": "k1-a", "alias": "MR 1", "modality": "MR", "manufacturer": "Maker", "instances": 10}
    return columns(row | {"manufacturer_model_name": "Model", "is_registered": True} | changed)


def meter(**changed):
    return columns({"meter_key": "mr1", "kind": "power", "unit": "kW", "feeds": "MR 1", "readings": 99} | changed)


def columns(row):
    return {name: [value] for name, value in row.items()}


def lacking(*arguments, **more):
    return {check.name: check for check in diagnose(*arguments, **more).checks if check.state != "ok"}


def test_a_site_that_says_everything_lacks_nothing():
    assert lacking(FULL, device(), meter()) == {}


@pytest.mark.parametrize("name", ["grid_zone", "tariff", "opening_hours"])
def test_each_missing_line_says_what_it_costs_and_how_to_write_it(name):
    check = lacking(Site(name="Demo"), device(), meter())[name]
    assert check.costs
    assert name in check.lines[0]


def test_nothing_received_is_no_error():
    empty = {name: [] for name in device()}
    assert {"dicom", "meters"} <= set(lacking(FULL, empty, {name: [] for name in meter()}))


def test_the_lines_for_an_unlisted_device_can_be_pasted():
    check = lacking(FULL, device(alias=None, is_registered=False), meter())["device.unregistered"]
    pasted = "\n".join(('[site]\nname = "Demo"', *check.lines))
    assert parse_site(tomllib.loads(pasted)).devices[0].modality == "MR"


def test_the_lines_for_an_unlisted_meter_can_be_pasted():
    check = lacking(FULL, device(), meter(meter_key="plug 7", feeds=""))["meter.feeds_nothing"]
    pasted = parse_site(tomllib.loads("\n".join(('[site]\nname = "Demo"', *check.lines))))
    assert pasted.meters[0].id == "plug 7"
    assert pasted.meters[0].feeds == ("MR 1",)


def test_a_listed_meter_that_was_never_read_is_asked_about():
    assert "meter.silent" in lacking(FULL, device(), meter(meter_key="other"))


def test_a_meter_may_name_its_device_by_serial_number():
    assert "device.unmetered" not in lacking(FULL, device(), meter(feeds="1"))


def test_the_last_audit_tells_what_a_meter_would_buy():
    now, then = {"low": 90.0, "high": 535.0}, {"low": 212.0, "high": 258.0}
    statement = {"advice_on_data": [{"device": "k1-a", "now": now, "then": then}]}
    check = lacking(FULL, device(), meter(feeds=""), statement=statement)["device.unmetered"]
    assert "90 to 535 kWh" in check.costs
    assert "212 to 258 kWh" in check.costs
