"""``ecorad check order`` and ``ecorad check dose``: the orders of one patient, from a JSON file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecorad.model import InputError

from .check_contrast import tell
from .console import page, print_json, say, table
from .options import AsJson, SiteRules

if TYPE_CHECKING:
    from ecorad.safety.orders import OrdersAdvice
    from ecorad.safety.request import Request

File = Annotated[
    Path, typer.Argument(metavar="FILE", help="JSON {patient, orders, previous}; - reads stdin.", show_default=False)
]


def check_order(file: File, site: SiteRules = None, as_json: AsJson = False) -> None:
    """Check the orders of one patient: intervals, order, duplicates, pregnancy."""
    from ecorad.rules.local import rules_of
    from ecorad.safety.orders import check_orders

    with rules_of(site):
        _tell(check_orders(_request(file)), as_json=as_json)


def check_dose(file: File, site: SiteRules = None, as_json: AsJson = False) -> None:
    """Check what radiation asks: pregnancy, children, indication, a way with less."""
    from ecorad.rules.local import rules_of
    from ecorad.safety.orders import check_dose as check

    with rules_of(site):
        _tell(check(_request(file)), as_json=as_json)


def _request(file: Path) -> Request:
    from ecorad.safety.request import parse_request

    return parse_request(read_json(file))


def read_json(file: Path) -> Any:
    """What a file or, for ``-``, standard input holds.

    Raises
    ------
    InputError
        ``ecorad.safety.request`` for what is not JSON.
    """
    from ecorad.safety.request import CODE

    text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig", errors="replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("the request is not JSON", code=CODE) from None


def _tell(found: OrdersAdvice, *, as_json: bool) -> None:
    if as_json:
        print_json(found.as_dict())
        return
    tell(found.advice, is_bare=found.is_bare)
    rows = [(", ".join(one.orders), one.topic, one.advice.verdict, one.advice.reasons[0]) for one in found.answers]
    say("")
    page().print(table(("orders", "about", "verdict", "why"), rows))
    if len(found.sequence) > 1:
        say(f"\nIn this order: {', '.join(found.sequence)}")
    for row in found.preparation:
        say(f"\n{row['topic']} ({row['order']}), {row['rule_set']}")
        for name in ("arms", "reasons", "check", "flagged", "open"):
            value = row.get(name)
            if value:
                say(f"  {name}: {', '.join(value) if isinstance(value, list) else value}")
