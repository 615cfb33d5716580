"""``changes/NAME.html``: did it work, on one page; and the files of a verified change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ..charts.mark import origin_mark
from ..html import environment, template_text
from ..reader import Shown, printable
from .words import claims, controls_table, measures_table, published_table, quality, reader_of, reasons, sentence, spans

FOLDER = "changes"
Row = Mapping[str, Any]


def render_change(found: Row, language: str = "en") -> str:
    """A verified change as one self-contained HTML page.

    Parameters
    ----------
    found : dict
        As :func:`~ecorad.reporting.change_check.statement.change_statement` makes it.
    language : {"en", "zh", "nl"}
        Language of the reader; the numbers are the same in each.
    """
    reader = reader_of(found, language)
    change = found["change"]
    context: dict[str, Any] = {
        "r": reader,
        "t": reader.text,
        "v": found,
        "css": Markup(template_text("report.css")),
        "title": printable(change["name"]),
        "device": reader.device_name(change),
        "spans": spans(reader, change),
        "lines": [sentence(reader, row) for row in found["measures"]],
        "claims": claims(reader, found),
        "measures": measures_table(reader, found),
        "reasons": reasons(reader, found),
        "published": published_table(reader, found),
        "controls": controls_table(reader, found),
        "quality": quality(reader, found["rejects"]),
        "saved": {name: reader.shown(found["saved"][name]) for name in ("kwh", "money", "co2e_kg")},
        "days": reader.counted("day", found["saved"]["days"]),
        "mark": lambda name: origin_mark(name, reader.named("origin_letter", name), reader.named("origin", name)),
        "is_shown": lambda cell: isinstance(cell, Shown),
    }
    return environment().get_template("change_check.html.j2").render(context).rstrip("\n") + "\n"


def write_change(found: Row, out_path: Path, language: str = "en") -> list[Path]:
    """Write ``changes/NAME.{html,json}`` under ``out_path``; each there whole or not at all."""
    folder = out_path / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    name = file_name(found["change"]["name"])
    text = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    paths = []
    for kind, content in (("html", render_change(found, language)), ("json", text)):
        path, staged = folder / f"{name}.{kind}", folder / f".{name}.{kind}"
        staged.write_bytes(content.encode())
        staged.replace(path)
        paths.append(path)
    return paths


def file_name(name: str) -> str:
    """A file name out of what a change is called.

    >>> file_name("Eco mode: MR 1/2")
    'eco-mode-mr-1-2'
    """
    letters = "".join(sign if sign.isalnum() else " " for sign in name.lower())
    return "-".join(letters.split()) or "change"
