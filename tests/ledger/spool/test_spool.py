"""The receive journal: what was acknowledged is read back; what was damaged is named, and nothing else is lost."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecorad.ledger.spool import (
    Damage,
    Entry,
    Position,
    Spool,
    SpoolFailedError,
    SpoolFullError,
    load_state,
    read_segment,
    read_stream,
    save_state,
    segments,
)
from ecorad.ledger.spool import segment as writing
from ecorad.ledger.spool.record import HEAD_BYTES, crc32c, decode_head, encode, encode_notes, is_sound
from ecorad.ledger.spool.segment import HEADER_BYTES


def filled(folder, payloads, **options):
    spool = Spool(folder, **options)
    done = [spool.append(payload, {"n": n}) for n, payload in enumerate(payloads)]
    for one in done:
        one.result(10)
    spool.close()
    return segments(folder)


def payloads_of(found):
    return [one.payload for one in found if isinstance(one, Entry)]


def damages_of(found):
    return [one for one in found if isinstance(one, Damage)]


def test_checksum_is_castagnoli():
    assert crc32c(b"123456789") == 0xE3069283  # RFC 3720 appendix B.4 and the catalogue of checksums
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"6789", crc32c(b"12345")) == 0xE3069283


def test_a_record_is_its_bytes():
    told = encode_notes({"feed": "x"})
    data = encode(7, 1_000, told, b"abc", 5)
    head = decode_head(data, 5)
    assert (head.sequence, head.received_us, head.payload_bytes) == (7, 1_000, 3)
    assert head.body_sha256 == hashlib.sha256(told + b"abc").digest()
    assert is_sound(head, data[HEAD_BYTES:])
    assert not is_sound(head, data[HEAD_BYTES:-1] + b"x")
    assert decode_head(data, 6) is None, "a head of another segment is no head"


def test_what_was_acknowledged_is_read_back(tmp_path):
    payloads = [os.urandom(n * 37 % 900) for n in range(200)]
    filled(tmp_path / "s", payloads)
    found = list(read_stream(tmp_path / "s"))
    assert payloads_of(found) == payloads
    assert [one.notes["n"] for one in found] == list(range(200))
    assert (tmp_path / "s").stat().st_mode & 0o077 == 0
    assert all(s.path.stat().st_mode & 0o077 == 0 for s in segments(tmp_path / "s"))


def test_segments_are_rolled_and_a_new_opening_begins_another(tmp_path):
    first = filled(tmp_path, [bytes(600)] * 3)
    assert len(first) == 1
    spool = Spool(tmp_path, segment_bytes=1000)
    for _ in range(4):
        spool.append(bytes(600), {}).result(10)
    spool.close()
    assert [one.number for one in segments(tmp_path)] == [1, 2, 3]
    found = list(read_stream(tmp_path))
    sequences = [one.sequence for one in found]
    assert sequences == sorted(set(sequences))
    assert len(found) == 7


def test_reading_goes_on_behind_a_position(tmp_path):
    filled(tmp_path, [b"a", b"b", b"c"])
    filled(tmp_path, [b"d"])
    second = list(read_stream(tmp_path))[1]
    rest = read_stream(tmp_path, Position(second.segment, second.end))
    assert payloads_of(rest) == [b"c", b"d"]


def test_counting_reads_no_payload(tmp_path):
    filled(tmp_path, [bytes(100)] * 3)
    assert [(one.payload, one.notes["n"]) for one in read_stream(tmp_path, with_bodies=False)] == [
        (b"", 0),
        (b"", 1),
        (b"", 2),
    ]


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    payloads = [bytes([n]) * (n * 13 % 257) for n in range(40)]
    [segment] = filled(folder, payloads)
    return segment, segment.path.read_bytes(), payloads


def reread(sound, data, folder, **options):
    segment, _, _ = sound
    path = folder / segment.path.name
    path.write_bytes(data)
    return list(read_segment(type(segment)(segment.number, segment.salt, path), **options))


damaging = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@damaging
@given(cut=st.integers(0, 10**6))
def test_h4_truncated_anywhere_gives_the_prefix(sound, tmp_path, cut):
    _, data, payloads = sound
    cut %= len(data) + 1
    found = reread(sound, data[:cut], tmp_path)
    read = payloads_of(found)
    assert read == payloads[: len(read)]
    whole = reread(sound, data, tmp_path)
    ends = [one.end for one in whole]
    assert len(read) == sum(end <= cut for end in ends), "every record that is whole is read"
    is_clean = cut == HEADER_BYTES or cut in ends
    assert bool(damages_of(found)) != is_clean
    assert all(one.kind == "torn" for one in damages_of(found))
    assert damages_of(reread(sound, data[:cut], tmp_path, is_open=True)) == []
    told = [one.end for one in damages_of(found)]
    assert not told or damages_of(reread(sound, data[:cut], tmp_path, start=max(told))) == [], "told once"


@damaging
@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_h4_one_flipped_bit_costs_one_named_record(sound, tmp_path, place, bit):
    _, data, payloads = sound
    place = HEADER_BYTES + place % (len(data) - HEADER_BYTES)
    hurt = bytearray(data)
    hurt[place] ^= 1 << bit
    found = reread(sound, bytes(hurt), tmp_path)
    starts = [HEADER_BYTES, *(one.end for one in reread(sound, data, tmp_path))]
    victim = max(n for n, start in enumerate(starts) if start <= place)
    assert payloads_of(found) == payloads[:victim] + payloads[victim + 1 :]
    [damage] = damages_of(found)
    assert damage.start <= place < damage.end
    assert damage.records == 1


@damaging
@given(start=st.integers(0, 10**6), length=st.integers(1, 4096))
def test_h4_zeroed_block_costs_the_records_it_touches(sound, tmp_path, start, length):
    _, data, payloads = sound
    start = HEADER_BYTES + start % (len(data) - HEADER_BYTES)
    end = min(len(data), start + length)
    hurt = data[:start] + bytes(end - start) + data[end:]
    found = reread(sound, hurt, tmp_path)
    ends = [one.end for one in reread(sound, data, tmp_path)]
    starts = [HEADER_BYTES, *ends[:-1]]
    untouched = [p for p, a, b in zip(payloads, starts, ends, strict=True) if hurt[a:b] == data[a:b]]
    assert payloads_of(found) == untouched
    assert bool(damages_of(found)) == (hurt != data)


def test_no_payload_can_pass_for_a_record(tmp_path):
    """A payload that holds a record of another segment does not come alive when the record around it is damaged."""
    inner = encode(99, 0, b"{}", b"forged", 12345)
    [segment] = filled(tmp_path, [b"first", inner, b"last"])
    data = bytearray(segment.path.read_bytes())
    data[data.index(b"\xecREC", data.index(b"first")) + 5] ^= 1  # the head around the payload
    segment.path.write_bytes(bytes(data))
    found = list(read_segment(segment))
    assert payloads_of(found) == [b"first", b"last"]
    assert [(one.kind, one.records) for one in damages_of(found)] == [("lost", 1)]


def test_a_damaged_segment_header_hides_nothing(tmp_path):
    [segment] = filled(tmp_path, [b"a", b"b"])
    data = segment.path.read_bytes()
    segment.path.write_bytes(bytes(HEADER_BYTES) + data[HEADER_BYTES:])
    assert payloads_of(read_segment(segment)) == [b"a", b"b"]


def test_h3_a_failed_fsync_is_final(tmp_path, monkeypatch):
    spool = Spool(tmp_path)
    spool.append(b"kept", {}).result(10)
    calls = []

    def failing(handle):
        calls.append(handle)
        raise OSError(errno.EIO, "injected")

    monkeypatch.setattr(writing.os, "fdatasync", failing)
    with pytest.raises(SpoolFailedError):
        spool.append(b"doubtful", {}).result(10)
    monkeypatch.undo()
    with pytest.raises(SpoolFailedError):
        spool.append(b"later", {}).result(10)
    assert len(calls) == 1, "a failed fsync is never tried again"
    assert spool.failure is not None
    spool.close()
    assert payloads_of(read_stream(tmp_path))[0] == b"kept"


def test_h2_a_full_disk_refuses_and_recovers_alone(tmp_path, monkeypatch):
    spool = Spool(tmp_path)
    spool.append(b"before", {}).result(10)
    written = os.write

    def full(handle, data):
        written(handle, bytes(data)[:10])
        raise OSError(errno.ENOSPC, "injected")

    monkeypatch.setattr(writing.os, "write", full)
    with pytest.raises(SpoolFullError):
        spool.append(b"refused", {}).result(10)
    monkeypatch.undo()
    spool.append(b"after", {}).result(10)
    spool.close()
    found = list(read_stream(tmp_path))
    assert payloads_of(found) == [b"before", b"after"]
    assert [one.kind for one in damages_of(found)] == ["torn"]


def test_h2_no_file_left_to_open_is_refused_and_recovers_alone(tmp_path, monkeypatch):
    spool = Spool(tmp_path)

    def none_left(*arguments):
        raise OSError(errno.EMFILE, "injected")

    monkeypatch.setattr(writing.os, "open", none_left)
    with pytest.raises(SpoolFullError):
        spool.append(b"refused", {}).result(10)
    monkeypatch.undo()
    spool.append(b"after", {}).result(10)
    spool.close()
    assert payloads_of(read_stream(tmp_path)) == [b"after"]


def test_h2_a_short_write_is_finished(tmp_path, monkeypatch):
    written = os.write
    monkeypatch.setattr(writing.os, "write", lambda handle, data: written(handle, bytes(data)[:7]))
    filled(tmp_path, [b"a" * 100])
    assert payloads_of(read_stream(tmp_path)) == [b"a" * 100]


def test_too_large_is_refused_at_once_and_harms_nobody(tmp_path):
    spool = Spool(tmp_path)
    with pytest.raises(ValueError, match="at most"):
        spool.append(b"", {"x": "y" * 70_000})
    spool.append(b"fine", {}).result(10)
    spool.close()


KILLED = """
import sys
from pathlib import Path
from ecorad.ledger.spool import Spool
spool = Spool(Path(sys.argv[1]))
n = 0
while True:
    done = [spool.append(b"%d" % (n + i) * 50, {}) for i in range(5)]
    for one in done:
        one.result()
        print(n, flush=True)
        n += 1
"""


@pytest.mark.parametrize("wait_s", [0.01, 0.05, 0.11])
def test_h1_nothing_acknowledged_is_lost_to_a_kill(tmp_path, wait_s):
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "s")], stdout=subprocess.PIPE, text=True)
    acknowledged = [process.stdout.readline()]
    time.sleep(wait_s)
    process.send_signal(signal.SIGKILL)
    acknowledged += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    numbers = [int(line) for line in acknowledged if line.endswith("\n") and line.strip()]
    read = [int(one[: len(one) // 50]) for one in payloads_of(read_stream(tmp_path / "s"))]
    assert read == list(range(len(read)))
    assert len(read) >= max(numbers) + 1


def test_state_is_the_old_one_or_the_new_one(tmp_path, monkeypatch):
    path = tmp_path / "state.json"
    assert load_state(path) == {}
    save_state(path, {"a": 1})
    save_state(path, {"a": 2})
    assert load_state(path) == {"a": 2}
    path.write_text("{", "utf-8")
    assert load_state(path) == {}
