"""Technique and size of an object: what was set at the console, in the units of the data dictionary."""

from __future__ import annotations

from typing import Any

from .facts import IMPLAUSIBLE, Facts

_GAUSS_ABOVE = 25.0  # no scanner has 25 T; a larger number is in gauss (1 T = 10,000 G)
_MAX_BYTES = 1 << 50


def read_technique(facts: Facts) -> dict[str, Any]:
    """Fields of :class:`~ecorad.model.Instance` that say how the device was set; unknown is ``None``."""
    levels = _levels(facts)
    timing = _within(levels, "MRTimingAndRelatedParametersSequence")
    echo = _within(levels, "MREchoSequence")
    exposure = _within(levels, "CTExposureSequence")
    tube = _within(levels, "CTXRayDetailsSequence")
    repetition = _first(timing, "RepetitionTime", 1e6, zero=False)
    effective_echo = _first(echo, "EffectiveEchoTime", 1e5)
    return {
        "field_strength_t": field_strength_t(facts),
        "sequence_name": facts.text("SequenceName") or facts.text("PulseSequenceName"),
        "scanning_sequence": facts.text("ScanningSequence"),
        "repetition_time_ms": repetition,
        "echo_time_ms": effective_echo if effective_echo is not None else facts.number("EchoTime", 0, 1e5),
        "kvp": _first(tube, "KVP", 1e5, zero=False),
        "exposure_time_ms": _either(exposure, "ExposureTimeInms", facts, "ExposureTime", 1e8),
        "ctdi_vol_mgy": _first(exposure, "CTDIvol", 1e4),
    }


def read_exposure(facts: Facts) -> dict[str, Any]:
    """Fields of :class:`~ecorad.model.Instance` that automatic exposure control sets anew for each image."""
    exposure = _within(_levels(facts), "CTExposureSequence")
    return {
        "tube_current_ma": _either(exposure, "XRayTubeCurrentInmA", facts, "XRayTubeCurrent", 1e5),
        "exposure_mas": _exposure_mas(exposure, facts),
    }


def field_strength_t(facts: Facts) -> float | None:
    """Magnetic field strength [T]; some writers give gauss (15015 is 1.5015 T)."""
    found = facts.number("MagneticFieldStrength", 0, _GAUSS_ABOVE * 1e4, zero=False)
    return found / 1e4 if found is not None and found > _GAUSS_ABOVE else found


def read_size(facts: Facts) -> dict[str, Any]:
    """Fields of :class:`~ecorad.model.Instance` that say how large the pixel data is when not compressed.

    An image without NumberOfFrames has one frame: that is what single-frame objects are (PS3.3 C.7.6.6).
    """
    rows, columns = facts.integer("Rows", 65_535), facts.integer("Columns", 65_535)
    frames = facts.integer("NumberOfFrames", 10_000_000)
    if frames is None and rows is not None and not facts.has("NumberOfFrames"):
        frames = 1
    return {
        "rows": rows,
        "columns": columns,
        "frames": frames,
        "pixel_bytes": _pixel_bytes(facts, rows, columns, frames),
    }


def _pixel_bytes(facts: Facts, rows: int | None, columns: int | None, frames: int | None) -> int | None:
    bits = facts.integer("BitsAllocated", 64)
    if rows is None or columns is None or frames is None or bits is None:
        return None
    samples = facts.integer("SamplesPerPixel", 16) or 1
    size = (rows * columns * frames * samples * bits + 7) // 8
    if size > _MAX_BYTES:
        facts.note(IMPLAUSIBLE, "NumberOfFrames", "larger than a petabyte")
        return None
    return size


def _levels(facts: Facts) -> list[Facts]:
    """The root, and the functional groups of an enhanced object."""
    groups = (facts.item("SharedFunctionalGroupsSequence"), facts.item("PerFrameFunctionalGroupsSequence"))
    return [facts, *(level for level in groups if level is not None)]


def _within(levels: list[Facts], sequence: str) -> list[Facts]:
    """The root, and where an enhanced object has it, the first item of a macro of its functional groups."""
    found = [level.item(sequence) for level in levels[1:]]
    return [levels[0], *(item for item in found if item is not None)]


def _first(levels: list[Facts], keyword: str, high: float, *, zero: bool = True) -> float | None:
    for level in reversed(levels):
        found = level.number(keyword, 0, high, zero=zero)
        if found is not None:
            return found
    return None


def _either(levels: list[Facts], enhanced: str, facts: Facts, classic: str, high: float) -> float | None:
    found = _first(levels, enhanced, high)
    return found if found is not None else facts.number(classic, 0, high)


def _exposure_mas(levels: list[Facts], facts: Facts) -> float | None:
    found = _first(levels, "ExposureInmAs", 1e6)
    if found is None and facts.has("ExposureInuAs"):
        micro = facts.number("ExposureInuAs", 0, 1e12)  # finer than Exposure, which is whole mAs
        found = None if micro is None else micro / 1e3
    return found if found is not None else facts.number("Exposure", 0, 1e6)
