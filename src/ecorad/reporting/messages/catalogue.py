"""The message catalogue: one TOML file a language, the same keys and placeholders in each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ecorad.model import UnknownNameError

from .format import Locale

LANGUAGES = ("en", "zh", "nl")


@dataclass(frozen=True, slots=True)
class Messages:
    """The texts of one language by dotted key, and how it writes numbers and dates."""

    language: str
    texts: Mapping[str, str]
    locale: Locale

    def text(self, key: str, **values: Any) -> str:
        """The text under ``key`` with its placeholders filled.

        Raises
        ------
        UnknownNameError
            When the catalogue has no such key: a fault of the program, found by the tests.

        >>> messages("en").text("state.idle")
        'idle'
        """
        try:
            template = self.texts[key]
        except KeyError:
            raise UnknownNameError(f"no message {key!r} in {self.language}") from None
        return template.format(**values) if values else template

    def named(self, group: str, name: str | None) -> str:
        """The text of ``group.name``; a name the catalogue does not know is shown as it is.

        >>> messages("nl").named("region", "head"), messages("nl").named("region", "left ear")
        ('hoofd', 'left ear')
        """
        if name is None:
            return self.texts.get(f"{group}.none", self.texts["none"])
        return self.texts.get(f"{group}.{name}", name)

    def has(self, key: str) -> bool:
        """Whether the catalogue has ``key``."""
        return key in self.texts

    def counted(self, key: str, count: int, **values: Any) -> str:
        """The singular or plural under ``key``, with ``n`` filled in.

        >>> messages("en").counted("count.exam", 1), messages("en").counted("count.exam", 1200)
        ('1 exam', '1,200 exams')
        """
        form = "one" if count == 1 else "other"
        return self.text(f"{key}.{form}", n=self.locale.integer(count), **values)

    def in_words(self, count: int) -> str:
        """Small counts as a word, as in a sentence; larger ones as figures.

        >>> messages("en").in_words(5), messages("en").in_words(31)
        ('five', '31')
        """
        return self.texts.get(f"cardinal.{count}", self.locale.integer(count))


@cache
def messages(language: str = "en") -> Messages:
    """The catalogue of ``language``.

    Raises
    ------
    UnknownNameError
        Names the languages there are.
    """
    if language not in LANGUAGES:
        raise UnknownNameError(f"no language {language!r}; there are {', '.join(LANGUAGES)}")
    content = tomllib.loads((files(__package__) / f"{language}.toml").read_text("utf-8"))
    flat = dict(_flat(content, ""))
    locale = Locale(
        decimal=flat["locale.decimal"],
        group=flat["locale.group"],
        percent=flat["locale.percent"],
        months=tuple(flat[f"month.{i}"] for i in range(1, 13)),
        patterns={key.removeprefix("date."): text for key, text in flat.items() if key.startswith("date.")},
    )
    return Messages(language, flat, locale)


def _flat(content: Mapping[str, Any], prefix: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in content.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", str(value).strip("\n").replace("\n", " ")))
    return pairs
