"""The same object from a folder and over the wire: one content, whichever comes first."""

from __future__ import annotations

import hashlib
import io
import os

import pydicom
import pytest

from ecorad.intake.dicom.meta import read_meta
from ecorad.intake.pipeline import ingest
from ecorad.ledger import Ledger, Workspace, inputs
from ecorad.ledger.spool import Spool
from ecorad.service.desk import FOLDER
from ecorad.service.dicom.kept import file_head, pack
from ecorad.service.dicom.wire import WireDataSet
from ecorad.service.drain.drainer import Drainer
from tests.intake.dicom.objects import EXPLICIT, MINIMUM, data_set, decoded, dicom, meta, pixel_data
from tests.intake.dicom.test_inflate import deflated
from tests.intake.dose_sr.made import ct_event, ct_totals, report

PLACE = '[site]\nname = "x"\ntimezone = "Europe/Amsterdam"\n'


@pytest.fixture
def workspace(tmp_path):
    return Workspace.create(tmp_path / "site", PLACE)


def by_folder(workspace, content):
    path = workspace.path / f"{hashlib.sha256(os.urandom(8)).hexdigest()[:8]}.dcm"
    path.write_bytes(content)
    ingest(workspace, [path], workers=1)


def by_wire(workspace, content):
    """As the node keeps what it receives: a meta header of its own before the data set as it was sent."""
    found = pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True)
    taken = WireDataSet(is_implicit=False, is_big_endian=False)
    taken.feed(memoryview(content)[read_meta(content).start :])
    payload, notes = pack(file_head(found.SOPClassUID, found.SOPInstanceUID, EXPLICIT), taken.finish())
    spool = Spool(workspace.ledger_path / FOLDER / "dicom")
    spool.append(payload, {"kind": "dicom", "feed": "node", **notes}, received_us=1_772_449_200_000_000).result(10)
    spool.close()
    drainer = Drainer(workspace)
    try:
        while drainer.drain():
            pass
    finally:
        drainer.close()


def counted(workspace, *tables):
    with Ledger.read(workspace) as ledger:
        once = {name: count for name, count in inputs(ledger).items() if count}
        outcomes = ledger.rows("SELECT outcome, count(*) AS n FROM receipt GROUP BY outcome ORDER BY outcome")
        rows = {name: ledger.rows(f'SELECT count(*) AS n FROM "{name}_received"')[0]["n"] for name in tables}
    return once, {row["outcome"]: row["n"] for row in outcomes}, rows


WAYS = [(by_folder, by_wire), (by_wire, by_folder), (by_folder, by_wire, by_folder, by_wire)]


@pytest.mark.parametrize("ways", WAYS, ids=lambda ways: "-".join(way.__name__ for way in ways))
def test_an_image_by_both_ways_is_stored_once(workspace, ways):
    content = dicom(tail=pixel_data())
    for way in ways:
        way(workspace, content)
    once, outcomes, rows = counted(workspace, "instance")
    assert rows == {"instance": 1}
    assert outcomes == {"stored": 1, "duplicate": len(ways) - 1}
    assert once == {"received": 1, "stored": 1}


@pytest.mark.parametrize("ways", WAYS[:2], ids=lambda ways: "-".join(way.__name__ for way in ways))
def test_a_dose_report_by_both_ways_tells_its_events_once(workspace, ways):
    content = report([ct_totals(2, "30"), ct_event("1.9.1", "10"), ct_event("1.9.2", "20")])
    for way in ways:
        way(workspace, content)
    _, outcomes, rows = counted(workspace, "instance", "irradiation_event", "dose_report")
    assert rows == {"instance": 1, "irradiation_event": 2, "dose_report": 1}
    assert outcomes == {"stored": 1, "duplicate": 1}


def test_the_content_is_the_data_set_up_to_its_pixels():
    values = data_set(MINIMUM)
    content = meta() + values + pixel_data()
    other = meta(media_class="1.2.840.10008.5.1.4.1.1.4") + values + pixel_data()[:-4] + b"abcd"
    ours, theirs = decoded(content)[0], decoded(other)[0]
    assert ours.content_digest == hashlib.sha256(values).hexdigest() == theirs.content_digest
    assert ours.source_digest == hashlib.sha256(meta() + values).hexdigest() != theirs.source_digest
    changed = decoded(meta() + data_set(MINIMUM | {"KVP": "121"}) + pixel_data())[0]
    assert changed.content_digest != ours.content_digest


def test_an_object_without_pixels_is_its_whole_data_set():
    assert decoded(dicom())[0].content_digest == hashlib.sha256(data_set(MINIMUM)).hexdigest()


@pytest.mark.parametrize("tail", [pixel_data(), b""])
def test_what_is_deflated_is_the_content_that_it_was(tail):
    plain, packed = decoded(dicom(tail=tail))[0], decoded(deflated(data_set(MINIMUM, EXPLICIT) + tail))[0]
    assert packed.content_digest == plain.content_digest
    assert packed.source_digest != plain.source_digest


def test_a_header_longer_than_the_first_read_is_covered_to_its_end():
    values = data_set(MINIMUM) + b"\x29\x00\x10\x10OB\0\0" + (300_000).to_bytes(4, "little") + bytes(300_000)
    assert decoded(meta() + values + pixel_data())[0].content_digest == hashlib.sha256(values).hexdigest()
