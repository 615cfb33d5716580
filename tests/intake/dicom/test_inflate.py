from __future__ import annotations

import hashlib
import zlib

from ecorad.intake.dicom import inflate
from tests.intake.dicom.objects import DEFLATED, EXPLICIT, MINIMUM, data_set, decoded, meta, pixel_data, refusal


def deflated(content: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return meta(DEFLATED) + engine.compress(content) + engine.flush()


def test_a_deflated_object_is_read_and_its_digest_is_of_the_whole_file():
    content = deflated(data_set(MINIMUM, EXPLICIT) + pixel_data())
    instance, _ = decoded(content)
    assert instance.rows == 16
    assert instance.source_digest == hashlib.sha256(content).hexdigest()


def test_a_deflated_object_that_is_cut():
    assert refusal(deflated(data_set(MINIMUM) + pixel_data())[:-9]) == "truncated"


def test_cut_pixel_data_that_was_deflated_well():
    assert refusal(deflated(data_set(MINIMUM) + pixel_data()[:-4])) == "truncated"


def test_a_bomb_is_not_inflated():
    assert refusal(deflated(data_set(MINIMUM) + bytes(8 << 20))) == "bomb"


def test_the_absolute_limit_holds_for_any_ratio(monkeypatch):
    monkeypatch.setattr(inflate, "MAX_BYTES", 1000)
    assert refusal(deflated(data_set(MINIMUM) + pixel_data(5000))) == "bomb"


def test_what_is_not_deflated():
    assert refusal(meta(DEFLATED) + b"\xff" * 50) == "unreadable"


def test_a_stream_that_was_never_ended():
    engine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    whole_but_open = engine.compress(data_set(MINIMUM)) + engine.flush(zlib.Z_SYNC_FLUSH)
    assert refusal(meta(DEFLATED) + whole_but_open) == "truncated"
