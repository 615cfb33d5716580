from __future__ import annotations

import copy
import itertools
import re
from html.parser import HTMLParser

import pytest

from ecorad.reporting.html import render
from ecorad.reporting.messages import LANGUAGES
from tests.reporting.samples import sample

VOID = {"meta", "br", "wbr", "link", "img", "hr", "input"}
NAMES = ("department", "dicom_only")


class Page(HTMLParser):
    """Collects tags, ids and link targets, and checks that elements close in order."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.targets, self.open, self.headings = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append((tag, values))
        self.ids += [values["id"]] if "id" in values else []
        self.targets += [values["href"]] if "href" in values else []
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def words(text):
    """The page as a reader sees it, without markup, spaces as spaces."""
    body = re.sub(r"<style>.*?</style>|<details.*?</details>|<title>.*?</title>", "", text, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body).replace("\N{NO-BREAK SPACE}", " "))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_page_is_well_formed(name, language):
    page = Page(render(sample(name), language))
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert page.tags[0] == ("html", {"lang": language})


@pytest.mark.parametrize("name", NAMES)
def test_every_link_inside_leads_somewhere(name):
    page = Page(render(sample(name)))
    inside = {target[1:] for target in page.targets if target.startswith("#")}
    assert inside <= set(page.ids)


@pytest.mark.parametrize("name", NAMES)
def test_headings_never_skip_a_level(name):
    levels = Page(render(sample(name))).headings
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_loaded_from_outside(name):
    page = Page(render(sample(name)))
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "embed"}
    assert "url(http" not in render(sample(name))
    assert "@import" not in render(sample(name))


def test_same_statement_same_bytes():
    assert render(sample("department")) == render(copy.deepcopy(sample("department")))


def test_opening_sentence():
    text = words(render(sample("department")))
    assert (
        "From 2 to 29 March 2026 your five scanners used 22.9 MWh (22.3–23.7), about 6.1 t CO₂e (5.4–7.1) at the Dutch grid average. "
        "That was for 4,399 exams. 55.6 % (54.1–57.0) of what was metered went by while no patient was being imaged. "
        "3.4 % could not be explained. Not in this total: Echo 4 (d8e7), because there is no factor for this kind of device."
    ) in text


def test_without_a_meter_the_opening_says_estimate_and_points_to_one():
    text = render(sample("dicom_only"))
    assert "No meter was read: this is an estimate from published figures" in words(text)
    assert '<a href="#borrow">' in text


def test_questions_come_in_order():
    text = words(render(sample("department")))
    questions = (
        "How much, and how sure?",
        "Where does it go?",
        "What can we change tomorrow?",
        "Can I trust this?",
        "How was it worked out?",
    )
    places = [text.index(question) for question in questions]
    assert places == sorted(places)


def test_text_from_input_is_escaped():
    statement = sample("department")
    evil = '<script>alert("x")</script>'
    statement["site"]["name"] = evil
    for device in statement["devices"]:
        device |= {"alias": evil, "model": evil, "manufacturer": evil, "modality": evil}
    statement["meters"][0]["meter"] = evil
    statement["meters"][0]["aliases"] = [evil]
    statement["contrast"]["agents"][0]["agent"] = evil
    statement["quality"]["issues"][0]["meaning"] = evil
    statement["quality"]["issues"][0]["where"] = evil
    statement["modalities"][0]["modality"] = evil
    statement["modalities"][0]["regions"][0]["body_region"] = evil
    statement["factors"][0]["source"] = evil
    statement["factors"][0]["link"] = "javascript:alert(1)"
    statement["totals"]["energy_kwh"]["reason"] = evil
    text = render(statement)
    assert "<script" not in text
    assert "javascript:" not in text
    assert Page(text).open == []


def test_a_reason_with_braces_is_only_text():
    statement = sample("dicom_only")
    statement["totals"]["energy_kwh"] |= {"value": None, "low": None, "high": None, "reason": "{0.__class__}"}
    assert "{0.__class__}" in render(statement)


@pytest.mark.parametrize("value", ["NL", None, "XX-<b>"])
def test_any_grid_zone_can_be_named(value):
    statement = sample("department")
    statement["method"]["grid"]["zone"] = statement["site"]["grid_zone"] = value
    assert "22.9" in words(render(statement))


def test_receipts_that_do_not_add_up_raise_the_alarm():
    statement = sample("department")
    statement["receipts"]["stored"] -= 7
    text = words(render(statement))
    assert "It does not add up: 7 inputs are unaccounted for." in text
    assert "It adds up" not in text


def test_finding_whose_interval_includes_zero_is_not_shown():
    statement = sample("department")
    statement["findings"][0]["kwh"] |= {"low": -1.0}
    text = words(render(statement))
    assert "CT 1 stays idle through the night." not in text
    assert "MR 1 is left on at night" in text


def test_no_findings_is_said_without_applause():
    assert "Nothing in these records is sure enough to act on tomorrow." in words(render(sample("dicom_only")))


def test_at_most_five_findings_largest_first():
    statement = sample("department")
    one = statement["findings"][0]
    statement["findings"] = [copy.deepcopy(one) | {"alias": f"S{i}"} for i in range(7)]
    for i, row in enumerate(statement["findings"]):
        row["kwh"] |= {"value": 100.0 + i, "low": 50.0, "high": 300.0}
    text = words(render(statement))
    assert [name for name in (f"S{i} stays idle" for i in range(7)) if name in text] == [
        f"S{i} stays idle" for i in range(2, 7)
    ]
    assert text.index("S6 stays idle") < text.index("S2 stays idle")


def test_attributional_and_consequential_never_share_a_drawing():
    drawings = re.findall(r"<svg.*?</svg>", render(sample("department")), flags=re.S)
    tones = [set(re.findall(r'class="(?:dot|line|span) ([ac])"', drawing)) for drawing in drawings]
    assert {"a"} in tones
    assert {"c"} in tones
    assert {"a", "c"} not in tones


def test_empty_department_still_renders():
    statement = sample("dicom_only")
    for key in ("devices", "meters", "modalities", "findings", "advice_on_data", "factors", "scopes"):
        statement[key] = []
    statement["use"]["devices"] = statement["contrast"]["agents"] = statement["quality"]["tiers"] = []
    statement["method"]["allocation_rules"] = []
    statement["totals"] |= {"devices": 0, "exams": 0, "not_included": []}
    for quantity in (statement["totals"]["energy_kwh"], statement["totals"]["co2e_kg"]["attributional"]):
        quantity |= {"value": None, "low": None, "high": None, "factors": [], "reason": "no_records"}
    assert "is unknown, because no records of it were received" in words(render(statement))


def test_a_department_year_stays_small():
    statement = sample("department")
    statement["devices"] = [
        copy.deepcopy(device) | {"device": f"dev-{i}", "alias": f"S {i}"}
        for i in range(20)
        for device in statement["devices"][:1]
    ]
    statement["use"]["devices"] = [
        copy.deepcopy(statement["use"]["devices"][0]) | {"device": f"dev-{i}", "alias": f"S {i}"} for i in range(20)
    ]
    assert len(render(statement).encode()) < 2_500_000
