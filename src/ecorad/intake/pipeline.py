"""Sources to ledger: walked, decoded by several processes, committed in batches, counted.

Interrupted at any moment and run again, the ledger is the same as after one undisturbed run: every batch is committed
whole, and what was committed is known by its content.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from types import FrameType
from typing import Any

from ecorad.ledger import Arrival, LedgerWriter, Workspace, open_for_writing
from ecorad.model import InputError, Outcome

from .decoding import Decoder
from .known_files import KnownFiles
from .places import forget_place, keep_place, shown_place
from .readers import Readers, reading
from .register import pseudonymiser_of
from .sources import Input, inputs_of

Progress = Callable[[int, int], None]
_CHUNK_INPUTS = 64
_CHUNK_BYTES = 8 << 20
# Chunks a process may be ahead of the ledger: while a commit is written down, it goes on reading.
_AHEAD = 12
# Inputs that may be in flight at once: members of archives are held, and of tables their rows. [By]
_FLYING_BYTES = 64 << 20
_COMMIT_INPUTS = 5_000
# A day of a meter that is read each second has 86,400 readings.
_COMMIT_READINGS = 150_000
_COMMIT_SECONDS = 20.0
# Below this many inputs it takes longer to start a second process than to decode them in one.
_WORTH_MORE = 48
# Places told of one code; a folder with a million unreadable files is counted to the end, not listed.
_MOST_PLACES = 1_000
# A server that takes in what it received holds the ledger for seconds; another ingest, until it is done.
PATIENCE_S = 20.0
ELSEWHERE = "elsewhere"
_Flying = deque[tuple[list[Input], "Future[list[Arrival]]"]]
_SET_ASIDE = (Outcome.QUARANTINED, Outcome.REFUSED)


@dataclass(slots=True)
class IngestReport:
    """What became of everything offered; the counts add up."""

    outcomes: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    issues: Counter[tuple[str, str]] = field(default_factory=Counter)
    _places: Counter[str] = field(default_factory=Counter)

    def tell(self, code: str, where: str, count: int = 1) -> None:
        """Count an issue at its place; places beyond the first thousand of a code are counted together."""
        if (code, where) not in self.issues:
            self._places[code] += 1
            where = where if self._places[code] <= _MOST_PLACES else ELSEWHERE
        self.issues[code, where] += count

    @property
    def received(self) -> int:
        """Inputs offered."""
        return sum(self.outcomes.values())

    @property
    def exit_status(self) -> int:
        """0 done, 1 done with quarantined inputs or rows."""
        return int(self.outcomes[Outcome.QUARANTINED] > 0 or self.rows["quarantined"] > 0)

    def as_json(self) -> dict[str, Any]:
        """The report as ``ecorad ingest --json`` prints it."""
        issues = sorted(self.issues.items(), key=lambda row: (-row[1], row[0]))
        return {
            "received": self.received,
            **{outcome.value: self.outcomes[outcome.value] for outcome in Outcome},
            "rows": {name: self.rows[name] for name in ("stored", "duplicate", "new_version", "quarantined")},
            "issues": [{"code": code, "where": where, "count": count} for (code, where), count in issues],
        }


def ingest(
    workspace: Workspace,
    sources: Sequence[Path],
    *,
    feed: str | None = None,
    workers: int | None = None,
    anew: bool = False,
    progress: Progress | None = None,
) -> IngestReport:
    """Read every input of ``sources`` into the ledger of a workspace.

    Parameters
    ----------
    workspace : Workspace
        Where to.
    sources : sequence of Path
        Files, folders, archives.
    feed : str, optional
        Where it comes from; for a meter file, the id of its meter.
    workers : int, optional
        Processes that read, beside this one; as many as there are cores unless said. 1: none, read here, without a
        limit on what an input may cost.
    anew : bool
        Read files also if they have not changed since they were read.
    progress : callable, optional
        Called with (inputs read, inputs found so far) after each input.

    Returns
    -------
    IngestReport
        Sources without any file are told as ``ecorad.source.no_files``.

    Raises
    ------
    InputError
        ``ecorad.input.no_source`` if a source is not there; nothing is read then.
    WorkspaceBusyError
        If another process still writes to the workspace after :data:`PATIENCE_S`.
    KeyboardInterrupt
        After Ctrl-C, when what was read until then has been kept.
    """
    missing = sum(not os.path.lexists(source) for source in sources)
    if missing:
        raise InputError(f"{missing} of the sources are not there", code="ecorad.input.no_source")
    barren: list[str] = []

    def found(known_files: KnownFiles) -> Iterator[Input]:
        for source in sources:
            is_barren = True
            for one in inputs_of(source, None if anew else known_files):
                is_barren = False
                yield one
            if is_barren:
                barren.append(shown_place(source.absolute().name, ""))

    report = _ingest(workspace, found, feed=feed, workers=workers, progress=progress)
    for place in barren:
        report.tell("ecorad.source.no_files", place)
    return report


@contextmanager
def ingesting(workspace: Workspace, feed: str) -> Iterator[Callable[[Iterable[Input]], IngestReport]]:
    """A way to read inputs that some other source gives, batch after batch; else as :func:`ingest`.

    One process reads them all: an archive gives less in a second than one reads.
    """
    decoder = Decoder(workspace.site, pseudonymiser_of(workspace), feed)
    with reading(decoder, 1) as readers:

        def keep(inputs: Iterable[Input]) -> IngestReport:
            with open_for_writing(workspace, PATIENCE_S) as writer:
                return _taken(_Intake(workspace, writer, IngestReport(), None), inputs, decoder, readers)

        yield keep


def _ingest(
    workspace: Workspace,
    inputs: Callable[[KnownFiles], Iterable[Input]],
    *,
    feed: str | None,
    workers: int | None,
    progress: Progress | None,
) -> IngestReport:
    pseudonymiser = pseudonymiser_of(workspace)
    decoder = Decoder(workspace.site, pseudonymiser, feed)
    # The first process that reads starts while the ledger is opened.
    with (
        nullcontext() if workers == 1 else reading(decoder, workers or os.cpu_count() or 1) as readers,
        open_for_writing(workspace, PATIENCE_S) as writer,
    ):
        intake = _Intake(workspace, writer, IngestReport(), progress)
        return _taken(intake, inputs(KnownFiles(writer, pseudonymiser)), decoder, readers)


def _taken(intake: _Intake, inputs: Iterable[Input], decoder: Decoder, readers: Readers | None) -> IngestReport:
    decoded = _decoded(intake.counted(inputs), decoder, readers)
    try:
        for one, arrival in decoded:
            intake.take(one, arrival)
    finally:
        # After an interruption too: what was decoded is kept, the rest comes with the next run.
        decoded.close()
        intake.commit()
    return intake.report


@contextmanager
def _not_now() -> Iterator[None]:
    """Let Ctrl-C wait until the block is done, so that a batch is kept and counted, or neither."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread alone
        return
    missed: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        missed.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if missed and callable(before):
            before(signal.SIGINT, None)


class _Intake:
    """Gathers arrivals, commits them in batches, and keeps the report."""

    def __init__(
        self, workspace: Workspace, writer: LedgerWriter, report: IngestReport, progress: Progress | None
    ) -> None:
        self.workspace = workspace
        self.writer = writer
        self.report = report
        self.progress = progress or (lambda done, found: None)
        self.waiting: list[Arrival] = []
        self.readings = 0
        self.found = 0
        self.committed_at = time.monotonic()

    def counted(self, inputs: Iterable[Input]) -> Iterator[Input]:
        for one in inputs:
            self.found += 1
            yield one

    def take(self, one: Input, arrival: Arrival) -> None:
        if arrival.fate in _SET_ASIDE and arrival.code is not None:
            keep_place(self.workspace.quarantine_path, arrival.digest, one.place, arrival.code, arrival.feed)
            self.report.tell(arrival.code, shown_place(one.place, arrival.digest))
        for issue in arrival.issues:
            self.report.tell(issue.code, issue.where or arrival.kind, issue.count)
        self.waiting.append(arrival)
        self.readings += sum(len(block.start_us) for block in arrival.readings)
        self.progress(self.report.received + len(self.waiting), self.found)
        is_much = len(self.waiting) >= _COMMIT_INPUTS or self.readings >= _COMMIT_READINGS
        if is_much or time.monotonic() - self.committed_at > _COMMIT_SECONDS:
            self.commit()

    def commit(self) -> None:
        with _not_now():
            fates = self.writer.commit(self.waiting, datetime.now(UTC))
            for arrival in self.waiting:
                if arrival.fate is None and arrival.kind != "dicom":  # of an object the digest is not that of its file
                    forget_place(self.workspace.quarantine_path, arrival.digest)
            self.report.outcomes.update(outcome.value for outcome in fates.outcomes)
            self.report.rows.update(
                stored=fates.rows_stored,
                duplicate=fates.rows_duplicate,
                new_version=fates.rows_new_version,
                quarantined=sum(arrival.rows_quarantined for arrival in self.waiting),
            )
            self.waiting, self.readings = [], 0
            self.committed_at = time.monotonic()


def _decoded(inputs: Iterator[Input], decoder: Decoder, readers: Readers | None) -> Generator[tuple[Input, Arrival]]:
    """Inputs with their arrivals, in the order of the inputs."""
    if readers is None:
        for one in inputs:
            yield one, decoder.decode(one)
        return
    first = list(islice(inputs, _WORTH_MORE))
    if len(first) < _WORTH_MORE:
        for one in first:
            yield from readers.alone([one])
    else:
        yield from _in_processes(_chunks(first, inputs), readers)


def _in_processes(chunks: Iterator[list[Input]], readers: Readers) -> Iterator[tuple[Input, Arrival]]:
    """Decode chunks side by side, with no more than a few in flight; a worker that dies costs one input."""
    flying: _Flying = deque()
    for chunk in chunks:
        try:
            flying.append((chunk, readers.submit(chunk)))
        except BrokenProcessPool:
            yield from _landed(flying, readers, count=len(flying))
            readers.start_anew()
            flying.append((chunk, readers.submit(chunk)))
        while len(flying) > _AHEAD * readers.workers or (len(flying) > 1 and _bytes_in(flying) > _FLYING_BYTES):
            yield from _landed(flying, readers)
    yield from _landed(flying, readers, count=len(flying))


def _bytes_in(flying: _Flying) -> int:
    return sum(one.held_bytes for chunk, _ in flying for one in chunk)


def _landed(flying: _Flying, readers: Readers, count: int = 1) -> Iterator[tuple[Input, Arrival]]:
    for _ in range(count):
        chunk, future = flying.popleft()
        try:
            yield from zip(chunk, future.result(), strict=True)
        except BrokenProcessPool:
            with reading(readers.decoder, 1) as anew:
                yield from anew.alone(chunk)


def _chunks(first: Sequence[Input], rest: Iterator[Input]) -> Iterator[list[Input]]:
    chunk: list[Input] = []
    held = 0
    for one in chain(first, rest):
        chunk.append(one)
        held += one.held_bytes
        if len(chunk) >= _CHUNK_INPUTS or held >= _CHUNK_BYTES:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk
