"""Unfolds one figure of a statement: what it is made of, by which method, from which factor rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecorad.model import UnknownNameError

if TYPE_CHECKING:
    from ecorad.factors import FactorBook

# What names an item of each list of the statement, best first.
_NAMES = ("alias", "device", "meter", "modality", "body_region", "id", "code", "item", "rule", "what", "tier", "reason")


@dataclass(frozen=True, slots=True)
class Part:
    """A table under an unfolded thing."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Unfolded:
    """One thing, one level down.

    Parameters
    ----------
    title : str
        What it is.
    facts : tuple of (str, object)
        What is said of it, in reading order.
    parts : tuple of Part
        What it is made of.
    further : tuple of str
        Identifiers that go one level further down.
    """

    title: str
    facts: tuple[tuple[str, Any], ...]
    parts: tuple[Part, ...] = ()
    further: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The thing as ``ecorad show --json`` prints it."""
        parts = [
            {"title": part.title, "rows": [dict(zip(part.columns, row, strict=True)) for row in part.rows]}
            for part in self.parts
        ]
        return {"title": self.title, "facts": dict(self.facts), "parts": parts, "further": list(self.further)}


def unfold_figure(statement: Mapping[str, Any], path: str) -> Unfolded:
    """Unfold one place of ``audit.json``.

    Parameters
    ----------
    statement : mapping
        Content of ``audit.json``.
    path : str
        Keys joined by dots, items of lists by their name: ``totals.energy_kwh``, ``devices.MR 1.co2e_kg.marginal``.

    Raises
    ------
    UnknownNameError
        If there is no such place; names what there is at the last step that was found.

    Examples
    --------
    >>> statement = {"totals": {"energy_kwh": {"value": 5.0, "low": 4.0, "high": 6.0, "unit": "kW.h",
    ...     "origin": "measured", "factors": [], "method": "energy_tiers"}}, "devices": [], "factors": []}
    >>> unfold_figure(statement, "totals.energy_kwh").facts[0]
    ('value', '5 kWh (4 to 6)')
    """
    node, trail = _walk(statement, path)
    if _is_quantity(node):
        parts = tuple(part for part in (*_made_of(statement, trail), *_factor_part(statement, node)) if part.rows)
        return Unfolded(path, tuple(_quantity_facts(node)), parts, tuple(_one_down(trail, parts)))
    facts = tuple((key, value) for key, value in _entries(node) if not isinstance(value, Mapping | list))
    inner = tuple(
        (f"{path}.{key}", _short(value)) for key, value in _entries(node) if isinstance(value, Mapping | list)
    )
    parts = (Part("further down", ("id", "value"), inner),) if inner else ()
    return Unfolded(path, facts, parts, tuple(row[0] for row in inner[:3]))


def unfold_factor(factor_book: FactorBook, factor_id: str) -> Unfolded:
    """Unfold one row of the factor book: its source and where it stands there.

    >>> from ecorad.factors import book
    >>> dict(unfold_factor(book(), "gwp100.SF6.AR5").facts)["value"]
    23500.0
    """
    row = factor_book.get(factor_id, allow_unverified=True)
    source = factor_book.source(row)
    low, high = row.interval95
    facts = {"value": row.value, "low": low, "high": high, "unit": row.unit, "region": row.region, "year": row.year}
    facts |= {"origin": row.origin.value, "evidence": row.evidence.value, "enabled": row.enabled}
    facts |= {"source": source.citation, "doi": source.doi, "place": row.locator, "note": row.note}
    return Unfolded(
        f"factor {factor_id}", tuple((key, value) for key, value in facts.items() if value not in {"", None})
    )


def _walk(statement: Mapping[str, Any], path: str) -> tuple[Any, list[str]]:
    node: Any = statement
    trail: list[str] = []
    rest = path
    while rest:
        # Longest names first: a name may hold a dot.
        for name, value in sorted(_entries(node), key=lambda pair: -len(pair[0])):
            if rest == name or rest.startswith(f"{name}."):
                node, rest = value, rest[len(name) + 1 :]
                trail.append(name)
                break
        else:
            there = ", ".join(name for name, _ in _entries(node)) or "nothing"
            raise UnknownNameError(f"the statement has no {rest!r} in {'.'.join(trail) or 'it'}; there is {there}")
    return node, trail


def _entries(node: Any) -> list[tuple[str, Any]]:
    """What can be named inside a place, in its order."""
    if isinstance(node, Mapping):
        return [(str(key), value) for key, value in node.items()]
    if isinstance(node, list):
        return [(name, item) for item in node for name in _names(item)]
    return []


def _names(item: Any) -> Iterator[str]:
    if isinstance(item, Mapping):
        yield from (str(item[key]) for key in _NAMES if item.get(key) is not None)


def _is_quantity(node: Any) -> bool:
    return isinstance(node, Mapping) and {"value", "unit", "origin"} <= set(node)


def _quantity_facts(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "value", _short(node)
    yield "origin", node["origin"]
    yield "method", node["method"] or "a plain sum"
    if node.get("reason"):
        yield "unknown because", node["reason"]


def _short(node: Any) -> str:
    if isinstance(node, list):
        return f"{len(node)} items"
    if not _is_quantity(node):
        return "..."
    if node["value"] is None:
        return f"unknown: {node.get('reason') or 'no reason given'}"
    interval = "" if node["low"] is None else f" ({node['low']:,.5g} to {node['high']:,.5g})"
    return f"{node['value']:,.6g}{_spoken(node['unit'])}{interval}"


def _spoken(unit: str) -> str:
    """A UCUM code as people say it."""
    said = unit.replace("kW.h", "kWh").replace("{CO2e}", " CO2e").replace("{", "").replace("}", "")
    return "" if unit == "1" else f" {said}"


def _made_of(statement: Mapping[str, Any], trail: Sequence[str]) -> Iterator[Part]:
    """Devices under a total; meters under a device."""
    if trail[0] == "totals":
        found = [(device, _inside(device, trail[1:])) for device in statement["devices"]]
        rows = tuple((_name(device), _short(node)) for device, node in found if _is_quantity(node))
        yield Part("devices", ("device", "value"), rows)
    elif trail[0] == "devices":
        device = next(item for item in statement["devices"] if trail[1] in _names(item))
        columns = ("meter", "total_kwh", "exams_kwh", "gaps_kwh", "off_hours_kwh", "unexplained_kwh")
        mine = [row for row in statement["meters"] if row["meter"] in device["meters"]]
        yield Part("meters", columns, tuple(tuple(row[column] for column in columns) for row in mine))
        tiers = tuple((row["tier"], row["exams"], row["kwh"]) for row in device["tiers"])
        yield Part("exams by tier", ("tier", "exams", "kwh"), tiers)


def _inside(node: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def _name(device: Mapping[str, Any]) -> str:
    return str(device["alias"] or device["device"])


def _factor_part(statement: Mapping[str, Any], node: Mapping[str, Any]) -> Iterator[Part]:
    columns = ("id", "value", "low", "high", "unit", "year", "source")
    used = [row for row in statement["factors"] if row["id"] in node["factors"]]
    yield Part("factor rows", columns, tuple(tuple(row[column] for column in columns) for row in used))


def _one_down(trail: Sequence[str], parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        first = part.rows[0][0]
        if part.title == "devices":
            yield ".".join(("devices", str(first), *trail[1:]))
        elif part.title in {"meters", "factor rows"}:
            yield str(first)
