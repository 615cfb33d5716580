"""One FHIR file: from bytes to administrations of contrast agents; other medicines and resources are not kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from ecorad.intake.agent_words import ReadAgent
from ecorad.intake.identity import Pseudonymiser
from ecorad.intake.row_notes import Notes
from ecorad.model import Decoded, DecodeError, Medication, Site

from .administration import Reading, read_administration
from .beside import digest_of, wanted_of
from .resources import Resource, read_resources, recognise

NOT_READ = "ecorad.fhir.not_read"
_TYPE = "MedicationAdministration"


@dataclass(frozen=True, slots=True)
class DecodedMedication(Decoded[Medication]):
    """Administrations of one input, how many lines could not be read, and a digest of what came from beside it."""

    rows_quarantined: int = 0
    beside: str = ""


def decode(
    stream: BinaryIO,
    *,
    site: Site,
    pseudonymiser: Pseudonymiser,
    read_agent: ReadAgent,
    source_digest: str,
    look_beside: Callable[[frozenset[str]], Mapping[str, Resource]] = lambda wanted: {},
) -> DecodedMedication:
    """Administrations of contrast agents of a resource, a bundle, or NDJSON.

    Parameters
    ----------
    stream : binary stream
        The unpacked bytes.
    site : Site
        Its zone, and what it says about its medication records.
    pseudonymiser : Pseudonymiser
        Keys of patient, study, order and record: no identifier is kept.
    read_agent : callable
        Reads the name of a product.
    source_digest : str
        SHA-256 of the input.
    look_beside : callable
        Gives resources that are referred to and not among these, by reference.

    Raises
    ------
    DecodeError
        ``ecorad.fhir.not_read`` for resources without a single administration; more codes for what is no FHIR.

    Examples
    --------
    >>> import io
    >>> from ecorad.intake.dicom.contrast_text import parse_product_text
    >>> given = (b'{"resourceType": "MedicationAdministration", "id": "1", "status": "completed",'
    ...          b'"medicationCodeableConcept": {"text": "Gadovist"}, "effectiveDateTime": "2026-03-02T10:00:00+01:00",'
    ...          b'"subject": {"identifier": {"value": "7"}}, "dosage": {"dose": {"value": 7.5, "unit": "mL"}}}')
    >>> site, keys = Site(name="x"), Pseudonymiser(bytes(32))
    >>> found = decode(io.BytesIO(given), site=site, pseudonymiser=keys, read_agent=parse_product_text,
    ...                source_digest="0" * 64)
    >>> found.records[0].volume_ml, found.records[0].concentration_mg_ml, found.issues
    (7.5, 157.25, ())
    """
    notes = Notes()
    found = read_resources(stream, notes)
    told = [(row, one) for row, one in found.resources if one.get("resourceType") == _TYPE]
    if not told:
        raise DecodeError("no administration of a medicine is among these resources", code=NOT_READ)
    beside = dict(look_beside(wanted_of((one for _, one in told), found.by_reference)))
    found.by_reference |= {name: one for name, one in beside.items() if name not in found.by_reference}
    neighbours = pseudonymiser.key("beside", digest_of(beside)) if beside else ""
    reading = Reading(found, site.zone, site.medication, pseudonymiser, read_agent, source_digest)
    records: dict[str, Medication] = {}
    for row, resource in told:
        record = read_administration(resource, row, reading, partial(_tell, notes, row))
        if record is not None and _is_newer(record, records.get(record.record_key)):
            records[record.record_key] = record
    return DecodedMedication(tuple(records.values()), notes.issues(), len(notes.quarantined), neighbours)


def _tell(notes: Notes, row: int, code: str) -> None:
    notes.tell(code, [row])


def _is_newer(one: Medication, other: Medication | None) -> bool:
    """Whether a version of a resource in the same file holds against another: by its time, else by its place."""
    if other is None or other.reported_utc is None:
        return True
    return one.reported_utc is not None and one.reported_utc >= other.reported_utc


__all__ = ["DecodedMedication", "decode", "recognise"]
