"""How far each stream is worked off and what was counted on the way: one small file, replaced whole."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ecorad.ledger.spool import Damage, Position, load_state, save_state

FILE = "state.json"
_MOST_DAMAGES = 1000


@dataclass(slots=True)
class JournalState:
    """The state of all streams.

    ``counts`` are records worked off, by feed and local day; ``last_us`` is the time of receipt of the last batch,
    which is its name in the ledger: no two batches have the same.
    """

    positions: dict[str, Position] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    damages: list[dict[str, Any]] = field(default_factory=list)
    carry: dict[str, tuple[int, str]] = field(default_factory=dict)
    last_us: int = 0

    def count(self, feed: str, day: str) -> None:
        """One more record of a feed on a day."""
        days = self.counts.setdefault(feed, {})
        days[day] = days.get(day, 0) + 1

    def note(self, stream: str, damage: Damage) -> None:
        """A damaged place, told until somebody says that he has seen it."""
        if len(self.damages) < _MOST_DAMAGES:
            self.damages.append(
                {
                    "stream": stream,
                    "segment": damage.segment,
                    "start": damage.start,
                    "end": damage.end,
                    "kind": damage.kind,
                    "records": damage.records,
                }
            )

    def copy(self) -> JournalState:
        """One to change."""
        return copy.deepcopy(self)

    def as_json(self) -> dict[str, Any]:
        """As it is written."""
        return {
            "positions": {name: [at.segment, at.offset] for name, at in self.positions.items()},
            "counts": self.counts,
            "damages": self.damages,
            "carry": {meter: list(row) for meter, row in self.carry.items()},
            "last_us": self.last_us,
        }

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> JournalState:
        """As it was written."""
        return cls(
            positions={name: Position(*at) for name, at in told.get("positions", {}).items()},
            counts={feed: dict(days) for feed, days in told.get("counts", {}).items()},
            damages=list(told.get("damages", [])),
            carry={meter: (int(row[0]), str(row[1])) for meter, row in told.get("carry", {}).items()},
            last_us=int(told.get("last_us", 0)),
        )


def read_states(folder: Path) -> tuple[JournalState, JournalState | None]:
    """The state as it is, and the one that a batch under way will lead to, if one was."""
    told = load_state(folder / FILE)
    intended = told.get("intended")
    return JournalState.of_json(told), None if intended is None else JournalState.of_json(intended)


def write_states(folder: Path, now: JournalState, intended: JournalState | None = None) -> None:
    """Write down the state, and where a batch that now begins will lead; durable when this returns."""
    told = now.as_json()
    if intended is not None:
        told["intended"] = intended.as_json()
    save_state(folder / FILE, told)
