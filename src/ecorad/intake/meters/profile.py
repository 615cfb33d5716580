"""What the numbers of one meter mean: kind, unit, step, range; from the register first, then from the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ecorad.intake.row_notes import Notes
from ecorad.intake.written_numbers import read_number
from ecorad.model import DecodeError, MeterEntry, Site
from ecorad.model.site import MeterKind

from .flags import Flag
from .layout import Layout
from .localtime import is_zone
from .raw import RawTable
from .vocabulary import ENERGY_UNITS, POWER_UNITS, ROLES, UNITS, header_kind, known_unit, name_and_unit, role_words

# No room of a department draws more; only for meters that are not in the register.
_UNREGISTERED_KW = (0.0, 1000.0)
_PLUG_LOAD_W = 5000.0
_ROWS_TO_TELL = 10
_UTC = re.compile(r"(?:^|[^a-z])(?:utc|gmt|zulu)\s*(?:([+-])\s*(\d{1,2})(?::?(\d{2}))?)?(?:[^a-z]|$)")
# "Time Bucket (America/New_York)"
_ZONE = re.compile(r"\b[A-Z][a-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How to read one meter.

    ``to_kwh`` turns a written number into kW or kWh, current-transformer ratio included; ``quantum`` is one unit of the
    last decimal in kW or kWh; ``register_width`` is in written units; ``flags`` go onto every reading.
    """

    kind: MeterKind
    to_kwh: float
    quantum: float
    interval_s: float | None = None
    stamp: Literal["start", "end"] = "start"
    register_width: float | None = None
    plausible_kw: tuple[float, float] | None = None
    is_registered: bool = True
    flags: int = 0

    @property
    def takes_feed_in(self) -> bool:
        """Whether the register says that power may flow back (``plausible_kw`` begins below 0)."""
        return self.plausible_kw is not None and self.plausible_kw[0] < 0


def make_profile(
    entry: MeterEntry | None, layout: Layout, raw: RawTable, value: NDArray[np.float64], notes: Notes
) -> Profile:
    """The profile of a meter from its entry, if it has one, and from header and content of the file.

    Raises
    ------
    DecodeError
        ``ecorad.meter.unit_unknown`` when neither says the unit; ``ecorad.meter.unit_kind`` when unit and kind do not
        go together.
    """
    entry_unit = entry.unit if entry else None
    file_unit = known_unit(name_and_unit(layout.value_header)[1] or layout.value_header) or raw.cell_unit
    unit, flags = entry_unit or file_unit, 0
    if unit is None:
        unit = _assumed_unit(entry, layout, value)
        flags |= Flag.UNIT_ASSUMED
        notes.tell("ecorad.meter.unit_assumed", detail="read as W: no header, whole numbers of the size of a plug load")
    if entry_unit and file_unit and file_unit != entry_unit and _family(file_unit) == _family(entry_unit):
        flags |= Flag.UNIT_SUSPECT
        factor = UNITS[file_unit] / UNITS[entry_unit]
        notes.tell(
            "ecorad.meter.unit_suspect",
            detail=f"the file says {file_unit}, site.toml {entry_unit}: factor {factor:g} would fit",
        )
    kind = _kind(entry, layout, unit, value, notes)
    scale = entry.scale if entry else 1.0
    if scale == 1.0:
        _tell_factor(raw.factors, notes)
    return Profile(
        kind=kind,
        to_kwh=UNITS[unit] * scale,
        quantum=raw.quantum * UNITS[unit] * scale,
        interval_s=entry.interval_s if entry else None,
        stamp=_stamp(entry, layout, raw, notes),
        register_width=_width(entry.register_max) if entry and entry.register_max else None,
        plausible_kw=entry.plausible_kw if entry else _UNREGISTERED_KW,
        is_registered=entry is not None,
        flags=flags,
    )


def _tell_factor(factors: tuple[str, ...], notes: Notes) -> None:
    """A factor in the file is never applied: whether the readings are before or after it, nothing in the file says."""
    found = {number for text in factors if (number := read_number(text, "," if "," in text else ".")) is not None}
    others = sorted(number for number in found if np.isfinite(number) and number != 1.0)
    if others:
        said = ", ".join(f"{number:g}" for number in others)
        notes.tell("ecorad.meter.factor_not_used", detail=f"a column of the file gives the factor {said}")


def zone_of(entry: MeterEntry | None, layout: Layout, site: Site) -> tuple[str, str]:
    """Zone in which times without an offset are read, and where that comes from.

    >>> from ecorad.model import Site
    >>> zone_of(None, Layout(2, 2, ("Time (UTC+8)", "kW"), 0, 1), Site(name="x"))
    ('Etc/GMT-8', 'explicit')
    >>> zone_of(None, Layout(2, 2, ("Time Bucket (Asia/Tokyo)", "kW"), 0, 1), Site(name="x"))
    ('Asia/Tokyo', 'explicit')
    """
    if entry is not None and entry.timezone is not None:
        return entry.timezone, "dataset"
    found = _UTC.search(layout.time_header.lower().replace("_", " "))
    if found and not (found[3] and int(found[3])):
        hours = int(found[2] or 0)
        # POSIX names count westwards: Etc/GMT-8 is eight hours ahead of UTC.
        sign = "-" if found[1] == "+" else "+"
        return (f"Etc/GMT{sign}{hours}" if 0 < hours <= 12 else "UTC"), "explicit"
    named = _ZONE.search(layout.time_header)
    if named and is_zone(named[0]):
        return named[0], "explicit"
    return site.timezone, "site"


def _assumed_unit(entry: MeterEntry | None, layout: Layout, value: NDArray[np.float64]) -> str:
    known = value[np.isfinite(value)]
    is_plug = len(known) and bool((known == np.rint(known)).all()) and known.min() >= 0 and known.max() <= _PLUG_LOAD_W
    if entry is None and not layout.header and is_plug and not _looks_like_register(known):
        return "W"
    raise DecodeError("neither site.toml nor the file says the unit of this meter", code="ecorad.meter.unit_unknown")


def _kind(entry: MeterEntry | None, layout: Layout, unit: str, value: NDArray[np.float64], notes: Notes) -> MeterKind:
    if entry is not None and entry.kind is not None:
        if (entry.kind == "power") != (unit in POWER_UNITS):
            raise DecodeError("unit and kind of this meter do not go together", code="ecorad.meter.unit_kind")
        return entry.kind
    if unit in POWER_UNITS:
        return "power"
    said = header_kind(layout.value_header) if layout.header else None
    known = value[np.isfinite(value)]
    rising = _looks_like_register(known)
    if said is None and not rising and layout.end is None and _could_be_register(known):
        raise DecodeError(
            "too few rows to tell a counter from the energy of intervals", code="ecorad.meter.kind_unknown"
        )
    kind: MeterKind = "register" if rising or said == "register" else "interval"
    if said != kind:
        notes.tell(
            "ecorad.meter.kind_inferred",
            detail=f"read as {kind}: " + ("numbers only rise" if rising else "numbers rise and fall"),
        )
    return kind


def _looks_like_register(known: NDArray[np.float64]) -> bool:
    """Whether numbers rise nearly always (98 % of steps do not fall), by more than a counter could by chance."""
    if len(known) < _ROWS_TO_TELL:
        return False
    steps = np.diff(known)
    falls = steps < 0
    if known[-1] < known[0]:
        steps, falls = -steps, steps > 0
    return bool(falls.mean() <= 0.02 and steps.sum() > 0 and (steps > 0).sum() >= 3 and known.min() >= 0)


def _could_be_register(known: NDArray[np.float64]) -> bool:
    """Whether a few numbers only rise, by little against what they began with, or stand: as a counter does."""
    steps = np.diff(known) * (1.0 if len(known) and known[-1] >= known[0] else -1.0)
    few = 2 <= len(known) < _ROWS_TO_TELL
    return few and bool((steps >= 0).all()) and 0 <= steps.sum() < 0.1 * float(known.min())


def _stamp(entry: MeterEntry | None, layout: Layout, raw: RawTable, notes: Notes) -> Literal["start", "end"]:
    if entry is not None and entry.stamp == "end":
        return "end"
    if layout.end is None and raw.time.counts_to_24:
        notes.tell("ecorad.meter.stamp_from_clock", detail="days end at 24:00 and never begin at 00:00: read as ends")
        return "end"
    headers = (layout.header[place] for place in (layout.time, layout.clock) if layout.header and place is not None)
    if layout.end is None and any(role_words(header) in ROLES["end"] for header in headers):
        notes.tell("ecorad.meter.stamp_from_header", detail="the header says that times are ends of intervals")
        return "end"
    return "start"


def _family(unit: str) -> str:
    return "energy" if unit in ENERGY_UNITS else "power"


def _width(register_max: float) -> float:
    """Where a register rolls over: 100,000 when its greatest number 99,999.9 was given instead, 65,536 for 65,535.

    >>> _width(99999.9), _width(65535.0), _width(100000.0), _width(5000.0)
    (100000.0, 65536.0, 100000.0, 5000.0)
    """
    if register_max in (2.0**16 - 1, 2.0**32 - 1):
        return register_max + 1
    digits = f"{register_max:.10g}".replace(".", "")
    return float(10.0 ** len(str(int(register_max)))) if len(digits) > 1 and set(digits) == {"9"} else register_max
