"""The year of a scanner, and what was published."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ecorad.factors import book
from ecorad.footprint.fleet import device_years, fleet_year
from ecorad.model import PowerState, Quantity


def made(kwh, modality="MR", tier=3, scan_share=0.2):
    states = {PowerState.SCAN: scan_share * kwh, PowerState.IDLE: (1 - scan_share) * kwh}
    return SimpleNamespace(
        device=SimpleNamespace(device_key="k", alias="MR 1", modality=modality),
        energy=Quantity(kwh, "kW.h", low=0.98 * kwh, high=1.02 * kwh),
        tier=tier,
        split=object(),
        runs=SimpleNamespace(energy_by_state=lambda: states),
        non_imaging_share=Quantity(0.7, "1", low=0.69, high=0.71),
    )


def test_four_weeks_of_a_published_scanner_are_its_year():
    """Basel 2015: 134,037 kWh a year and scanner."""
    hours = 28 * 24.0
    years = device_years([made(134_037 * hours / 8760)], hours, book())
    assert years[0].energy.value == pytest.approx(134_037)
    assert years[0].by_state_kwh[PowerState.SCAN] == pytest.approx(0.2 * 134_037)
    assert years[0].non_productive_share.value == pytest.approx(0.8)
    assert [one.position for one in years[0].anchors] == ["inside", "inside"]
    assert not years[0].is_outside


def test_what_lies_outside_is_flagged():
    years = device_years([made(10.0, scan_share=0.6), made(1e5)], 28 * 24.0, book())
    assert [one.position for one in years[0].anchors] == ["below", "below"]
    assert years[1].anchors[0].position == "above"
    assert years[0].is_outside and years[1].is_outside


def test_a_short_period_and_an_unmetered_scanner_are_no_year():
    assert device_years([made(100.0)], 13 * 24.0, book()) == ()
    assert device_years([made(100.0, tier=2)], 28 * 24.0, book()) == ()
    assert fleet_year(()).value is None


def test_a_fleet_is_the_sum():
    hours = 8760.0
    years = device_years([made(1000.0), made(3000.0, modality="CT")], hours, book())
    assert fleet_year(years).value == pytest.approx(4000.0)
