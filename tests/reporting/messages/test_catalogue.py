from __future__ import annotations

import json
import re
import string
from importlib.resources import files

import pytest

from ecorad.model import Origin, PowerState, UnknownNameError
from ecorad.reporting.messages import LANGUAGES, messages

OTHERS = [language for language in LANGUAGES if language != "en"]


def placeholders(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize("language", OTHERS)
def test_catalogues_have_the_same_keys(language):
    assert set(messages(language).texts) == set(messages("en").texts)


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_are_the_same(language):
    english, other = messages("en").texts, messages(language).texts
    assert {key: placeholders(other[key]) for key in english} == {
        key: placeholders(text) for key, text in english.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language):
    assert [key for key, text in messages(language).texts.items() if not text and key != "sentence_gap"] == []


@pytest.mark.parametrize("group", ["origin", "origin_letter", "origin_meaning"])
def test_every_origin_has_words(group):
    assert all(messages(language).has(f"{group}.{origin}") for language in LANGUAGES for origin in Origin)


@pytest.mark.parametrize("language", LANGUAGES)
def test_origins_are_told_apart_by_their_letter(language):
    letters = {messages(language).text(f"origin_letter.{origin}") for origin in Origin}
    assert len(letters) == len(Origin)


def test_every_state_has_words():
    assert all(messages(language).has(f"state.{state}") for language in LANGUAGES for state in PowerState)


def test_codes_named_in_the_schema_have_words():
    schema = json.loads((files("ecorad.reporting") / "schema" / "audit-1.json").read_text("utf-8"))
    reasons = re.findall(r"([a-z_]+) \(", schema["$defs"]["reason"]["description"])
    texts = re.findall(
        r"[a-z_]+", schema["properties"]["method"]["properties"]["texts"]["description"].split("order:")[1]
    )
    assert len(reasons) > 10
    assert [code for code in reasons if not messages("en").has(f"reason.{code}")] == []
    assert [code for code in texts if not messages("en").has(f"method_text.{code}")] == []


def test_four_words_keep_the_two_answers_apart():
    assert messages("en").text("label.attributional") == "share of everything"
    assert messages("en").text("label.consequential") == "one exam less saves"


def test_unknown_language_names_those_there_are():
    with pytest.raises(UnknownNameError, match="en, zh, nl"):
        messages("fr")


def test_unknown_key_is_an_error():
    with pytest.raises(UnknownNameError, match="nothing"):
        messages("en").text("nothing.here")
