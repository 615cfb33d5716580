"""Administered activity: Bq or MBq, told by the class of the object and checked by magnitude."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .clock import Clock, Clocks, Moment
from .facts import IMPLAUSIBLE, Facts

# Classic PET writes Bq (PS3.3 C.8.9.2), NM and enhanced PET write MBq (C.8.4.10, C.8.22.4): the class leads.
_WRITES_BQ = {"1.2.840.10008.5.1.4.1.1.128": "pet_bq"}
_WRITES_MBQ = {
    "1.2.840.10008.5.1.4.1.1.20": "nm_mbq",
    "1.2.840.10008.5.1.4.1.1.130": "enhanced_pet_mbq",
    "1.2.840.10008.5.1.4.1.1.128.1": "enhanced_pet_mbq",
}
# 50 kBq is less than any diagnostic dose, 40 GBq more than any therapy. As plain numbers the two ranges of units do
# not overlap, so a value that its class cannot mean still has one reading, or none.
_LOW_MBQ, _HIGH_MBQ = 0.05, 4e4
_LATEST_AFTER = timedelta(hours=2)  # dynamic studies are injected shortly after the camera starts


def activity_mbq(written: float, sop_class: str) -> tuple[float, str] | None:
    """Activity in MBq and the rule that told the unit; ``None`` when neither unit makes sense.

    >>> activity_mbq(221596288.0, "1.2.840.10008.5.1.4.1.1.128")
    (221.596288, 'pet_bq')
    >>> activity_mbq(764.0, "1.2.840.10008.5.1.4.1.1.20")
    (764.0, 'nm_mbq')
    >>> activity_mbq(370.0, "1.2.840.10008.5.1.4.1.1.128")  # 370 Bq would be nothing
    (370.0, 'magnitude_mbq')
    """
    as_bq = written / 1e6 if _LOW_MBQ <= written / 1e6 <= _HIGH_MBQ else None
    as_mbq = written if _LOW_MBQ <= written <= _HIGH_MBQ else None
    if as_bq is not None and (sop_class in _WRITES_BQ or as_mbq is None):
        return as_bq, _WRITES_BQ.get(sop_class, "magnitude_bq")
    if as_mbq is not None:
        return as_mbq, _WRITES_MBQ.get(sop_class, "magnitude_mbq")
    return None


def read_activity(facts: Facts, sop_class: str, clock: Clock, clocks: Clocks) -> dict[str, Any]:
    """Fields of :class:`~ecorad.model.Instance` about the radiopharmaceutical; empty when none is named."""
    administered = list(facts.items("RadiopharmaceuticalInformationSequence"))
    if not administered:
        return {}
    if len(administered) > 1:
        facts.note("ecorad.activity.several", "RadiopharmaceuticalInformationSequence", "the first is taken")
    given = administered[0]
    written = given.number("RadionuclideTotalDose", 0, 1e12, zero=False)
    told = None if written is None else activity_mbq(written, sop_class)
    if written is not None and told is None:
        facts.note(IMPLAUSIBLE, "RadionuclideTotalDose", "neither Bq nor MBq")
    start = _start(given, clock, clocks)
    return {
        "radiopharmaceutical": _agent(given),
        "activity_mbq": None if told is None else told[0],
        "activity_unit_rule": None if told is None else told[1],
        "radionuclide_half_life_s": given.number("RadionuclideHalfLife", 1, 1e12, zero=False),
        "radiopharmaceutical_start_utc": None if start is None else start.utc,
    }


def _agent(given: Facts) -> str | None:
    code = given.item("RadiopharmaceuticalCodeSequence")
    return given.text("Radiopharmaceutical") or (None if code is None else code.text("CodeMeaning"))


def _start(given: Facts, clock: Clock, clocks: Clocks) -> Moment | None:
    """The full date and time, else the time on the day of the acquisition, or on the day before."""
    exact = clock.date_time(given, "RadiopharmaceuticalStartDateTime")
    reference = clocks.acquisition or clocks.series
    if exact is not None or reference is None:
        return exact
    return clock.on_day_of(reference, "RadiopharmaceuticalStartTime", given, latest_after=_LATEST_AFTER)
