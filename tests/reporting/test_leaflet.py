"""Leaflets: sourced facts in three languages, no risk, no comparison without a source, nothing that cannot be."""

from __future__ import annotations

import html
import itertools
import re
from importlib.resources import files
from pathlib import Path

import pytest

from ecorad.factors import book
from ecorad.footprint.dose.background import background_of
from ecorad.model import InputError, Quantity
from ecorad.reporting.leaflet import Leaflet, film_of, leaflet, leaflet_parts
from ecorad.reporting.messages import LANGUAGES, messages
from ecorad.reporting.patient_dose import IONISING, NOT_IONISING, comparators
from ecorad.rules.catalogue import rule_set, shipped_rule_sets

KINDS = [
    *({"modality": one} for one in sorted(IONISING | NOT_IONISING)),
    {"modality": "CT", "region": "chest", "contrast": "iodine", "exam": "ct_chest", "country": "NL"},
    {"modality": "MR", "region": "breast", "contrast": "gadolinium"},
    {"modality": "MR", "region": "abdomen"},
    {"modality": "PT", "nuclide": "F-18"},
    {"modality": "NM", "nuclide": "Tc-99m"},
]


def words(page):
    return html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\N{NO-BREAK SPACE}", " ")


def told(language="en", **about):
    return words(leaflet(Leaflet(**about), book(), language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("about", KINDS, ids=str)
def test_no_leaflet_tells_a_risk_and_each_names_its_sources(about, language):
    text = told(language, **about).casefold()
    assert not any(word in text for word in ("cancer", "risk", "kanker", "risico", "癌", "风险"))
    assert ("msv" in text) == ("exam" in about)
    parts = leaflet_parts(Leaflet(**about), book(), messages(language))
    for part in parts:
        assert part.sources
        for source in part.sources:
            assert source in shipped_rule_sets() or book().get(source).enabled


def test_a_typical_dose_is_told_with_what_is_like_it_computed():
    text = told(modality="CT", exam="ct_chest", country="US")
    assert "6.1 mSv" in text  # ACR card
    assert "2 years of natural background radiation, which is 3 mSv a year in this country" in text  # 6.1 / 3
    assert "61 chest X-rays" in text  # 6.1 / 0.1, and not the source's round figures
    assert "chest X-rays" not in told(modality="DX", exam="xr_chest", country="US")


@pytest.mark.parametrize(("nuclide", "time"), [("F-18", "110 minutes"), ("Tc-99m", "6 hours"), ("I-131", "8 days")])
def test_a_half_life_is_said_at_a_glance(nuclide, time):
    assert f"gone after {time}" in told(modality="NM", nuclide=nuclide)


def test_a_breast_mri_names_the_days_of_the_rule_and_what_to_wear():
    first, last = rule_set("breast-mri-rimag-2022").content["cycle_days"]
    text = told(modality="MR", region="breast", contrast="gadolinium")
    assert f"the {first}th to the {last}th" in text
    assert "loose clothes" in text
    assert "93 to 99 %" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_and_preparation_of_the_rules_has_words(language):
    catalogue = messages(language)
    for one in rule_set("mr-safety-rimag-2022").content["questions"]:
        assert catalogue.has(f"leaflet_mr.{one['id']}")
    for n, _ in enumerate(rule_set("breast-mri-rimag-2022").content["preparation"], 1):
        assert catalogue.has(f"leaflet_breast.{n}")


@pytest.mark.parametrize(
    "about",
    [
        {"modality": "XX"},
        {"modality": "MR", "contrast": "iodine"},
        {"modality": "CT", "contrast": "gadolinium"},
        {"modality": "CT", "contrast": "barium"},
        {"modality": "US", "exam": "ct_chest"},
        {"modality": "CT", "exam": "ct_everything"},
        {"modality": "CT", "nuclide": "F-18"},
        {"modality": "NM", "nuclide": "Xx-1"},
    ],
)
def test_what_cannot_be_is_refused(about):
    with pytest.raises(InputError) as refused:
        leaflet(Leaflet(**about), book())
    assert refused.value.code == "ecorad.leaflet.request"


SMOKING = re.compile(r"smok|cigar|tobacco|\brook|\broken|tabak|sigaret|吸烟|抽烟|香烟|烟", re.IGNORECASE)


def shown_texts():
    """Everything that a reader may be shown: messages, templates, rules, tables, in every language."""
    rooms = ("ecorad.reporting", "ecorad.service.web", "ecorad.rules", "ecorad.factors")
    for room in rooms:
        root = Path(str(files(room)))
        for path in sorted(root.rglob("*")):
            is_evidence = "facts" in path.parts  # the register of what was checked and is not shown
            if path.suffix in {".toml", ".csv", ".j2", ".json", ".css"} and not is_evidence:
                yield path, path.read_text("utf-8")


def test_the_figure_of_smoking_stands_in_no_text_of_any_language():
    texts = dict(shown_texts())
    assert len(texts) > 100
    for path, text in texts.items():
        assert not SMOKING.search(text), path
        assert not re.search(r"\b35 ?mSv", text), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dose_is_compared_with_background_and_films_alone(language):
    background = background_of("US", book())
    for msv, with_film in itertools.product((0.001, 0.7, 7.0, 35.0, 100.0), (True, False)):
        dose = Quantity(msv, "mSv", low=msv / 2, high=msv * 2)
        said = comparators(dose, background, film_of(book()) if with_film else None, language)
        assert len(said) == 1 + (with_film and msv >= 0.2)
        assert not SMOKING.search(" ".join(said))
        assert not any(word in " ".join(said).casefold() for word in ("flight", "vlucht", "vliegen", "飞"))
