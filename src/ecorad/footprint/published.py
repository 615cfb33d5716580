"""The lowest tier of all: exams times a published footprint, where nothing is known of the electricity.

Such a figure has a boundary of its own (consumables are in it, cooling is not), so it stands beside the electricity of
other devices and is never added to it.
"""

from __future__ import annotations

from dataclasses import replace

from ecorad.factors import Factor
from ecorad.model import Origin, Quantity, worst_origin

from .uncertainty import Term, of_factor, total

UNIT = "kg{CO2e}"
METHOD = "published_per_exam"


def published_co2e(exams: int, per_exam: Factor) -> Quantity:
    """CO2e of exams by a published figure for one. [kg]

    Parameters
    ----------
    exams : int
        How many.
    per_exam : Factor
        Attributional footprint of one exam, as adapted to the year and country of use. [kg CO2e/exam]

    Examples
    --------
    McAlister et al. 2022 give 0.76 kg for a chest X-ray:

    >>> from ecorad.factors import exam_footprint
    >>> round(published_co2e(1000, exam_footprint("DX")).value)
    760
    """
    found = total([Term(float(exams), (of_factor(per_exam),))], UNIT, METHOD)
    # Whatever it was at its source, here it stands in for what nobody measured.
    return replace(found, origin=worst_origin([found.origin, Origin.DEFAULT]))
