"""What the codes of readings and energy mean, in the languages of the report."""

import csv
import re
from importlib.resources import files

import pytest

from ecorad.reporting.messages import LANGUAGES
from ecorad.reporting.messages.issue_words import issue_words

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
