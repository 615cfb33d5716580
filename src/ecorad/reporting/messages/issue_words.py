"""What the issue codes mean in the languages other than English, whose words the statement itself carries."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def issue_words(language: str) -> Mapping[str, tuple[str, str]]:
    """Meaning and remedy by code, as far as there are any in ``language``; no remedy is an empty text.

    >>> issue_words("en")
    {}
    """
    table = files(__package__) / f"issues.{language}.csv"
    if not table.is_file():
        return {}
    rows = csv.DictReader(table.read_text("utf-8").splitlines())
    return {row["code"]: (row["means"], row["what_to_do"]) for row in rows}
