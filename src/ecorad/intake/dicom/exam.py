"""Exam or not: decided before anything is counted, for what is not an exam has still used the scanner."""

from __future__ import annotations

import re
from functools import lru_cache

from ecorad.model import Site

from .facts import Facts

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_SECONDARY_CAPTURE = "7"
# Leading components of the SOP class below Storage (PS3.4 table B.5-1): reason. The longest that fits decides.
_REASON_OF_CLASS = {
    "7": "derived",  # secondary capture
    "9": "ecg",  # waveforms
    "11": "presentation",
    "30": "derived",  # parametric maps
    "66": "derived",  # raw data, registrations, fiducials
    "66.4": "segmentation",
    "66.5": "segmentation",
    "66.7": "segmentation",
    "67": "document",  # real world value mapping
    "77.1.2": "pathology",
    "77.1.3": "pathology",
    "77.1.6": "pathology",
    "78": "document",  # lens and visual acuity measurements
    "88": "document",
    "88.59": "presentation",  # key object selection
    "90": "derived",
    "91": "document",
    "104": "document",
    "481": "plan",
}
# Dose reports: a document, and the proof that something was performed.
_DOSE_REPORTS = frozenset({"88.67", "88.68", "88.76"})
_ENHANCED_SR = frozenset({"88.11", "88.22", "88.33", "88.34", "88.35"})
_DOSE_ROOTS = frozenset({("DCM", "113701"), ("DCM", "113500")})
_REASON_OF_MODALITY = {
    "SM": "pathology",
    "ECG": "ecg",
    "HD": "ecg",
    "SEG": "segmentation",
    "RTSTRUCT": "plan",
    "RTPLAN": "plan",
    "RTDOSE": "plan",
    "RTRECORD": "plan",
    "RTIMAGE": "plan",
    "PR": "presentation",
    "KO": "presentation",
    "DOC": "document",
}
# Reconstructions are computed; a radiograph that was processed for display is still the radiograph.
_DERIVED_IS_COMPUTED = frozenset({"CT", "MR", "PT", "NM", "OT", "SC"})
_NOT_IMAGES = frozenset({"ecg", "plan", "segmentation", "presentation", "document"})

_PHANTOM_NAME = re.compile(
    r"\b(?:phantoms?|fantoom|fantome|fantôme|fantasma|qc|qa|quality (?:control|assurance)|daily (?:check|qa|qc)|"
    r"test ?phantom|wasserphantom|konstanzprüfung|konstanzpruefung|constancy|acr phantom|catphan|uniformity|"
    r"kwaliteitscontrole|quality ?check|质控|体模)\b|质控|体模"
)
# In a description "QA" may be anything; only what cannot be meant otherwise counts.
_PHANTOM_DESCRIPTION = re.compile(
    r"\b(?:phantoms?|fantoom|fantôme|wasserphantom|catphan|quality (?:control|assurance)|daily (?:check|qa|qc)|"
    r"konstanzprüfung|konstanzpruefung|kwaliteitscontrole)\b|质控|体模"
)
_ANIMAL = re.compile(
    r"\b(?:canine|feline|equine|bovine|porcine|murine|ovine|veterin\w*|vétérin\w*|tierarzt\w*|tierklinik\w*|"
    r"kleintier\w*|dierenarts\w*|dierenkliniek\w*|dierenziekenhuis)\b|兽医|宠物"
)
_HUMAN = re.compile(r"\b(?:homo sapiens|human|humans|mensch|mens|humain|humano)\b")
_HUMAN_CODES = frozenset({("SCT", "337915000"), ("SRT", "L-85B00")})


def is_dose_report(facts: Facts, sop_class: str) -> bool:
    """Whether a document is a dose report: by class, or by the code of its root (PS3.16 TID 10001, 10011)."""
    short = sop_class.removeprefix(_STORAGE)
    if short in _DOSE_REPORTS:
        return True
    root = facts.item("ConceptNameCodeSequence") if short in _ENHANCED_SR else None
    return root is not None and (root.first("CodingSchemeDesignator"), root.first("CodeValue")) in _DOSE_ROOTS


def not_exam_reason(facts: Facts, sop_class: str, site: Site) -> str | None:
    """Why the object does not count as (part of) an exam; ``None`` when it does.

    An animal or a phantom is one in every object made of it; then the kind of object decides.
    """
    if _is_animal(facts):
        return "animal"
    if _is_phantom(facts, site):
        return "phantom_qc"
    reason = _reason_of_kind(sop_class, facts.first("Modality") or "")
    if reason == "document" and is_dose_report(facts, sop_class):
        return None
    if reason is None and _is_derived(facts, sop_class):
        return "derived"
    return reason


def is_acquisition(facts: Facts, sop_class: str) -> bool:
    """Whether the object is direct evidence that the device acquired something.

    True for images that say ORIGINAL and PRIMARY, or nothing; a localizer is one. For projections and ultrasound
    DERIVED\\PRIMARY is one too: that is how most radiographs leave the detector's workstation.
    """
    reason = _reason_of_kind(sop_class, facts.first("Modality") or "")
    if reason in _NOT_IMAGES or reason == "derived" or _is_derived(facts, sop_class):
        return False
    return sop_class.startswith(_STORAGE) or facts.has("Rows")


@lru_cache(1024)
def _reason_of_kind(sop_class: str, modality: str) -> str | None:
    components = sop_class.removeprefix(_STORAGE).split(".") if sop_class.startswith(_STORAGE) else []
    for count in range(len(components), 0, -1):
        reason = _REASON_OF_CLASS.get(".".join(components[:count]))
        if reason is not None:
            return reason
    return _REASON_OF_MODALITY.get(modality)


def _is_derived(facts: Facts, sop_class: str) -> bool:
    values = [value.upper() for value in facts.texts("ImageType")[:2]]
    if "SECONDARY" in values[1:2]:
        return True
    if values[:1] != ["DERIVED"]:
        return False
    modality = facts.first("Modality") or ""
    is_secondary_capture = sop_class.removeprefix(_STORAGE).split(".")[0] == _SECONDARY_CAPTURE
    return is_secondary_capture or modality in _DERIVED_IS_COMPUTED


def _is_animal(facts: Facts) -> bool:
    species = facts.text("PatientSpeciesDescription")
    code = facts.item("PatientSpeciesCodeSequence")
    if species is not None:
        return _HUMAN.search(species.casefold()) is None
    if code is not None:
        return (code.first("CodingSchemeDesignator"), code.first("CodeValue")) not in _HUMAN_CODES
    if facts.has("PatientBreedDescription") or facts.first("ResponsiblePersonRole") == "OWNER":
        return True
    keywords = ("InstitutionName", "AcquisitionDeviceProcessingDescription", "ProtocolName", "StudyDescription")
    return any(_speaks_of_animal(facts.text(keyword)) for keyword in keywords)


def _is_phantom(facts: Facts, site: Site) -> bool:
    if "YES" in {facts.first("QualityControlImage"), facts.first("QualityControlSubject")}:
        return True
    patient = facts.text("PatientID") or ""
    if patient and patient.casefold() in {known.strip().casefold() for known in site.phantom_patient_ids}:
        return True
    if any(_PHANTOM_NAME.search(_plain(facts.text(keyword))) for keyword in ("PatientName", "PatientID")):
        return True
    keywords = ("BodyPartExamined", "StudyDescription", "SeriesDescription", "ProtocolName")
    return any(_speaks_of_phantom(facts.text(keyword)) for keyword in keywords)


# The objects of a series repeat these texts; names of patients are not kept.
@lru_cache(4096)
def _speaks_of_animal(text: str | None) -> bool:
    return text is not None and _ANIMAL.search(_plain(text)) is not None


@lru_cache(4096)
def _speaks_of_phantom(text: str | None) -> bool:
    return text is not None and _PHANTOM_DESCRIPTION.search(_plain(text)) is not None


def _plain(text: str | None) -> str:
    """Lower case, with what separates words in names and identifiers as spaces."""
    return re.sub(r"[\^_=\-./\s]+", " ", text or "").casefold()
