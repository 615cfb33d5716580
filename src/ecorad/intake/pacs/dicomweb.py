"""DICOMweb (PS3.18): studies of a day by QIDO-RS, their objects by metadata. No bulk data is fetched.

Where an archive fails to tell of a series, one object of it is often to blame, and the others are told of one by one.
The one that is left is fetched itself, up to its pixel data: an archive can hand out what it cannot put into JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ecorad.intake.sources import Input

from .by_day import FoundStudy
from .told import Batch, objects, told_input, uid, untold_input, value
from .wado import fetched
from .web import Broken, Gone, Web

_ACCEPT = "application/dicom+json"
_PAGE = 100
_MOST_PAGES = 1000
_STUDY, _SERIES, _INSTANCE, _MODALITY = "0020000D", "0020000E", "00080018", "00080060"
_SERIES_IN_STUDY, _OBJECTS_IN_STUDY, _OBJECTS_IN_SERIES = "00201206", "00201208", "00201209"


class DicomWeb:
    """One archive by DICOMweb.

    Parameters
    ----------
    web : Web
        Its base address.
    name : str
        Of the archive.
    spool : Path
        Folder for objects that are fetched; a batch's files may be removed once it is committed.
    modalities : sequence of str
        Only series of these; all when empty.
    """

    def __init__(self, web: Web, name: str, spool: Path, modalities: Sequence[str] = ()) -> None:
        self._web, self._name, self._spool, self._modalities = web, name, spool, frozenset(modalities)

    def has_any(self, first: date, last: date) -> bool:
        """Whether there is any study in a span of days."""
        parameters = {"StudyDate": f"{first:%Y%m%d}-{last:%Y%m%d}", "limit": "1"}
        return bool(objects(self._web.json("/studies", parameters, accept=_ACCEPT)))

    def studies(self, day: date | None) -> Iterator[FoundStudy]:
        """The studies of a day, page by page; an archive that ignores the offset ends at the first page it repeats."""
        seen: set[str] = set()
        parameters = {"limit": str(_PAGE), "includefield": _OBJECTS_IN_STUDY}
        if day is not None:
            parameters["StudyDate"] = f"{day:%Y%m%d}"
        for page in range(_MOST_PAGES):
            answer = self._web.json("/studies", {**parameters, "offset": str(page * _PAGE)}, accept=_ACCEPT)
            found = [(study, told) for told in objects(answer) if (study := uid(told, _STUDY)) is not None]
            new = [(study, told) for study, told in found if study not in seen]
            for study, told in new:
                seen.add(study)
                yield FoundStudy(study, f"{value(told, _SERIES_IN_STUDY)}/{value(told, _OBJECTS_IN_STUDY)}")
            if not new:  # fewer than asked is no end: many servers have their own limit
                return

    def take(self, study_uid: str, batch: Batch) -> None:
        """The metadata of every object of a study, a series at a time."""
        try:
            answer = self._web.json(f"/studies/{study_uid}/series", accept=_ACCEPT)
        except Gone:
            batch.gone += 1
            return
        except Broken:
            self._untold(batch, study_uid)
            return
        for told in objects(answer):
            series = uid(told, _SERIES)
            if series is None or (self._modalities and value(told, _MODALITY) not in self._modalities):
                continue
            place = f"/studies/{study_uid}/series/{series}"
            try:
                self._tell(batch, f"{place}/metadata")
            except Gone:
                batch.gone += 1
            except Broken:
                self._one_by_one(batch, place, series)

    def _one_by_one(self, batch: Batch, place: str, series: str) -> None:
        """One object that an archive cannot put into words must not cost the others of its series."""
        try:
            found = self._listed(f"{place}/instances")
        except (Gone, Broken):
            self._untold(batch, series)
            return
        for instance in found:
            try:
                self._tell(batch, f"{place}/instances/{instance}/metadata")
            except Gone:
                batch.gone += 1
            except Broken:
                self._fetch(batch, f"{place}/instances/{instance}", instance)

    def _listed(self, path: str) -> list[str]:
        """UIDs of the objects of a series, page by page."""
        found: dict[str, None] = {}
        for page in range(_MOST_PAGES):
            asked = {"limit": str(_PAGE), "offset": str(page * _PAGE)}
            told = (uid(one, _INSTANCE) for one in objects(self._web.json(path, asked, accept=_ACCEPT)))
            new = [one for one in told if one is not None and one not in found]
            if not new:
                break
            found.update(dict.fromkeys(new))
        return list(found)

    def _fetch(self, batch: Batch, address: str, instance: str) -> None:
        """Take the object itself, where the archive cannot tell of it."""
        number = len(batch.inputs)
        path = self._spool / f"{number}.dcm"
        try:
            size = fetched(self._web, address, path)
        except Gone:
            batch.gone += 1
        except Broken:
            self._untold(batch, instance)
        else:
            batch.inputs.append(Input(f"{self._name}/{number}", f"{self._name}.dcm", size, path=str(path)))

    def _tell(self, batch: Batch, path: str) -> None:
        for one in objects(self._web.json(path, accept=_ACCEPT)):
            batch.inputs.append(told_input(self._name, len(batch.inputs), _own(one)))

    def _untold(self, batch: Batch, uid_: str) -> None:
        batch.inputs.append(untold_input(self._name, uid_))
        batch.is_whole = False


def _own(told: Mapping[str, Any]) -> dict[str, Any]:
    """Without what the archive adds of its own (where to retrieve it): that is no part of the object."""
    return {tag: element for tag, element in told.items() if tag not in {"00081190", "00080054", "00080056"}}
