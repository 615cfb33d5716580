"""Work shared among the cores, each part with a seed of its own."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator

_PARTS = 16


def shared(work: Callable[[int, int], Counter[str]], count: int, seed: int) -> Iterator[Counter[str]]:
    """Do ``count`` pieces of work in sixteen parts; the same seed gives the same pieces on any machine."""
    sizes = [count // _PARTS + (part < count % _PARTS) for part in range(_PARTS)]
    jobs = [(size, seed * 1000 + part) for part, size in enumerate(sizes) if size]
    with multiprocessing.get_context("spawn").Pool(os.cpu_count() or 1) as pool:
        yield from pool.starmap(work, jobs)
