"""``ecorad show``: from a device down to the inputs."""

from __future__ import annotations


def rows(found, title):
    return next(part["rows"] for part in found["parts"] if part["title"].startswith(title))


def test_from_a_device_to_the_bytes_it_came_from(department, told):
    device = told("show", department, "MR-1")
    study = told("show", department, rows(device, "studies")[0]["study_key"])
    series = told("show", department, rows(study, "series")[0]["series_key"])
    digest = rows(series, "objects")[0]["source_digest"]
    source = told("show", department, digest[:12])
    assert source["facts"]["source_digest"] == digest
    assert rows(source, "deliveries")[0]["outcome"] == "stored"


def test_a_meter_day_by_day(department, told):
    found = told("show", department, "mr-1-meter")
    assert [row["day"] for row in rows(found, "energy by day")] == ["2026-03-02", "2026-03-03"]
    assert rows(found, "inputs")


def test_a_factor_row(department, told):
    assert told("show", department, "gwp100.SF6.AR5")["facts"]["value"] == 23500.0


def test_what_is_not_there(department, told):
    assert told("show", department, "it's nothing", status=2)["error"]["code"] == "ecorad.unknown_name"
