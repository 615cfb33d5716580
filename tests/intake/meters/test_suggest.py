"""What ``ecorad doctor --meter`` tells to write: pasted, it reads the file, and every guess says that it is one."""

from __future__ import annotations

import io
import tomllib

import numpy as np
import pytest

from ecorad.intake.meters import decode
from ecorad.intake.meters.suggest import suggest
from ecorad.model import MeterEntry, Site
from ecorad.model.site import parse_site

from .test_foreign import LONG, lines

SITE = Site(name="x", timezone="Europe/Amsterdam")
HALF_HOURS = [f"2026-03-02 {half // 2:02d}:{half % 2 * 30:02d}" for half in range(48)]


def asked(text: str, name: str = "mr1.csv"):
    return suggest(io.BytesIO(text.encode()), name=name, site=SITE)


def pasted(found) -> tuple[MeterEntry, ...]:
    head = '[site]\nname = "x"\ntimezone = "Europe/Amsterdam"\n\n'
    return parse_site(tomllib.loads(head + "\n".join(found.lines))).meters


def total(text: str, entries: tuple[MeterEntry, ...], feed: str | None) -> float:
    site = Site(name="x", timezone="Europe/Amsterdam", meters=entries)
    found = decode(io.BytesIO(text.encode()), name="x.csv", feed=feed, site=site)
    return float(sum(np.nansum(one.energy_kwh) for one in found.readings))


def line(found, key: str) -> str:
    return next(one for one in found.lines if one.startswith(f"{key} ="))


CASES = {
    "phases": (lines("time,L1 [W],L2 [W],L3 [W]", *(f"{t},1000,1000,2000" for t in HALF_HOURS)), 96.0),
    "tariffs": (lines("Zeit;Hochtarif kWh;Niedertarif kWh", *(f"{t};1;0,5" for t in HALF_HOURS)), 72.0),
    "devices": (lines("time,device,power_kw", *(f"{t},{d}" for t in HALF_HOURS for d in ("MR1,4", "CT1,9"))), 96.0),
    "no unit": (lines("time,value", *(f"{t},{n}" for n, t in enumerate(HALF_HOURS))), 47.0),
    "watts of no unit": (lines("time,value", *(f"{t},{4000 + n % 7}" for n, t in enumerate(HALF_HOURS))), 96.07),
    "no header": (lines(*(f"{t};231;4000;17" for t in HALF_HOURS)), 11088.0),
    "few rows of a counter": (
        lines("time,Import kWh", *(f"{t},{6000 + n}" for n, t in enumerate(HALF_HOURS[:5]))),
        4.0,
    ),
    "twice the same name": (lines("time,kW,kW", *(f"{t},4,8" for t in HALF_HOURS)), 96.0),
    "numbered hours": (lines("Fecha;Hora;kWh", *(f"02/03/2026;{h};1,5" for h in range(1, 25))), 36.0),
}


@pytest.mark.parametrize("name", CASES)
def test_the_block_reads_the_file(name):
    text, kwh = CASES[name]
    found = asked(text)
    assert found.code is None
    entries = pasted(found)
    assert [one.id for one in entries] == ["mr1"]
    assert total(text, entries, "mr1") == pytest.approx(kwh, rel=1e-4)
    days = (found.last - found.first).total_seconds() / 86400
    assert found.kwh_per_day * days == pytest.approx(kwh, rel=1e-4)


@pytest.mark.parametrize("name", LONG)
def test_the_block_reads_exports_as_their_entries_do_or_asks(name):
    text, one, _, _, _ = LONG[name]
    found = asked(text)
    assert found.code is None
    asks = any("?" in text or "choose" in text for text in found.lines)
    if not asks and "ecorad.meter.column_assumed" not in found.told:
        kind = {"kind": one.kind} if one.kind else {}
        (entry,) = pasted(found)
        declared = MeterEntry(id="mr1", columns=one.columns, unit=one.unit, timezone=one.timezone, **kind)
        assert total(text, (entry,), "mr1") == pytest.approx(total(text, (declared,), "mr1"))


def test_every_guess_says_so():
    assert "please choose" in line(asked(CASES["devices"][0]), "only")
    assert '"CT1"' in line(asked(CASES["devices"][0]), "only")
    assert line(asked(CASES["no unit"][0]), "unit").startswith('unit = "kWh"    # the file does not say it')
    assert line(asked(CASES["watts of no unit"][0]), "unit").startswith('unit = "W"    # the file does not say it')
    assert "added" in line(asked(CASES["phases"][0]), "columns")
    assert "interval" in line(asked(CASES["few rows of a counter"][0]), "kind")


def test_each_meter_of_a_file_gets_its_block():
    text = lines(
        "entity_id,state,last_changed", *(f"sensor.{d},{t}:00Z" for t in HALF_HOURS for d in ("mr1,4", "ct1,9"))
    )
    found = asked(text)
    entries = pasted(found)
    assert [one.id for one in entries] == ["sensor.mr1", "sensor.ct1"]
    assert total(text, entries, None) > 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<feed xmlns='http://www.w3.org/2005/Atom'></feed>\n", "no_table"),
        (lines("name,colour", "a,b", "c,d", "e,f"), "no_readings"),
        (lines("Fecha;Hora;kWh", *(f"02/03/2026;{h};1,5" for h in range(1, 20))), "day_parts"),
    ],
    ids=["XML", "no times", "no whole day"],
)
def test_what_no_block_mends_is_said(text, code):
    found = asked(text)
    assert (found.code, found.lines) == (f"ecorad.meter.{code}", ())


def test_the_scanner_of_a_site_with_one_is_named():
    site = parse_site({"site": {"name": "x"}, "device": [{"serial": "40071", "alias": "MR big"}]})
    found = suggest(io.BytesIO(CASES["phases"][0].encode()), name="a b.csv", site=site)
    assert found.lines[1:3] == ('id = "a-b"', 'feeds = ["MR big"]    # the scanner behind it: alias or serial number')
