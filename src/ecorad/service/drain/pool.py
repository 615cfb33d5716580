"""A process that decodes, kept warm and thrown away when it dies, hangs or grows."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from ecorad.intake.identity import Pseudonymiser
from ecorad.ledger.batch import Arrival
from ecorad.model import Site, StoreError

from .arrivals import Kept, decode_all, limit_this_process, set_aside

_CHUNK = 64
_CHUNK_S = 60.0
_ONE_S = 10.0
_LOST = "ecorad.intake.budget"


class DecodingPool:
    """Decodes records of one site apart from this process."""

    def __init__(self, site: Site, pseudonymiser: Pseudonymiser) -> None:
        self._site = site
        self._pseudonymiser = pseudonymiser
        self._pool: ProcessPoolExecutor | None = None

    def decode(self, records: Sequence[Kept]) -> list[Arrival]:
        """What became of each record, in order; the one on which a process dies is set aside."""
        found: list[Arrival] = []
        for start in range(0, len(records), _CHUNK):
            chunk = list(records[start : start + _CHUNK])
            got = self._try(chunk, _CHUNK_S)
            if got is not None:
                found += got
                continue
            for one in chunk:
                found += self._try([one], _ONE_S) or [set_aside(one, _LOST)]
        return found

    def close(self) -> None:
        """Let the process go."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _try(self, chunk: list[Kept], timeout_s: float) -> list[Arrival] | None:
        pool = self._pool or self._started()
        try:
            return pool.submit(decode_all, chunk, self._site, self._pseudonymiser).result(timeout_s)
        except (BrokenProcessPool, TimeoutError, MemoryError):
            self._kill()
            return None

    def _started(self) -> ProcessPoolExecutor:
        """A new process that has shown that it works: otherwise every input would be blamed for what is its fault."""
        # Not forked: threads of this process would be left half alive.
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, mp_context=spawn, initializer=limit_this_process)
        try:
            self._pool.submit(decode_all, [], self._site, self._pseudonymiser).result(_CHUNK_S)
        except (BrokenProcessPool, TimeoutError, MemoryError):
            self._kill()
            raise StoreError("no decoding process can be started", code="ecorad.service.no_decoder") from None
        return self._pool

    def _kill(self) -> None:
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)
