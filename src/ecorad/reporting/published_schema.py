"""The published schemas of ``audit.json`` and ``changes/NAME.json``, and what a statement has beyond it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

SCHEMA_VERSION = "1.0"


@cache
def _text() -> str:
    return (files(__package__) / "schema" / "audit-1.json").read_text("utf-8")


def audit_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of ``audit.json``; a fresh copy each time.

    >>> audit_schema()["title"]
    'audit.json'
    """
    schema: dict[str, Any] = json.loads(_text())
    return schema


def change_schema() -> dict[str, Any]:
    """The JSON Schema of ``changes/NAME.json``: a row of ``changes`` with what made it before it.

    >>> change_schema()["required"]
    ['schema_version', 'software', 'site', 'change', 'measures', 'rejects', 'controls', 'saved']
    """
    schema = audit_schema()
    row = schema["$defs"]["verified_change"]
    site = schema["properties"]["site"]
    own: dict[str, Any] = {
        "schema_version": {"const": "1", "description": "Version of this schema: a new minor version only adds keys."},
        "software": {"type": "string", "description": "version of ecorad"},
        "site": {
            "type": "object",
            "description": site["description"],
            "required": ["name", "currency"],
            "properties": {name: site["properties"][name] for name in ("name", "currency")},
        },
    }
    return {
        "$schema": schema["$schema"],
        "$id": "urn:ecorad:schema:change-1",
        "title": "changes/NAME.json",
        "description": row["description"],
        "type": "object",
        "required": [*own, *row["required"]],
        "properties": own | row["properties"],
        "$defs": schema["$defs"],
    }


def undocumented_keys(statement: Any, schema: dict[str, Any] | None = None) -> list[str]:
    """Places in ``statement`` whose key the schema (of ``audit.json`` unless said) does not name, as dotted paths.

    A reader ignores such keys, so a writer's test asks that there are none: a slip of spelling is found here.

    >>> undocumented_keys({"schema_version": "1.0", "totals": {"enrgy_kwh": None}})
    ['totals.enrgy_kwh']
    """
    schema = audit_schema() if schema is None else schema
    return sorted(_walk(statement, schema, schema["$defs"], ""))


def in_order(value: Any, schema: dict[str, Any]) -> Any:
    """``value`` with its keys in the order of ``schema``; keys the schema does not name follow, sorted.

    >>> list(in_order({"totals": {}, "zz": 1, "schema_version": "1.0"}, audit_schema()))
    ['schema_version', 'totals', 'zz']
    """
    return _ordered(value, schema, schema["$defs"])


def _ordered(value: Any, schema: dict[str, Any], defs: dict[str, Any]) -> Any:
    schema = _resolved(schema, defs)
    if isinstance(value, list | tuple):
        return [_ordered(item, schema.get("items", {}), defs) for item in value]
    if not isinstance(value, Mapping):
        return value
    known = schema.get("properties", {})
    names = [name for name in known if name in value] + sorted(set(value) - set(known))
    return {name: _ordered(value[name], known.get(name, {}), defs) for name in names}


def _walk(value: Any, schema: dict[str, Any], defs: dict[str, Any], path: str) -> set[str]:
    schema = _resolved(schema, defs)
    if isinstance(value, list):
        items = schema.get("items")
        return set().union(*(_walk(item, items, defs, f"{path}[]") for item in value)) if items and value else set()
    if not isinstance(value, dict):
        return set()
    known = schema.get("properties", {})
    found: set[str] = set()
    for key, inner in value.items():
        place = f"{path}.{key}" if path else key
        found |= _walk(inner, known[key], defs, place) if key in known else {place}
    return found


def _resolved(schema: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    """The schema behind a reference; of alternatives, the one that is not null."""
    if "anyOf" in schema:
        schema = next(part for part in schema["anyOf"] if part.get("type") != "null")
    while "$ref" in schema:
        schema = defs[schema["$ref"].rsplit("/", 1)[1]]
    return schema
