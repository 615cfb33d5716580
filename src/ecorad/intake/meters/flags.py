"""Quality flags of a reading, as bits inside this room and as words outside it."""

from __future__ import annotations

from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint32]


class Flag(IntFlag):
    """What is known about one reading; the lower-case name is the word that stands in ``reading.flags``."""

    GAP = 1
    LONG_INTERVAL = 2
    RESET = 4
    ROLL_OVER = 8
    STEP_BACK = 16
    CONFLICT = 32
    LATE = 64
    DST_AMBIGUOUS = 128
    DST_SHIFTED = 256
    STUCK = 512
    SPIKE = 1024
    NEGATIVE = 2048
    IMPLAUSIBLE = 4096
    UNIT_SUSPECT = 8192
    UNIT_ASSUMED = 16384
    UNKNOWN = 32768
    METER_CHANGE = 65536


def words(bits: Bits) -> NDArray[np.object_]:
    """The flags of each reading as words joined by ``|``, in a fixed order; empty where nothing is wrong.

    >>> words(np.array([0, Flag.GAP | Flag.METER_CHANGE], dtype=np.uint32)).tolist()
    ['', 'gap|meter_change']
    """
    distinct, place = np.unique(bits, return_inverse=True)
    names = ["|".join(flag.name.lower() for flag in Flag if flag.name and int(value) & flag) for value in distinct]
    found = np.empty(len(names), dtype=object)
    found[:] = names
    return found[place]


def mark(bits: Bits, where: NDArray[np.bool_], flag: Flag) -> None:
    """Set one flag where a condition holds, in place."""
    bits[where] |= np.uint32(flag)
