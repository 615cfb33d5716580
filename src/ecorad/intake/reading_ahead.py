"""The first bytes of many files, in order; from slow storage by many threads that run ahead of whoever wants them.

A disk or an archive across a network answers after milliseconds, but many questions at once. What the threads have
read is in the system's memory then, where the processes that decode find it. From fast storage threads would only be
in the way: how long the last few files took decides.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
# What a decoder asks for first. [By]
HEAD_BYTES = 1 << 16
THREADS = 32
# Files read ahead at most: what is in memory too early may be gone again.
_AHEAD = 256
# After so many the storage is tried again without threads.
_STRETCH = 2_048
_PROBES = 4
# From the memory of the system a file is opened and begun in some 0.03 ms. [s]
_SLOW_S = 0.001


def with_heads(
    items: Iterable[T], path_of: Callable[[T], str | None], length: int, threads: int = THREADS
) -> Iterator[tuple[T, bytes | None]]:
    """Each item with the first bytes of its file, in the order of the items.

    Parameters
    ----------
    items : iterable
        Taken a few hundred ahead at most.
    path_of : callable
        The file of an item; ``None`` for one that has none.
    length : int
        How many bytes are wanted of each file. [By]
    threads : int
        How many read at once where storage is slow.

    Yields
    ------
    item, bytes or None
        ``None`` where there is no file, or it cannot be read.

    Examples
    --------
    >>> list(with_heads(["/dev/null", None, "/is/not/there"], lambda path: path, 4))
    [('/dev/null', b''), (None, None), ('/is/not/there', None)]
    """
    rest = iter(items)
    recent_s = deque[float](maxlen=_PROBES)
    for item in rest:
        path = path_of(item)
        began = time.perf_counter()
        head = _head(path, length)
        if path is not None:
            recent_s.append(time.perf_counter() - began)
        yield item, head
        if sum(recent_s) >= _PROBES * _SLOW_S:
            yield from _ahead(islice(rest, _STRETCH), path_of, length, threads)
            recent_s.clear()


def _ahead(
    items: Iterable[T], path_of: Callable[[T], str | None], length: int, threads: int
) -> Iterator[tuple[T, bytes | None]]:
    waiting: deque[tuple[T, Future[bytes | None]]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="reading-ahead")
    try:
        for item in items:
            waiting.append((item, pool.submit(_begun, path_of(item), length)))
            if len(waiting) >= _AHEAD:
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _begun(path: str | None, length: int) -> bytes | None:
    """The first bytes of a file of which a decoder will soon want more."""
    found = _head(path, HEAD_BYTES)
    return None if found is None else found[:length]


def _head(path: str | None, length: int) -> bytes | None:
    if path is None:
        return None
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            return os.read(handle, length)
        finally:
            os.close(handle)
    except OSError:
        return None
