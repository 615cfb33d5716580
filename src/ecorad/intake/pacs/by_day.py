"""Archives that are searched: every study of a day, day after day, the last days again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from ecorad.intake.identity import Pseudonymiser

from .told import Batch, days


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """One study of a search: its UID, and what tells whether it has grown since."""

    study_uid: str
    mark: str


class Searched(Protocol):
    """An archive that can be searched by day."""

    def studies(self, day: date) -> Iterator[FoundStudy]:
        """The studies of a local study date."""

    def take(self, study_uid: str, batch: Batch) -> None:
        """Add what the archive tells of a study to the batch."""


def batches(
    archive: Searched,
    state: Mapping[str, Any],
    *,
    first: date,
    today: date,
    again_days: int,
    pseudonymiser: Pseudonymiser,
) -> Iterator[Batch]:
    """A batch a study, from the day the last pull was at.

    A study that says the same of itself as last time is not asked for again.

    Parameters
    ----------
    archive : Searched
        Whom to ask.
    state : mapping
        ``day``: the first day not yet done; ``seen``: marks of the studies of the days that are asked again, by
        pseudonym.
    first : date
        Where to begin when there is no state.
    today : date
        Local day, the last one asked for.
    again_days : int
        How many days before today are asked again next time. [d]
    pseudonymiser : Pseudonymiser
        So that the state names no study.
    """
    begin = date.fromisoformat(state["day"]) if "day" in state else first
    known: dict[str, dict[str, str]] = {day: dict(marks) for day, marks in state.get("seen", {}).items()}
    settled = today - timedelta(days=again_days)
    for day in days(begin, today):
        marks = known.setdefault(day.isoformat(), {})
        for study in archive.studies(day):
            key = pseudonymiser.key("study", study.study_uid) if not pseudonymiser.retain else study.study_uid
            if marks.get(key) == study.mark:
                continue
            batch = Batch([], {})
            archive.take(study.study_uid, batch)
            marks[key] = study.mark
            batch.state = _state(max(begin, min(day, settled)), known)
            yield batch
        yield Batch([], _state(max(begin, min(day + timedelta(days=1), settled)), known))


def _state(day: date, known: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Where to go on; marks of days before that are not needed any more."""
    text = day.isoformat()
    return {"day": text, "seen": {one: dict(marks) for one, marks in known.items() if one >= text and marks}}
