"""What ``site.toml`` says of each device."""

from __future__ import annotations

from ecorad.intake.register import feed_keys
from ecorad.ledger import Workspace
from ecorad.model import DeviceEntry
from ecorad.model.site_power import PowerEntry


def power_entries(workspace: Workspace) -> dict[str, PowerEntry]:
    """What the site says of modes, by pseudonym of the device."""
    keys = feed_keys(workspace)
    return {keys.get(entry.serial, entry.serial): entry.power for entry in workspace.site.devices}


def device_entries(workspace: Workspace) -> dict[str, DeviceEntry]:
    """What the site says of each device, by its pseudonym; of several entries the last holds."""
    keys = feed_keys(workspace)
    return {keys.get(entry.serial, entry.serial): entry for entry in workspace.site.devices}
