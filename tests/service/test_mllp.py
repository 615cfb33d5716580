"""HL7 over MLLP: rows D1 to D3, D5, D10 of the fault model; nothing is acknowledged that is not kept."""

from __future__ import annotations

import socket
import time

import pytest

from ecorad.ledger.spool import SpoolFullError
from ecorad.service.desk import Desk
from ecorad.service.gate import Gate
from ecorad.service.mllp import MllpListener, Seen, acknowledge, parse_header
from ecorad.service.recall import seen_messages

from .peers import kept, listening

MESSAGE = b"MSH|^~\\&|RIS|HOSP|X|Y|20260301101500||ORM^O01|%s|P|2.3.1\rPID|1||%s\r"


def mllp(desk, **options):
    return MllpListener(desk, **{"idle_s": 3.0, "frame_s": 1.0, **options})


class Sender:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.left = b""

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        """The next answer, without its frame; ``None`` when the listener hung up."""
        while b"\x1c\r" not in self.left:
            try:
                more = self.socket.recv(65536)
            except ConnectionError:
                return None
            if not more:
                return None
            self.left += more
        answer, _, self.left = self.left.partition(b"\x1c\r")
        assert answer.startswith(b"\x0b")
        return answer[1:]

    def ask(self, message):
        self.send(b"\x0b" + message + b"\x1c\r")
        return self.receive()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


@pytest.fixture
def running(tmp_path):
    with listening(tmp_path, mllp) as (listener, desk, port):
        yield listener, desk, port


def code(answer):
    return next(line.split(b"|")[1] for line in answer.split(b"\r") if line.startswith(b"MSA"))


def test_a_message_is_kept_whole_and_acknowledged(running, tmp_path):
    _, _, port = running
    message = MESSAGE % (b"42", b"0012") + b"NTE|1||caf\xe9 \x85\r"
    with Sender(port) as sender:
        answer = sender.ask(message)
    lines = answer.split(b"\r")
    assert lines[0].split(b"|")[4:6] == [b"RIS", b"HOSP"], "back to where it came from"
    assert lines[1] == b"MSA|AA|42"
    [found] = kept(tmp_path, "hl7")
    assert found.payload == message, "to the byte, whatever its character set"


def test_d1_two_frames_in_one_packet_and_one_byte_by_byte(running, tmp_path):
    _, _, port = running
    frames = [b"\x0b" + MESSAGE % (b"%d" % n, b"x") + b"\x1c\r" for n in range(3)]
    with Sender(port) as sender:
        sender.send(frames[0] + frames[1])
        assert [code(sender.receive()) for _ in range(2)] == [b"AA", b"AA"]
        for byte in frames[2]:
            sender.send(bytes([byte]))
        assert code(sender.receive()) == b"AA"
    assert [one.payload for one in kept(tmp_path, "hl7")] == [one[1:-2] for one in frames]


def test_d1_without_start_or_end_there_is_no_answer(running, tmp_path):
    _, _, port = running
    with Sender(port) as sender:
        sender.send(MESSAGE % (b"1", b"x") + b"\x1c\r")
        assert sender.receive() is None
    with Sender(port) as sender:
        began = time.monotonic()
        sender.send(b"\x0b" + MESSAGE % (b"1", b"x"))
        assert sender.receive() is None
        assert time.monotonic() - began < 5
    assert kept(tmp_path, "hl7") == []


def test_d1_a_frame_beyond_a_mebibyte_is_refused(running, tmp_path):
    _, _, port = running
    with Sender(port) as sender, pytest.raises((ConnectionError, AssertionError)):
        sender.send(b"\x0b" + MESSAGE % (b"1", b"x") + b"x" * (3 << 20) + b"\x1c\r")
        assert sender.receive() is not None
    assert kept(tmp_path, "hl7") == []


def test_d2_what_could_not_be_kept_is_not_acknowledged(running, tmp_path, monkeypatch):
    _, _, port = running

    async def full(*_):
        raise SpoolFullError("injected")

    message = MESSAGE % (b"7", b"x")
    with Sender(port) as sender:
        with monkeypatch.context() as patch:
            patch.setattr(Desk, "keep", full)
            assert code(sender.ask(message)) == b"AE"
        assert code(sender.ask(message)) == b"AA", "the same message is new, as it was never kept"
    assert [one.payload for one in kept(tmp_path, "hl7")] == [message]


def test_d2_a_failed_disk_closes_the_socket(running, monkeypatch):
    import errno

    _, desk, port = running
    with Sender(port) as sender:
        assert code(sender.ask(MESSAGE % (b"1", b"x"))) == b"AA"

        def failing(_):
            raise OSError(errno.EIO, "injected")

        monkeypatch.setattr("ecorad.ledger.spool.commit.os.fdatasync", failing)
        assert sender.ask(MESSAGE % (b"2", b"x")) is None
    assert desk.failed.is_set()


def test_d3_the_same_again_has_one_effect_and_another_body_is_set_aside(running, tmp_path):
    _, _, port = running
    with Sender(port) as sender:
        assert code(sender.ask(MESSAGE % (b"5", b"one"))) == b"AA"
        assert code(sender.ask(MESSAGE % (b"5", b"one"))) == b"AA"
        assert code(sender.ask(MESSAGE % (b"5", b"two"))) == b"AR"
    first, again, other = kept(tmp_path, "hl7")
    assert again.payload == b""
    assert again.notes["repeat"] == first.notes["digest"]
    assert other.notes["set_aside"] == "ecorad.service.control_id"


def test_d3_repetition_is_known_after_a_restart(tmp_path):
    for expected in (False, True):
        seen = seen_messages(tmp_path / "hl7")
        with listening(tmp_path, lambda desk, seen=seen: mllp(desk, seen=seen)) as (_, _, port), Sender(port) as sender:
            assert code(sender.ask(MESSAGE % (b"5", b"one"))) == b"AA"
        assert ("repeat" in kept(tmp_path, "hl7")[-1].notes) is expected


def test_d10_repetitions_do_not_grow(running, tmp_path):
    _, _, port = running
    message = MESSAGE % (b"5", b"one") + b"NTE|" + b"x" * 5000
    with Sender(port) as sender:
        for _ in range(100):
            assert code(sender.ask(message)) == b"AA"
    size = sum(path.stat().st_size for path in (tmp_path / "hl7").iterdir())
    assert size < 5200 + 100 * 300


@pytest.mark.parametrize("junk", [b"hello", b"MSH", "MSH|^~\\&|a".encode("utf-16"), b"MSHA^~", b""])
def test_d5_what_is_no_message_is_kept_aside_and_refused(running, tmp_path, junk):
    _, _, port = running
    with Sender(port) as sender:
        assert code(sender.ask(junk)) == b"AR"
    [found] = kept(tmp_path, "hl7")
    assert (found.payload, found.notes["set_aside"]) == (junk, "ecorad.service.hl7_header")


def test_d6_the_senders_own_separators_are_used():
    header = parse_header(b"MSH#*~!?#APP#FAC#X#Y#2026##ORM*O01#9#T#2.5\nPID#1")
    answer = acknowledge(header, "AA")
    assert answer.startswith(b"\x0bMSH#*~!?#ECORAD##APP#FAC#")
    assert b"\rMSA#AA#9\r" in answer
    assert answer.endswith(b"\r\x1c\r")


def test_d6_a_long_field_is_not_echoed():
    assert parse_header(b"MSH|^~\\&|a|b|c|d|e||ORM|" + b"9" * 300 + b"|P|2.3") is None


def test_unknown_addresses_hear_nothing(tmp_path):
    with listening(tmp_path, lambda desk: mllp(desk, callers=frozenset({"10.0.0.1"}))) as (listener, _, port):
        with Sender(port) as sender:
            assert sender.receive() is None
        assert listener.counts["refused_caller"] == 1


def test_silent_connections_do_not_keep_others_out(tmp_path):
    gate = Gate(5, 5, max_silent=20, max_silent_per_address=10)
    with listening(tmp_path, lambda desk: mllp(desk, gate=gate)) as (_, _, port):
        idle = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(50)]
        with Sender(port) as sender:
            assert code(sender.ask(MESSAGE % (b"1", b"x"))) == b"AA"
        for one in idle:
            one.close()


def test_seen_forgets_the_oldest(monkeypatch):
    monkeypatch.setattr("ecorad.service.mllp._MAX_SEEN", 3)
    seen = Seen()
    headers = [parse_header(MESSAGE % (b"%d" % n, b"x")) for n in range(5)]
    for header in headers:
        assert seen.learn(header, b"d") is None
    assert [seen.holds(header, b"d") for header in headers] == [False, False, True, True, True]
