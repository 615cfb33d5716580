"""One object's header as one :class:`~ecorad.model.Instance`."""

from __future__ import annotations

import re
from typing import Any

from ecorad.intake.identity import Pseudonymiser
from ecorad.model import Decoded, DecodeError, Instance, Issue, Site

from .activity import read_activity
from .clock import Clock, Clocks, Moment, read_clocks
from .content import content_digest
from .contrast import read_contrast, read_contrast_start
from .device import device_key
from .duration import read_duration
from .exam import is_acquisition, not_exam_reason
from .facts import Facts
from .header import Header
from .memory import Alike, Issues, Made, Memory, memory_of, moving_key, still_key
from .region import body_region
from .technique import read_exposure, read_size, read_technique

# With these, more than the clocks depends on when the object was made.
_DATED = ("RadiopharmaceuticalInformationSequence", "PerFrameFunctionalGroupsSequence")
_SIZE_UNKNOWN = Issue("ecorad.dicom.size_unknown", where="data_bytes")
_UID = re.compile(r"[0-9.]{1,64}")
# Classes of objects that have pixels; Rows and Columns are type 1 there (PS3.3 C.7.6.3).
_IMAGE_CLASSES = re.compile(r"1\.2\.840\.10008\.5\.1\.4\.1\.1\.(?:[1-7]|12|13|20|77\.1|128|130)(?:\..*)?|.*\.481\.1")


def to_instance(
    header: Header, *, source_digest: str, size: int | None, site: Site, pseudonymiser: Pseudonymiser
) -> Decoded[Instance]:
    """The record of one object, and what in it could not be used.

    Raises
    ------
    DecodeError
        ``ecorad.dicom.uid`` when a UID that identifies the object is missing or malformed.
    """
    facts = Facts(header.elements, {})
    sop = _uid(facts, "SOPInstanceUID")
    memory = memory_of(site, pseudonymiser)
    alike, moving = memory.alike(still_key(header)), moving_key(header)
    made = alike.get(moving)
    if made is None:
        made = _made(header, alike, memory)
        alike.keep(moving, made)
    fields, issues = made
    instance = Instance(
        record_key=pseudonymiser.key("instance", sop),
        source_digest=source_digest,
        data_bytes=size,
        reader=header.reader,
        # What an archive tells of an object is less than the object: it is never taken for the whole.
        content_digest=None if header.reader == "json" else content_digest(header, alike),
        **fields,
    )
    if size is None:
        issues = {**issues, ("ecorad.dicom.size_unknown", "data_bytes"): _SIZE_UNKNOWN}
    return Decoded((instance,), tuple(issues.values()))


def _made(header: Header, alike: Alike, memory: Memory) -> Made:
    """All fields that the header gives but the object's own key; those that do not move are made once a series."""
    issues: Issues = {}
    facts = Facts(header.elements, issues)
    clock = Clock(facts, memory.site.zone)
    clocks = read_clocks(facts, clock)
    made = alike.made
    if made is None:
        other_issues: Issues = {}
        other = Facts(header.elements, other_issues)
        made = _still(other, header.media_storage_class, memory, clock, clocks), other_issues
        if _is_timeless(facts, memory.site):
            alike.made = made
    fields = {
        "event_time_utc": None if clocks.start is None else clocks.start.utc,
        "event_zone": None if clocks.start is None else clocks.start.zone,
        **_times(clocks),
        **read_exposure(facts),
        "contrast_start_utc": read_contrast_start(facts, clock, clocks, made[0].get("contrast_volume_ml")),
        **made[0],
    }
    return fields, {**made[1], **issues}


def _is_timeless(facts: Facts, site: Site) -> bool:
    """Whether nothing but the clocks themselves depends on when the object was made."""
    dated = any(entry.since is not None or entry.until is not None for entry in site.devices)
    return not dated and not any(map(facts.has, _DATED))


def _still(facts: Facts, media_storage_class: str, memory: Memory, clock: Clock, clocks: Clocks) -> dict[str, Any]:
    site, pseudonymiser = memory.site, memory.pseudonymiser
    study, series = (_uid(facts, name) for name in ("StudyInstanceUID", "SeriesInstanceUID"))
    sop_class = facts.first("SOPClassUID") or media_storage_class
    if not _UID.fullmatch(sop_class):
        raise DecodeError("SOPClassUID is missing or malformed", code="ecorad.dicom.uid")
    modality = facts.first("Modality")
    acquired = is_acquisition(facts, sop_class)
    duration = read_duration(facts, clock, modality, is_acquisition=acquired)
    if _IMAGE_CLASSES.fullmatch(sop_class) and not all(map(facts.has, ("Rows", "Columns", "BitsAllocated"))):
        facts.note("ecorad.dicom.incomplete", "Rows", "an image without its size: its header may be cut")
    return {
        "study_key": pseudonymiser.key("study", study),
        "series_key": pseudonymiser.key("series", series),
        "sop_class_uid": sop_class,
        "modality": modality,
        "duration_s": None if duration is None else duration[0],
        "duration_source": None if duration is None else duration[1],
        "not_exam_reason": not_exam_reason(facts, sop_class, site),
        "is_acquisition": acquired,
        "body_region": body_region(facts),
        **_identity(facts, site, pseudonymiser, clocks),
        "patient_weight_kg": _weight_kg(facts),
        **read_size(facts),
        **read_technique(facts),
        **read_contrast(facts),
        **read_activity(facts, sop_class, clock, clocks),
    }


def _weight_kg(facts: Facts) -> float | None:
    """Body weight to the kilogram, which is all that a volume by weight needs; grams and the like are implausible."""
    found = facts.number("PatientWeight", 0.3, 400.0, zero=False)
    return None if found is None else max(1.0, float(round(found)))


def _uid(facts: Facts, keyword: str) -> str:
    found = facts.text(keyword)
    if found is None or not _UID.fullmatch(found):
        raise DecodeError(f"{keyword} is missing or malformed", code="ecorad.dicom.uid")
    return found


def _identity(facts: Facts, site: Site, pseudonymiser: Pseudonymiser, clocks: Clocks) -> dict[str, Any]:
    """Who and where, by pseudonym; and what the device says of itself."""
    patient, accession = facts.text("PatientID"), facts.text("AccessionNumber")
    event = facts.first("IrradiationEventUID")
    manufacturer, model = facts.text("Manufacturer"), facts.text("ManufacturerModelName")
    serial, station = facts.text("DeviceSerialNumber"), facts.text("StationName")
    device = device_key(
        manufacturer,
        model,
        serial,
        station,
        site,
        pseudonymiser,
        ae_title=facts.first("StationAETitle"),
        at=None if clocks.start is None else clocks.start.utc,
    )
    if serial is None and device is not None:
        facts.note("ecorad.device.no_serial", "DeviceSerialNumber")
    return {
        "patient_key": None if patient is None else pseudonymiser.key("patient", _patient_issuer(facts), patient),
        "accession_key": None if accession is None else pseudonymiser.key("accession", _issuer(facts), accession),
        "irradiation_event_key": None if event is None else pseudonymiser.key("irradiation_event", event),
        "device_key": device,
        "manufacturer": manufacturer,
        "manufacturer_model_name": model,
        "station_name": station,
        "software_versions": facts.text("SoftwareVersions"),
        "protocol_name": facts.text("ProtocolName"),
        "image_type": facts.text("ImageType"),
    }


def _patient_issuer(facts: Facts) -> str | None:
    qualifiers = facts.item("IssuerOfPatientIDQualifiersSequence")
    universal = None if qualifiers is None else qualifiers.text("UniversalEntityID")
    return facts.text("IssuerOfPatientID") or universal


def _issuer(facts: Facts) -> str | None:
    issuer = facts.item("IssuerOfAccessionNumberSequence")
    return None if issuer is None else issuer.text("LocalNamespaceEntityID") or issuer.text("UniversalEntityID")


def _times(clocks: Clocks) -> dict[str, Any]:
    def utc(moment: Moment | None) -> Any:
        return None if moment is None else moment.utc

    return {
        "start_utc": utc(clocks.start),
        "start_source": clocks.source,
        "start_written": None if clocks.start is None else clocks.start.written,
        "acquisition_start_utc": utc(clocks.acquisition),
        "series_start_utc": utc(clocks.series),
        "content_utc": utc(clocks.content),
        "study_start_utc": utc(clocks.study),
        "created_utc": utc(clocks.created),
    }
