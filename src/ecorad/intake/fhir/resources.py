"""Resources of a file: one, a bundle of them, or one a line; and what they refer to among themselves."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from ecorad.intake.row_notes import Notes
from ecorad.model import DecodeError

Resource = Mapping[str, Any]
MAX_BYTES = 256 << 20
MAX_LINE_BYTES = 4 << 20
STRUCTURE, DEPTH, TOO_LARGE = "ecorad.fhir.structure", "ecorad.fhir.depth", "ecorad.fhir.too_large"
LINE = "ecorad.fhir.line"
_BEGINS = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*\{")
_NAMES_TYPE = re.compile(rb'"resourceType"\s*:\s*"[A-Z][A-Za-z]{1,60}"')
_MOST_NESTED = 64
_MOST_ENTRIES = 1_000_000
# A file of lines shows it in one of its first, though one of these may be torn.
_LINES_LOOKED_AT = 20


def recognise(head: bytes) -> bool:
    """Whether this is FHIR as JSON, by its first bytes: an object that names its resource type.

    >>> recognise(b'{"resourceType": "Bundle"'), recognise(b'{"id": "1", "resourceType":"MedicationAdministration"}')
    (True, True)
    >>> recognise(b'[{"00080016": {"vr": "UI"'), recognise(b"time,value")
    (False, False)
    """
    return _BEGINS.match(head) is not None and _NAMES_TYPE.search(head) is not None


@dataclass(slots=True)
class Found:
    """Resources of one file with the number of their line, entry or 1, and those that others refer to."""

    resources: list[tuple[int, Resource]] = field(default_factory=list)
    by_reference: dict[str, Resource] = field(default_factory=dict)

    def add(self, number: int, resource: Resource, full_url: Any = None) -> None:
        """Take a resource, and remember how others may call it."""
        self.resources.append((number, resource))
        if isinstance(full_url, str):
            self.by_reference[full_url] = resource
        if isinstance(resource.get("id"), str):
            self.by_reference[f"{resource.get('resourceType')}/{resource['id']}"] = resource

    def resolve(self, reference: Any, within: Resource) -> Resource | None:
        """The resource a reference leads to: contained, in the same bundle, or on another line of the file."""
        if not isinstance(reference, Mapping) or not isinstance(reference.get("reference"), str):
            return None
        target: str = reference["reference"]
        if target.startswith("#"):
            return next((one for one in items(within, "contained") if one.get("id") == target[1:]), None)
        return self.by_reference.get(target) or self.by_reference.get(relative(target))


def relative(reference: str) -> str:
    """A reference without its server and version.

    >>> relative("https://a.example/fhir/Patient/7/_history/2")
    'Patient/7'
    """
    return "/".join(reference.split("/_history/", maxsplit=1)[0].split("/")[-2:])


def read_resources(stream: BinaryIO, notes: Notes) -> Found:
    """Resources of a file.

    Raises
    ------
    DecodeError
        ``ecorad.fhir.structure`` for what is no JSON object with a resource type, ``ecorad.fhir.depth`` for one nested
        too deeply, ``ecorad.fhir.too_large`` above 256 MiB. A bad line among good ones is an issue.
    """
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise DecodeError("more than 256 MiB", code=TOO_LARGE)
    content = content.removeprefix(b"\xef\xbb\xbf")
    found = Found()
    lines = content.splitlines()
    if len(lines) > 1 and _is_whole(lines[0]):
        _read_lines(lines, found, notes)
        return found
    try:
        whole = _parsed(content)
    except DecodeError:
        if len(lines) < 2 or not any(_is_whole(line) for line in lines[:_LINES_LOOKED_AT]):
            raise
        _read_lines(lines, found, notes)
    else:
        _take(found, 1, whole)
    return found


def items(resource: Resource, name: str) -> list[Mapping[str, Any]]:
    """The objects of a list; also of one that was written without its brackets."""
    value = resource.get(name)
    listed = value if isinstance(value, list) else [value]
    return [one for one in listed if isinstance(one, Mapping)]


def text(value: Any) -> str | None:
    """A text that is not empty, else ``None``."""
    return value.strip() or None if isinstance(value, str) else None


def number(value: Any) -> float | None:
    """A finite number; also one that was written as a text.

    >>> number(90), number("7.5"), number(True), number("1e999"), number(None)
    (90.0, 7.5, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _is_whole(line: bytes) -> bool:
    try:
        _parsed(line)
    except DecodeError:
        return False
    return True


def _read_lines(lines: Iterable[bytes], found: Found, notes: Notes) -> None:
    bad = []
    for row, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            if len(line) > MAX_LINE_BYTES:
                raise DecodeError("a line of more than 4 MiB", code=TOO_LARGE)
            _take(found, row, _parsed(line))
        except DecodeError:
            bad.append(row)
    notes.quarantine(LINE, bad, "no resource")


def _take(found: Found, row: int, resource: Resource) -> None:
    if resource["resourceType"] != "Bundle":
        found.add(row, resource)
        return
    for number_of_entry, (url, one) in enumerate(_entries(resource), 1):
        found.add(number_of_entry, one, url)


def _entries(bundle: Resource) -> Iterator[tuple[Any, Resource]]:
    entries = items(bundle, "entry")
    if len(entries) > _MOST_ENTRIES:
        raise DecodeError("a bundle of more than a million entries", code=TOO_LARGE)
    for entry in entries:
        inner = entry.get("resource")
        if isinstance(inner, Mapping) and isinstance(inner.get("resourceType"), str):
            yield entry.get("fullUrl"), inner


def _parsed(content: bytes) -> Resource:
    if _nesting(content) > _MOST_NESTED:
        raise DecodeError(f"nested deeper than {_MOST_NESTED}", code=DEPTH)
    try:
        told = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise DecodeError("no JSON", code=STRUCTURE) from None
    if not isinstance(told, dict) or not isinstance(told.get("resourceType"), str):
        raise DecodeError("no resource", code=STRUCTURE)
    return told


_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]+|[\]}]+', re.DOTALL)


def _nesting(content: bytes) -> int:
    """How deep brackets go, without building what they hold; those in texts do not count."""
    if content.count(b"[") + content.count(b"{") <= _MOST_NESTED:
        return 0  # not deeper than there are brackets
    depth = deepest = 0
    for match in _BRACKETS.finditer(content):
        run = match.group()
        if run[:1] in b"[{":
            depth += len(run)
            deepest = max(deepest, depth)
            if deepest > _MOST_NESTED:
                return deepest
        elif run[:1] in b"]}":
            depth -= len(run)
    return deepest


def _no_number(name: str) -> float:
    raise ValueError(name)
