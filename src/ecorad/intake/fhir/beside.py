"""What files beside one hold of the resources that it refers to: a bulk export writes each type into its own file."""

from __future__ import annotations

import hashlib
import json
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ecorad.intake.row_notes import Notes
from ecorad.model import DecodeError

from .resources import MAX_LINE_BYTES, Resource, read_resources, recognise, relative

# Types that name a medicine, a patient or an examination.
TYPES = frozenset({"Patient", "Medication", "ServiceRequest", "ImagingStudy", "Procedure"})
_SUFFIXES = frozenset({".ndjson", ".json", ".jsonl"})
_MOST_FILES = 200
_HEAD_BYTES = 4096
# A whole bundle or resource is read at once; lines one by one.
_MOST_WHOLE_BYTES = 16 << 20
_ID = re.compile(rb'"id"\s*:\s*"([^"]{1,64})"')


def wanted_of(resources: Iterable[Resource], known: Mapping[str, Resource]) -> frozenset[str]:
    """References like ``Patient/7`` of these resources that lead to none of ``known``, of the types that matter.

    >>> subject, context = {"reference": "https://a.example/fhir/Patient/7"}, {"reference": "Encounter/1"}
    >>> sorted(wanted_of([{"subject": subject, "context": context}], {}))
    ['Patient/7']
    """
    found = {relative(one) for resource in resources for one in _references(resource)}
    return frozenset(one for one in found if one.split("/")[0] in TYPES and one not in known)


def read_beside(path: Path, wanted: frozenset[str]) -> dict[str, Resource]:
    """The wanted resources, from the regular files of FHIR in the folder of ``path``; two steps far.

    A file that cannot be read, or a line that is none, gives nothing: it is told where it is offered itself.
    """
    found: dict[str, Resource] = {}
    files = [one for one in _files(path) if one != path]
    asked = wanted
    for _ in range(2):  # an administration names an order, and this the one that it is based on
        if not asked or not files:
            break
        now = {name: one for file in files for name, one in _matching(file, asked)}
        found |= now
        asked = wanted_of(now.values(), found)
    return found


def digest_of(resources: Mapping[str, Resource]) -> str:
    """A digest of what came from beside, ``""`` for nothing: the same file with another neighbour reads otherwise."""
    if not resources:
        return ""
    return hashlib.sha256(json.dumps(resources, sort_keys=True).encode()).hexdigest()


def _references(value: Any) -> Iterator[str]:
    """Every reference inside a resource; how deep it goes was checked when it was read."""
    if isinstance(value, Mapping):
        named = value.get("reference")
        if isinstance(named, str):
            yield named
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _files(path: Path) -> list[Path]:
    """Regular files of FHIR in the folder, links not followed."""
    try:
        beside = sorted(path.parent.iterdir())
    except OSError:
        return []
    files: list[Path] = []
    for one in beside:
        if one.suffix.lower() not in {*_SUFFIXES, path.suffix.lower()}:
            continue  # a folder may hold a million other things
        try:
            if len(files) < _MOST_FILES and stat.S_ISREG(one.lstat().st_mode) and recognise(_head(one)):
                files.append(one)
        except OSError:
            continue
    return files


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)


def _matching(file: Path, wanted: frozenset[str]) -> Iterator[tuple[str, Resource]]:
    ids = {one.split("/", 1)[1].encode() for one in wanted}
    with suppress(OSError):
        for resource in _resources(file, ids):
            name = f"{resource.get('resourceType')}/{resource.get('id')}"
            if name in wanted:
                yield name, resource


def _resources(file: Path, ids: set[bytes]) -> Iterator[Resource]:
    """Resources of a file that may have one of these ids; of lines, only those are parsed that hold one."""
    is_small = file.stat().st_size <= _MOST_WHOLE_BYTES
    with file.open("rb") as stream:
        if is_small:
            try:
                yield from (one for _, one in read_resources(stream, Notes()).resources)
            except DecodeError:
                return
            return
        while line := stream.readline(MAX_LINE_BYTES + 1):
            if len(line) <= MAX_LINE_BYTES and not ids.isdisjoint(_ID.findall(line)):
                try:
                    found = json.loads(line)
                except (ValueError, RecursionError):
                    continue
                if isinstance(found, Mapping):
                    yield found
