"""Appending to the receive journal: one thread writes what has gathered, forces it onto the disk once, then answers."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from ecorad.model import StoreError

from .record import MAX_NOTES, MAX_PAYLOAD, encode, encode_notes
from .segment import HEADER_BYTES, Segment, create_segment, make_folder, segments, write_all

SEGMENT_BYTES = 64 << 20
# What passes by itself, and says that nothing was kept. Files may be used up by the connections of a flood.
_PASSING = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.ENFILE}
_Waiting = tuple[int, int, bytes, bytes, "Future[int]"]


class SpoolFullError(StoreError):
    """There is no room on the disk, or no file left to open: nothing was kept, the sender may try again later."""

    code = "ecorad.spool.full"


class SpoolFailedError(StoreError):
    """The disk refused to keep a record: nothing more is taken in until somebody has looked."""

    code = "ecorad.spool.failed"


class Spool:
    """An open receive journal; one process appends, any may read.

    Each opening begins a new segment, so that nothing is ever written behind an end that may be torn.

    Parameters
    ----------
    folder : Path
        Where its segments lie; made for the owner alone when it is missing.
    segment_bytes : int
        Length at which the next segment is begun. [By]
    """

    def __init__(self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        make_folder(folder)
        self.folder = folder
        self._segment_bytes = segment_bytes
        self._waiting: list[_Waiting] = []
        self._wake = threading.Condition()
        self._closing = False
        self._failure: StoreError | None = None
        found = segments(folder)
        self._number = found[-1].number if found else 0
        self._sequence = self._number << 40
        self._segment: Segment | None = None
        self._handle = -1
        self._size = 0
        self._thread = threading.Thread(target=self._run, name=f"spool {folder.name}", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> StoreError | None:
        """Why nothing more is taken in; ``None`` while all is well."""
        return self._failure

    def append(self, payload: bytes, notes: Mapping[str, Any], *, received_us: int | None = None) -> Future[int]:
        """Keep one record.

        Parameters
        ----------
        payload : bytes
            As received, at most 128 MiB.
        notes : mapping
            Short facts beside it, at most 64 KiB as JSON.
        received_us : int, optional
            Microseconds since 1970-01-01 UTC; now unless said.

        Returns
        -------
        Future of int
            Done, with the record's sequence, once the record is on the disk.

        Raises
        ------
        SpoolFailedError
            If an earlier record could not be kept (:class:`SpoolFullError` comes through the future).
        """
        told = encode_notes(notes)
        if len(payload) > MAX_PAYLOAD or len(told) > MAX_NOTES:
            raise ValueError("a record holds at most 128 MiB, and 64 KiB of notes")
        done: Future[int] = Future()
        moment = time.time_ns() // 1000 if received_us is None else received_us
        with self._wake:
            if self._failure is not None:
                raise self._failure
            if self._closing:
                raise SpoolFailedError("the receive journal is closed")
            self._sequence += 1
            self._waiting.append((self._sequence, moment, told, payload, done))
            self._wake.notify()
        return done

    def close(self) -> None:
        """Finish what waits, then close."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and not self._closing:
                    self._wake.wait()
                batch, self._waiting = self._waiting, []
            if not batch:
                break
            self._commit(batch)
        self._leave_segment()

    def _commit(self, batch: list[_Waiting]) -> None:
        """Keep a batch, or tell all of it that it was not kept."""
        try:
            if self._failure is not None:
                raise self._failure
            segment = self._open_segment()
            data = b"".join(encode(number, at, told, payload, segment.salt) for number, at, told, payload, _ in batch)
            self._write(data)
        except (OSError, StoreError) as error:
            failure = self._told(error)
            for *_, done in batch:
                done.set_exception(failure)
            return
        for number, *_, done in batch:
            done.set_result(number)

    def _write(self, data: bytes) -> None:
        write_all(self._handle, data)
        os.fdatasync(self._handle)
        self._size += len(data)

    def _open_segment(self) -> Segment:
        if self._segment is not None and self._size < self._segment_bytes:
            return self._segment
        self._leave_segment()
        self._number += 1
        self._segment, self._handle = create_segment(self.folder, self._number)
        self._size = HEADER_BYTES
        return self._segment

    def _leave_segment(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
        self._segment, self._handle = None, -1

    def _told(self, error: Exception) -> StoreError:
        """What the senders are told. What passes by itself is left behind with its segment; the rest is final."""
        self._leave_segment()
        if isinstance(error, OSError) and error.errno in _PASSING:
            return SpoolFullError("no room for what was received")
        if self._failure is None:
            # What the kernel did with the pages of a failed fsync is unknown: never try again and call it kept.
            name = errno.errorcode.get(error.errno or 0, "error") if isinstance(error, OSError) else "error"
            self._failure = SpoolFailedError(f"the receive journal could not be written ({name})")
        return self._failure
