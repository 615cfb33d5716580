"""Archives that are asked: what is new since the last time, at their pace, in their hours."""

from __future__ import annotations

import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ecorad.intake.identity import Pseudonymiser
from ecorad.model import EcoradError, Outcome
from ecorad.model.pacs import PacsEntry

from . import by_day, folder, orthanc
from .cursor import FOLDER, Cursor
from .dicomweb import DicomWeb
from .dimse import Dimse
from .effort import processor_s
from .pace import Closed, Pace
from .stored import Stored
from .told import Batch
from .web import Web

_TOGETHER = 500
_LONGEST_S = 10.0


@dataclass(slots=True)
class PullReport:
    """What one pull took in and what it cost."""

    name: str
    outcomes: dict[str, int] = field(default_factory=lambda: {one.value: 0 for one in Outcome})
    issues: dict[tuple[str, str], int] = field(default_factory=dict)
    gone: int = 0
    requests: int = 0
    bytes_received: int = 0
    cpu_s: float = 0.0
    is_complete: bool = True

    @property
    def received(self) -> int:
        """Objects offered."""
        return sum(self.outcomes.values())


# Given the inputs of a batch, makes them durable and returns what became of them.
Keep = Callable[[Batch], tuple[dict[str, int], dict[tuple[str, str], int]]]


def pull(
    workspace_path: Path,
    entry: PacsEntry,
    keep: Keep,
    *,
    pseudonymiser: Pseudonymiser,
    now: Callable[[], datetime],
    limit: int | None = None,
    transport: Any = None,
) -> PullReport:
    """Ask one archive for what is new.

    Interrupted at any moment and run again, nothing is missed and nothing counted twice: where to go on is written
    down after what came before it is durable.

    Parameters
    ----------
    workspace_path : Path
        Folder of the site; the cursor lives in ``pull/``.
    entry : PacsEntry
        The archive.
    keep : callable
        Commits a batch; durable when it returns.
    pseudonymiser : Pseudonymiser
        So that the cursor names no study.
    now : callable
        Local time of the site.
    limit : int, optional
        Stop after so many objects.
    transport : httpx transport, optional
        In place of the network, for tests.

    Raises
    ------
    StoreError
        If the archive does not answer (``ecorad.pull.no_answer``) or refuses (``ecorad.pull.refused``).
    WorkspaceError
        If the cursor is damaged.
    """
    cursor = Cursor.load(workspace_path, entry.name)
    report, started = PullReport(entry.name), processor_s()
    pace = Pace(entry.per_second, entry.windows, now)
    spool = Path(tempfile.mkdtemp(dir=workspace_path / FOLDER, prefix=".spool-"))
    source = _Source(entry, pace, spool, transport)
    try:
        with closing(source), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they quote values; what is odd is judged where it is decoded
            for batch in _gathered(source.batches(cursor.state, pseudonymiser, now().date())):
                _take(batch, keep, report)
                cursor.state = batch.state
                cursor.save()
                if limit is not None and report.received >= limit:
                    report.is_complete = False
                    break
    except Closed:
        report.is_complete = False
    finally:
        shutil.rmtree(spool, ignore_errors=True)
        report.requests, report.bytes_received = pace.requests, source.bytes_received
        report.cpu_s = processor_s() - started
        for what, amount in (("requests", report.requests), ("bytes", report.bytes_received), ("cpu_s", report.cpu_s)):
            cursor.spent[what] = cursor.spent.get(what, 0) + amount
        cursor.save()
    return report


def _gathered(batches: Iterator[Batch]) -> Iterator[Batch]:
    """Small batches together, since each commit costs as much as some hundred objects; never held for long."""
    held, began = Batch([], {}), time.monotonic()
    try:
        for batch in batches:
            held = Batch(held.inputs + batch.inputs, batch.state, held.gone + batch.gone)
            on_disk = any(one.path is not None for one in batch.inputs)  # their files are written over by the next
            if on_disk or len(held.inputs) >= _TOGETHER or time.monotonic() - began > _LONGEST_S:
                yield held
                held, began = Batch([], held.state), time.monotonic()
    except (Closed, EcoradError):
        if held.state:
            yield held
        raise
    if held.state:
        yield held


def _take(batch: Batch, keep: Keep, report: PullReport) -> None:
    report.gone += batch.gone
    if not batch.inputs:
        return
    outcomes, issues = keep(batch)
    for what, count in outcomes.items():
        report.outcomes[what] = report.outcomes.get(what, 0) + count
    for which, count in issues.items():
        report.issues[which] = report.issues.get(which, 0) + count


class _Source:
    """One archive, whatever it speaks."""

    def __init__(self, entry: PacsEntry, pace: Pace, spool: Path, transport: Any) -> None:
        self._entry, self._spool = entry, spool
        self._pace = pace
        self._asked: Web | Dimse | Stored | None = None
        if entry.kind in {"dicomweb", "orthanc"}:
            self._asked = Web(entry, pace, transport)
        elif entry.kind == "dimse":
            self._asked = Dimse(entry, pace)
        elif entry.kind == "objects":
            self._asked = Stored(entry, pace, spool)

    @property
    def bytes_received(self) -> int:
        """Over the wire, as far as it can be counted."""
        return 0 if self._asked is None else self._asked.bytes_received

    def close(self) -> None:
        if self._asked is not None:
            self._asked.close()

    def batches(self, state: dict[str, Any], pseudonymiser: Pseudonymiser, today: date) -> Iterator[Batch]:
        entry, asked = self._entry, self._asked
        if isinstance(asked, Stored):
            return asked.batches(state, pseudonymiser)
        if asked is None:
            self._pace.wait()
            return folder.batches(entry, state, pseudonymiser)
        if isinstance(asked, Web) and entry.kind == "orthanc":
            return orthanc.batches(asked, state, self._spool, entry.name)
        archive = DicomWeb(asked, entry.name, self._spool, entry.modalities) if isinstance(asked, Web) else asked
        if entry.everything:
            return by_day.everything(archive, state, pseudonymiser)
        return by_day.batches(
            archive,
            state,
            first=entry.since or today,
            today=today,
            again_days=entry.again_days,
            pseudonymiser=pseudonymiser,
        )


__all__ = ["PullReport", "pull"]
