"""The page of ``audit.json``, from its schema: ``make_audit_json_docs.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ecorad.reporting.published_schema import SCHEMA_VERSION, audit_schema

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "audit-json.md"

HEAD = f"""\
# audit.json

Written from `src/ecorad/reporting/schema/audit-1.json` (JSON Schema 2020-12, version {SCHEMA_VERSION}) by
`tools/make_audit_json_docs.py`. `ecorad audit` writes one such file; `report.html` is drawn from it alone.

A minor version only adds keys: ignore those you do not know. Keys stand in the order of the schema. Numbers are not
rounded. What is not known is `null` with a `reason`, never 0. A dot goes into an object, `[]` into each row of a list;
`?` marks a key that may be absent.
"""


def page() -> str:
    """The whole page."""
    schema = audit_schema()
    lines = [HEAD, *section("The statement", schema)]
    for name, part in schema["$defs"].items():
        lines += section(f"{name}", part)
    return "\n".join(lines) + "\n"


def section(title: str, part: dict[str, Any]) -> Iterator[str]:
    """One object of the schema as a table of its keys."""
    yield f"## {title}"
    yield ""
    yield part["description"]
    yield ""
    rows = list(keys(part, ""))
    if rows:
        yield "| key | type | meaning |"
        yield "|---|---|---|"
        yield from (f"| `{name}`{mark} | {kind} | {escaped(meaning)} |" for name, mark, kind, meaning in rows)
        yield ""


def keys(part: dict[str, Any], path: str) -> Iterator[tuple[str, str, str, str]]:
    """Name, mark, type and meaning of each key below ``part``, in order."""
    required = set(part.get("required", ()))
    for name, inner in part.get("properties", {}).items():
        place = f"{path}{name}"
        yield place, "" if name in required else " ?", type_of(inner), inner.get("description", "")
        if "$ref" not in inner:
            yield from keys(inner, f"{place}.")
            yield from keys(inner.get("items", {}), f"{place}[].")


def type_of(part: dict[str, Any]) -> str:
    """A type in words, with a link to the object it refers to."""
    if "$ref" in part:
        name = part["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name})"
    if "anyOf" in part:
        return " or ".join(sorted({type_of(inner) for inner in part["anyOf"]}, key=lambda kind: kind == "null"))
    if "enum" in part:
        return " or ".join(f"`{'null' if value is None else value}`" for value in part["enum"])
    if "const" in part:
        return f"`{str(part['const']).lower()}`"
    kinds = part.get("type", "any")
    named = kinds if isinstance(kinds, str) else " or ".join(kinds)
    return (
        f"{named} of {type_of(part['items'])}" if named == "array" and part["items"].get("type") != "object" else named
    )


def escaped(text: str) -> str:
    """Text for a table cell."""
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
