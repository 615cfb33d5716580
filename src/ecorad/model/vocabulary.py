"""The closed lists that several rooms share."""

from __future__ import annotations

from enum import StrEnum

# Origin of an administration that the report of an injector tells of: above the sheet, and above headers.
AGENT_REPORT = "agent report"
# Origin of one that a medication record tells of: below the report of an injector, above the sheet and headers.
MEDICATION_RECORD = "medication record"


class Origin(StrEnum):
    """Where a number comes from, best first; in a sum the worst wins.

    >>> worst_origin([Origin.MEASURED, Origin.DEFAULT])
    <Origin.DEFAULT: 'default'>
    """

    MEASURED = "measured"
    REPORTED = "reported"
    MODELLED = "modelled"
    DEFAULT = "default"
    CLAIMED = "claimed"

    @property
    def rank(self) -> int:
        """0 for the best origin, 4 for the worst."""
        return list(Origin).index(self)


def worst_origin(origins: list[Origin]) -> Origin:
    """The worst of several origins (``measured`` if there are none)."""
    return max(origins, key=lambda origin: origin.rank, default=Origin.MEASURED)


class PowerState(StrEnum):
    """Power states of a scanner, in the words of the MRI and CT power literature, lowest power usually first.

    The order is not a promise: an MRI that is ``off`` may draw more than one in ``power_save`` (Woolen 2023).
    """

    OFF = "off"
    POWER_SAVE = "power_save"
    IDLE = "idle"
    READY = "ready"
    SCAN = "scan"


class Outcome(StrEnum):
    """What became of one input: exactly one of these, and the counts add up."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    NEW_VERSION = "new_version"
    QUARANTINED = "quarantined"
    REFUSED = "refused"


class Accounting(StrEnum):
    """Which of the two questions a footprint answers; the two never mix."""

    ATTRIBUTIONAL = "attributional"
    CONSEQUENTIAL = "consequential"
