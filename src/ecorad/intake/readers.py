"""Processes that read inputs, each within its budget, thrown away when one dies of what it reads."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from ecorad.ledger.batch import Arrival
from ecorad.model import StoreError

from .budget import Budget
from .decoding import Decoder
from .sources import Input

_COLLECT_AFTER = 50_000


@contextmanager
def reading(decoder: Decoder, workers: int) -> Iterator[Readers]:
    """Processes to read with, for as long as the block runs; the first of them begins to start at once."""
    readers = Readers(decoder, workers)
    try:
        yield readers
    finally:
        readers.close()


class Readers:
    """One process that reads, or several.

    Parameters
    ----------
    decoder : Decoder
        What they read with.
    workers : int
        How many there may be. One starts at once, each other when there is a chunk that nobody is free for.
    """

    def __init__(self, decoder: Decoder, workers: int) -> None:
        self.decoder = decoder
        self.workers = workers
        self._pool = _pool(workers, decoder)
        self._ready = _submit(self._pool, [])

    def start_anew(self) -> None:
        """Other processes, after one has died and taken the rest with it."""
        self.close()
        self._pool = _pool(self.workers, self.decoder)
        self._ready = _submit(self._pool, [])

    def submit(self, chunk: list[Input]) -> Future[list[Arrival]]:
        """Have a chunk read; one of which everything is known already needs no process.

        Raises
        ------
        BrokenProcessPool
            If a process has died; also from the future.
        """
        if all(one.known for one in chunk):
            done: Future[list[Arrival]] = Future()
            done.set_result([self.decoder.decode(one) for one in chunk])
            return done
        return _submit(self._pool, chunk)

    def alone(self, chunk: list[Input]) -> Iterator[tuple[Input, Arrival]]:
        """Each input by itself, in a process that is started anew when one kills it, so that only that one is lost.

        Raises
        ------
        StoreError
            ``ecorad.intake.workers`` if no process can be started: no input is blamed for that.
        """
        for one in chunk:
            try:
                self._ready.result()
            except BrokenProcessPool:
                raise StoreError("no process for reading can be started", code="ecorad.intake.workers") from None
            try:
                yield one, self.submit([one]).result()[0]
            except BrokenProcessPool:
                yield one, self.decoder.lost(one)
                self.start_anew()

    def close(self) -> None:
        """Let the processes go."""
        self._pool.shutdown(wait=False, cancel_futures=True)


_decoder_here: tuple[Decoder, Budget] | None = None


def _settle(decoder: Decoder) -> None:
    """Give a process its decoder and its limits, once: it remembers keys and headers from chunk to chunk.

    Ctrl-C reaches the whole group of processes; one that reads leaves it to the one that keeps the ledger.
    """
    global _decoder_here  # noqa: PLW0603 (a process has one for its whole life)
    gc.set_threshold(_COLLECT_AFTER)  # what is read has few cycles, and looking for them costs a tenth of reading
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _decoder_here = decoder, Budget()


def _leave_with_parent() -> None:
    """End this process when the one that keeps the ledger is gone: killed, it can tell nobody to go home."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _decode_here(inputs: list[Input]) -> list[Arrival]:
    if _decoder_here is None:
        raise RuntimeError("a reading process without its decoder")
    decoder, budget = _decoder_here
    return [_within(budget, decoder, one) for one in inputs]


def _within(budget: Budget, decoder: Decoder, one: Input) -> Arrival:
    """What became of an input that may take no more than its budget."""
    budget.allow(one.size, one.unpacked_bytes())
    try:
        return decoder.decode(one)
    except MemoryError:
        return decoder.lost(one)
    except Exception as error:  # noqa: BLE001 - a fault of a reader costs its input, not all the others
        return decoder.defect(one, error)


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
