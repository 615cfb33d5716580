"""``ecorad init``: a folder for one site."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from ecorad.model import InputError, WorkspaceError

from .console import next_step, note, print_json, say
from .options import AsJson, Directory

_SITE = """\
# What this site says about itself. `ecorad doctor {folder}` tells what is missing and proposes the lines.

[site]
name = {name}
timezone = {timezone}      # local time of scanners and meters, unless they say otherwise
{grid_zone}
# tariff_per_kwh = 0.24               # for money beside energy
# opening_hours = {{ mon = "07:30-18:00", tue = "07:30-18:00" }}     # otherwise inferred from the exams

# One block a scanner: a name for the report instead of a pseudonym.
# [[device]]
# serial = "40071"                    # Device Serial Number, as in its DICOM headers
# alias = "MR 1"
# modality = "MR"

# One block a meter: what it feeds, and how it writes.
# [[meter]]
# id = "mr1"                          # ecorad ingest {folder} mr1.csv --feed mr1
# feeds = ["40071"]                   # serial numbers or aliases
# unit = "kW"                         # W, kW, Wh, kWh
# kind = "power"                      # power, interval or register
"""


def init(
    directory: Directory,
    name: Annotated[str | None, typer.Option("--name", help="Name for the report; the folder's unless said.")] = None,
    zone: Annotated[
        str | None, typer.Option("--zone", metavar="ZONE", help="Grid zone of the electricity, like NL or AU-NSW.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", metavar="ZONE", help="IANA zone, like Europe/Amsterdam.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the folder of a site, with a site.toml to fill in."""
    from ecorad.ledger import Workspace

    if (directory / "site.toml").exists():
        raise WorkspaceError(f"{directory} is a site already; nothing was changed", code="ecorad.workspace.exists")
    local = _timezone(timezone)
    grid_zone = _grid_zone(zone)
    text = _SITE.format(
        folder=directory,
        name=_quoted(name or directory.resolve().name),
        timezone=_quoted(local),
        grid_zone=f"grid_zone = {_quoted(grid_zone)}" if grid_zone else '# grid_zone = "NL"     # without it: no CO2e',
    )
    workspace = Workspace.create(directory, text)
    if as_json:
        site = workspace.site
        print_json({"path": str(directory), "name": site.name, "timezone": site.timezone, "grid_zone": site.grid_zone})
        return
    say(f"{directory} is ready: {workspace.site.name}, times in {local}.")
    if timezone is None:
        note(f"No --timezone was given, so this machine's was taken: {local}. Change it in {directory / 'site.toml'}.")
    if grid_zone is None:
        note("No --zone was given: energy will be known, CO2e will not, until site.toml has a grid_zone.")
    next_step(f"ecorad ingest {directory} FOLDER_WITH_DICOM METER.csv")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _timezone(wanted: str | None) -> str:
    name = wanted or _machine_zone()
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(f"{name!r} is not an IANA time zone like Europe/Amsterdam", code="ecorad.input.zone") from None


def _machine_zone() -> str:
    """IANA zone of this machine, as its settings name it; UTC where they do not."""
    if os.environ.get("TZ", "").strip(":"):
        return os.environ["TZ"].strip(":")
    target = str(Path("/etc/localtime").resolve())
    return target.partition("/zoneinfo/")[2] or "UTC"


def _grid_zone(wanted: str | None) -> str | None:
    if wanted is None:
        return None
    from ecorad.factors import grid_average

    return grid_average(wanted).intensity.zone
