"""The same object from a folder and over the wire: one content, whichever comes first."""

from __future__ import annotations

import hashlib
import io
import os

import pydicom
import pytest

from ecorad.intake.dicom.memory import memory_of
from ecorad.intake.dicom.meta import read_meta
from ecorad.intake.pipeline import ingest
from ecorad.ledger import Ledger, Workspace, inputs
from ecorad.ledger.spool import Spool
from ecorad.service.desk import FOLDER
from ecorad.service.dicom.kept import file_head, pack
from ecorad.service.dicom.wire import WireDataSet
from ecorad.service.drain.drainer import Drainer
from tests.intake.dicom.objects import (
    BIG,
    END_OF_SEQUENCE,
    EXPLICIT,
    IMPLICIT,
    JPEG,
    KEYS,
    MINIMUM,
    SITE,
    data_set,
    decoded,
    dicom,
    item,
    meta,
    pixel_data,
    written,
)
from tests.intake.dicom.test_inflate import deflated
from tests.intake.dose_sr.made import ct_event, ct_totals, report

ENCAPSULATED = b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff" + item(b"") + item(bytes(8)) + END_OF_SEQUENCE
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


def content(data):
    return decoded(data)[0].content_digest


REGION = {"CodeValue": "T-D1100", "CodingSchemeDesignator": "SRT", "CodeMeaning": "Head"}
VALUES = {"AnatomicRegionSequence": [REGION], "KVP": "120", "InstanceCreationTime": "081702"}


def as_written(syntax=EXPLICIT, **changes):
    return dicom(syntax, tail=pixel_data(syntax=syntax), **(VALUES | changes))


def with_undefined_lengths():
    """The same, its sequence written with delimiters in place of lengths."""
    inner = data_set(REGION)
    defined = written("AnatomicRegionSequence", [REGION])
    undefined = defined[:8] + b"\xff\xff\xff\xff" + item(inner, undefined=True) + END_OF_SEQUENCE
    whole = as_written()
    assert whole.count(defined) == 1
    return whole.replace(defined, undefined)


@pytest.mark.parametrize(
    "other",
    [
        with_undefined_lengths(),
        as_written(IMPLICIT),
        as_written(KVP=b"120   "),
        as_written(Manufacturer=b"Maker\0\0\0", StationName=b"  ", InstanceCreationTime=b"081702\0\0"),
        as_written(PatientComments="of no interest"),
        meta(media_class="1.2.840.10008.5.1.4.1.1.4") + as_written()[len(meta()) :],
        deflated(data_set(MINIMUM | VALUES) + pixel_data()),
        as_written()[: -len(pixel_data())],
    ],
    ids="delimiters implicit blanks zeros unread meta deflated pixels-left-out".split(),
)
def test_the_content_is_the_same_however_it_is_written(other):
    assert content(other) == content(as_written())
    assert decoded(other)[0].source_digest != decoded(as_written())[0].source_digest or b"\xe0\x7f" not in other


def test_the_order_of_bytes_is_no_content():
    little, big = (as_written(syntax, AnatomicRegionSequence=None) for syntax in (EXPLICIT, BIG))
    assert content(little) == content(big)


@pytest.mark.parametrize(
    "other",
    [
        as_written(KVP="121"),
        as_written(InstanceCreationTime="081703"),
        as_written(SOPInstanceUID="1.2.3.5"),
        as_written(AnatomicRegionSequence=[REGION | {"CodeValue": "T-D3000"}]),
        as_written(AnatomicRegionSequence=[REGION, REGION]),
        as_written(AnatomicRegionSequence=None),
        as_written(StationName="CT1"),
        as_written(Rows=0x1000),
    ],
    ids="value moving uid nested item gone more number".split(),
)
def test_what_says_something_else_is_another_content(other):
    assert content(other) != content(as_written())


def test_the_bytes_of_a_number_are_not_padding():
    assert content(as_written(Rows=0x2020)) != content(as_written(Rows=0x0020)) != content(as_written(Rows=0))


def test_compressed_pixels_are_another_content():
    plain, packed = dicom(tail=pixel_data()), dicom(JPEG, tail=ENCAPSULATED)
    assert content(plain) != content(packed)
    assert content(dicom()) == content(dicom(JPEG))  # without pixels there is nothing to compress


def test_a_dose_that_changed_is_another_content(workspace):
    for dose in ("10", "20", "10"):
        by_folder(workspace, report([ct_totals(1, dose), ct_event("1.9.1", dose)]))
    _, outcomes, _ = counted(workspace)
    assert outcomes == {"stored": 1, "new_version": 1, "duplicate": 1}


def test_contents_do_not_depend_on_what_was_read_before():
    objects = [as_written(InstanceCreationTime=f"0817{n:02}", KVP=str(100 + n % 3)) for n in range(9)]
    forward = [content(one) for one in objects]
    memory_of(SITE, KEYS)._known.clear()
    assert [content(one) for one in reversed(objects)] == forward[::-1]
    assert len(set(forward)) == len(objects)
