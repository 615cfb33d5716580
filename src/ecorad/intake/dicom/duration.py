"""How long the acquisition took to which an object belongs, where the object says so, and which element said it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from .clock import Clock
from .facts import IMPLAUSIBLE, Facts

MAX_DURATION_S = 86_400.0
_UNITED_IMAGING = ("UIH", "UNITED IMAGING", "UNITED-IMAGING")
# "TA 01:23", "TA: 04:59", "TA 01:23*4" (four measurements), "TA 1:02:03", and "TA 25.50" in seconds.
_SIEMENS = re.compile(r"TA\s*:?\s*(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)(?:\s*\*\s*(\d+))?")
Found = tuple[float, str] | None


def read_duration(facts: Facts, clock: Clock, modality: str | None, *, is_acquisition: bool) -> Found:
    """Duration and what gave it, or ``None``.

    Returns
    -------
    (float, str) or None
        Length [s], and the element or rule: a result that starts with ``derived`` is arithmetic on the technique,
        not a statement of the device.

    Notes
    -----
    In this order: AcquisitionDuration (0018,9073), in s, and on MR of United Imaging in ms; the span of the frames
    of an enhanced object; the private elements of GE, Philips and Siemens; then what the modality has: ExposureTime
    for CT (one rotation at some vendors, the whole scan at others, hence named), frame duration times frames for NM
    and PET, frame time times frames for cine; at last TR x PE x NSA / (ETL x R) for MR. What is computed from other
    images (``is_acquisition`` false) may still carry their technique, but took none of that time: only the first
    two count there.
    """
    rules: tuple[Callable[[Facts], Found], ...] = (_acquisition_duration, lambda f: _frames_span(f, clock))
    by_modality = _BY_MODALITY.get(modality or "", ()) if is_acquisition else ()
    for rule in (*rules, *by_modality):
        found = rule(facts)
        if found is not None and 0 < found[0] <= MAX_DURATION_S:
            return found
    return None


def siemens_seconds(written: str) -> float | None:
    """Seconds from the text of (0051,xx0A).

    >>> [siemens_seconds(t) for t in ("TA 01:23", "TA: 04:59", "TA 01:23*4", "TA 25.50", "none")]
    [83.0, 299.0, 332.0, 25.5, None]
    """
    match = _SIEMENS.fullmatch(written.strip())
    if match is None:
        return None
    hours, minutes, seconds, times = match.groups()
    one = int(hours or 0) * 3600.0 + int(minutes or 0) * 60.0 + float(seconds)
    return one * int(times or 1)


def _acquisition_duration(facts: Facts) -> Found:
    if facts.first("Modality") == "MR" and (facts.first("Manufacturer") or "").upper().startswith(_UNITED_IMAGING):
        return _united_imaging(facts)
    found = facts.number("AcquisitionDuration", 0, MAX_DURATION_S, zero=False)
    return None if found is None else (found, "AcquisitionDuration")


def _united_imaging(facts: Facts) -> Found:
    """In ms, and of echo-planar series the read-out of one image (the maker in dcm2niix discussion 225)."""
    found_ms = facts.number("AcquisitionDuration", 0, MAX_DURATION_S * 1e3, zero=False)
    if found_ms is None or _is_below_repetition(facts, found_ms / 1e3, "AcquisitionDuration"):
        return None
    return found_ms / 1e3, "AcquisitionDuration in ms"


def _is_below_repetition(facts: Facts, seconds: float, element: str) -> bool:
    """Nothing is acquired in less than one repetition; mosaics and images of echo-planar series carry such values."""
    repetition_ms = facts.number("RepetitionTime", 0, 1e6, zero=False)
    if repetition_ms is None or seconds >= repetition_ms / 1e3:
        return False
    facts.note(IMPLAUSIBLE, element, "shorter than one repetition")
    return True


def _frames_span(facts: Facts, clock: Clock) -> Found:
    """From the first start of a frame to the last end; FrameAcquisitionDuration is in ms (PS3.3 C.7.6.16.2.2)."""
    starts, ends = [], []
    for frame in facts.items("PerFrameFunctionalGroupsSequence"):
        for content in frame.items("FrameContentSequence"):
            start = clock.date_time(content, "FrameAcquisitionDateTime")
            length_ms = content.number("FrameAcquisitionDuration", 0, MAX_DURATION_S * 1e3, zero=False)
            if start is None or length_ms is None:
                return None  # a frame without times: the span would be a guess
            starts.append(start.utc)
            ends.append(start.utc + timedelta(milliseconds=length_ms))
    return ((max(ends) - min(starts)).total_seconds(), "FrameAcquisitionDuration") if starts else None


def _private(facts: Facts) -> Found:
    ge_us = facts.private_number("GE AcquisitionDuration", 0, MAX_DURATION_S * 1e6)
    if ge_us is not None:
        return ge_us / 1e6, "GEMS_ACQU_01 (0019,xx5A)"
    for name, element in (
        ("Philips AcquisitionDuration", "Philips MR Imaging DD 001 (2005,xx33)"),
        ("Philips ScanDuration", "Philips Imaging DD 001 (2005,xx33)"),
    ):
        philips_s = facts.private_number(name, 0, MAX_DURATION_S)
        if philips_s is not None:
            return philips_s, element
    return _siemens(facts)


def _siemens(facts: Facts) -> Found:
    written = facts.private_text("Siemens AcquisitionText")
    found = None if written is None else siemens_seconds(written)
    if found is None or _is_below_repetition(facts, found, "Siemens AcquisitionText"):
        return None
    return found, "SIEMENS MR HEADER (0051,xx0A)"


def _ct_exposure(facts: Facts) -> Found:
    found_ms = facts.number("ExposureTime", 0, MAX_DURATION_S * 1e3, zero=False)
    return None if found_ms is None else (found_ms / 1e3, "ExposureTime")


def _counted_frames(facts: Facts) -> Found:
    """Frames one after the other; detectors, energy windows, time slots and R-R intervals run at once."""
    rotation = facts.item("RotationInformationSequence")
    source = facts if facts.has("ActualFrameDuration") or rotation is None else rotation
    frame_ms = source.number("ActualFrameDuration", 0, MAX_DURATION_S * 1e3, zero=False)
    if frame_ms is None:
        return None
    frames = facts.integer("NumberOfFrames", 1_000_000) or 1
    for together in ("NumberOfDetectors", "NumberOfEnergyWindows", "NumberOfTimeSlots", "NumberOfRRIntervals"):
        frames = max(1, round(frames / (facts.integer(together, 1000) or 1)))
    return frame_ms * frames / 1e3, "ActualFrameDuration x frames"


def _cine(facts: Facts) -> Found:
    effective_s = facts.number("EffectiveDuration", 0, MAX_DURATION_S, zero=False)
    if effective_s is not None:
        return effective_s, "EffectiveDuration"
    frame_ms = facts.number("FrameTime", 0, MAX_DURATION_S * 1e3, zero=False)
    frames = facts.integer("NumberOfFrames", 1_000_000)
    if frame_ms is None or frames is None or frames < 2:
        return None
    return frame_ms * frames / 1e3, "FrameTime x frames"


def _mr_technique(facts: Facts) -> Found:
    """TR x PE x NSA / (ETL x R), for 2D without echo-planar readout, where it holds (standards of MR timing)."""
    is_planar = "EP" in facts.texts("ScanningSequence") or facts.first("EchoPlanarPulseSequence") == "YES"
    if is_planar or facts.first("MRAcquisitionType") != "2D" or "DERIVED" in facts.texts("ImageType"):
        return None
    repetition_ms = facts.number("RepetitionTime", 0, 1e6, zero=False)
    steps = facts.integer("NumberOfPhaseEncodingSteps", 65_536)
    if repetition_ms is None or steps is None:
        return None
    averages = facts.number("NumberOfAverages", 0, 1000, zero=False) or 1.0
    train = facts.integer("EchoTrainLength", 10_000) or 1
    reduction = facts.number("ParallelReductionFactorInPlane", 1, 100, zero=False) or 1.0
    return repetition_ms / 1e3 * steps * averages / (train * reduction), "derived: TR x PE x NSA / (ETL x R)"


_BY_MODALITY: dict[str, tuple[Callable[[Facts], Found], ...]] = {
    "MR": (_private, _mr_technique),
    "CT": (_ct_exposure,),
    "NM": (_counted_frames,),
    "PT": (_counted_frames,),
    "XA": (_cine,),
    "RF": (_cine,),
    "US": (_cine,),
}
