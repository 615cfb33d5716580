"""Archives that are searched: every study of a day, day after day, the last days again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from ecorad.intake.identity import Pseudonymiser

from .told import Batch, days

_SPAN_DAYS = 64
_WORTH_ASKING_DAYS = 7


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """One study of a search: its UID, and what tells whether it has grown since."""

    study_uid: str
    mark: str


class Searched(Protocol):
    """An archive that can be searched by day."""

    def has_any(self, first: date, last: date) -> bool:
        """Whether there is any study in a span of days, both ends included."""

    def studies(self, day: date | None) -> Iterator[FoundStudy]:
        """The studies of a local study date; of all when it is ``None``."""

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
    for day in _busy_days(archive, begin, today):
        marks = known.setdefault(day.isoformat(), {})
        here, after = (max(begin, min(one, settled)) for one in (day, day + timedelta(days=1)))
        for batch in _of_day(archive, day, marks, pseudonymiser):
            batch.state = _state(here, known)
            yield batch
        yield Batch([], _state(after, known))
    yield Batch([], _state(max(begin, settled), known))


def everything(archive: Searched, state: Mapping[str, Any], pseudonymiser: Pseudonymiser) -> Iterator[Batch]:
    """A batch a study of the whole archive, undated ones too: for a small one, as each pull lists all of it."""
    marks: dict[str, str] = dict(state.get("marks", {}))
    for batch in _of_day(archive, None, marks, pseudonymiser):
        batch.state = {"marks": dict(marks)}
        yield batch


def _busy_days(archive: Searched, first: date, last: date) -> Iterator[date]:
    """The days of a span, without long stretches in which there is nothing."""
    while first <= last:
        end = min(last, first + timedelta(days=_SPAN_DAYS - 1))
        if end - first < timedelta(days=_WORTH_ASKING_DAYS) or archive.has_any(first, end):
            yield from days(first, end)
        first = end + timedelta(days=1)


def _of_day(
    archive: Searched, day: date | None, marks: dict[str, str], pseudonymiser: Pseudonymiser
) -> Iterator[Batch]:
    for study in archive.studies(day):
        key = study.study_uid if pseudonymiser.retain else pseudonymiser.key("study", study.study_uid)
        if marks.get(key) == study.mark:
            continue
        batch = Batch([], {})
        archive.take(study.study_uid, batch)
        if batch.is_whole:
            marks[key] = study.mark
        yield batch


def _state(day: date, known: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Where to go on; marks of days before that are not needed any more."""
    text = day.isoformat()
    return {"day": text, "seen": {one: dict(marks) for one, marks in known.items() if one >= text and marks}}
