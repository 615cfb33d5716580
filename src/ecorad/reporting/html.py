"""``report.html``: one file from one statement, the same bytes each time, with nothing from outside."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from .charts.mark import origin_mark
from .reader import Reader, Shown
from .sections.change import change
from .sections.changed import changed
from .sections.contrast import contrast_and_helium
from .sections.dose import dose
from .sections.much import much, period_in_words
from .sections.trust import trust
from .sections.use import use
from .sections.where import where
from .sections.worked import worked

ORIGINS = ("measured", "reported", "modelled", "default", "claimed")


def render(statement: Mapping[str, Any], language: str = "en") -> str:
    """The report of a statement as one self-contained HTML page.

    Parameters
    ----------
    statement : dict
        Follows ``schema/audit-1.json``.
    language : {"en", "zh", "nl"}
        Language of the reader; the numbers are the same in each.

    Returns
    -------
    str
        HTML, ending in a newline; equal statements give equal text.
    """
    reader = Reader(statement, language)
    context: dict[str, Any] = {
        "r": reader,
        "t": reader.text,
        "s": statement,
        "period": period_in_words(statement, reader),
        "css": Markup(template_text("report.css")),
        "much": much(reader),
        "where": where(reader),
        "use": use(reader),
        "dose": dose(reader),
        "packs": contrast_and_helium(reader),
        "change": change(reader),
        "changed": changed(reader),
        "trust": trust(reader),
        "worked": worked(reader),
        "marks": [(name, reader.named("origin", name), reader.text(f"origin_meaning.{name}")) for name in ORIGINS],
        "mark": lambda name: origin_mark(name, reader.named("origin_letter", name), reader.named("origin", name)),
        "is_shown": lambda cell: isinstance(cell, Shown),
    }
    page = environment().get_template("report.html.j2").render(context)
    return page.rstrip("\n") + "\n"


def environment() -> Environment:
    """Escaping is always on, whatever a template is called; a missing name is an error, not an empty text."""
    return Environment(
        loader=FunctionLoader(template_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def template_text(name: str) -> str:
    """The text of a file of the templates folder."""
    return (files(__package__) / "templates" / name).read_text("utf-8")
