"""One row of the factor book."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ecorad.model import InputError, Origin, Quantity, UnitError
from ecorad.model.quantity import UNITS

from . import draws as _draws
from .boundary import Boundary
from .distribution import DRAWS, Bounds, Distribution, Shape, from_bounds
from .units import is_known

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Evidence(StrEnum):
    """How the number was checked by whoever put it into the table, best first."""

    DATA_FILE_READ = "data_file_read"
    ABSTRACT_OR_PRIMARY = "abstract_or_primary"
    DERIVED = "derived"
    SECONDARY = "secondary"
    SITE = "site"
    MEMORY = "memory"


# Neither power nor what a kWh emits is ever negative.
_NEVER_NEGATIVE = ("kg{CO2e}/kW.h", "kW")
ACCOUNTING = ("attributional", "consequential", "neutral")
GRID_KINDS = ("", "average", "marginal")


@dataclass(frozen=True, slots=True)
class Factor:
    """A number from outside with everything needed to trust or refuse it.

    Parameters
    ----------
    factor_id, table : str
        Identifier, unique over the whole book, and the table it stands in.
    quantity, scope : str
        What is given (``exam_footprint``, ``power.idle``), and of what: modality, device class, gas, item. Several
        alternatives are separated by ``|``.
    region : str
        Country (ISO 3166-1 alpha-2) or grid zone; empty when it holds everywhere.
    year : int or None
        Year that the value is about.
    value, low, high : float
        Central estimate (the median) and bounds, in ``unit``.
    unit : str
        One of :data:`ecorad.factors.units.FACTOR_UNITS`.
    bounds, shape
        What the bounds mean, and how the factor spreads between them.
    boundary : Boundary
        What the value has counted.
    accounting : str
        ``attributional``, ``consequential`` or ``neutral`` (the question does not arise).
    grid_kind : str
        ``average`` or ``marginal`` for a grid intensity, else empty.
    origin, evidence
        Where the number comes from; how it was checked.
    enabled : bool
        Rows that nobody has checked against a source ship disabled.
    source_id, locator, note : str
        Key in the table's ``[sources]``; page, table or row there; what a user must know.

    Raises
    ------
    UnitError, InputError
        For an unknown unit; a value that is not finite or lies outside its bounds; an unknown flag.

    Examples
    --------
    >>> from ecorad.factors import book
    >>> ratio = book().get("cooling.ratio.basel")
    >>> ratio.value, ratio.unit, ratio.bounds.value
    (0.8, 'kW.h/kW.h', 'assumed')
    """

    factor_id: str
    table: str
    quantity: str
    scope: str
    region: str
    year: int | None
    value: float
    low: float
    high: float
    unit: str
    bounds: Bounds
    shape: Shape
    boundary: Boundary
    accounting: str
    grid_kind: str
    origin: Origin
    evidence: Evidence
    enabled: bool
    source_id: str
    locator: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not self.factor_id or not self.quantity or not self.source_id:
            raise InputError("a factor needs an identifier, a quantity and a source")
        if not is_known(self.unit):
            raise UnitError(f"unknown unit {self.unit!r}")
        if not all(math.isfinite(number) for number in (self.value, self.low, self.high)):
            raise InputError("a factor must be finite; a number that is not known is no row")
        if not self.low <= self.value <= self.high:
            raise InputError(f"{self.value} lies outside {self.low}..{self.high}")
        if self.low < 0 and self.unit in _NEVER_NEGATIVE:
            raise InputError(f"{self.low} {self.unit} is negative")
        if self.accounting not in ACCOUNTING:
            raise InputError(f"accounting must be one of {', '.join(ACCOUNTING)}")
        if self.grid_kind not in GRID_KINDS:
            raise InputError("grid_kind must be average, marginal or empty")
        if self.evidence is Evidence.MEMORY and self.enabled:
            raise InputError("a row that was not checked against a source cannot be enabled")
        self.distribution()

    @property
    def scopes(self) -> tuple[str, ...]:
        """The alternatives in ``scope``."""
        return tuple(self.scope.split("|"))

    def distribution(self) -> Distribution:
        """How the factor spreads; see :class:`~ecorad.factors.distribution.Distribution` for the convention."""
        return from_bounds(self.shape, self.value, self.low, self.high, self.bounds)

    @property
    def interval95(self) -> tuple[float, float]:
        """The 95 % interval, whatever ``low`` and ``high`` mean."""
        return self.distribution().interval95

    def draws(self, n: int = DRAWS) -> NDArray[np.float64]:
        """Draws of this factor, the same for everyone who uses it.

        Parameters
        ----------
        n : int
            Number of draws, a power of two.

        Returns
        -------
        ndarray, shape (n,)
            In ``unit``.
        """
        return _draws.draws(self.factor_id, self.distribution(), n)

    def as_quantity(self) -> Quantity:
        """The factor as a result, with its 95 % interval.

        Raises
        ------
        UnitError
            If no result may have this unit.
        """
        if self.unit not in UNITS:
            raise UnitError(f"no result is given in {self.unit}")
        low, high = self.interval95
        return Quantity(self.value, self.unit, low=low, high=high, origin=self.origin, factors=(self.factor_id,))
