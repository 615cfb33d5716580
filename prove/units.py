"""Slips of unit, a thousand times over: which of them are noticed, and how often an honest input is suspected."""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from .figure import Figure
from .side_by_side import shared

FULL = 6_000
_START = datetime(2026, 3, 2, tzinfo=UTC)
_PLAUSIBLE_KW = (0.0, 60.0)
_LEAST_CAUGHT, _MOST_FALSE = 0.99, 0.001
_CT, _REPORT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.88.67"
Slip = Callable[[random.Random, bool], bool]


def measure(scale: float, seed: int) -> list[Figure]:
    """Every kind of slip, and the same input without it."""
    found: Counter[str] = Counter()
    for part in shared(slips, max(320, int(FULL * scale)), seed):
        found.update(part)
    caught = {name: found[f"{name} caught"] / max(1, found[f"{name} slipped"]) for name in _SLIPS}
    honest = sum(found[f"{name} honest"] for name in _SLIPS)
    false = sum(found[f"{name} suspected"] for name in _SLIPS) / max(1, honest)
    told = ", ".join(f"{name} {share:.1%}" for name, share in caught.items())
    return [
        Figure(
            "S13",
            "slips of unit that are flagged or leave the value unknown; honest inputs that are suspected",
            f"{told}; {false:.2%} of {honest:,} honest ones suspected",
            "99 % of each, at most 0.1 % suspected",
            min(caught.values()) >= _LEAST_CAUGHT and false <= _MOST_FALSE,
            str(seed),
        )
    ]


def slips(count: int, seed: int) -> Counter[str]:
    """What was noticed in ``count`` inputs, half of them with a slip."""
    chance, found = random.Random(seed), Counter[str]()
    for number in range(count):
        name = list(_SLIPS)[number % len(_SLIPS)]
        slipped = bool(number // len(_SLIPS) % 2)
        is_noticed = _SLIPS[name](chance, slipped)
        found[f"{name} {'slipped' if slipped else 'honest'}"] += 1
        if is_noticed:
            found[f"{name} {'caught' if slipped else 'suspected'}"] += 1
    return found


def _powers_kw(chance: random.Random) -> list[float]:
    """Two days of quarters of a scanner: asleep, idle, at work. [kW]"""
    idle = chance.uniform(1.0, 12.0)
    peak = chance.uniform(idle * 1.5, 55.0)
    return [
        round(chance.uniform(idle, peak) if 32 <= n % 96 < 72 else idle * chance.uniform(0.6, 1.0), 4)
        for n in range(192)
    ]


def _meter(values: list[float], unit: str, kind: str) -> bool:
    """Whether a meter's file is suspected."""
    from ecorad.intake.identity import Pseudonymiser
    from ecorad.intake.meters import decode
    from ecorad.model import MeterEntry, Site

    entry = MeterEntry(id="m", unit=unit, kind=kind, interval_s=900.0, plausible_kw=_PLAUSIBLE_KW)
    lines = [f"{_START + timedelta(minutes=15 * n):%Y-%m-%dT%H:%M:%SZ},{value}" for n, value in enumerate(values)]
    site = Site(name="Proof", timezone="UTC", meters=(entry,))
    file = io.BytesIO(("time,value\n" + "\n".join(lines)).encode())
    found = decode(file, name="m.csv", feed="m", site=site, pseudonymiser=Pseudonymiser(bytes(32)))
    return any(one.code in {"ecorad.meter.unit_suspect", "ecorad.meter.implausible"} for one in found.issues)


def _power(unit: str, factor: float) -> Slip:
    """A meter declared in ``unit`` that sends numbers ``factor`` times too large."""

    def slip(chance: random.Random, slipped: bool) -> bool:
        scale = (1000.0 if unit == "W" else 1.0) * (factor if slipped else 1.0)
        return _meter([round(kw * scale, 6) for kw in _powers_kw(chance)], unit, "power")

    return slip


def _energy(unit: str, factor: float, kind: str = "interval") -> Slip:
    def slip(chance: random.Random, slipped: bool) -> bool:
        scale = (1000.0 if unit == "Wh" else 1.0) * (factor if slipped else 1.0) / 4
        values = [kw * scale for kw in _powers_kw(chance)]
        if kind == "register":
            total, counted = chance.uniform(1e4, 5e4) * scale, []
            for value in values:
                total += value
                counted.append(total)
            values = counted
        return _meter([round(value, 6) for value in values], unit, kind)

    return slip


def _header(tag: str, honest: Callable[[random.Random], float], factor: float) -> Slip:
    """A number in the header of an image, written in another unit than the standard says."""

    def slip(chance: random.Random, slipped: bool) -> bool:
        made = _object(_CT)
        made.ContrastBolusAgent, made.ContrastBolusIngredient = "Iomeron", "IODINE"
        setattr(made, tag, f"{honest(chance) * (factor if slipped else 1.0):.6g}")
        return _noticed(made)

    return slip


def _dose(concept: str, event: str, value: float, units: tuple[str, str]) -> Slip:
    """A dose whose unit is that of another quantity."""

    def slip(chance: random.Random, slipped: bool) -> bool:
        number = _item("NUM", concept)
        measured = Dataset()
        measured.NumericValue = f"{value * chance.uniform(0.2, 3):.6g}"
        measured.MeasurementUnitsCodeSequence = [_code(units[slipped], "UCUM")]
        number.MeasuredValueSequence = [measured]
        uid = _item("UIDREF", "113769")
        uid.UID = f"1.2.{chance.randrange(10**9)}"
        one = _item("CONTAINER", event)
        one.ContentSequence = [uid, number]
        if event == "113819":
            inner = _item("CONTAINER", "113829")
            inner.ContentSequence = [number]
            one.ContentSequence = [uid, inner]
        made = _object(_REPORT)
        made.Modality, made.ValueType, made.CompletionFlag = "SR", "CONTAINER", "COMPLETE"
        made.ConceptNameCodeSequence = [_code("113701", "DCM")]
        made.ContentSequence = [one]
        return _noticed(made)

    return slip


def _code(value: str, scheme: str) -> Dataset:
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = value, scheme, "not read"
    return made


def _item(kind: str, concept: str) -> Dataset:
    made = Dataset()
    made.RelationshipType, made.ValueType = "CONTAINS", kind
    made.ConceptNameCodeSequence = [_code(concept, "DCM")]
    return made


def _object(sop_class: str) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, "1.2.3.4"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    made.SOPClassUID, made.SOPInstanceUID = sop_class, "1.2.3.4"
    made.StudyInstanceUID, made.SeriesInstanceUID = "1.2.3", "1.2.3.1"
    made.Modality, made.Manufacturer, made.DeviceSerialNumber = "CT", "Maker", "77"
    made.StudyDate = made.AcquisitionDate = made.ContentDate = "20260302"
    made.StudyTime = made.AcquisitionTime = made.ContentTime = "101500"
    if sop_class == _CT:
        made.Rows = made.Columns = 8
        made.BitsAllocated = 16
    return made


def _noticed(made: FileDataset) -> bool:
    from ecorad.intake.decoding import Decoder
    from ecorad.intake.identity import Pseudonymiser
    from ecorad.intake.sources import Input
    from ecorad.model import Site

    file = io.BytesIO()
    pydicom.dcmwrite(file, made)
    content = file.getvalue()
    decoder = Decoder(Site(name="Proof", timezone="UTC"), Pseudonymiser(bytes(32)))
    found = decoder.decode(Input("x.dcm", "x.dcm", len(content), content=content))
    words = {"ecorad.dicom.implausible", "ecorad.dose_sr.unit", "ecorad.dose_sr.implausible"}
    return found.fate is not None or bool(words & {one.code for one in found.issues})


_SLIPS: dict[str, Slip] = {
    "W for kW": _power("kW", 1e3),
    "kW for W": _power("W", 1e-3),
    "Wh for kWh": _energy("kWh", 1e3),
    "kWh for Wh": _energy("Wh", 1e-3),
    "Wh for kWh of a register": _energy("kWh", 1e3, "register"),
    "L for mL": _header("ContrastBolusVolume", lambda chance: chance.uniform(30, 150), 1e-3),
    "uL for mL": _header("ContrastBolusVolume", lambda chance: chance.uniform(30, 150), 1e3),
    "g/mL for mg/mL": _header(
        "ContrastBolusIngredientConcentration", lambda chance: chance.choice((240, 300, 350, 400)), 1e-3
    ),
    "Gy.cm2 for mGy.cm": _dose("113838", "113819", 400.0, ("mGy.cm", "Gy.cm2")),
    "mGy.cm for Gy.m2": _dose("122130", "113706", 1e-4, ("Gy.m2", "mGy.cm")),
}
