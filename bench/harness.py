"""Times something several times and sets the median beside an anchor measured in the same minute."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Median and range of one measurement; ``ratio`` is anchor / median: above 1 is faster than the anchor."""

    what: str
    median_s: float
    fastest_s: float
    slowest_s: float
    ratio: float | None = None


def timed(what: str, run: Callable[[], object], *, repeats: int = 5, anchor: Timing | None = None) -> Timing:
    """Run ``run`` ``repeats`` times."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    median = statistics.median(taken)
    return Timing(what, median, min(taken), max(taken), anchor.median_s / median if anchor else None)


def show(timings: Iterable[Timing]) -> None:
    """Print a table, and the most memory any part of it took."""
    print(f"{'what':58} {'median':>9} {'range':>19} {'× anchor':>9}")
    for one in timings:
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        print(f"{one.what:58} {one.median_s:8.3f}s {one.fastest_s:8.3f} - {one.slowest_s:7.3f}s {ratio:>9}")
    own, children = (
        resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(f"most memory of one process: {max(own, children):,.0f} MB\n")
