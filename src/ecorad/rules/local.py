"""A site's own rule sets: ``rules/<kind>/*.toml`` in its folder, each dated, cited and signed.

Interval tables stand beside the shipped ones, and the strictest answer of all counts. A set of another kind may take
the place of a shipped one (``replaces``). A shipped set itself is signed by a copy that differs in the signature alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ecorad.model import InputError

from .catalogue import KINDS, shipped_rule_sets, shipped_text
from .in_force import OF_THE_SITE, InForce
from .interval_table import IntervalRuleSet, parse_interval_rules
from .rule_set import RuleSet, parse_rule_set

FOLDER = "rules"
CODE, UNSIGNED = "ecorad.rules.local", "ecorad.rules.unsigned"
_TABLES = "contrast_intervals"
_SIGNATURE = frozenset({"signed_by", "signed_on"})
_HEAD = ("id", "title", "issued", "citation", "evidence", "scope")


@contextmanager
def rules_of(site: Path | None) -> Iterator[InForce]:
    """Let the rule sets of a site's folder hold inside the block; without a folder the shipped ones alone.

    Raises
    ------
    InputError
        As :func:`read_local_rules`.
    """
    mark = OF_THE_SITE.set(InForce() if site is None else read_local_rules(site))
    try:
        yield OF_THE_SITE.get()
    finally:
        OF_THE_SITE.reset(mark)


def read_local_rules(site: Path) -> InForce:
    """The rule sets of a site's folder.

    Raises
    ------
    InputError
        ``ecorad.rules.local``: a file cannot be used; ``ecorad.rules.unsigned``: nobody signed it. With file and
        reason, and no rule set holds: half of a site's rules would be weaker than all of them.
    """
    sets: dict[str, RuleSet] = {}
    tables: dict[str, IntervalRuleSet] = {}
    instead: dict[str, RuleSet] = {}
    for path in sorted((site / FOLDER).glob("*/*.toml")):
        place, kind = f"{FOLDER}/{path.parent.name}/{path.name}", path.parent.name
        content = _content(path, place)
        found = _checked(kind, content, place)
        if found.id in sets:
            raise InputError(f"{place}: another file has the id {found.id}", code=CODE)
        sets[found.id] = found
        if kind == _TABLES:
            tables[found.id] = _table(content, place)
        replaced = content.get("replaces")
        if replaced is not None:
            _check_replacement(found, str(replaced), place)
            instead[str(replaced)] = found
        elif found.id in shipped_rule_sets():
            instead[found.id] = found
    return InForce(sets, tables, instead)


def signed_copy(rule_set_id: str, signed_by: str, signed_on: date) -> tuple[str, str]:
    """Where in a site's folder a signed shipped rule set goes, and its text.

    Raises
    ------
    InputError
        For an empty signature, or one that TOML cannot hold.
    UnknownNameError
        For a rule set that there is not.

    Examples
    --------
    >>> place, text = signed_copy("duplicates-1", "head of radiology", date(2026, 11, 2))
    >>> place, 'signed_by = "head of radiology"' in text
    ('rules/duplicates/duplicates-1.toml', True)
    """
    found, text = shipped_text(rule_set_id)
    if not signed_by.strip() or not signed_by.isprintable() or set('"\\') & set(signed_by):
        raise InputError("a signature is a plain text: a role, or initials", code=UNSIGNED)
    signature = f'signed_by = "{signed_by.strip()}"\nsigned_on = {signed_on.isoformat()}'
    return f"{FOLDER}/{found.kind}/{found.id}.toml", text.replace('signed_by = ""', signature, 1)


def _content(path: Path, place: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise InputError(f"{place} is not TOML", code=CODE) from None


def _checked(kind: str, content: Mapping[str, Any], place: str) -> RuleSet:
    if kind not in KINDS:
        raise InputError(f"{place}: a folder of rules is one of {', '.join(KINDS)}", code=CODE)
    missing = [name for name in _HEAD if not content.get(name)]
    if missing:
        raise InputError(f"{place}: {', '.join(missing)} must be given", code=CODE)
    if not _is_day(content["issued"]):
        raise InputError(f"{place}: issued must be a day like 2026-11-02", code=CODE)
    if not str(content.get("signed_by") or "").strip() or not _is_day(content.get("signed_on")):
        raise InputError(f"{place}: nobody signed it; signed_by and signed_on must be given", code=UNSIGNED)
    found = parse_rule_set(kind, dict(content))
    same = shipped_rule_sets().get(found.id)
    if same is not None and _unsigned(content) != _unsigned(same.content):
        raise InputError(f"{place}: it differs from the shipped {found.id}; give it an id of its own", code=CODE)
    return found


def _table(content: Mapping[str, Any], place: str) -> IntervalRuleSet:
    try:
        return parse_interval_rules(content)
    except InputError as error:
        raise InputError(f"{place}: {error}", code=error.code) from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError(f"{place}: tiers and cells are not written as in the shipped tables", code=CODE) from None


def _check_replacement(found: RuleSet, replaced: str, place: str) -> None:
    """One set may stand in for another of its kind that says the same things, by name and by type."""
    other = shipped_rule_sets().get(replaced)
    if other is None or other.kind != found.kind or found.kind == _TABLES or found.id == replaced:
        raise InputError(
            f"{place}: replaces must name a shipped set of its kind; interval tables stand side by side", code=CODE
        )
    for name, value in other.content.items():
        if name in _SIGNATURE or name in _HEAD:
            continue
        if not _is_like(found.content.get(name), value):
            raise InputError(f"{place}: {name} must be given as in {replaced}", code=CODE)


def _is_like(given: object, model: object) -> bool:
    """Whether two values are of one shape: the same types, pairs of numbers stay pairs, and no list is empty."""
    if type(given) is not type(model):
        return False
    if not isinstance(given, list) or not isinstance(model, list) or not model:
        return True
    kinds = {type(one) for one in model}
    is_span = all(isinstance(one, int) for one in model)
    return bool(given) and {type(one) for one in given} <= kinds and (not is_span or len(given) == len(model))


def _unsigned(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in _SIGNATURE}


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)
