"""The question: injections of a list, packs on the shelf, and what may be shared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ecorad.model import InputError

Objective = Literal["cost", "waste"]
# Volumes are planned in tenths of a millilitre, so that sums are exact.
TENTHS = 10
_LARGEST_ML = 100_000.0


@dataclass(frozen=True, slots=True)
class Injection:
    """One planned injection: the volume is drawn at ``at``. [mL]"""

    id: str
    at: datetime
    volume_ml: float


@dataclass(frozen=True, slots=True)
class Pack:
    """One kind of pack; only a ``multi_patient`` one may be shared, within ``in_use_life_h`` of opening.

    ``active_mg_ml`` is its iodine or gadolinium, ``None`` when it is not known. [mg/mL]
    """

    name: str
    size_ml: float
    price: float
    multi_patient: bool
    in_use_life_h: float
    active_mg_ml: float | None = None


@dataclass(frozen=True, slots=True)
class PackProblem:
    """Injections in the order of their times, and the packs to serve them from.

    An injection is drawn either wholly from one shared pack or from packs opened for this patient alone.
    """

    injections: tuple[Injection, ...]
    packs: tuple[Pack, ...]
    sharing: bool = False
    objective: Objective = "cost"

    def __post_init__(self) -> None:
        if not self.packs:
            raise InputError("no pack to draw from", code="ecorad.packs.none")
        object.__setattr__(self, "injections", tuple(sorted(self.injections, key=lambda i: (i.at, i.id))))

    def weight(self, pack: Pack) -> float:
        """What opening one such pack adds to the objective: its price, or its volume.

        The volume needed is the same for every plan, so the least volume opened is the least waste.
        """
        return pack.price if self.objective == "cost" else pack.size_ml


def parse_injections(rows: Any) -> tuple[Injection, ...]:
    """Injections from a JSON list of ``{id, at, volume_ml}``; times may have no offset if none has.

    Raises
    ------
    InputError
        Names the row that cannot be used.

    Examples
    --------
    >>> parse_injections([{"id": "a", "at": "2026-03-02T08:00", "volume_ml": 70}])[0].volume_ml
    70.0
    """
    injections = tuple(_injection(row, number) for number, row in enumerate(_list(rows, "injections"), 1))
    ids = [injection.id for injection in injections]
    if len(set(ids)) < len(ids):
        raise InputError("two injections have the same id", code="ecorad.packs.injection")
    if len({injection.at.tzinfo is None for injection in injections}) > 1:
        raise InputError("some times have an offset and some have none", code="ecorad.packs.injection")
    return injections


def parse_packs(rows: Any) -> tuple[Pack, ...]:
    """Packs from a JSON list of ``{name, size_ml, price, multi_patient, in_use_life_h, active_mg_ml}``."""
    packs = tuple(_pack(row, number) for number, row in enumerate(_list(rows, "packs"), 1))
    names = [pack.name for pack in packs]
    if len(set(names)) < len(names):
        raise InputError("two packs have the same name", code="ecorad.packs.pack")
    return packs


def tenths(volume_ml: float) -> int:
    """A volume in tenths of a millilitre, rounded up: nobody gets less than was ordered.

    >>> tenths(70.01)
    701
    """
    return math.ceil(round(volume_ml * TENTHS, 6))


def _injection(row: Mapping[str, Any], number: int) -> Injection:
    place = f"injection {number}"
    code = "ecorad.packs.injection"
    try:
        at = datetime.fromisoformat(str(row["at"]))
    except (KeyError, ValueError, TypeError):
        raise InputError(f"{place}: at must be a date and time like 2026-03-02T08:00", code=code) from None
    name = row.get("id")
    if name is None:
        raise InputError(f"{place}: id is missing", code=code)
    return Injection(str(name), at, _number(row, "volume_ml", place, code))


def _pack(row: Mapping[str, Any], number: int) -> Pack:
    place, code = f"pack {number}", "ecorad.packs.pack"
    if not isinstance(row, Mapping) or not row.get("name"):
        raise InputError(f"{place}: name is missing", code=code)
    multi = row.get("multi_patient", False)
    if not isinstance(multi, bool):
        raise InputError(f"{place}: multi_patient must be true or false", code=code)
    price = row.get("price", 0)
    if isinstance(price, bool) or not isinstance(price, int | float) or not (math.isfinite(price) and price >= 0):
        raise InputError(f"{place}: price must be a number, 0 or more", code=code)
    life_h = _number(row, "in_use_life_h", place, code) if multi else float(row.get("in_use_life_h") or 0.0)
    active_mg_ml = None if row.get("active_mg_ml") is None else _number(row, "active_mg_ml", place, code)
    return Pack(str(row["name"]), _number(row, "size_ml", place, code), float(price), multi, life_h, active_mg_ml)


def _number(row: Mapping[str, Any], key: str, place: str, code: str) -> float:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _LARGEST_ML:
        raise InputError(f"{place}: {key} must be a number above 0", code=code)
    return float(value)


def _list(rows: Any, name: str) -> Sequence[Mapping[str, Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise InputError(f"{name} must be a JSON list of objects", code="ecorad.packs.input")
    return rows
