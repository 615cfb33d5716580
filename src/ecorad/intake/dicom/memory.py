"""What was made of one header serves the next one like it: the objects of a series differ in a UID and a few times.

A result is used again only under a key that holds every element it was made from, so it is never another object's.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ecorad.intake.identity import Pseudonymiser
from ecorad.model import Issue, Site

from .elements import ELEMENTS, WANTED
from .header import Header, Item

Issues: TypeAlias = dict[tuple[str, str], Issue]
# Fields of the record, and what was wrong with what they were made from.
Made: TypeAlias = "tuple[dict[str, Any], Issues]"

_SOP_INSTANCE_UID = ELEMENTS["SOPInstanceUID"][0]
# What differs from image to image: the clocks, and what automatic exposure control sets anew for each.
_MOVING = tuple(
    ELEMENTS[keyword][0]
    for keyword in (
        "InstanceCreationDate InstanceCreationTime StudyDate StudyTime SeriesDate SeriesTime AcquisitionDate "
        "AcquisitionTime AcquisitionDateTime ContentDate ContentTime XRayTubeCurrent Exposure ExposureInuAs"
    ).split()
)
MOVES = (_SOP_INSTANCE_UID, *_MOVING)
_SEQUENCES = tuple(tag for tag, below in WANTED.items() if below is not None)
_MOST_ITEMS = 16
_MOST_KNOWN, _MOST_WHOLE = 512, 16


@dataclass(slots=True)
class Alike:
    """What is known of objects that differ in no more than what moves.

    Parameters
    ----------
    made : Made, optional
        Fields and issues that all of them share, where there are such.
    digest : hash object, optional
        Digest of what they say alike; to be copied before it goes on.
    """

    made: Made | None = None
    digest: Any = None
    _whole: dict[Hashable, Made] = field(default_factory=dict)

    def get(self, moving: Hashable) -> Made | None:
        """All fields of an object that is the same in what moves as well."""
        return self._whole.get(moving)

    def keep(self, moving: Hashable, made: Made) -> None:
        """Remember them, for the last few."""
        if len(self._whole) >= _MOST_WHOLE:
            self._whole.clear()
        self._whole[moving] = made


@dataclass(slots=True)
class Memory:
    """What one process made of the last headers, for one site and one set of keys."""

    site: Site
    pseudonymiser: Pseudonymiser
    _known: dict[Hashable, Alike] = field(default_factory=dict)

    def alike(self, still: Hashable | None) -> Alike:
        """What is known of objects with this key; where there is too much, all of it is forgotten."""
        if still is None:
            return Alike()
        found = self._known.get(still)  # asked once an object: hashing such a key takes long
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[still] = Alike()
        return found


_last: Memory | None = None


def memory_of(site: Site, pseudonymiser: Pseudonymiser) -> Memory:
    """The memory of this site and these keys; the one of another site is forgotten."""
    global _last  # noqa: PLW0603 (one per process: a receiver's threads share it, and each works on what it got here)
    found = _last
    if found is None or found.site is not site or found.pseudonymiser is not pseudonymiser:
        _last = found = Memory(site, pseudonymiser)
    return found


def still_key(header: Header) -> Hashable | None:
    """Every element but those that differ from image to image; ``None`` for a header with long sequences."""
    rest = header.elements.copy()
    for tag in MOVES:
        rest.pop(tag, None)
    nested: list[Hashable] = []
    for tag in _SEQUENCES:
        items = rest.pop(tag, None)
        if isinstance(items, list):
            frozen = None if len(items) > _MOST_ITEMS else _all_frozen(items)
            if frozen is None:
                return None
            nested.append((tag, frozen))
    return (header.media_storage_class, header.compression, tuple(rest.items()), tuple(nested))


def moving_key(header: Header) -> Hashable:
    """The elements that :func:`still_key` leaves out, but for the object's own UID."""
    return tuple(map(header.elements.get, _MOVING))


def _all_frozen(items: Iterable[Item]) -> Hashable | None:
    found = []
    for item in items:
        # Inside a sequence nothing is left out.
        parts = [(tag, _all_frozen(value) if isinstance(value, list) else value) for tag, value in item.items()]
        if any(value is None for _, value in parts):
            return None
        found.append(tuple(parts))
    return tuple(found)
