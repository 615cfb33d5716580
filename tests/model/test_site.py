"""site.toml: what it may say, and the plain word for each mistake."""

from __future__ import annotations

import tomllib
from datetime import time

import pytest

from ecorad.model import SiteError, load_site, parse_site

SITE = '[site]\nname = "Demo"\ntimezone = "Europe/Amsterdam"\ngrid_zone = "NL"\n'


def parsed(more: str = "", site: str = SITE):
    return parse_site(tomllib.loads(site + more))


def test_a_full_site():
    site = parsed(
        """
        opening_hours = {mon = "07:30-18:00"}
        tariff_per_kwh = 0.22
        [[device]]
        serial = "40071"
        alias = "MR 1"
        [[meter]]
        id = "mr1"
        feeds = ["40071"]
        unit = "kW"
        kind = "power"
        interval_s = 10
        stamp = "end"
        columns = {time = "Zeit", value = "Leistung"}
        """
    )
    assert site.opening_hours == {"mon": (time(7, 30), time(18))}
    assert site.devices[0].alias == "MR 1"
    assert site.meter("mr1").interval_s == 10.0
    assert site.meter("mr2") is None


def test_what_is_not_said_is_not_guessed():
    site = parsed(site='[site]\nname = "Demo"\n')
    assert site.grid_zone is None
    assert site.tariff_per_kwh is None
    assert site.opening_hours == {}
    assert site.identifiers == "pseudonymise"


@pytest.mark.parametrize(
    ("site", "more", "says"),
    [
        ("", "", "[site] is missing"),
        ("[site]\n", "", "name must be a text"),
        (SITE, 'colour = "green"', "'colour' is not a key"),
        (SITE, 'language = "fr"', "language must be one of en, zh, nl"),
        (SITE, "tariff_per_kwh = -1", "tariff_per_kwh must be a number above 0"),
        (SITE, 'opening_hours = {mon = "18-7"}', "mon must look like"),
        (SITE, 'opening_hours = {mon = "18:00-07:00"}', "open before it closes"),
        (SITE, 'opening_hours = {monday = "07:00-18:00"}', "must be one of mon"),
        (SITE, '[device]\nserial = "1"', "with two brackets"),
        (SITE, "[[device]]\nserial = 4711", "[[device]] 1: serial must be a text"),
        (SITE, '[[meter]]\nunit = "kW"', "[[meter]] 1: id must be a text"),
        (SITE, '[[meter]]\nid = "a"\nunit = "kw"', "unit must be one of W, kW"),
        (SITE, '[[meter]]\nid = "a"\nkind = "cumulative"', "kind must be one of power, interval, register"),
        (SITE, '[[meter]]\nid = "a"\n[[meter]]\nid = "a"', "'a' is given twice"),
        (SITE, '[[meter]]\nid = "a"\ntimezone = "CET+1"', "timezone must be an IANA zone"),
        (SITE, '[[meter]]\nid = "a"\nplausible_kw = [9, 1]', "plausible_kw must be [lowest, highest]"),
        (SITE, '[[meter]]\nid = "a"\nsince = 2026-03-01T00:00:00', "with an offset"),
        (SITE, '[[ledger]]\nname = "a"\nkind = "contrast"', "columns must map our names"),
        ('[site]\nname = "x"\ntimezone = "Amsterdam"', "", "must be an IANA zone"),
    ],
)
def test_each_mistake_is_named_with_its_place(site, more, says):
    with pytest.raises(SiteError) as error:
        parsed(more, site)
    assert says in str(error.value)
    assert error.value.code == "ecorad.site"


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(SiteError, match="ecorad init") as error:
        load_site(tmp_path / "site.toml")
    assert error.value.code == "ecorad.site.missing"


@pytest.mark.parametrize("content", [b"[site\n", b"\xff\xfe\x00"])
def test_a_file_that_is_not_toml_is_refused(tmp_path, content):
    (tmp_path / "site.toml").write_bytes(content)
    with pytest.raises(SiteError, match="not TOML"):
        load_site(tmp_path / "site.toml")


def test_a_byte_order_mark_does_no_harm(tmp_path):
    (tmp_path / "site.toml").write_text(SITE, "utf-8-sig")
    assert load_site(tmp_path / "site.toml").name == "Demo"
