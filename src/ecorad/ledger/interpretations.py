"""The same file of rows read anew: what an earlier reading of it gave no longer holds, and is kept all the same.

A meter's file says little about itself: unit, zone and register stand in ``site.toml``. When they are corrected and the
file is offered again, its rows come out otherwise, perhaps at other times or of another meter. They are numbered as the
next *interpretation* of the content, and the one before is struck: never do both hold. Going back to former settings is
a further interpretation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ecorad.model import Outcome

from .batch import Arrival, ReadAs

# Tables whose rows come and go with the interpretation of their input.
TABLES = ("reading", "stock", "medication", "issue")
NONE = 0


@dataclass(frozen=True, slots=True)
class Held:
    """An interpretation that holds: the ``number``-th of its content."""

    number: int
    read_as: ReadAs


@dataclass(slots=True)
class Settled:
    """What a batch does to interpretations.

    ``numbers`` and ``fates`` have one element an arrival (0 and ``None`` for what is no file of rows); ``begun`` and
    ``ended`` are lists of (place of the arrival, interpretation).
    """

    numbers: list[int] = field(default_factory=list)
    fates: list[Outcome | None] = field(default_factory=list)
    begun: list[tuple[int, Held]] = field(default_factory=list)
    ended: list[tuple[int, Held]] = field(default_factory=list)


def settle(arrivals: Sequence[Arrival], held: Mapping[str, Sequence[Held]], last: Mapping[str, int]) -> Settled:
    """Number the interpretations of a batch.

    An interpretation ends when the same content comes under the same name, or tells of the same meters or ledger, and
    was read under another configuration. Two names with the same bytes may well be two meters: both hold.

    Parameters
    ----------
    arrivals : sequence of Arrival
        In the order received.
    held : mapping of digest to interpretations
        Those that hold before the batch.
    last : mapping of digest to number
        The highest number given so far.

    Examples
    --------
    >>> first, second = (Arrival("d", "f", "meter", 1, read_as=ReadAs("o", "t", c)) for c in ("kWh", "Wh"))
    >>> settle([second], {"d": [Held(1, first.read_as)]}, {"d": 1}).fates
    [<Outcome.NEW_VERSION: 'new_version'>]
    """
    now = {digest: list(known) for digest, known in held.items()}
    numbers = dict(last)
    settled = Settled()
    for place, arrival in enumerate(arrivals):
        read_as = arrival.read_as
        if read_as is None or arrival.fate is not None:
            settled.numbers.append(NONE)
            settled.fates.append(None)
            continue
        known = now.setdefault(arrival.digest, [])
        outdated = [one for one in known if _replaces(read_as, one.read_as)]
        same = [one for one in known if one.read_as.configuration == read_as.configuration]
        for one in outdated:
            known.remove(one)
            settled.ended.append((place, one))
        if same:
            number = same[0].number
        else:
            number = numbers[arrival.digest] = numbers.get(arrival.digest, NONE) + 1
            known.append(Held(number, read_as))
            settled.begun.append((place, known[-1]))
        settled.numbers.append(number)
        settled.fates.append(Outcome.NEW_VERSION if outdated else Outcome.DUPLICATE if same else Outcome.STORED)
    return settled


def parts(arrivals: Sequence[Arrival]) -> list[Sequence[Arrival]]:
    """A batch cut so that within a part no content is read in two ways: what ends must have been kept before."""
    found: list[Sequence[Arrival]] = []
    begin, seen = 0, dict[str, str]()
    for place, arrival in enumerate(arrivals):
        if arrival.read_as is None:
            continue
        configuration = arrival.read_as.configuration
        if seen.setdefault(arrival.digest, configuration) != configuration:
            found.append(arrivals[begin:place])
            begin, seen = place, {arrival.digest: configuration}
    return [*found, arrivals[begin:]]


def _replaces(new: ReadAs, old: ReadAs) -> bool:
    is_same_thing = new.origin == old.origin or new.target == old.target
    return is_same_thing and new.configuration != old.configuration
