"""One input to one arrival: who reads it, what it is called, how it ends when it cannot be read."""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys
from dataclasses import replace

import pytest

from ecorad.intake.decoding import Decoder
from ecorad.intake.identity import Pseudonymiser
from ecorad.intake.sources import Input
from ecorad.model import LedgerMapping, MeterEntry, Outcome, Site
from tests.intake.dicom.objects import dicom
from tests.intake.dose_sr.made import ct_event, ct_totals, report

MAPPING = LedgerMapping(
    name="used",
    kind="contrast",
    columns={"day": "D", "product": "P", "quantity": "N"},
    defaults={"movement": "used"},
)
SITE = Site(
    name="x",
    meters=(MeterEntry(id="mr1", unit="kWh", kind="interval", interval_s=900.0), MeterEntry(id="mr2", unit="W")),
    ledgers=(MAPPING,),
)
READINGS = b"time;value\n" + b"".join(b"2026-03-02 08:%02d:00;1.5\n" % m for m in (0, 15, 30, 45))
SHEET = b"D;P;N\n2026-03-02;Omnipaque;2\n"


def decoded(content: bytes, name: str = "in/a.csv", feed: str | None = None, site: Site = SITE, **fields):
    one = Input(f"in/{name}", name, len(content), content=content, **fields)
    return Decoder(site, Pseudonymiser(bytes(32)), feed).decode(one)


def test_a_meter_file_is_told_by_its_name():
    found = decoded(READINGS, "in/mr1.csv")
    assert (found.kind, found.feed, found.digest) == ("meter", "meter", hashlib.sha256(READINGS).hexdigest())
    assert [(block.meter_key, block.energy_kwh.sum()) for block in found.readings] == [("mr1", 6.0)]


def test_the_feed_says_which_meter_it_is():
    found = decoded(READINGS, "in/export.csv", feed="mr1")
    assert (found.feed, [block.meter_key for block in found.readings]) == ("mr1", ["mr1"])


def test_a_sheet_is_told_by_its_headers():
    found = decoded(SHEET)
    assert (found.kind, found.feed, [row.quantity for row in found.stock]) == ("ledger", "used", [2.0])


def test_what_is_no_record_is_refused():
    found = decoded(b"Dear colleague, this is a letter.\n" * 3, "letter.txt")
    assert (found.fate, found.code, found.kind) == (Outcome.REFUSED, "ecorad.intake.unrecognised", "unknown")


def test_what_should_be_a_record_and_cannot_be_read_is_quarantined():
    found = decoded(b"\0" * 128 + b"DICM" + b"\x02\0", "a.dcm")
    assert (found.fate, found.kind) == (Outcome.QUARANTINED, "dicom")
    assert found.code.startswith("ecorad.dicom.")


@pytest.mark.parametrize(("is_refused", "fate"), [(True, Outcome.REFUSED), (False, Outcome.QUARANTINED)])
def test_trouble_of_the_source_stands(is_refused, fate):
    found = decoded(b"", trouble="ecorad.source.nested", is_refused=is_refused)
    assert (found.fate, found.code) == (fate, "ecorad.source.nested")


def test_a_file_that_goes_away_is_unreadable(tmp_path):
    one = Input("in/gone.dcm", "gone.dcm", 10, path=str(tmp_path / "gone.dcm"))
    found = Decoder(SITE, Pseudonymiser(bytes(32))).decode(one)
    assert (found.fate, found.code) == (Outcome.QUARANTINED, "ecorad.source.unreadable")


def test_an_arrival_travels_between_processes_as_it_is():
    for content in (dicom(), report([ct_totals(1, "10"), ct_event("1.9.1", "10")]), READINGS):
        found = decoded(content)
        left = pickle.loads(pickle.dumps(found))
        assert repr(left) == repr(found)  # readings are arrays, which do not compare
        assert left.instance == found.instance
        assert left.irradiation_event == found.irradiation_event


def test_who_only_decodes_loads_no_engine():
    code = "import sys, ecorad.intake.decoding; print(sorted({'duckdb', 'ibis', 'deltalake', 'pydicom'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_a_dead_worker_costs_its_input():
    one = Input("a", "a.txt", 1, content=b"x")
    found = Decoder(SITE, Pseudonymiser(bytes(32))).lost(one)
    assert (found.fate, found.code, found.digest) == (
        Outcome.QUARANTINED,
        "ecorad.intake.budget",
        hashlib.sha256(b"x").hexdigest(),
    )


def test_a_fault_of_a_reader_costs_its_input_and_repeats_nothing_of_it(monkeypatch):
    from ecorad.intake import readers

    def wrong(self, one):
        if b"x" in one.content:
            raise ValueError(f"Jansen^Anna {one.content!r}")
        return right(self, one)

    right = Decoder.decode
    monkeypatch.setattr(Decoder, "decode", wrong)
    monkeypatch.setattr(readers, "_decoder_here", (Decoder(SITE, Pseudonymiser(bytes(32))), readers.Budget()))
    monkeypatch.setattr(readers.Budget, "allow", lambda self, *sizes: None)
    lost, read = readers._decode_here([Input("a", "a", 1, content=b"x"), Input("b", "b", len(SHEET), content=SHEET)])
    assert (lost.fate, lost.code) == (Outcome.QUARANTINED, "ecorad.intake.defect")
    assert lost.digest == hashlib.sha256(b"x").hexdigest()
    [told] = lost.issues
    assert told.detail.startswith("ValueError, ")
    assert "Jansen" not in told.detail
    assert [row.quantity for row in read.stock] == [2.0]


def changed(**fields):
    """The site with another entry for the first meter, or another zone."""
    zone = fields.pop("site_timezone", "UTC")
    entry = {"unit": "kWh", "kind": "interval", "interval_s": 900.0, **fields}
    return Site(name="x", timezone=zone, meters=(MeterEntry(id="mr1", **entry), SITE.meters[1]), ledgers=SITE.ledgers)


@pytest.mark.parametrize(
    ("fields", "is_same"),
    [
        ({}, True),
        ({"feeds": ("7",), "cooling": True, "accuracy_percent": 1.0}, True),
        ({"unit": "Wh"}, False),
        ({"timezone": "Asia/Shanghai"}, False),
        ({"site_timezone": "Asia/Shanghai"}, False),
        ({"stamp": "end"}, False),
        ({"plausible_kw": (0.0, 5.0)}, False),
        ({"kind": "register", "register_max": 99999.0}, False),
    ],
)
def test_how_a_meter_file_was_read_is_known_by_what_changes_its_rows(fields, is_same):
    before, after = (decoded(READINGS, "in/mr1.csv", site=site).read_as for site in (SITE, changed(**fields)))
    assert (before.origin, before.target) == (after.origin, after.target)
    assert (before.configuration == after.configuration) is is_same


def test_another_meter_is_another_target_and_another_name_another_origin():
    one, other, moved = (decoded(READINGS, name).read_as for name in ("in/mr1.csv", "in/mr1_2026.csv", "x/mr1.csv"))
    assert one.target == other.target == moved.target
    assert one.configuration == other.configuration == moved.configuration
    assert len({one.origin, other.origin, moved.origin}) == 3
    assert decoded(READINGS, "in/mr2.csv").read_as.target != one.target


def test_a_sheet_knows_its_mapping():
    site = Site(name="x", ledgers=(replace(MAPPING, decimal=","),))
    before, after = decoded(SHEET).read_as, decoded(SHEET, site=site).read_as
    assert before.target == after.target
    assert before.configuration != after.configuration
