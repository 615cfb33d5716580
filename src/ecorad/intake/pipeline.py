"""Sources to ledger: walked, decoded by several processes, committed in batches, counted.

Interrupted at any moment and run again, the ledger is the same as after one undisturbed run: every batch is committed
whole, and what was committed is known by its content.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from types import FrameType
from typing import Any

from ecorad.ledger import Arrival, LedgerWriter, Workspace, open_for_writing
from ecorad.model import InputError, Outcome, StoreError

from .decoding import Decoder
from .places import forget_place, keep_place, shown_place
from .register import pseudonymiser_of
from .sources import Input, inputs_of

Progress = Callable[[int, int], None]
_CHUNK_INPUTS = 64
_CHUNK_BYTES = 32 << 20
# Members of archives that may be held at once. [By]
_FLYING_BYTES = 256 << 20
_COMMIT_INPUTS = 5_000
_COMMIT_SECONDS = 20.0
# Below this many inputs it takes longer to start a process than to decode them here.
_WORTH_A_POOL = 48
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
        Processes; as many as there are cores unless said.
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

    def found() -> Iterator[Input]:
        for source in sources:
            is_barren = True
            for one in inputs_of(source):
                is_barren = False
                yield one
            if is_barren:
                barren.append(shown_place(source.absolute().name, ""))

    report = ingest_inputs(workspace, found(), feed=feed, workers=workers, progress=progress)
    for place in barren:
        report.tell("ecorad.source.no_files", place)
    return report


def ingest_inputs(
    workspace: Workspace,
    inputs: Iterable[Input],
    *,
    feed: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Read inputs that some other source gives; else as :func:`ingest`."""
    decoder = Decoder(workspace.site, pseudonymiser_of(workspace), feed)
    report = IngestReport()
    with open_for_writing(workspace, PATIENCE_S) as writer:
        intake = _Intake(workspace, writer, report, progress)
        decoded = _decoded(intake.counted(inputs), decoder, workers or os.cpu_count() or 1)
        try:
            for one, arrival in decoded:
                intake.take(one, arrival)
        finally:
            # After an interruption too: what was decoded is kept, the rest comes with the next run.
            decoded.close()
            intake.commit()
    return report


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
        self.progress(self.report.received + len(self.waiting), self.found)
        if len(self.waiting) >= _COMMIT_INPUTS or time.monotonic() - self.committed_at > _COMMIT_SECONDS:
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
            self.waiting = []
            self.committed_at = time.monotonic()


def _decoded(inputs: Iterator[Input], decoder: Decoder, workers: int) -> Generator[tuple[Input, Arrival]]:
    """Inputs with their arrivals, in the order of the inputs."""
    first = list(islice(inputs, _WORTH_A_POOL))
    if workers == 1 or len(first) < _WORTH_A_POOL:
        for one in chain(first, inputs):
            yield one, decoder.decode(one)
        return
    yield from _in_processes(_chunks(first, inputs), decoder, workers)


def _in_processes(chunks: Iterator[list[Input]], decoder: Decoder, workers: int) -> Iterator[tuple[Input, Arrival]]:
    """Decode chunks side by side, with no more than a few in flight; a worker that dies costs one input."""
    pool = _pool(workers, decoder)
    flying: _Flying = deque()
    try:
        for chunk in chunks:
            try:
                flying.append((chunk, _submit(pool, chunk)))
            except BrokenProcessPool:
                yield from _landed(flying, decoder, count=len(flying))
                pool = _pool(workers, decoder)
                flying.append((chunk, _submit(pool, chunk)))
            while len(flying) > 2 * workers or (len(flying) > 1 and _bytes_in(flying) > _FLYING_BYTES):
                yield from _landed(flying, decoder)
        yield from _landed(flying, decoder, count=len(flying))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _bytes_in(flying: _Flying) -> int:
    return sum(len(one.content or b"") for chunk, _ in flying for one in chunk)


def _landed(flying: _Flying, decoder: Decoder, count: int = 1) -> Iterator[tuple[Input, Arrival]]:
    for _ in range(count):
        chunk, future = flying.popleft()
        try:
            yield from zip(chunk, future.result(), strict=True)
        except BrokenProcessPool:
            yield from _one_by_one(chunk, decoder)


def _one_by_one(chunk: list[Input], decoder: Decoder) -> Iterator[tuple[Input, Arrival]]:
    """Each input alone, in a process that is started anew when one kills it, so that only that one is lost."""
    pool = _ready_pool(decoder)
    try:
        for one in chunk:
            try:
                yield one, _submit(pool, [one]).result()[0]
            except BrokenProcessPool:
                yield one, decoder.lost(one)
                pool = _ready_pool(decoder)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _ready_pool(decoder: Decoder) -> ProcessPoolExecutor:
    """A pool of one process that has started; no input is blamed for a process that never could."""
    pool = _pool(1, decoder)
    try:
        _submit(pool, []).result()
    except BrokenProcessPool:
        raise StoreError("no process for reading can be started", code="ecorad.intake.workers") from None
    return pool


def _chunks(first: Sequence[Input], rest: Iterator[Input]) -> Iterator[list[Input]]:
    chunk: list[Input] = []
    held = 0
    for one in chain(first, rest):
        chunk.append(one)
        held += len(one.content or b"")
        if len(chunk) >= _CHUNK_INPUTS or held >= _CHUNK_BYTES:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk


_decoder_here: Decoder | None = None


def _settle(decoder: Decoder) -> None:
    """Give a worker process its decoder once: it remembers keys and headers from chunk to chunk.

    Ctrl-C reaches the whole group of processes; a worker leaves it to the one that keeps the ledger.
    """
    global _decoder_here  # noqa: PLW0603 (a worker process has one for its whole life)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _decoder_here = decoder


def _leave_with_parent() -> None:
    """End this worker when the process that keeps the ledger is gone: killed, it can tell nobody to go home."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _decode_here(inputs: list[Input]) -> list[Arrival]:
    if _decoder_here is None:
        raise RuntimeError("a worker without its decoder")
    return [_decoder_here.decode(one) for one in inputs]


def _pool(workers: int, decoder: Decoder) -> ProcessPoolExecutor:
    # Not forked: the engine of the ledger has threads, which a fork would leave half alive.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_settle, initargs=(decoder,))


def _submit(pool: ProcessPoolExecutor, chunk: list[Input]) -> Future[list[Arrival]]:
    """Hand a chunk to a pool; processes that are started by it never see Ctrl-C, not even while they start."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(_decode_here, chunk)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
