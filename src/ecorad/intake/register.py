"""The ledger opened with the devices that ``site.toml`` names under the keys their records carry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ecorad.ledger import Ledger, RegisteredDevice, Workspace

from .dicom.device import registered_device_key
from .identity import Pseudonymiser, load_key


def pseudonymiser_of(workspace: Workspace) -> Pseudonymiser:
    """The pseudonyms of a workspace; its key is made when there is none yet."""
    return Pseudonymiser(load_key(workspace.keys_path), retain=workspace.site.identifiers == "retain")


def device_register(workspace: Workspace) -> list[RegisteredDevice]:
    """Every ``[[device]]`` once, by key."""
    pseudonymiser = pseudonymiser_of(workspace)
    found: dict[str, RegisteredDevice] = {}
    for entry in workspace.site.devices:
        key = registered_device_key(entry, pseudonymiser)
        found[key] = RegisteredDevice(key, entry.alias, entry.modality, entry.manufacturer, entry.model)
    return [found[key] for key in sorted(found)]


@contextmanager
def open_ledger(workspace: Workspace) -> Iterator[Ledger]:
    """A snapshot of the ledger that knows the site's devices."""
    with Ledger.read(workspace, device_register(workspace)) as ledger:
        yield ledger


def feed_keys(workspace: Workspace) -> dict[str, str]:
    """What ``feeds`` of a meter may call a device (serial number, alias) to the device's key."""
    pseudonymiser = pseudonymiser_of(workspace)
    keys: dict[str, str] = {}
    for entry in workspace.site.devices:
        key = registered_device_key(entry, pseudonymiser)
        for name in (entry.alias, *entry.also_serials, entry.serial):
            keys[name] = key
    return keys
