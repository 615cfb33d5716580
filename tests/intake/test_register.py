"""The ledger opened with the devices of the register under the keys that their records carry."""

from __future__ import annotations

import pytest

from ecorad.intake.register import device_register, feed_keys, open_ledger
from ecorad.ledger import Workspace

SITE = """
[site]
name = "Test"

[[device]]
serial = "77"
alias = "CT 1"
manufacturer = "Maker"
model = "One"
modality = "CT"
also_serials = ["78"]
"""


@pytest.fixture
def workspace(tmp_path):
    return Workspace.create(tmp_path / "site", SITE)


def test_a_device_is_registered_under_a_pseudonym(workspace):
    (device,) = device_register(workspace)
    assert (device.alias, device.modality, device.manufacturer, device.model) == ("CT 1", "CT", "Maker", "One")
    assert "77" not in device.device_key.split(":")
    assert len(device.device_key) >= 16


def test_the_key_is_the_same_each_time_and_another_at_another_site(workspace, tmp_path):
    other = Workspace.create(tmp_path / "other", SITE)
    assert device_register(workspace) == device_register(workspace)
    assert device_register(workspace)[0].device_key != device_register(other)[0].device_key


def test_a_meter_may_name_a_device_by_alias_or_by_any_serial(workspace):
    (device,) = device_register(workspace)
    assert feed_keys(workspace) == dict.fromkeys(("77", "78", "CT 1"), device.device_key)


def test_a_device_never_seen_is_in_the_ledger(workspace):
    with open_ledger(workspace) as ledger:
        found = ledger.columns("device")
    assert found["alias"].tolist() == ["CT 1"]
    assert found["instances"].tolist() == [0]
