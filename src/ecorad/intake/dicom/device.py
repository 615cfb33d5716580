"""Which device an object came from: one key, whatever name the console had that year."""

from __future__ import annotations

import re
from datetime import datetime

from ecorad.intake.identity import Pseudonymiser
from ecorad.model import DeviceEntry, Site

_KEY = re.compile(r"k\d+-[0-9a-f]{24}")


def registered_device_key(entry: DeviceEntry, pseudonymiser: Pseudonymiser) -> str:
    """The key of a device that ``site.toml`` lists: it depends on the entry's serial number alone.

    A device that was seen before it was listed keeps the key it has: its entry may give that key (as ``ecorad doctor``
    proposes it) where a serial number stands.

    >>> from ecorad.model import DeviceEntry
    >>> entry = DeviceEntry(serial="77", alias="MR 1")
    >>> registered_device_key(entry, Pseudonymiser(bytes(32), retain=True))
    '77'
    >>> seen = Pseudonymiser(bytes(32)).key("device", "maker", "model", "77")
    >>> registered_device_key(DeviceEntry(serial=seen, alias="MR 1"), Pseudonymiser(bytes(32))) == seen
    True
    """
    serial = entry.serial.strip()
    if pseudonymiser.retain or _KEY.fullmatch(serial):
        return serial
    return pseudonymiser.key("device", serial)


def device_key(  # noqa: PLR0917 (what a device is known by, in the order of the standard)
    manufacturer: str | None,
    model: str | None,
    serial: str | None,
    station: str | None,
    site: Site,
    pseudonymiser: Pseudonymiser,
    *,
    ae_title: str | None = None,
    at: datetime | None = None,
) -> str | None:
    """The key of the device that made an object; ``None`` when the object says nothing of it.

    Parameters
    ----------
    manufacturer, model, serial, station, ae_title : str or None
        As the object has them.
    site : Site
        Its ``[[device]]`` entries.
    pseudonymiser : Pseudonymiser
        Of the site.
    at : datetime or None
        When the object was made: entries hold from ``since`` until ``until``, so a name may pass to a new scanner.

    Notes
    -----
    1. A serial number listed in ``site.toml`` (``serial`` or ``also_serials``) gives the key of that entry, which
       depends on its serial number alone (:func:`registered_device_key`): manufacturers spell their own names in
       several ways.
    2. Else a station name listed there (``stations``) gives the key of its entry.
    3. Else manufacturer (in lower case), model and serial number make the key.
    4. Without a serial number, station name and AE title stand in for it.
    """
    entry = _registered(serial, station, site, at)
    if entry is not None:
        return registered_device_key(entry, pseudonymiser)
    stated = [part for part in (manufacturer, model, serial, station, ae_title) if part]
    if not stated:
        return None
    maker, kind = _plain(manufacturer), (model or "").strip()
    if serial:
        return pseudonymiser.key("device", maker, kind, serial.strip())
    return pseudonymiser.key("device", maker, kind, "", (station or "").strip(), (ae_title or "").strip())


def _registered(serial: str | None, station: str | None, site: Site, at: datetime | None) -> DeviceEntry | None:
    valid = [entry for entry in site.devices if _holds(entry, at)]
    if serial:
        wanted = _plain(serial)
        for entry in (*valid, *site.devices):  # a serial number stays with its device outside of the dates too
            if wanted in {_plain(entry.serial), *(_plain(other) for other in entry.also_serials)}:
                return entry
    if station:
        wanted = _plain(station)
        return next((entry for entry in valid if wanted in {_plain(name) for name in entry.stations}), None)
    return None


def _holds(entry: DeviceEntry, at: datetime | None) -> bool:
    return at is None or ((entry.since is None or entry.since <= at) and (entry.until is None or at < entry.until))


def _plain(text: str | None) -> str:
    return " ".join((text or "").casefold().split())
