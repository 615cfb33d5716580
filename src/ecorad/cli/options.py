"""Arguments that several commands share, said once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ecorad.model import InputError

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the site.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object to stdout and nothing else.")]
SiteRules = Annotated[
    Path | None, typer.Option("--site", metavar="DIR", help="With the rule sets that this site has signed.")
]
FirstDay = Annotated[str | None, typer.Option("--from", metavar="DATE", help="First local day, like 2026-03-01.")]
OtherFactors = Annotated[
    str | None,
    typer.Option(
        "--factors", metavar="SET", help="Another factor set: shipped, a folder of tables, a .csv, or a digest."
    ),
]
EarlierAudit = Annotated[
    Path | None,
    typer.Option("--compare", metavar="OLD", help="An earlier audit.json or its folder: say why each number moved."),
]
ReaderLanguage = Annotated[
    str | None, typer.Option("--language", metavar="en|zh|nl", help="Of what is told; the site's unless said.")
]
LastDay = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last local day, included.")]

_LANGUAGES = ("en", "zh", "nl")


def checked_language(asked: str | None) -> str | None:
    """The language that was asked for.

    Raises
    ------
    InputError
        When there is no such language.
    """
    if asked is not None and asked not in _LANGUAGES:
        raise InputError(f"--language must be one of {', '.join(_LANGUAGES)}", code="ecorad.input.language")
    return asked


def day(text: str | None, option: str) -> date | None:
    """The local day written in ``text``.

    Raises
    ------
    InputError
        Names the option, and how a day is written.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} must be a day like 2026-03-01", code="ecorad.input.day") from None
