"""One ``MedicationAdministration``: R4 and R4B (``medicationCodeableConcept``, ``effective``), R5 (``medication``,
``occurence`` with one r, as the standard has it)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ecorad.intake.agent_words import ReadAgent
from ecorad.intake.given_agent import Dose, Given, Tell, read_given
from ecorad.intake.identity import Pseudonymiser
from ecorad.model import Medication, MedicationSource

from .resources import Found, Resource, items, number, text

NOT_GIVEN = "ecorad.medication.not_given"
NO_TIME, BAD_TIME = "ecorad.medication.no_time", "ecorad.medication.bad_time"
ELSEWHERE = "ecorad.fhir.elsewhere"
NO_WAY, PATIENTS = "ecorad.medication.no_link", "ecorad.medication.patients"
_STATES = {
    "completed": "completed",
    "stopped": "stopped",
    "not-done": "not done",
    "entered-in-error": "in error",
    "in-progress": "under way",
    "on-hold": "under way",
}
_TIMES = ("effectiveDateTime", "effectiveInstant", "occurenceDateTime", "occurrenceDateTime")
_PERIODS = ("effectivePeriod", "occurencePeriod", "occurrencePeriod")
_YEARS = range(1970, 2101)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file's administrations are read with."""

    found: Found
    zone: ZoneInfo
    source: MedicationSource
    pseudonymiser: Pseudonymiser
    read_agent: ReadAgent
    source_digest: str


def read_administration(resource: Resource, row: int, reading: Reading, tell: Tell) -> Medication | None:
    """The record of one resource; ``None`` for a medicine that is no contrast agent, of which nothing is kept."""
    given = _given(resource, reading, tell)
    if given is None:
        return None
    status = _STATES.get(text(resource.get("status")) or "", "unknown")
    if status != "completed":
        tell(NOT_GIVEN)
    started, zone = _started(resource, reading.zone, tell)
    names = _identifiers(resource, reading)
    key = reading.pseudonymiser.key
    patient = _patient(resource, reading, tell)
    study, accession, filler = (names.get(kind) for kind in ("uid", "ACSN", "FILL"))
    if patient is None and study is None and accession is None and filler is None:
        tell(NO_WAY)
    reported, _ = _moment(_part(resource, "meta").get("lastUpdated"), reading.zone)
    return Medication(
        record_key=_key(resource, row, reading),
        source_digest=reading.source_digest,
        event_time_utc=started,
        event_zone=zone,
        patient_key=None if patient is None else key("patient", reading.source.patient_issuer, patient),
        study_key=None if study is None else key("study", study),
        accession_key=None if accession is None else key("accession", reading.source.accession_issuer, accession),
        filler_key=None if filler is None else key("accession", reading.source.accession_issuer, filler),
        status=status,
        agent=given.agent,
        kind=given.kind,
        concentration_mg_ml=given.concentration_mg_ml,
        volume_ml=given.volume_ml,
        started_utc=started,
        reported_utc=reported,
        told_by="fhir",
        confidence=given.confidence,
    )


def _given(resource: Resource, reading: Reading, tell: Tell) -> Given | None:
    concepts = list(_concepts(resource, reading))
    codings = [one for concept in concepts for one in items(concept, "coding")]
    names = [concept.get("text") for concept in concepts] + [one.get("display") for one in codings]
    texts = [name for one in names if (name := text(one)) is not None]
    if not codings and not texts and any(_is_elsewhere(one, resource, reading) for one in _medicines(resource)):
        tell(ELSEWHERE)
        return None
    dosage = _part(resource, "dosage")
    quantity = _part(dosage, "dose")
    return read_given(
        [(text(one.get("system")), text(one.get("code"))) for one in codings],
        texts,
        Dose(
            number(quantity.get("value")),
            text(quantity.get("code")) or text(quantity.get("unit")),
            text(dosage.get("text")),
        ),
        reading.read_agent,
        tell,
    )


def _concepts(resource: Resource, reading: Reading) -> Iterator[Mapping[str, Any]]:
    """Everything that names the medicine: in the resource, in the one it refers to, in the words of the reference."""
    medication = _part(resource, "medication")
    for concept in (_part(resource, "medicationCodeableConcept"), _part(medication, "concept")):
        if concept:
            yield concept
    for reference in _medicines(resource):
        named = reading.found.resolve(reference, resource)
        if named is not None:
            yield _part(named, "code")
        if text(reference.get("display")) is not None:
            yield {"text": reference["display"]}


def _medicines(resource: Resource) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return _part(resource, "medicationReference"), _part(_part(resource, "medication"), "reference")


def _is_elsewhere(reference: Mapping[str, Any], resource: Resource, reading: Reading) -> bool:
    """Whether it leads to a resource that is neither in this file nor in one beside it."""
    return text(reference.get("reference")) is not None and reading.found.resolve(reference, resource) is None


def _started(resource: Resource, zone: ZoneInfo, tell: Tell) -> tuple[datetime | None, str | None]:
    written = [resource.get(name) for name in _TIMES] + [_part(resource, name).get("start") for name in _PERIODS]
    stamp = next((one for one in written if one is not None), None)
    if stamp is None:
        tell(NO_TIME)
        return None, None
    moment, source = _moment(stamp, zone)
    if moment is None:
        tell(BAD_TIME)
    return moment, source


def _moment(stamp: Any, zone: ZoneInfo) -> tuple[datetime | None, str | None]:
    """A time in UTC, and where its offset came from; a day alone is no time."""
    written = text(stamp)
    if written is None or "T" not in written:
        return None, None
    try:
        found = datetime.fromisoformat(written)
        if found.year not in _YEARS:
            return None, None
        if found.tzinfo is None:
            return found.replace(tzinfo=zone).astimezone(UTC), "site"
        return found.astimezone(UTC), "explicit"
    except (ValueError, OverflowError):
        return None, None


def _identifiers(resource: Resource, reading: Reading) -> dict[str, str]:
    """Names of the examination, by kind: its UID, an accession number, a filler order number; the first of each."""
    found: dict[str, str] = {}
    for holder in _holders(resource, reading):
        for one in items(holder, "identifier"):
            value, system = text(one.get("value")), text(one.get("system"))
            if value is None:
                continue
            kinds = {text(code.get("code")) for code in items(_part(one, "type"), "coding")}
            if system == "urn:dicom:uid":
                found.setdefault("uid", value.removeprefix("urn:oid:"))
            for kind in sorted(kinds & {"ACSN", "FILL"}, key=str):
                found.setdefault(str(kind), value)
    return found


def _holders(resource: Resource, reading: Reading) -> Iterator[Resource]:
    """The resource and all that it names as its order, context or part."""
    yield resource
    for name in ("request", "partOf", "supportingInformation", "basedOn", "eventHistory"):
        for reference in items(resource, name):
            yield reference
            target = reading.found.resolve(reference, resource)
            if target is not None:
                yield target
                for further in items(target, "basedOn"):
                    yield further
                    order = reading.found.resolve(further, target)
                    if order is not None:
                        yield order


def _patient(resource: Resource, reading: Reading, tell: Tell) -> str | None:
    """The patient's identifier that the archive has too: of the system that the site names, else of type MR."""
    subject = _part(resource, "subject")
    holders = [subject, reading.found.resolve(subject, resource) or {}]
    written = [one for holder in holders for one in items(holder, "identifier") if text(one.get("value")) is not None]
    system = reading.source.patient_system
    if system is not None:
        written = [one for one in written if text(one.get("system")) == system]
    else:
        records = [one for one in written if any(c.get("code") == "MR" for c in items(_part(one, "type"), "coding"))]
        written = records or written
    values = {str(text(one.get("value"))) for one in written}
    if not values and _is_elsewhere(subject, resource, reading):
        tell(ELSEWHERE)
    if len(values) > 1:
        tell(PATIENTS)
    return values.pop() if len(values) == 1 else None


def _key(resource: Resource, row: int, reading: Reading) -> str:
    """An identifier of the business before that of the server; without either the place in its file."""
    own = [one for one in items(resource, "identifier") if not items(_part(one, "type"), "coding")]
    for one in own:
        value, system = text(one.get("value")), text(one.get("system"))
        if value is not None and system != "urn:dicom:uid":
            return reading.pseudonymiser.key("medication", system, value)
    logical = text(resource.get("id"))
    if logical is not None:
        return reading.pseudonymiser.key("medication", "id", logical)
    return reading.pseudonymiser.key("medication", reading.source_digest, str(row))


def _part(resource: Resource, name: str) -> Mapping[str, Any]:
    value = resource.get(name)
    return value if isinstance(value, Mapping) else {}
