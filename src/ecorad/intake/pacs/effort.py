"""What asking an archive costs this machine."""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from pathlib import Path

_USER, _SYSTEM = 11, 12  # places behind the name of the program, which may hold anything


def processor_s() -> float:
    """Processor time of this process and of those it has started to read with, so far. [s]

    >>> before = processor_s()
    >>> sum(range(10**6)) > 0 and processor_s() > before
    True
    """
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    running = sum(_of_child(child.pid) for child in multiprocessing.active_children())
    return time.process_time() + ended.ru_utime + ended.ru_stime + running


def _of_child(pid: int | None) -> float:
    try:
        told = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:  # it has just ended
        return 0.0
    return (int(told[_USER]) + int(told[_SYSTEM])) / os.sysconf("SC_CLK_TCK")
