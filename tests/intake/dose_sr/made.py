"""Structured reports made item by item, as pydicom writes them."""

from __future__ import annotations

import io
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

XRAY, ENHANCED, RADIO, PATIENT = (f"1.2.840.10008.5.1.4.1.1.88.{number}" for number in (67, 76, 68, 73))
KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"
CONTAINER, NUM, CODE, UIDREF, TEXT, DATETIME, IMAGE = "CONTAINER NUM CODE UIDREF TEXT DATETIME IMAGE".split()


def code(text: str) -> Dataset:
    """A code item from ``SCHEME:value``."""
    scheme, value = text.split(":")
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, "meaning is not read"
    return item


def item(kind: str, concept: str, value: Any = None, children: list[Dataset] | None = None, unit: str = "") -> Dataset:
    """A content item; a number is (text), with its unit as ``SCHEME:unit``."""
    made = Dataset()
    made.RelationshipType, made.ValueType = "CONTAINS", kind
    made.ConceptNameCodeSequence = [code(concept)]
    if kind == NUM:
        made.MeasuredValueSequence = [] if value is None else [_measured(str(value), unit)]
    elif kind == CODE:
        made.ConceptCodeSequence = [code(value)]
    elif kind == UIDREF:
        made.UID = value
    elif kind == TEXT:
        made.TextValue = value
    elif kind == DATETIME:
        made.DateTime = value
    elif kind == IMAGE:
        reference = Dataset()
        reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", value
        made.ReferencedSOPSequence = [reference]
    if children:
        made.ContentSequence = children
    return made


def _measured(value: str, unit: str) -> Dataset:
    measured = Dataset()
    measured.NumericValue = value
    measured.MeasurementUnitsCodeSequence = [code(unit)]
    return measured


def nested(levels: int) -> bytes:
    """A report whose content is nested so deep, in undefined lengths, written by hand."""
    marker = b"1.2.999.999"
    whole = report([item(UIDREF, "DCM:113769", marker.decode())])
    start = whole.index(b"\x40\x00\x30\xa7SQ")
    opening = b"\x40\x00\x30\xa7SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    closing = b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    return whole[:start] + opening * levels + closing * levels


def report(
    children: list[Dataset],
    *,
    root: str = "DCM:113701",
    sop_class: str = XRAY,
    syntax: str = ExplicitVRLittleEndian,
    **header: Any,
) -> bytes:
    """A whole object around a content tree."""
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = sop_class, header.pop("sop", "1.2.3.9")
    made.StudyInstanceUID, made.SeriesInstanceUID = header.pop("study", "1.2.3"), "1.2.3.4"
    made.Modality, made.Manufacturer, made.ManufacturerModelName = "SR", "MAKER", "MODEL"
    made.DeviceSerialNumber, made.PatientID = "77", "P1"
    made.ContentDate, made.ContentTime = "20260301", header.pop("time", "120000")
    made.StudyDate, made.StudyTime = "20260301", "110000"
    made.CompletionFlag = "COMPLETE"
    for keyword, value in header.items():
        setattr(made, keyword, value)
    made.ValueType = CONTAINER
    made.ConceptNameCodeSequence = [code(root)]
    if children:
        made.ContentSequence = children
    return _saved(made, syntax)


def _saved(made: Dataset, syntax: str) -> bytes:
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    target = io.BytesIO()
    made.save_as(target, enforce_file_format=True)
    return target.getvalue()


def ct_event(uid: str | None = "1.9.1", dlp: Any = "100", unit: str = "UCUM:mGy.cm", *more: Dataset) -> Dataset:
    """A CT irradiation event with a dose length product."""
    children = [item(CONTAINER, "DCM:113829", children=[item(NUM, "DCM:113838", dlp, unit=unit)]), *more]
    if uid is not None:
        children.append(item(UIDREF, "DCM:113769", uid))
    return item(CONTAINER, "DCM:113819", children=children)


def ct_totals(events: Any, dlp: Any) -> Dataset:
    """What a CT report declares."""
    children = [item(NUM, "DCM:113812", events, unit="UCUM:{events}")]
    if dlp is not None:
        children.append(item(NUM, "DCM:113813", dlp, unit="UCUM:mGy.cm"))
    return item(CONTAINER, "DCM:113811", children=children)


def xray_event(uid: str, dap: Any = "1e-5", unit: str = "UCUM:Gy.m2", *more: Dataset) -> Dataset:
    """A projection event with a dose area product."""
    children = [item(UIDREF, "DCM:113769", uid), item(NUM, "DCM:122130", dap, unit=unit), *more]
    return item(CONTAINER, "DCM:113706", children=children)
