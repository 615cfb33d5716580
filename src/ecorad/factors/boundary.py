"""What a published footprint has counted: flags that may not overlap when two are added."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ecorad.model import InputError, MixingError

FLAGS = ("active", "standby", "cooling", "consumables", "embodied", "travel", "data")


@dataclass(frozen=True, slots=True)
class Boundary:
    """The parts of an exam's footprint that a factor contains.

    ``active`` is electricity while scanning; ``standby`` that of the time between exams and at night; ``embodied``
    making and shipping the equipment; ``data`` storage, network and workstations.

    >>> Boundary.of("active", "standby").names
    ('active', 'standby')
    >>> Boundary.of("active") & Boundary.of("active", "travel")
    ('active',)
    """

    flags: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        unknown = sorted(self.flags - set(FLAGS))
        if unknown:
            raise InputError(f"unknown boundary flag {unknown[0]!r}; the flags are {', '.join(FLAGS)}")

    @classmethod
    def of(cls, *names: str) -> Boundary:
        """A boundary from the names of its parts."""
        return cls(frozenset(names))

    @property
    def names(self) -> tuple[str, ...]:
        """The parts it contains, in the order of :data:`FLAGS`."""
        return tuple(name for name in FLAGS if name in self.flags)

    def __and__(self, other: Boundary) -> tuple[str, ...]:
        return tuple(name for name in FLAGS if name in self.flags and name in other.flags)

    def __or__(self, other: Boundary) -> Boundary:
        return Boundary(self.flags | other.flags)


def union_without_overlap(boundaries: Iterable[tuple[str, Boundary]]) -> Boundary:
    """Everything the named boundaries contain together.

    Raises
    ------
    MixingError
        If one part would be counted twice; the message names the flag and both owners.

    Examples
    --------
    >>> union_without_overlap([("making", Boundary.of("embodied")), ("use", Boundary.of("active"))]).names
    ('active', 'embodied')
    """
    owner: dict[str, str] = {}
    for name, boundary in boundaries:
        for flag in boundary.names:
            if flag in owner:
                raise MixingError(
                    f"{owner[flag]} and {name} both contain {flag}: adding them would count it twice",
                    code="ecorad.mixing.boundary",
                )
            owner[flag] = name
    return Boundary(frozenset(owner))
