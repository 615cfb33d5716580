"""What the pages of the web port share: their texts, their template, the way from one to another."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
LANGUAGES = ("en", "zh", "nl")


@cache
def texts(language: str) -> dict[str, Any]:
    """Every text of the pages in one language."""
    return tomllib.loads((_HERE / "messages" / f"{language}.toml").read_text("utf-8"))


def page_names(*, can_change: bool) -> tuple[str, ...]:
    """The pages that there are; what takes a study's key is for this machine alone.

    >>> page_names(can_change=False)
    ('receipts', 'alerts', 'check', 'leaflet')
    """
    return ("receipts", "alerts", "check", "leaflet", *(("patient",) if can_change else ()))


def render(
    name: str,
    *,
    language: str,
    can_change: bool,
    filters: Mapping[str, Callable[..., str]] | None = None,
    **values: Any,
) -> str:
    """One page as HTML.

    Parameters
    ----------
    name : str
        Of the template, and of the page in the navigation.
    language : {"en", "zh", "nl"}
        Of its texts.
    can_change : bool
        Whether it has buttons.
    filters : mapping, optional
        Functions that the template may call.
    **values
        What the template shows.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(_HERE / "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters.update(filters or {})
    return environment.get_template(f"{name}.html.j2").render(
        t=texts(language),
        language=language,
        can_change=can_change,
        here=name,
        pages=page_names(can_change=can_change),
        **values,
    )
