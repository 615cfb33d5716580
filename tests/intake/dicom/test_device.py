from __future__ import annotations

from datetime import UTC, datetime

from ecorad.intake.dicom import device_key, registered_device_key
from ecorad.model import DeviceEntry, Site
from tests.intake.dicom.objects import KEYS, SITE, codes, record

MR1 = DeviceEntry(serial="41", alias="MR 1", also_serials=("41-A",), stations=("AWP1",))
HOUSE = Site(name="x", devices=(MR1, DeviceEntry(serial="42", alias="MR 2")))


def key(manufacturer="Siemens", model="Vida", serial="41", station=None, site=SITE, **more):
    return device_key(manufacturer, model, serial, station, site, KEYS, **more)


def test_a_registered_serial_decides_whatever_the_manufacturer_is_called():
    expected = registered_device_key(MR1, KEYS)
    assert {key(m, site=HOUSE) for m in ("Siemens", "SIEMENS Healthineers", None)} == {expected}
    assert key(serial="41-a", site=HOUSE) == expected
    assert key(serial="43", site=HOUSE) != expected


def test_a_registered_station_stands_for_its_device():
    assert key(serial=None, station="awp1", site=HOUSE) == registered_device_key(MR1, KEYS)
    assert key(serial="workstation 9", station="AWP1", site=HOUSE) == registered_device_key(MR1, KEYS)
    assert key(serial="42", station="AWP1", site=HOUSE) == registered_device_key(HOUSE.devices[1], KEYS)


def test_a_station_name_that_passes_to_a_new_scanner():
    change = datetime(2026, 1, 1, tzinfo=UTC)
    old = DeviceEntry(serial="1", alias="old", stations=("CT",), until=change)
    new = DeviceEntry(serial="2", alias="new", stations=("CT",), since=change)
    site = Site(name="x", devices=(old, new))
    at_old, at_new = datetime(2025, 12, 31, tzinfo=UTC), change
    assert key(serial=None, station="CT", site=site, at=at_old) == registered_device_key(old, KEYS)
    assert key(serial=None, station="CT", site=site, at=at_new) == registered_device_key(new, KEYS)


def test_without_register_manufacturer_model_and_serial_make_the_key():
    assert key() == key("SIEMENS ")
    assert len({key(), key(model="Sola"), key(serial="42"), key("GE")}) == 4


def test_the_console_does_not_matter_where_there_is_a_serial():
    assert key(station="A") == key(station="B")


def test_without_serial_the_console_stands_in_and_an_issue_says_so():
    assert key(serial=None, station="A") != key(serial=None, station="B")
    assert key(serial=None, station="A", ae_title="X") != key(serial=None, station="A", ae_title="Y")
    assert ("ecorad.device.no_serial", "DeviceSerialNumber") in codes(DeviceSerialNumber=None)


def test_an_object_that_says_nothing_has_no_device():
    assert key(None, None, None, None) is None
    assert record(Manufacturer=None, DeviceSerialNumber=None).device_key is None
