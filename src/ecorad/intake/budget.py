"""What reading one input may cost; set by the process that reads it, enforced by the system.

A reader that wants more memory gets a ``MemoryError`` and fails with its input; one that computes for too long is
killed by the system. Either way the input is set aside as ``ecorad.intake.budget`` and the next one goes on.
"""

from __future__ import annotations

import math
import os
import resource
from pathlib import Path

# Beyond what a process has when it starts, and beyond what each byte of a large table costs as rows. [By]
MEMORY_BYTES = 512 << 20
MEMORY_PER_BYTE = 16
# Of processor time; a large table may take longer, a small bomb may not. [s]
CPU_S = 5.0
CPU_BYTES_PER_S = 1 << 20
# A workbook is read cell by cell from XML, which is usually ten times as long as the file; a bomb claims to be more.
_UNPACKED_S_PER_BYTE = 3 / CPU_BYTES_PER_S
_MOST_UNPACKED = 20


def allowed_cpu_s(size_bytes: int, unpacked_bytes: int = 0) -> int:
    """Processor time that an input of this size may take; whole seconds, as the system counts them. [s]

    ``unpacked_bytes`` is what a workbook says that its parts are long; one of more than 20 times its size is taken for
    a bomb, and nothing of it counts.

    >>> allowed_cpu_s(0), allowed_cpu_s(100 << 20), allowed_cpu_s(1 << 20, 10 << 20), allowed_cpu_s(1 << 20, 10 << 30)
    (5, 105, 36, 6)
    """
    unpacked = unpacked_bytes if unpacked_bytes <= _MOST_UNPACKED * size_bytes else 0
    return math.ceil(CPU_S + size_bytes / CPU_BYTES_PER_S + unpacked * _UNPACKED_S_PER_BYTE)


def allowed_memory_bytes(size_bytes: int) -> int:
    """Memory beyond that of an idle process that an input of this size may take. [By]

    >>> allowed_memory_bytes(0) >> 20, allowed_memory_bytes(100 << 20) >> 20
    (512, 2112)
    """
    return MEMORY_BYTES + MEMORY_PER_BYTE * size_bytes


class Budget:
    """The limits of one reading process; made once, when it starts.

    A process that cannot read anything is left no core file either: it would hold what was read.
    """

    def __init__(self) -> None:
        self._idle_bytes = _data_bytes()
        self._most_bytes, self._most_s = (resource.getrlimit(one)[1] for one in _LIMITS)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def allow(self, size_bytes: int, unpacked_bytes: int = 0) -> None:
        """Give the process what the next input may take, from now on.

        Parameters
        ----------
        size_bytes : int
            Length of the input. [By]
        unpacked_bytes : int
            Of a workbook, the length of its parts. [By]
        """
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = math.ceil(used.ru_utime + used.ru_stime) + allowed_cpu_s(size_bytes, unpacked_bytes)
        wanted = (self._idle_bytes + allowed_memory_bytes(size_bytes), seconds)
        for limit, soft, hard in zip(_LIMITS, wanted, (self._most_bytes, self._most_s), strict=True):
            resource.setrlimit(limit, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


# Memory that a process writes to, and not the libraries it maps; processor time of all its threads.
_LIMITS = (resource.RLIMIT_DATA, resource.RLIMIT_CPU)


def _data_bytes() -> int:
    """What the process may write to so far. [By]"""
    fields = Path("/proc/self/statm").read_text("ascii").split()
    return int(fields[5]) * os.sysconf("SC_PAGE_SIZE")
