"""A fault of Ecorad's own while it reads an input: that input is set aside, the fault is told, the others go on."""

from __future__ import annotations

import traceback
from pathlib import Path

from ecorad.model import Issue

DEFECT = "ecorad.intake.defect"


def defect_issue(error: Exception) -> Issue:
    """What escaped and where in our program; never its text, which may repeat what the input holds.

    >>> try:
    ...     int("Jansen^Anna")
    ... except ValueError as error:
    ...     print(defect_issue(error).detail)
    ValueError, <doctest ecorad.intake.defects.defect_issue[0]>:2
    """
    frames = traceback.extract_tb(error.__traceback__)
    frame = next((one for one in reversed(frames) if "ecorad" in one.filename), frames[-1])
    return Issue(DEFECT, detail=f"{type(error).__name__}, {Path(frame.filename).name}:{frame.lineno}")
