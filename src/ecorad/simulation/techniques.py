"""What one acquisition looks like in a header, by modality: object class, image, technique, duration."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .dicom import Value, sequence
from .exams import Acquisition, Exam
from .scanners import Scanner

Mutable = dict[int, tuple[str, Value]]

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
ENHANCED_MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4.1"
DX_IMAGE = "1.2.840.10008.5.1.4.1.1.1.1"
US_IMAGE = "1.2.840.10008.5.1.4.1.1.6.1"
US_MULTI_FRAME = "1.2.840.10008.5.1.4.1.1.3.1"
XA_IMAGE = "1.2.840.10008.5.1.4.1.1.12.1"
GENERATOR_EFFICIENCY = 0.85
FRAMES_PER_S = {"clip": 30, "run": 3}
# Scanning sequence, repetition time [ms], echo time [ms] by the first part of the protocol name.
_SEQUENCES: Mapping[str, tuple[str, float, float]] = {
    "localizer": ("GR", 8.6, 4.0),
    "t1": ("SE", 550.0, 11.0),
    "t2": ("SE", 4200.0, 96.0),
    "pd": ("SE", 3000.0, 34.0),
    "dwi": ("EP", 5600.0, 78.0),
    "swi": ("GR", 28.0, 20.0),
    "qa": ("SE", 500.0, 15.0),
}


def technique(scanner: Scanner, exam: Exam, acquisition: Acquisition, *, enhanced: bool) -> Mutable:
    """Elements that say which object it is, how large, and how it was acquired."""
    return _TECHNIQUE[scanner.modality](scanner, exam, acquisition, enhanced)


def frames(acquisition: Acquisition) -> int:
    """Frames of a clip or run, 1 for a still image."""
    rate = FRAMES_PER_S.get(acquisition.kind)
    return 1 if rate is None else (acquisition.end_s - acquisition.start_s) * rate


def _image(rows: int, columns: int, *, bits: int = 12, samples: int = 1) -> Mutable:
    allocated = 16 if bits > 8 else 8
    elements: Mutable = {
        0x00280002: ("US", samples),
        0x00280004: ("CS", "RGB" if samples == 3 else "MONOCHROME2"),
        0x00280010: ("US", rows),
        0x00280011: ("US", columns),
        0x00280100: ("US", allocated),
        0x00280101: ("US", bits),
        0x00280102: ("US", bits - 1),
        0x00280103: ("US", 0),
    }
    if samples == 3:
        elements[0x00280006] = ("US", 0)
    return elements


def _plane(size_mm: float, rows: int) -> Mutable:
    return {
        0x00180050: ("DS", 3.0),
        0x00200032: ("DS", "-180\\-180\\0"),
        0x00200037: ("DS", "1\\0\\0\\0\\1\\0"),
        0x00280030: ("DS", f"{size_mm / rows:.6g}\\{size_mm / rows:.6g}"),
    }


def _magnetic(scanner: Scanner, exam: Exam, acquisition: Acquisition, enhanced: bool) -> Mutable:
    stem = acquisition.protocol.split("_")[0]
    sequence_name, repetition_ms, echo_ms = _SEQUENCES[stem]
    length_s = acquisition.end_s - acquisition.start_s
    elements: Mutable = {
        0x00080016: ("UI", ENHANCED_MR_IMAGE if enhanced else MR_IMAGE),
        0x00080008: ("CS", "ORIGINAL\\PRIMARY\\M\\NONE"),
        0x00180023: ("CS", "2D"),
        0x00180087: ("DS", scanner.model.field_strength_t or 1.5),
        **_image(320, 320),
    }
    if enhanced:
        return elements | _enhanced(length_s, repetition_ms)
    elements |= {
        0x00180020: ("CS", sequence_name),
        0x00180021: ("CS", "SK\\SP"),
        0x00180022: ("CS", ""),
        0x00180024: ("SH", f"*{stem}"),
        0x00180080: ("DS", repetition_ms),
        0x00180081: ("DS", echo_ms),
        0x00180083: ("DS", 1.0),
        0x00180091: ("IS", 1),
        **_plane(240.0, 320),
    }
    return elements | _duration(scanner.model.duration_habit, length_s)


def _duration(habit: str, length_s: int) -> Mutable:
    """Where a maker hides the duration of an MR series; the private block is not always the first one."""
    if habit == "ta":
        return {
            0x00510010: ("LO", "SIEMENS MR HEADER"),
            0x0051100A: ("SH", f"TA {length_s // 60:02d}:{length_s % 60:02d}"),
        }
    if habit == "gems":
        return {0x00190012: ("LO", "GEMS_ACQU_01"), 0x0019125A: ("FL", length_s * 1e6)}
    if habit == "standard":
        return {0x00189073: ("FD", float(length_s))}
    return {}


def _enhanced(length_s: int, repetition_ms: float) -> Mutable:
    count = 24
    shared = {
        0x00189112: ("SQ", sequence([{0x00180080: ("DS", repetition_ms)}])),
        0x00289110: ("SQ", sequence([{0x00180050: ("DS", 3.0), 0x00280030: ("DS", "0.75\\0.75")}])),
    }
    per_frame = [
        {0x00209111: ("SQ", sequence([{0x00189220: ("FD", length_s * 1000.0), 0x00209156: ("US", n + 1)}]))}
        for n in range(count)
    ]
    return {
        0x00189073: ("FD", float(length_s)),
        0x00189004: ("CS", "PRODUCT"),
        0x00280008: ("IS", count),
        0x52009229: ("SQ", sequence([shared])),
        0x52009230: ("SQ", sequence(per_frame)),
    }


def _tube(scanner: Scanner, acquisition: Acquisition, kvp: int) -> float:
    """Tube current that would draw this acquisition's power. [mA]"""
    level = scanner.level_kw
    return max(5.0, acquisition.kw_share * (level["scan"] - level["ready"]) * GENERATOR_EFFICIENCY * 1000.0 / kvp)


def _tomographic(scanner: Scanner, exam: Exam, acquisition: Acquisition, enhanced: bool) -> Mutable:
    kvp = 100 if exam.contrast else 120
    current_ma = _tube(scanner, acquisition, kvp)
    length_ms = (acquisition.end_s - acquisition.start_s) * 1000
    # One maker writes the time of one rotation, another that of the whole acquisition.
    exposure_ms = 500 if scanner.model.contrast_habit == "default" else length_ms
    is_localizer = acquisition.kind == "localizer"
    elements: Mutable = {
        0x00080016: ("UI", CT_IMAGE),
        0x00080008: ("CS", "ORIGINAL\\PRIMARY\\LOCALIZER" if is_localizer else "ORIGINAL\\PRIMARY\\AXIAL"),
        0x00180060: ("DS", float(kvp)),
        0x00180090: ("DS", 500.0),
        0x00181100: ("DS", 380.0),
        0x00181150: ("IS", exposure_ms),
        0x00181151: ("IS", round(current_ma)),
        0x00181152: ("IS", round(current_ma * 0.5)),
        0x00181210: ("SH", "BONE" if "bone" in acquisition.protocol else "STANDARD"),
        0x00281052: ("DS", -1024.0),
        0x00281053: ("DS", 1.0),
        **_image(512, 512),
        **_plane(380.0, 512),
    }
    if not is_localizer:
        elements[0x00189345] = ("FD", round(0.035 * current_ma, 3))
    return elements


def _projection(scanner: Scanner, exam: Exam, acquisition: Acquisition, enhanced: bool) -> Mutable:
    chest = exam.kind.body_region == "chest"
    kvp, exposure_ms, current_ma = (117, 8, 320) if chest else (62, 40, 200)
    mas = exposure_ms * current_ma / 1000.0
    return {
        0x00080016: ("UI", DX_IMAGE),
        0x00080008: ("CS", "ORIGINAL\\PRIMARY"),
        0x00080068: ("CS", "FOR PRESENTATION"),
        0x00180060: ("DS", float(kvp)),
        0x00181150: ("IS", exposure_ms),
        0x00181151: ("IS", current_ma),
        0x00181152: ("IS", round(mas)),
        0x00181153: ("IS", round(mas * 1000)),
        0x0018115E: ("DS", round(0.03 * mas * kvp, 3)),
        0x00181164: ("DS", "0.148\\0.148"),
        0x00181508: ("CS", "NONE"),
        0x00185101: ("CS", "PA" if chest else "AP"),
        0x00200020: ("CS", "L\\F"),
        0x00281040: ("CS", "LOG"),
        0x00281041: ("SS", -1),
        0x00282110: ("CS", "00"),
        **_image(2800, 2300, bits=14),
    }


def _ultrasound(scanner: Scanner, exam: Exam, acquisition: Acquisition, enhanced: bool) -> Mutable:
    is_clip = acquisition.kind == "clip"
    elements: Mutable = {
        0x00080016: ("UI", US_MULTI_FRAME if is_clip else US_IMAGE),
        0x00080008: ("CS", "ORIGINAL\\PRIMARY"),
        0x00282110: ("CS", "00"),
        **_image(768, 1024, bits=8, samples=3),
    }
    return elements | (_frames(acquisition) if is_clip else {})


def _angiography(scanner: Scanner, exam: Exam, acquisition: Acquisition, enhanced: bool) -> Mutable:
    kvp = 78
    return {
        0x00080016: ("UI", XA_IMAGE),
        0x00080008: ("CS", "ORIGINAL\\PRIMARY\\SINGLE PLANE"),
        0x00180060: ("DS", float(kvp)),
        0x00181150: ("IS", frames(acquisition) * 60),
        0x00181151: ("IS", round(min(800.0, _tube(scanner, acquisition, kvp) * 3))),
        0x00181155: ("CS", "GR"),
        0x00181500: ("CS", "STATIC"),
        0x00281040: ("CS", "LOG"),
        **_image(1024, 1024),
        **_frames(acquisition),
    }


def _frames(acquisition: Acquisition) -> Mutable:
    rate = FRAMES_PER_S.get(acquisition.kind, 3)
    return {
        0x00180040: ("IS", rate),
        0x00181063: ("DS", round(1000.0 / rate, 3)),
        0x00280008: ("IS", frames(acquisition)),
        0x00280009: ("AT", (0x0018, 0x1063)),
    }


_TECHNIQUE: Mapping[str, Callable[[Scanner, Exam, Acquisition, bool], Mutable]] = {
    "MR": _magnetic,
    "CT": _tomographic,
    "DX": _projection,
    "US": _ultrasound,
    "XA": _angiography,
}
