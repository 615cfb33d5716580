"""Reports of a patient's estimated dose (TID 10030): the estimate as it stands, never added to the events."""

from __future__ import annotations

from typing import Any

from . import codes
from .tree import Node

_MAX_MSV = 1e4


def read(root: Node) -> tuple[str | None, list[dict[str, Any]]]:
    """The totals: the effective dose of each estimate that gives one in Sv, the largest where several do.

    Estimates of one irradiation by different methods are alternatives, so they are not added.
    """
    found = [node.flat().number(codes.EFFECTIVE, "mSv", _MAX_MSV) for node in root.flat().all(codes.DOSE_ESTIMATE)]
    known = [value for value in found if value is not None]
    return None, [{"plane": None, "effective_dose_msv": max(known, default=None)}]
