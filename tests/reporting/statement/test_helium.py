"""What a capture unit and a sealed magnet would change, in litres: declared, claimed, and unknown where nothing is told."""

from __future__ import annotations

import tomllib

import pytest

from ecorad.factors import book
from ecorad.footprint.helium import Movement
from ecorad.model import HeliumCapture, Site, SiteError, parse_site
from ecorad.reporting.messages import LANGUAGES, messages
from ecorad.reporting.reader import Reader
from ecorad.reporting.sections.contrast import contrast_and_helium
from ecorad.reporting.statement.helium import helium_rows
from tests.reporting.samples import sample

# A litre a day over two years of weekly levels: 1,600 L become 872 L.
LEVELS = [Movement(20_000.0 + 7 * n, "counted", 1600.0 - 7 * n) for n in range(105)]


def row(capture, movements=LEVELS):
    (found,) = helium_rows({"m": movements}, {"m": "MR 1"}, book(), capture)
    return found


def test_a_declared_recovery_brings_back_its_share_of_what_was_lost():
    """728 L lost, 80 to 90 % of them: 619 L, as a claim."""
    found = row(HeliumCapture(recovery=(0.8, 0.9)))
    captured = found["captured_l"]
    assert captured["value"] == pytest.approx(0.85 * 728.0)
    assert captured["low"] == pytest.approx(0.8 * found["lost_l"]["low"])
    assert captured["high"] == pytest.approx(0.9 * found["lost_l"]["high"])
    assert captured["origin"] == "claimed"


def test_a_sealed_magnet_holds_seven_litres_as_one_maker_says():
    fewer = row(HeliumCapture())["fewer_in_low_helium_l"]
    assert fewer["value"] == pytest.approx(872.0 - 7.0)
    assert "helium.inventory.blueseal" in fewer["factors"]
    assert fewer["origin"] == "claimed"


def test_without_a_promise_nothing_is_brought_back_and_without_a_trend_nothing_is_known():
    assert row(HeliumCapture())["captured_l"] is None
    few = row(HeliumCapture(recovery=(0.8, 0.9)), LEVELS[:2])
    assert few["captured_l"]["value"] is None
    assert few["captured_l"]["reason"]
    assert few["fewer_in_low_helium_l"]["value"] is None


def test_a_loss_below_what_the_indicator_tells_brings_nothing_back():
    still = [Movement(one.day, "counted", 1500.0) for one in LEVELS[:10]]
    assert row(HeliumCapture(recovery=(0.8, 0.9)), still)["captured_l"]["value"] is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_it_where_it_is_known(language):
    statement = sample("department")
    assert contrast_and_helium(Reader(statement, language)).helium_what_ifs is None
    found = row(HeliumCapture(recovery=(0.8, 0.9)))
    statement["helium"][0] |= {name: found[name] for name in ("captured_l", "fewer_in_low_helium_l")}
    table = contrast_and_helium(Reader(statement, language)).helium_what_ifs
    assert table is not None
    assert len(table.rows) == 1
    assert table.caption == messages(language).text("helium.what_if_caption")


@pytest.mark.parametrize(
    "line", ["recovery = 0.9", "recovery = [0.9, 0.8]", "recovery = [0.5, 1.2]", "recover = [0, 1]"]
)
def test_a_recovery_that_cannot_be_is_refused(line):
    with pytest.raises(SiteError, match="helium"):
        parse_site(tomllib.loads(f'[site]\nname = "x"\n[helium]\n{line}\n'))


def test_a_site_may_declare_it():
    site: Site = parse_site({"site": {"name": "x"}, "helium": {"recovery": [0.8, 0.95]}})
    assert site.helium.recovery == (0.8, 0.95)
