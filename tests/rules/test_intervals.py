from __future__ import annotations

import copy
import tomllib
from importlib.resources import files

import pytest

from ecorad.model import InputError, UnknownNameError
from ecorad.rules.interval_table import parse_interval_rules
from ecorad.rules.intervals import interval_rule_set, interval_rule_sets

OLD = tomllib.loads((files("ecorad.rules") / "contrast_intervals" / "esur-10.0-2018.toml").read_text("utf-8"))


def test_every_set_is_dated_and_cited():
    for rules in interval_rule_sets().values():
        assert rules.issued.year >= 2018
        assert rules.citation
        assert rules.evidence


def test_an_unknown_set_names_those_there_are():
    with pytest.raises(UnknownNameError, match="esur-cmsc-2024"):
        interval_rule_set("esur-1999")


@pytest.mark.parametrize("change", [{"egfr_above_30": 50}, {"egfr_above_30": 0}, {"egfr_above_31": 4}])
def test_a_table_that_cannot_be_right_is_refused(change):
    content = copy.deepcopy(OLD)
    content["cell"][0]["hours"].update(change)
    with pytest.raises(InputError):
        parse_interval_rules(content)
