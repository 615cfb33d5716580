"""Every sentence of an answer can be said in each language, with the same facts in it."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import ecorad.safety
from ecorad.rules.catalogue import shipped_rule_sets
from ecorad.safety.reason import LANGUAGES, Reason, reason, said_in, sentences
from tests.safety.test_orders import CT, MR, ask

SOURCE = Path(ecorad.safety.__file__).parent


def places(template):
    return sorted(name for _, name, _, _ in Formatter().parse(template) if name)


@pytest.mark.parametrize("key", sorted(sentences()))
def test_a_sentence_holds_the_same_facts_in_each_language(key):
    row = sentences()[key]
    assert set(row) == {"key", *LANGUAGES}
    assert all(row[one].strip() for one in LANGUAGES)
    assert len({tuple(places(row[one])) for one in LANGUAGES}) == 1
    if not key.startswith("word."):
        assert row["en"] != row["nl"] or key == "note"
        assert row["zh"] != row["en"]


def test_every_sentence_is_said_somewhere_and_every_one_said_is_there():
    text = "\n".join(path.read_text("utf-8") for path in SOURCE.glob("*.py"))
    known = {key for key in sentences() if not key.startswith("word.")}
    called = set(re.findall(r'reason\(\s*"(\w+)"', text))
    assert called <= known
    assert {key for key in known if f'"{key}"' not in text} == set()


def everything(found):
    yield from found.advice.reasons
    for one in found.answers:
        yield from one.advice.reasons
    for row in found.preparation:
        yield from row.get("reasons", ())


@pytest.mark.parametrize("patient", [{}, {"egfr": None}, {"aki": True}, {"age_years": 10}, {"dialysis": "anuric"}])
def test_whatever_is_answered_can_be_translated(patient):
    breast = {"id": "b", "modality": "MR", "body_region": "breast"}
    found = ask(MR, CT, CT | {"id": "ct2"}, breast, previous=[{"agent": "iodine"}], **patient)
    told = list(everything(found))
    assert len(told) > 10
    assert [one for one in told if not isinstance(one, Reason)] == []
    for one in told:
        assert said_in(one, "en") == one
        assert said_in(one, "nl") != one
        assert re.search(r"[\u4e00-\u9fff]", said_in(one, "zh"))


def test_what_a_shipped_rule_asks_to_check_has_its_words():
    """A rule set that a site wrote is shown as the site wrote it."""
    content = shipped_rule_sets()["abdominal-mri-arms-rimag-2022"].content
    for one in (*content["check_up"], *content["check_down"]):
        assert said_in(one, "nl") != one
    assert said_in("as the site wrote it", "zh") == "as the site wrote it"


def test_a_sentence_that_there_is_not_is_a_fault():
    with pytest.raises(KeyError):
        reason("no such sentence")
