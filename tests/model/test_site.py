"""site.toml: what it may say, and the plain word for each mistake."""

from __future__ import annotations

import tomllib
from datetime import datetime, time

import pytest

from ecorad.model import PowerState, SiteError, load_site, parse_site

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


POWER = '[[device]]\nserial = "1"\n[device.power]\n'


def test_what_a_plan_may_ask_of_a_device():
    power = parsed(POWER + 'modes = ["power_save"]\nnever = ["off"]\nstart_min = {power_save = 8}\n').devices[0].power
    assert power.modes == (PowerState.POWER_SAVE,)
    assert power.never == (PowerState.OFF,)
    assert power.start_min == {PowerState.POWER_SAVE: 8.0}
    assert power.least_min == {}


def test_prices_by_hour_and_who_stays_ready():
    site = parsed(
        '[[tariff]]\nprice_per_kwh = 0.1\nhours = "23:00-07:00"\ndays = ["mon"]\n'
        '[[ready]]\ndevices = ["a", "b"]\nwithin_min = 10\n',
        site=SITE + "tariff_per_kwh = 0.3\n",
    )
    monday = datetime(2026, 3, 2, 23, 30)  # noqa: DTZ001 - local
    assert site.price_per_kwh(monday) == 0.1
    assert site.price_per_kwh(monday.replace(hour=12)) == 0.3
    assert site.price_per_kwh(monday.replace(day=3)) == 0.3
    assert (site.ready[0].at_least, site.ready[0].within_min, site.ready[0].hours) == (1, 10.0, None)
    assert parsed().price_per_kwh(monday) is None


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (POWER + 'modes = ["scan"]', "a mode is one of off, power_save"),
        (POWER + "start_min = {off = -1}", "must be a number from 0 up"),
        (POWER + "colour = 1", "'colour' is not a key"),
        ('[[ready]]\ndevices = ["a"]\nat_least = 2\nwithin_min = 1', "at_least must be a whole number from 1"),
        ('[[ready]]\ndevices = ["a"]\n', "within_min must be a number"),
        ('[[tariff]]\nprice_per_kwh = 0.1\nhours = "9-5"', "hours must look like"),
        ('[[tariff]]\nprice_per_kwh = 0.1\ndays = ["monday"]', "days must be of mon"),
    ],
)
def test_mistakes_of_the_power_plan(more, says):
    with pytest.raises(SiteError, match=says):
        parsed(more)


@pytest.mark.parametrize(("text", "minutes"), [("0", 0.0), ("12.5", 12.5)])
def test_minutes_without_mains_may_be_none_at_all(text, minutes):
    row = f'[site]\nname = "x"\n[[device]]\nserial = "1"\nregions = ["head"]\nsurvives_outage_min = {text}\n'
    (device,) = parse_site(tomllib.loads(row)).devices
    assert (device.survives_outage_min, device.regions) == (minutes, ("head",))


@pytest.mark.parametrize("text", ["-1", "true", '"long"', "inf"])
def test_minutes_without_mains_that_cannot_be(text):
    with pytest.raises(SiteError):
        parse_site(tomllib.loads(f'[site]\nname = "x"\n[[device]]\nserial = "1"\nsurvives_outage_min = {text}\n'))
