"""One input to one arrival: recognised by content, decoded by the room of its standard; runs in a worker process."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from ecorad.ledger.batch import Arrival, KnownFile, ReadAs, ReadingBlock
from ecorad.model import DecodeError, Instance, Issue, LedgerMapping, Outcome, Site

from . import dicom, dose_sr, fhir, hl7v2, ledgers, meters
from .defects import DEFECT, defect_issue
from .dicom.contrast_text import parse_agent_text, parse_product_text
from .identity import Pseudonymiser
from .places import shown_place
from .reading_ahead import HEAD_BYTES
from .settings import ledger_settings, medication_settings, meter_settings, origin_of, target_of
from .sources import Input
from .workbook import is_old_excel, is_workbook

_CHUNK = 1 << 20
# Known for what they are and not taken: an index of other files, and what no room speaks the language of.
_REFUSED = frozenset(
    {"ecorad.dicom.dicomdir", "ecorad.intake.unrecognised", "ecorad.fhir.not_read", "ecorad.hl7.not_read"}
)
_KINDS = frozenset({"dicom", "meter", "ledger", "fhir", "hl7"})


@dataclass(frozen=True, slots=True)
class Decoder:
    """Decodes inputs for one site; ``feed`` as the user named it."""

    site: Site
    pseudonymiser: Pseudonymiser
    feed: str | None = None

    def decode(self, one: Input) -> Arrival:
        """What became of one input; whatever is wrong with it ends as a code, not as an exception."""
        if one.known is not None:
            return self._known(one, one.known)
        if one.trouble is not None:
            fate = Outcome.REFUSED if one.is_refused else Outcome.QUARANTINED
            digest = hashlib.sha256(one.content or one.place.encode("utf-8", "surrogateescape")).hexdigest()
            return self._set_aside(one, digest, one.trouble, fate)
        try:
            with _opened(one) as file:
                return self._recognised(one, file)
        except DecodeError as error:
            fate = Outcome.REFUSED if error.code in _REFUSED else Outcome.QUARANTINED
            return self._set_aside(one, _digest(one), error.code, fate)
        except OSError:
            digest = hashlib.sha256(one.place.encode("utf-8", "surrogateescape")).hexdigest()
            return self._set_aside(one, digest, "ecorad.source.unreadable", Outcome.QUARANTINED)

    def _known(self, one: Input, known: KnownFile) -> Arrival:
        return Arrival(
            digest=known.digest,
            feed=self.feed or "dicom",
            kind="dicom",
            bytes=one.size,
            fate=Outcome.DUPLICATE,
            known_content=known.content,
        )

    def lost(self, one: Input) -> Arrival:
        """The arrival of an input on which a worker died: too much memory, or a crash below Python."""
        return self._set_aside(one, _digest(one), "ecorad.intake.budget", Outcome.QUARANTINED)

    def defect(self, one: Input, error: Exception) -> Arrival:
        """The arrival of an input on which a reader failed in a way that it should not."""
        found = self._set_aside(one, _digest(one), DEFECT, Outcome.QUARANTINED)
        return replace(found, issues=(defect_issue(error),))

    def _recognised(self, one: Input, file: BinaryIO | io.FileIO) -> Arrival:
        head = file.read(HEAD_BYTES)
        if dicom.recognise(head):
            return self.dicom(one, file, head)
        file.seek(0)
        if not isinstance(file, io.FileIO):
            return self._table(one, file, head)
        with io.BufferedReader(file) as buffered:
            return self._table(one, buffered, head)

    def dicom(self, one: Input, file: BinaryIO | io.FileIO, head: bytes) -> Arrival:
        """The arrival of a DICOM object, by whatever way it came.

        Parameters
        ----------
        one : Input
            Its size, and nothing else of it, is looked at.
        file : binary file
            The object; seekable.
        head : bytes
            Its first bytes, which were read already.

        Raises
        ------
        DecodeError
            As :func:`ecorad.intake.dicom.decode`.
        """
        found = dicom.decode(file, size=one.size, site=self.site, pseudonymiser=self.pseudonymiser, head=head)
        record = found.records[0]
        dose = self._dose(one, file, record)
        issues = found.issues + dose.issues
        return Arrival(
            digest=record.source_digest,
            feed=self.feed or "dicom",
            kind="dicom",
            bytes=one.size,
            instance=_with(record, dose),
            irradiation_event=dose.events,
            dose_report=dose.reports,
            rejection=dose.rejections,
            injection=dose.injections,
            issues=issues,
            file_stamp=None if issues else one.stamp,  # what there is to say of it is said each time
        )

    def _table(self, one: Input, file: BinaryIO, head: bytes) -> Arrival:
        if self.feed is not None and self.site.meter(self.feed) is not None:
            return self._meter(one, file)  # said to be readings of this meter, whatever its headers are called
        if self._is_book_of_a_meter(one, file, head):
            return self._meter(one, file)
        file.seek(0)
        if fhir.recognise(head):
            return self.medication(one, file, "fhir")
        if hl7v2.recognise(head):
            return self.medication(one, file, "hl7")
        mapping = ledgers.recognise(head, one.name, self.site, self.feed)
        if mapping is not None:
            return self._ledger(one, file, mapping)
        if meters.recognise(head, one.name):
            return self._meter(one, file)
        raise DecodeError("no kind of record this is", code="ecorad.intake.unrecognised")

    def _is_book_of_a_meter(self, one: Input, file: BinaryIO, head: bytes) -> bool:
        """Whether an Excel file holds readings; one whose sheet has the columns of a ledger is stock, as with text."""
        if any(self.feed == ledger.name for ledger in self.site.ledgers):
            return False
        is_named = meters.meter_of_file(one.name, self.feed, self.site) is not None
        if is_old_excel(head) and one.name.lower().endswith(".xls"):
            if is_named:
                return True
            raise DecodeError("this is an old Excel file; save it as XLSX or CSV", code="ecorad.ledger.old_excel")
        if not is_workbook(head) or ledgers.of_workbook(file, one.name, self.site) is not None:
            return False
        if ledgers.named_ledger(one.name, self.site) is not None:
            return False
        return is_named or meters.holds_readings(file)

    def _dose(self, one: Input, file: BinaryIO | io.FileIO, record: Instance) -> dose_sr.Dose:
        if not dose_sr.recognise(record):
            return dose_sr.Dose()
        size = one.size
        if record.reader == "json":
            file.seek(0)
            written = dicom.as_file(file.read())
            file, size = io.BytesIO(written), len(written)
        return dose_sr.decode(
            file,
            size=size,
            instance=record,
            site=self.site,
            pseudonymiser=self.pseudonymiser,
            read_agent=parse_agent_text,
        )

    def _meter(self, one: Input, file: BinaryIO) -> Arrival:
        digest = _digest(one)
        found = meters.decode(file, name=one.name, feed=self.feed, site=self.site, pseudonymiser=self.pseudonymiser)
        blocks = tuple(
            ReadingBlock(r.meter_key, r.start_us, r.end_us, r.energy_kwh, r.flags, r.zone_source)
            for r in found.readings
        )
        return Arrival(
            digest=digest,
            feed=self.feed or "meter",
            kind="meter",
            bytes=one.size,
            read_as=ReadAs(
                origin_of(one.name, self.pseudonymiser),
                target_of(block.meter_key for block in blocks),
                meter_settings(self.site, blocks),
            ),
            readings=blocks,
            issues=_placed(found.issues, one, digest),
            rows_quarantined=found.rows_quarantined,
        )

    def medication(self, one: Input, file: BinaryIO, kind: str) -> Arrival:
        """The arrival of medication records, by whatever way they came.

        Parameters
        ----------
        one : Input
            Its size and place.
        file : binary file
            The records, from its beginning.
        kind : {"fhir", "hl7"}
            What they are written in.

        Raises
        ------
        DecodeError
            As the decoders of the two.
        """
        digest = _digest(one)
        known: dict[str, Any] = {
            "site": self.site,
            "pseudonymiser": self.pseudonymiser,
            "read_agent": parse_product_text,
            "source_digest": digest,
        }
        found: fhir.DecodedMedication | hl7v2.DecodedMedication
        beside = ""
        if kind == "fhir":
            found = told = fhir.decode(file, **known, look_beside=_beside(one))
            beside = told.beside
        else:
            found = hl7v2.decode(file, **known)
        return Arrival(
            digest=digest,
            feed=self.feed or kind,
            kind=kind,
            bytes=one.size,
            read_as=ReadAs(
                origin_of(one.name, self.pseudonymiser),
                target_of(("medication", self.feed or "")),
                medication_settings(self.site, beside),
            ),
            medication=found.records,
            issues=_placed(found.issues, one, digest),
            rows_quarantined=found.rows_quarantined,
        )

    def _ledger(self, one: Input, file: BinaryIO, mapping: LedgerMapping) -> Arrival:
        digest = _digest(one)
        found = ledgers.decode(
            file, name=one.name, feed=self.feed, site=self.site, mapping=mapping, source_digest=digest
        )
        return Arrival(
            digest=digest,
            feed=self.feed or mapping.name,
            kind="ledger",
            bytes=one.size,
            read_as=ReadAs(
                origin_of(one.name, self.pseudonymiser),
                target_of((mapping.name, self.feed or "")),
                ledger_settings(self.site, mapping, self.feed),
            ),
            stock=found.records,
            issues=_placed(found.issues, one, digest),
            rows_quarantined=found.rows_quarantined,
        )

    def _set_aside(self, one: Input, digest: str, code: str, fate: Outcome) -> Arrival:
        kind = code.split(".")[1]
        return Arrival(
            digest=digest,
            feed=self.feed or (kind if kind in _KINDS else "unknown"),
            kind=kind if kind in _KINDS else "unknown",
            bytes=one.size,
            fate=fate,
            code=code,
        )


def _beside(one: Input) -> Callable[[frozenset[str]], Mapping[str, Any]]:
    """Looks into the files beside an input; a member of an archive has none."""
    path = one.path
    return (lambda wanted: {}) if path is None else partial(fhir.read_beside, Path(path))


def _with(record: Instance, dose: dose_sr.Dose) -> Instance:
    """The record of an object with what its dose adds: an activity, and to its content the rows that hang on it."""
    rows = (*dose.events, *dose.reports, *dose.rejections, *dose.injections)
    changes: dict[str, Any] = dict(dose.activity or {})
    if rows and record.content_digest is not None:
        told = repr([replace(row, source_digest="") for row in rows])
        changes["content_digest"] = hashlib.sha256(f"{record.content_digest} {told}".encode()).hexdigest()
    return replace(record, **changes) if changes else record


def _opened(one: Input) -> BinaryIO | io.FileIO:
    if one.path is not None:
        return io.FileIO(one.path)  # no buffer between: of an object one read is enough
    return io.BytesIO(one.content or b"")


def _digest(one: Input) -> str:
    """SHA-256 of the whole input; of its place where it cannot be read."""
    sha = hashlib.sha256()
    try:
        with _opened(one) as file:
            while chunk := file.read(_CHUNK):
                sha.update(chunk)
    except OSError:
        sha.update(one.place.encode("utf-8", "surrogateescape"))
    return sha.hexdigest()


def _placed(issues: tuple[Issue, ...], one: Input, digest: str) -> tuple[Issue, ...]:
    """Issues of a table's rows, with the table they are in."""
    place = shown_place(one.place, digest)
    return tuple(replace(issue, where=f"{place}: {issue.where}" if issue.where else place) for issue in issues)
