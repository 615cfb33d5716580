"""What is asked: a patient, the orders, and the contrast that was given before; from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ecorad.model import InputError
from ecorad.rules.interval_table import AGENTS

from .moments import on_one_clock, read_time
from .renal import EGFR_UNIT, RenalFunction

CODE = "ecorad.safety.request"
PREGNANCY = ("no", "planned", "possible", "yes")
SEX = ("female", "male")
ANSWERS = ("no", "yes", "unknown")
_MOST_ORDERS = 200
# What iodine or gadolinium may be given for: if nobody says whether it is, that is not known.
MAY_BE_ENHANCED = frozenset({"CT", "MR", "XA", "RF", "PT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is known of a patient; ``None`` is unknown. Ages in whole years."""

    age_years: float | None = None
    sex: str | None = None
    pregnancy: str | None = None
    last_period: date | None = None
    cycle_length_days: int | None = None
    has_no_cycle: bool | None = None
    shoulders_ok: bool | None = None
    breath_hold_ok: bool | None = None
    metformin: bool = False
    renal: RenalFunction = field(default_factory=lambda: RenalFunction(None))
    mr_checklist: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One examination; ``contrast`` is none, iodine or gadolinium; ``is_done`` when it cannot be moved any more."""

    id: str
    modality: str
    body_region: str | None = None
    at: datetime | None = None
    contrast: str | None = None
    has_plain: bool | None = None
    indication: bool | None = None
    is_follow_up: bool = False
    is_done: bool = False
    expected_msv: float | None = None
    alternatives: tuple[tuple[str, float | None], ...] = ()

    @property
    def agent(self) -> str | None:
        """Iodine or gadolinium; ``none`` without either; ``None`` where nobody says."""
        return "none" if self.contrast is None and self.modality not in MAY_BE_ENHANCED else self.contrast


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Contrast that was given before, at a time that may be unknown."""

    agent: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question; ``is_bare`` when its times came without UTC offset."""

    patient: Patient
    orders: tuple[Order, ...]
    previous: tuple[Given, ...] = ()
    is_bare: bool = False


def parse_request(content: Any) -> Request:
    """A request from JSON ``{"patient": {...}, "orders": [...], "previous": [{"agent", "at"}]}``.

    Raises
    ------
    InputError
        Names the field that cannot be used. Nothing of the input is repeated.

    Examples
    --------
    >>> request = parse_request({"orders": [{"id": "1", "modality": "CT", "body_region": "abdomen"}]})
    >>> request.orders[0].contrast is None, request.patient.pregnancy is None
    (True, True)
    """
    content = _object(content, "the request")
    patient = _object(content.get("patient") or {}, "patient")
    orders = _rows(content.get("orders"), "orders")
    previous = _rows(content.get("previous") or [], "previous")
    places = {"egfr_at": patient.get("egfr_at")}
    places |= {f"order {n}: at": row.get("at") for n, row in enumerate(orders, 1)}
    places |= {f"previous {n}: at": row.get("at") for n, row in enumerate(previous, 1)}
    times, is_bare = on_one_clock({place: read_time(text, place) for place, text in places.items()})
    found = Request(
        patient=_patient(patient, times["egfr_at"]),
        orders=tuple(_order(row, f"order {n}", times[f"order {n}: at"]) for n, row in enumerate(orders, 1)),
        previous=tuple(
            Given(
                agent=_needed(_word(row, "agent", f"previous {n}", AGENTS), f"previous {n}: agent"),
                at=times[f"previous {n}: at"],
            )
            for n, row in enumerate(previous, 1)
        ),
        is_bare=is_bare,
    )
    if len({order.id for order in found.orders}) < len(found.orders):
        raise InputError("two orders have the same id", code=CODE)
    return found


def _patient(row: Mapping[str, Any], egfr_at: datetime | None) -> Patient:
    renal = RenalFunction(
        _number(row, "egfr", "patient", least=None),
        egfr_at,
        _word(row, "dialysis", "patient", None) or "none",
        _flag(row, "aki", "patient") or False,
        _word(row, "egfr_unit", "patient", None) or EGFR_UNIT,
    )
    length = _number(row, "cycle_length_days", "patient")
    answers = _object(row.get("mr_checklist") or {}, "mr_checklist")
    return Patient(
        age_years=_number(row, "age_years", "patient"),
        sex=_word(row, "sex", "patient", SEX),
        pregnancy=_word(row, "pregnancy", "patient", PREGNANCY),
        last_period=_day(row, "last_period"),
        cycle_length_days=None if length is None else int(length),
        has_no_cycle=_flag(row, "has_no_cycle", "patient"),
        shoulders_ok=_flag(row, "shoulders_ok", "patient"),
        breath_hold_ok=_flag(row, "breath_hold_ok", "patient"),
        metformin=_flag(row, "metformin", "patient") or False,
        renal=renal,
        mr_checklist={str(key): _word(answers, key, "mr_checklist", ANSWERS) or "unknown" for key in answers},
    )


def _order(row: Mapping[str, Any], place: str, at: datetime | None) -> Order:
    others = _rows(row.get("alternatives") or [], f"{place}: alternatives")
    return Order(
        id=str(_needed(row.get("id"), f"{place}: id")),
        modality=_needed(_word(row, "modality", place, None), f"{place}: modality").upper(),
        body_region=_word(row, "body_region", place, None),
        at=at,
        contrast=_word(row, "contrast", place, ("none", *AGENTS)),
        has_plain=_flag(row, "has_plain", place),
        indication=_flag(row, "indication", place),
        is_follow_up=_flag(row, "follow_up", place) or False,
        is_done=_flag(row, "done", place) or False,
        expected_msv=_number(row, "expected_msv", place),
        alternatives=tuple(
            (
                _needed(_word(one, "modality", place, None), f"{place}: modality").upper(),
                _number(one, "expected_msv", place),
            )
            for one in others
        ),
    )


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{place} must be a JSON object", code=CODE)
    return value


def _rows(value: Any, place: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise InputError(f"{place} must be a JSON list of objects", code=CODE)
    if len(value) > _MOST_ORDERS:
        raise InputError(f"{place}: more than {_MOST_ORDERS} in one request", code=CODE)
    return value


def _word(row: Mapping[str, Any], key: str, place: str, known: tuple[str, ...] | None) -> str | None:
    value = row.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or (known is not None and value not in known):
        choices = "text" if known is None else f"one of {', '.join(known)}"
        raise InputError(f"{place}: {key} must be {choices}", code=CODE)
    return value


def _flag(row: Mapping[str, Any], key: str, place: str) -> bool | None:
    value = row.get(key)
    if value is not None and not isinstance(value, bool):
        raise InputError(f"{place}: {key} must be true or false", code=CODE)
    return value


def _number(row: Mapping[str, Any], key: str, place: str, least: float | None = 0.0) -> float | None:
    """A number; an eGFR may be impossible here, since a check says so itself and never says "ok"."""
    value = row.get(key)
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or (least is not None and not least <= value < float("inf")):
        raise InputError(f"{place}: {key} must be a number", code=CODE)
    return float(value)


def _day(row: Mapping[str, Any], key: str) -> date | None:
    value = row.get(key)
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except (ValueError, TypeError):
        raise InputError(f"patient: {key} must be a day like 2026-03-01", code=CODE) from None


def _needed(value: Any, place: str) -> Any:
    if value is None or value == "":
        raise InputError(f"{place} is missing", code=CODE)
    return value
