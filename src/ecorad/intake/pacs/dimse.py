"""An archive that speaks DIMSE alone (PS3.4 annex C): C-FIND by day, study and series; dose reports whole by C-GET."""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ecorad.intake.sources import Input
from ecorad.model import MissingExtraError, StoreError
from ecorad.model.pacs import PacsEntry

from .by_day import FoundStudy
from .pace import Pace
from .told import Batch, told_input, uid, value

_FIND, _GET = "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.2.3"
DOSE_REPORTS = (
    "1.2.840.10008.5.1.4.1.1.88.67",
    "1.2.840.10008.5.1.4.1.1.88.68",
    "1.2.840.10008.5.1.4.1.1.88.76",
    "1.2.840.10008.5.1.4.1.1.88.22",  # some dose reports are enhanced SR
)
_EXPLICIT, _IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
_PENDING = frozenset({0xFF00, 0xFF01})
_STUDY_KEYS = (
    "SpecificCharacterSet StudyInstanceUID StudyDate StudyTime AccessionNumber PatientID IssuerOfPatientID "
    "StudyDescription TimezoneOffsetFromUTC NumberOfStudyRelatedInstances NumberOfStudyRelatedSeries"
).split()
_SERIES_KEYS = (
    "SpecificCharacterSet SeriesInstanceUID Modality SeriesDate SeriesTime SeriesDescription ProtocolName "
    "BodyPartExamined Manufacturer ManufacturerModelName StationName DeviceSerialNumber InstitutionName"
).split()
_OBJECT_KEYS = (
    "SpecificCharacterSet SOPClassUID SOPInstanceUID AcquisitionDate AcquisitionTime AcquisitionDateTime ContentDate "
    "ContentTime InstanceCreationDate InstanceCreationTime TimezoneOffsetFromUTC ImageType SamplesPerPixel Rows "
    "Columns BitsAllocated NumberOfFrames Manufacturer ManufacturerModelName StationName DeviceSerialNumber "
    "SoftwareVersions ContrastBolusAgent ContrastBolusVolume KVP ExposureTime XRayTubeCurrent Exposure "
    "ScanningSequence SequenceName MRAcquisitionType RepetitionTime EchoTime MagneticFieldStrength AcquisitionDuration"
).split()
_STUDY, _SERIES, _CLASS, _MODALITY = "0020000D", "0020000E", "00080016", "00080060"
_NOT_OF_OBJECT = frozenset({"00080052", "00080053", "00080054", "00080056", "00201206", "00201208"})
_MOST_OBJECT_BYTES = 64 << 20


class Dimse:
    """One archive by DIMSE.

    Parameters
    ----------
    entry : PacsEntry
        Its address and titles.
    pace : Pace
        When and how often.

    Raises
    ------
    MissingExtraError
        Without the extra ``pacs``.
    """

    def __init__(self, entry: PacsEntry, pace: Pace) -> None:
        try:
            from pynetdicom import AE
        except ImportError:
            raise MissingExtraError("asking an archive needs more: pip install 'ecorad[pacs]'") from None
        self._entry, self._pace = entry, pace
        self._unit = AE(ae_title=entry.calling)
        self._unit.acse_timeout = self._unit.dimse_timeout = self._unit.network_timeout = entry.timeout_s
        self._unit.connection_timeout = entry.timeout_s
        self._asking: Any = None
        for name in ("pydicom", "pynetdicom"):
            logging.getLogger(name).propagate = False  # their messages quote values, which may name a patient
        self._studies: dict[str, Mapping[str, Any]] = {}
        self.bytes_received = 0

    def close(self) -> None:
        """End the association that the questions went over."""
        if self._asking is not None and self._asking.is_established:
            self._asking.release()

    def has_any(self, first: date, last: date) -> bool:
        """Whether there is any study in a span of days."""
        return bool(self._find("STUDY", ["StudyInstanceUID"], {"StudyDate": f"{first:%Y%m%d}-{last:%Y%m%d}"}, most=1))

    def studies(self, day: date | None) -> Iterator[FoundStudy]:
        """The studies of a day; all of them when no day is given."""
        self._studies = {}
        matching = {} if day is None else {"StudyDate": f"{day:%Y%m%d}"}
        for told in self._find("STUDY", _STUDY_KEYS, matching):
            study = uid(told, _STUDY)
            if study is not None:
                self._studies[study] = told
                yield FoundStudy(study, f"{value(told, '00201206')}/{value(told, '00201208')}")

    def take(self, study_uid: str, batch: Batch) -> None:
        """What a C-FIND tells of every object of a study, and its dose reports whole."""
        of_study = self._studies.get(study_uid, {})
        for series in self._find("SERIES", _SERIES_KEYS, {"StudyInstanceUID": study_uid}):
            series_uid = uid(series, _SERIES)
            modality = value(series, _MODALITY)
            if series_uid is None or (self._entry.modalities and modality not in self._entry.modalities):
                continue
            level = {"StudyInstanceUID": study_uid, "SeriesInstanceUID": series_uid}
            reports = False
            for one in self._find("IMAGE", _OBJECT_KEYS, level):
                if self._entry.dose_reports and value(one, _CLASS) in DOSE_REPORTS:
                    reports = True
                    continue
                told = {**of_study, **series, **_filled(one), _STUDY: of_study.get(_STUDY), _SERIES: series[_SERIES]}
                own = {tag: element for tag, element in told.items() if element and tag not in _NOT_OF_OBJECT}
                batch.inputs.append(told_input(self._entry.name, len(batch.inputs), own))
            if reports:
                self._get(study_uid, series_uid, batch)

    def _find(
        self, level: str, keys: list[str], matching: Mapping[str, str], *, most: int | None = None
    ) -> list[Mapping[str, Any]]:
        from pydicom.dataset import Dataset

        query = Dataset()
        query.QueryRetrieveLevel = level
        for keyword in keys:
            setattr(query, keyword, None)
        for keyword, text in matching.items():
            setattr(query, keyword, text)
        self._pace.wait()
        if self._asking is None or not self._asking.is_established:
            self._asking = self._associate([_FIND])
        found: list[Mapping[str, Any]] = []
        for status, told in self._asking.send_c_find(query, _FIND):
            if "Status" not in status:
                raise _no_answer()
            if status.Status in _PENDING and told is not None:
                found.append(_as_json(told))
                if len(found) == most:
                    self._asking.abort()  # one is enough to know
                    return found
            elif status.Status not in {0x0000, *_PENDING}:
                raise StoreError(f"the archive refuses a C-FIND: {status.Status:#06x}", code="ecorad.pull.refused")
        return found

    def _get(self, study_uid: str, series_uid: str, batch: Batch) -> None:
        """Fetch the objects of one series of reports; what is no report is not accepted."""
        from pydicom.dataset import Dataset
        from pynetdicom import build_role, evt

        def keep(event: Any) -> int:
            content = _file(event)
            if content is None or len(content) > _MOST_OBJECT_BYTES:
                return 0xA700
            self.bytes_received += len(content)
            place = f"{self._entry.name}/{len(batch.inputs)}"
            batch.inputs.append(Input(place, f"{self._entry.name}.dcm", len(content), content=content))
            return 0x0000

        query = Dataset()
        query.QueryRetrieveLevel = "SERIES"
        query.StudyInstanceUID, query.SeriesInstanceUID = study_uid, series_uid
        roles = [build_role(uid_, scp_role=True) for uid_ in DOSE_REPORTS]
        self._pace.wait()
        association = self._associate([_GET, *DOSE_REPORTS], ext_neg=roles, evt_handlers=[(evt.EVT_C_STORE, keep)])
        try:
            for status, _ in association.send_c_get(query, _GET):
                if "Status" not in status:
                    raise _no_answer()
        finally:
            association.release()

    def _associate(self, contexts: list[str], **more: Any) -> Any:
        from pynetdicom import build_context

        association = self._unit.associate(
            self._entry.host,
            self._entry.port,
            contexts=[build_context(one, [_EXPLICIT, _IMPLICIT]) for one in contexts],
            ae_title=self._entry.called,
            **more,
        )
        if not association.is_established:
            raise _no_answer()
        return association


def _filled(told: Mapping[str, Any]) -> dict[str, Any]:
    """What an archive does not keep at this level it gives back empty: that does not undo what it said above."""
    return {tag: element for tag, element in told.items() if isinstance(element, dict) and element.get("Value")}


def _as_json(told: Any) -> Mapping[str, Any]:
    found: dict[str, Any] = told.to_json_dict(suppress_invalid_tags=True)
    return found


def _file(event: Any) -> bytes | None:
    """A received object as a file: the data set as it came, behind a meta header that says how it is encoded."""
    sop_class, instance = str(event.request.AffectedSOPClassUID), str(event.request.AffectedSOPInstanceUID)
    if sop_class not in DOSE_REPORTS:
        return None
    meta = b"".join(
        (
            _meta_element(0x0001, b"OB", b"\0\1"),
            _meta_element(0x0002, b"UI", sop_class.encode()),
            _meta_element(0x0003, b"UI", instance.encode("ascii", "replace")),
            _meta_element(0x0010, b"UI", str(event.context.transfer_syntax).encode()),
        )
    )
    group = _meta_element(0x0000, b"UL", struct.pack("<L", len(meta)))
    content: bytes = event.request.DataSet.getvalue()
    return bytes(128) + b"DICM" + group + meta + content


def _meta_element(number: int, vr: bytes, text: bytes) -> bytes:
    text += b"\0" * (len(text) % 2)
    length = struct.pack("<HL", 0, len(text)) if vr == b"OB" else struct.pack("<H", len(text))
    return struct.pack("<HH", 2, number) + vr + length + text


def _no_answer() -> StoreError:
    return StoreError("the archive does not answer", code="ecorad.pull.no_answer")
