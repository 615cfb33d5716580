"""The knobs of a simulated department."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from ecorad.model import InputError

# fmt: off
SHARES = frozenset({
    "overlap", "load", "no_show", "left_on", "repeat_exam", "duplicate_exam", "repeat_series", "derived_series",
    "shared_patients", "gap_share", "duplicate_rows", "ledger_completeness", "medication_completeness",
})
# fmt: on


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How difficult, how busy and how complete the simulated department is.

    Parameters
    ----------
    noise : float
        Standard deviation of the power from second to second, relative to its level. [1]
    drift : float
        Amplitude of the slow drift of all levels of a scanner, relative. [1]
    overlap : float
        Share of sequences whose power lies within the band of ``ready``, so that power alone cannot tell them. [1]
    scale_spread : float
        Standard deviation of the logarithm of one factor per scanner on all its levels; 0 keeps the published ranges.
    load : float
        Share of bookable slots that are filled. [1]
    no_show, repeat_exam, duplicate_exam, shared_patients : float
        Share of bookings nobody comes to, of exams done again the same day, of exams that repeat one of the last two
        weeks without need, of exams of a patient who was also seen on another modality. [1]
    repeat_series : float
        Share of series acquired twice within an exam. [1]
    derived_series : float
        Share of CT studies with a reformatted series, made later on the console. [1]
    left_on : float
        Mean probability that a scanner is left idle overnight. [1]
    unmetered : int
        How many scanners, from the last, have no meter.
    gap_share : float
        Share of the period for which a meter delivers nothing. [1]
    duplicate_rows : float
        Share of meter rows delivered twice. [1]
    register_resets : int
        How often a cumulative register falls back to zero.
    clock_skew_s, clock_drift_s_per_day, clock_steps_per_month : float
        Largest constant error of a scanner's clock [s], largest drift [s/d], mean number of corrections in 28 days.
    instances_per_series : int
        DICOM objects per CT or MR series.
    enhanced_mr : bool
        Whether MR scanners that write a standard duration send enhanced multi-frame objects.
    ledger_completeness : float
        Share of contrast packs that were written down. [1]
    medication_completeness : float
        Share of injections in the medication records, which are only written when it is above 0. [1]

    Raises
    ------
    InputError
        For a share outside 0 to 1 or a negative number.

    Examples
    --------
    >>> Settings().noise < Settings.hard().noise
    True
    """

    noise: float = 0.02
    drift: float = 0.02
    overlap: float = 0.0
    scale_spread: float = 0.0
    load: float = 0.85
    no_show: float = 0.04
    repeat_exam: float = 0.01
    duplicate_exam: float = 0.02
    shared_patients: float = 0.03
    repeat_series: float = 0.04
    derived_series: float = 0.4
    left_on: float = 0.2
    unmetered: int = 0
    gap_share: float = 0.003
    duplicate_rows: float = 0.0005
    register_resets: int = 1
    clock_skew_s: float = 180.0
    clock_drift_s_per_day: float = 3.0
    clock_steps_per_month: float = 0.7
    instances_per_series: int = 2
    enhanced_mr: bool = False
    ledger_completeness: float = 1.0
    medication_completeness: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not value >= 0:
                raise InputError(f"settings: {field.name} cannot be negative")
            if field.name in SHARES and value > 1:
                raise InputError(f"settings: {field.name} is a share from 0 to 1")
        if self.instances_per_series < 1:
            raise InputError("settings: instances_per_series must be at least 1")

    @classmethod
    def hard(cls) -> Settings:
        """Scan and ready power overlap, 8 % noise, ±10 % drift, device scale unknown, clocks up to 5 min off."""
        return cls(noise=0.08, drift=0.10, overlap=0.15, scale_spread=0.25, clock_skew_s=300.0, ledger_completeness=0.9)

    def as_dict(self) -> dict[str, Any]:
        """The settings as ``truth/summary.json`` writes them."""
        return asdict(self)
