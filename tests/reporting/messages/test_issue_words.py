"""What the codes of readings and energy mean, in the languages of the report."""

import csv
import re
from importlib.resources import files
from pathlib import Path

import pytest

from ecorad.reporting.messages import LANGUAGES
from ecorad.reporting.messages.issue_words import issue_words

ROOT = Path(__file__).parents[3]
# Codes of these pages end a command, or belong to a simulation; no report shows them.
NEVER_SHOWN = {"command-line", "simulation"}
TABLE = csv.DictReader((files("ecorad.reporting") / "issue_codes.csv").read_text("utf-8").splitlines())
ENGLISH = {row["code"]: (row["means"], row["what_to_do"]) for row in TABLE}


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_code_of_meters_and_energy_has_words(language):
    words = issue_words(language)
    said = {code for code in ENGLISH if code.startswith(("ecorad.energy.", "ecorad.meter."))}
    assert said - set(words) == set()
    assert [code for code in said if not words[code][0] or words[code] == ENGLISH[code]] == []
    # Names of settings are not translated.
    settings = {code: sorted(re.findall("`[^`]+`", " ".join(ENGLISH[code]))) for code in said if "energy" in code}
    assert {code: sorted(re.findall("`[^`]+`", " ".join(words[code]))) for code in settings} == settings


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_code_of_the_pages_about_data_has_words(language):
    pages = [page for page in (ROOT / "docs/reference/issues").glob("*.md") if page.stem not in NEVER_SHOWN]
    assert len(pages) >= 15
    listed = {
        code for page in pages for code in re.findall(r"(?m)^\| `(ecorad\.[a-z0-9_.]+)` \|", page.read_text("utf-8"))
    }
    words = issue_words(language)
    assert sorted(listed - set(words)) == []
    assert [code for code in listed if not words[code][0]] == []
    assert sorted(set(words) - set(ENGLISH)) == []  # none for a code that no longer exists


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_words_of_the_factor_book_keep_the_names_of_settings(language):
    words = issue_words(language)
    for code in (code for code in ENGLISH if code.startswith(("ecorad.factor.", "ecorad.power.", "ecorad.spool."))):
        names = [sorted(re.findall("`[^`]+`", " ".join(text))) for text in (ENGLISH[code], words[code])]
        assert names[0] == names[1], code
