"""Sentences of answers: English text that also knows how to be said in another language."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "nl", "zh")
_WORD = "word."
# Between the parts of a list.
_GAP = {"en": ", ", "nl": ", ", "zh": "、"}


class Reason(str):
    """One sentence of an answer.

    As text it is English, as the command line and the API write it; :meth:`said_in` says the same in another language.
    """

    __slots__ = ("key", "values")
    key: str
    values: Mapping[str, Any]

    def said_in(self, language: str) -> str:
        """The sentence in ``language``; a name that no word is known for stays as it is.

        >>> reason("any_order", region="head").said_in("nl")
        'CT van het hoofd: elke volgorde kan'
        """
        return _template(self.key, language).format_map({n: _word(v, language) for n, v in self.values.items()})


def reason(key: str, **values: Any) -> Reason:
    """The sentence ``key`` with its values.

    Parameters
    ----------
    key : str
        Of ``sentences.csv``.
    **values
        Numbers, names, and tuples of names.

    Raises
    ------
    KeyError
        For a sentence that there is not: a fault of the program.

    Examples
    --------
    >>> reason("egfr_old", days=90, rules="renal-function-1")
    'the eGFR is older than 90 days (renal-function-1)'
    """
    made = Reason(_template(key, "en").format_map({name: _word(value, "en") for name, value in values.items()}))
    made.key, made.values = key, values
    return made


def said_in(sentence: str, language: str) -> str:
    """A sentence of an answer or of a shipped rule in ``language``; one that a site wrote stays as it is."""
    return sentence.said_in(language) if isinstance(sentence, Reason) else str(_word(sentence, language))


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """Every sentence and word by key and language."""
    text = (files(__package__) / "sentences.csv").read_text("utf-8").splitlines()
    return {row["key"]: row for row in csv.DictReader(text)}


def _template(key: str, language: str) -> str:
    return sentences()[key][language]


def _word(value: Any, language: str) -> Any:
    if isinstance(value, tuple):
        return _GAP[language].join(str(_word(one, language)) for one in value)
    found = sentences().get(f"{_WORD}{value}") if isinstance(value, str) else None
    return value if found is None else found[language]
