"""The four principles of sustainable healthcare, and which of them a measure serves.

Mortimer 2010 (claim SF082), in the order that counts: what need not be done at all comes before doing it with less.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from ecorad.model import UnknownNameError


class Principle(StrEnum):
    """Best first."""

    PREVENTION = "prevention"
    SELF_CARE = "self_care"
    LEAN_SERVICE = "lean_service"
    LOW_CARBON = "low_carbon"


MEASURES: Mapping[str, Principle] = MappingProxyType(
    {
        "low_value": Principle.PREVENTION,
        "cascades": Principle.PREVENTION,
        "dose": Principle.PREVENTION,
        "patient_information": Principle.SELF_CARE,
        "remote_reading": Principle.LEAN_SERVICE,
        "repeats": Principle.LEAN_SERVICE,
        "duplicates": Principle.LEAN_SERVICE,
        "left_overs": Principle.LEAN_SERVICE,
        "packs": Principle.LEAN_SERVICE,
        "day_plan": Principle.LEAN_SERVICE,
        "paper": Principle.LEAN_SERVICE,
        "idle_power": Principle.LOW_CARBON,
        "left_on": Principle.LOW_CARBON,
        "power_modes": Principle.LOW_CARBON,
        "cooling": Principle.LOW_CARBON,
        "contract_electricity": Principle.LOW_CARBON,
        "equipment_life": Principle.LOW_CARBON,
        "sf6": Principle.LOW_CARBON,
    }
)


def portfolio(measures: Iterable[str]) -> dict[Principle, tuple[str, ...]]:
    """Measures grouped by principle, best first; a principle that nothing serves is there, and empty.

    Raises
    ------
    UnknownNameError
        For a measure without a principle.

    Examples
    --------
    >>> {one.value: names for one, names in portfolio(["idle_power", "repeats"]).items()}
    {'prevention': (), 'self_care': (), 'lean_service': ('repeats',), 'low_carbon': ('idle_power',)}
    """
    wanted = sorted(set(measures))
    for name in wanted:
        if name not in MEASURES:
            raise UnknownNameError(f"no measure {name!r}; there are {', '.join(sorted(MEASURES))}")
    return {one: tuple(name for name in wanted if MEASURES[name] is one) for one in Principle}
