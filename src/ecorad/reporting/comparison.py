"""Why a number moved between two statements: by input, by factor or by method.

The records of today are audited once more under the factors of then, and once more under the choices of then as well.
What is left between two such statements has one cause, and the parts add up to the whole move.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ecorad.factors.sets import FactorSet
from ecorad.ledger import Workspace
from ecorad.model import InputError, Period, Site
from ecorad.model.factor_choices import FactorChoices

from .audit import audit
from .former_factors import former_set

CAUSES = ("input", "factor", "method")
# What is no figure: text, bookkeeping, and the rows behind the figures.
_SKIPPED = frozenset({"method", "factors", "evidence", "uncertainty", "advice_on_data", "quality", "receipts", "site"})
_KEYS = ("device", "meter", "modality", "body_region", "rule", "item", "agent", "tier", "id", "kind", "reason")
_SAME = 1e-12
_CHOICES = ("allocation", "grid_zone", "tariff_per_kwh", "currency", "gwp")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a statement: value with its ends where it has an interval."""

    value: float | None
    unit: str
    ends: tuple[float | None, float | None] = (None, None)


def figures(statement: Mapping[str, Any]) -> dict[str, Figure]:
    """Every number of a statement by its place; rows of lists are named by what they are about, not by their order.

    >>> figures({"devices": [{"device": "d1", "idle_kw": {"value": 9.5, "low": 9, "high": 10, "unit": "kW"}}]})
    {'devices[d1].idle_kw': Figure(value=9.5, unit='kW', ends=(9, 10))}
    """
    return dict(_walk({key: part for key, part in statement.items() if key not in _SKIPPED}, ""))


def _walk(value: Any, place: str) -> Iterator[tuple[str, Figure]]:
    if isinstance(value, Mapping):
        if "unit" in value and "value" in value:
            yield place, Figure(value["value"], value["unit"], (value.get("low"), value.get("high")))
            return
        for key, part in value.items():
            yield from _walk(part, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            if isinstance(part, Mapping):
                yield from _walk(part, f"{place}[{_name(part, number)}]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield place, Figure(value, "")


def _name(row: Mapping[str, Any], number: int) -> str:
    return next((str(row[key]) for key in _KEYS if row.get(key) is not None), str(number))


def compare(workspace: Workspace, old: Mapping[str, Any], new: Mapping[str, Any], factors: FactorSet) -> dict[str, Any]:
    """What moved between an earlier statement and one just made, and why.

    Parameters
    ----------
    workspace : Workspace
        Whose ledger ``new`` was made from.
    old, new : mapping
        Two ``audit.json``.
    factors : FactorSet
        The set of ``new``.

    Returns
    -------
    dict
        ``changed`` (what is different, by cause), ``moved`` (one row a number, with its parts), ``same`` (how many
        numbers did not move).

    Raises
    ------
    InputError
        If ``old`` is no statement.
    """
    if not {"method", "factors", "totals", "period"} <= set(old):
        raise InputError("the earlier statement is not an audit.json", code="ecorad.audit.not_a_statement")
    changed = _changed(old, new, factors)
    under_factors, under_both = _again(workspace, old, new, factors, changed)
    rest = _rest(changed)
    places = [figures(one) for one in (old, under_both, under_factors, new)]
    moved = [
        row
        for place in sorted(set(places[0]) | set(places[3]))
        if (row := _moved(place, [found.get(place) for found in places], rest)) is not None
    ]
    return {
        "then": _made_with(old),
        "now": _made_with(new),
        "changed": changed,
        "moved": moved,
        "same": len(set(places[0]) | set(places[3])) - len(moved),
    }


def _changed(old: Mapping[str, Any], new: Mapping[str, Any], factors: FactorSet) -> dict[str, list[dict[str, Any]]]:
    """What is different, by cause."""
    method_then, method_now = old["method"], new["method"]
    inputs = [_pair("period", _days(old), _days(new))]
    inputs += [
        _pair(name, method_then.get("inputs", {}).get(name), method_now["inputs"][name])
        for name in ("stored", "digest", "register")
        if "inputs" in method_then
    ]
    if "inputs" not in method_then:
        inputs.append(_pair("stored", old.get("receipts", {}).get("stored"), new["receipts"]["stored"]))
    method = [_pair(name, _choice(old, name), _choice(new, name)) for name in _CHOICES]
    method.append(_pair("software", method_then["software"]["ecorad"], method_now["software"]["ecorad"]))
    rows = [_pair("set", method_then["factor_set"]["digest"], factors.digest), *_row_changes(old, new, factors)]
    return {
        "input": [row for row in inputs if row["then"] != row["now"]],
        "factor": [row for row in rows if row["then"] != row["now"]],
        "method": [row for row in method if row["then"] != row["now"]],
    }


def _row_changes(old: Mapping[str, Any], new: Mapping[str, Any], factors: FactorSet) -> Iterator[dict[str, Any]]:
    then = {row["id"]: row for row in old["factors"]}
    now = {row["id"]: row for row in new["factors"]}
    book = {row.factor_id: row for row in factors.book}
    for name in sorted(set(then) | set(now)):
        if name in then and name in book:
            row = book[name]
            for column, value in (("value", row.value), ("low", row.interval95[0]), ("high", row.interval95[1])):
                yield _pair(f"{name} {column}", then[name][column], value)
        elif name in then:
            yield _pair(name, then[name]["value"], None)
        if name not in then and name in now:
            yield _pair(f"{name} used", None, now[name]["value"])
        if name in then and name not in now:
            yield _pair(f"{name} used", then[name]["value"], None)


def _again(
    workspace: Workspace,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    factors: FactorSet,
    changed: Mapping[str, list[dict[str, Any]]],
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The records of today under the factors of then, and under its choices as well."""
    period = Period.of_days(_day(new, "from"), _day(new, "to"), workspace.site.timezone)
    former = former_set(old, factors) if changed["factor"] else factors
    under_factors = audit(workspace, period, former).statement if changed["factor"] else new
    choices = {row["what"]: row["then"] for row in changed["method"] if row["what"] in _CHOICES}
    if not choices:
        return under_factors, under_factors
    then = replace(workspace, site=_with_choices(workspace.site, choices))
    return under_factors, audit(then, period, former).statement


def _with_choices(site: Site, choices: Mapping[str, Any]) -> Site:
    own = {name: value for name, value in choices.items() if name != "gwp"}
    return replace(site, **own, factors=replace(site.factors, gwp=choices.get("gwp", site.factors.gwp)))


def _rest(changed: Mapping[str, list[dict[str, Any]]]) -> str:
    """What the move under equal factors and choices comes from."""
    if changed["input"]:
        return "input"
    return "method" if any(row["what"] == "software" for row in changed["method"]) else "factor"


def _moved(place: str, found: list[Figure | None], rest: str) -> dict[str, Any] | None:
    old, _, _, new = found
    if _is_same(old, new):
        return None
    values = [None if one is None else one.value for one in found]
    parts: dict[str, float | None] = dict.fromkeys(CAUSES, 0.0)
    for cause, a, b in ((rest, 0, 1), ("method", 1, 2), ("factor", 2, 3)):
        before, after, held = values[a], values[b], parts[cause]
        parts[cause] = None if before is None or after is None or held is None else held + after - before
    return {
        "figure": place,
        "unit": (new or old or Figure(None, "")).unit,
        "then": values[0],
        "now": values[3],
        "then_interval": list(old.ends) if old else None,
        "now_interval": list(new.ends) if new else None,
        **parts,
        "cause": _cause(found, parts, rest),
    }


def _cause(found: list[Figure | None], parts: Mapping[str, float | None], rest: str) -> str:
    """The cause of the largest part; of the first step at which anything moved, where there is no size."""
    sizes = {cause: abs(part) for cause, part in parts.items() if part is not None}
    if len(sizes) == len(CAUSES) and max(sizes.values()) > 0:
        return max(CAUSES, key=lambda cause: sizes[cause])
    steps = ((rest, found[0], found[1]), ("method", found[1], found[2]), ("factor", found[2], found[3]))
    return next((cause for cause, before, after in steps if not _is_same(before, after)), rest)


def _is_same(left: Figure | None, right: Figure | None) -> bool:
    if left is None or right is None:
        return left is right
    pairs = zip((left.value, *left.ends), (right.value, *right.ends), strict=True)
    return left.unit == right.unit and all(_is_close(a, b) for a, b in pairs)


def _is_close(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return abs(a - b) <= _SAME * max(abs(a), abs(b), 1.0)


def _choice(statement: Mapping[str, Any], name: str) -> Any:
    if name == "gwp":  # statements that do not say knew no gas but those of the grid
        return statement["method"].get("gwp", FactorChoices().gwp)
    return statement["method"]["allocation"] if name == "allocation" else statement["site"].get(name)


def _made_with(statement: Mapping[str, Any]) -> dict[str, Any]:
    method = statement["method"]
    return {
        "period": _days(statement),
        "software": method["software"]["ecorad"],
        "factor_set": method["factor_set"]["digest"],
    }


def _days(statement: Mapping[str, Any]) -> str:
    return f"{statement['period']['from']} to {statement['period']['to']}"


def _day(statement: Mapping[str, Any], name: str) -> date:
    return date.fromisoformat(statement["period"][name])


def _pair(what: str, then: Any, now: Any) -> dict[str, Any]:
    return {"what": what, "then": then, "now": now}
