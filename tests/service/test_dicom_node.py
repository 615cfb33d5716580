"""The DICOM node: an independent peer stores and echoes; rows A1 to A13 of the fault model; steps C13 and C14."""

from __future__ import annotations

import hashlib
import shutil
import struct
import subprocess
import threading
import time

import pytest

from ecorad.service.desk import Desk
from ecorad.service.dicom import dimse
from ecorad.service.dicom.association import Patience
from ecorad.service.dicom.node import Node
from ecorad.service.dicom.syntaxes import STEP
from ecorad.service.gate import Gate

from .peers import VERIFICATION, Raw, associate_rq, ct, kept, listening, pdv

pynetdicom = pytest.importorskip("pynetdicom")

CT = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
ACCEPT, REJECT, DATA, RELEASED, ABORT = 2, 3, 4, 6, 7
QUICK = Patience(request_s=1.0, pdu_s=1.0, idle_s=2.0, message_s=2.0, write_s=2.0)


def node(desk, **options):
    return Node(desk, **{"ae_title": "ECORAD", "patience": QUICK, **options})


@pytest.fixture
def running(tmp_path):
    with listening(tmp_path, node) as (listener, desk, port):
        yield listener, desk, port


def peer(port, *contexts, ae_title="CT1", called="ECORAD", **options):
    ae = pynetdicom.AE(ae_title=ae_title)
    for context in contexts or (VERIFICATION, CT, STEP):
        ae.add_requested_context(context, [EXPLICIT])
    return ae.associate("127.0.0.1", port, ae_title=called, **options)


def echo_seconds(port, source="127.0.0.1"):
    """How long a connection, an association and an echo take."""
    began = time.monotonic()
    with Raw(port, source) as raw:
        assert raw.associate()[0] == ACCEPT
        command = dimse.encode(
            {
                dimse.AFFECTED_CLASS: VERIFICATION,
                dimse.COMMAND: dimse.C_ECHO,
                dimse.MESSAGE_ID: 1,
                dimse.DATA_SET: 0x0101,
            }
        )
        raw.send(pdv(1, 3, command))
        kind, body = raw.receive()
        assert kind == DATA
        assert dimse.decode(body[6:])[dimse.STATUS] == 0
    return time.monotonic() - began


def store_command(uid, sop_class=CT, message=1):
    return dimse.encode(
        {
            dimse.AFFECTED_CLASS: sop_class,
            dimse.COMMAND: dimse.C_STORE,
            dimse.MESSAGE_ID: message,
            0x0700: "",
            dimse.DATA_SET: 1,
            dimse.AFFECTED_INSTANCE: uid,
        }
    )


def test_a_peer_echoes_and_stores(running, tmp_path):
    _, _, port = running
    association = peer(port)
    assert association.is_established
    assert association.send_c_echo().Status == 0
    sent = [ct(pixels=size) for size in (64, 200_000)]
    assert [association.send_c_store(one).Status for one in sent] == [0, 0]
    association.release()
    found = kept(tmp_path, "dicom")
    assert [one.notes["caller"] for one in found] == ["CT1", "CT1"]
    assert all(len(one.payload) < 5000 for one in found), "pixels are not kept"
    assert found[1].notes["size"] > 200_000


@pytest.mark.skipif(not shutil.which("storescu"), reason="no DCMTK on this machine")
def test_dcmtk_stores(running, tmp_path):
    _, _, port = running
    paths = []
    for n in range(3):
        paths.append(tmp_path / f"{n}.dcm")
        ct(pixels=1000 * n + 2).save_as(paths[-1])
    done = subprocess.run(
        ["storescu", "-aec", "ECORAD", "127.0.0.1", str(port), *map(str, paths)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(kept(tmp_path, "dicom")) == 3


def test_a1_idle_connections_harm_nobody(running):
    listener, _, port = running
    idle = [Raw(port, "127.0.0.2") for _ in range(200)]
    assert max(echo_seconds(port) for _ in range(5)) < 1.0
    own = [Raw(port) for _ in range(200)]
    assert max(echo_seconds(port) for _ in range(5)) < 1.0, "even from the very address that idles"
    deadline = time.monotonic() + 5
    while listener.gate.silent and time.monotonic() < deadline:
        time.sleep(0.05)
    assert listener.gate.silent == 0
    assert all(one.receive() is None for one in (*idle, *own))
    for one in (*idle, *own):
        one.close()


def test_a2_a_pdu_byte_by_byte_meets_its_deadline(running):
    _, _, port = running
    with Raw(port) as raw:
        began = time.monotonic()
        with pytest.raises((ConnectionError, BrokenPipeError)):
            for byte in associate_rq():
                raw.send(bytes([byte]))
                time.sleep(0.05)
        assert time.monotonic() - began < 5
    with Raw(port) as raw:
        assert raw.associate()[0] == ACCEPT
        raw.send(struct.pack(">BxL", 4, 1000))
        began = time.monotonic()
        with pytest.raises((ConnectionError, BrokenPipeError)):
            for _ in range(1000):
                raw.send(b"\0")
                time.sleep(0.05)
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("kind", [1, 4])
def test_a3_a_pdu_of_4_gib_is_refused_at_its_head(running, kind):
    _, _, port = running
    with Raw(port) as raw:
        if kind == 4:
            assert raw.associate()[0] == ACCEPT
        raw.send(struct.pack(">BxL", kind, 0xFFFFFFFF))
        assert raw.receive()[0] == ABORT, "before one byte of it has come"
        assert raw.receive() is None


def test_a4_beyond_the_cap_is_a_transient_refusal_and_the_next_try_works(tmp_path):
    with listening(tmp_path, lambda desk: node(desk, gate=Gate(50, 50))) as (listener, _, port):
        peers = [Raw(port) for _ in range(60)]
        answers = [one.associate() for one in peers]
        assert [kind for kind, _ in answers].count(ACCEPT) == 50
        assert {body for kind, body in answers if kind == REJECT} == {bytes((0, 2, 3, 2))}
        peers[0].close()
        deadline = time.monotonic() + 5
        while listener.gate.inside.total() >= 50 and time.monotonic() < deadline:
            time.sleep(0.02)
        with Raw(port) as again:
            assert again.associate()[0] == ACCEPT
        for one in peers:
            one.close()


def test_a4_one_address_does_not_take_every_place(tmp_path):
    with listening(tmp_path, lambda desk: node(desk, gate=Gate(20, 5))) as (_, _, port):
        mine = [Raw(port, "127.0.0.2") for _ in range(8)]
        assert [one.associate()[0] for one in mine] == [ACCEPT] * 5 + [REJECT] * 3
        assert echo_seconds(port) < 1.0
        for one in mine:
            one.close()


@pytest.mark.parametrize(
    "data",
    [b"GET / HTTP/1.1\r\n\r\n", bytes(100), b"\x16\x03\x01\x02\x00\x01\x00\x01", b"\x04\0\0\0\0\x06\0\0\0\x02\x01\x03"],
    ids=["http", "zeros", "tls", "data first"],
)
def test_a5_what_is_no_association_is_aborted(running, data):
    _, _, port = running
    with Raw(port) as raw:
        raw.send(data)
        answer = raw.receive()
        assert answer is None or answer[0] == ABORT
        assert raw.receive() is None
    assert echo_seconds(port) < 1.0


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">BxL", 9, 4) + bytes(4),
        struct.pack(">BxL", 2, 4) + bytes(4),
        pdv(3, 3, b"x"),
        pdv(1, 2, b"x"),
        pdv(1, 3, b"not a command"),
        pdv(1, 3, bytes(8)),
        struct.pack(">BxL", 4, 8) + struct.pack(">LBB", 900, 1, 3) + b"xx",
        struct.pack(">BxL", 4, 0),
        associate_rq(),
    ],
    ids="type order context data command empty length nothing again".split(),
)
def test_a5_what_breaks_the_protocol_later_is_aborted(running, data):
    _listener, _, port = running
    with Raw(port) as raw:
        assert raw.associate()[0] == ACCEPT
        raw.send(data)
        assert raw.receive()[0] == ABORT
        assert raw.receive() is None
    assert echo_seconds(port) < 1.0


def test_a6_unknown_callers_learn_nothing(tmp_path):
    with listening(tmp_path, lambda desk: node(desk, callers=frozenset({"CT1"}))) as (listener, _, port):
        answers = []
        for called, calling in (("ECORAD", "STRANGER"), ("OTHER", "CT1"), ("OTHER", "STRANGER")):
            with Raw(port) as raw:
                answers.append(raw.associate(called=called, calling=calling))
        assert set(answers) == {(REJECT, bytes((0, 1, 1, 1)))}
        assert listener.counts["refused_caller"] == 3
        with Raw(port) as raw:
            assert raw.associate()[0] == ACCEPT


@pytest.mark.parametrize(
    ("contexts", "expected"),
    [
        (tuple((2 * n + 1, CT, (EXPLICIT,)) for n in range(128)), ACCEPT),
        ((*tuple((2 * n + 1, CT, (EXPLICIT,)) for n in range(127)), (1, CT, (EXPLICIT,))), ABORT),
        (((2, CT, (EXPLICIT,)),), ABORT),
        (((1, "not a uid", (EXPLICIT,)),), ACCEPT),
        (((1, CT, ("1." * 40,)),), ACCEPT),
        ((), ABORT),
    ],
    ids=["128", "twice", "even", "no uid", "long uid", "none"],
)
def test_a7_contexts_are_checked(running, contexts, expected):
    _, _, port = running
    with Raw(port) as raw:
        assert raw.associate(contexts=contexts)[0] == expected


def test_a7_user_information_of_a_megabyte_is_refused(running):
    _, _, port = running
    with Raw(port) as raw:
        raw.send(struct.pack(">BxL", 1, 1 << 20))
        assert raw.receive()[0] == ABORT


def test_a7_unknown_classes_are_refused_each_by_itself(running):
    _, _, port = running
    association = peer(port, VERIFICATION, "1.2.840.10008.5.1.4.1.2.2.1")
    accepted = {one.abstract_syntax for one in association.accepted_contexts}
    refused = {one.abstract_syntax: one.result for one in association.rejected_contexts}
    association.release()
    assert accepted == {VERIFICATION}
    assert refused == {"1.2.840.10008.5.1.4.1.2.2.1": 3}


def test_a8_who_vanishes_mid_object_leaves_nothing(running, tmp_path):
    listener, desk, port = running
    with Raw(port) as raw:
        raw.associate(contexts=((1, CT, (EXPLICIT,)),))
        raw.send(pdv(1, 3, store_command("1.2.3")) + pdv(1, 0, b"\x08\0\x16\0UI\x04\x001.2\0" * 10))
    deadline = time.monotonic() + 5
    while listener.gate.inside.total() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert kept(tmp_path, "dicom") == []
    assert desk._held == 0


def test_a9_a_message_without_end_is_cut_off(running):
    _, _, port = running
    with Raw(port) as raw:
        raw.associate(contexts=((1, CT, (EXPLICIT,)),))
        raw.send(pdv(1, 3, store_command("1.2.3")))
        began = time.monotonic()
        with pytest.raises((ConnectionError, BrokenPipeError)):
            while time.monotonic() - began < 10:
                raw.send(pdv(1, 0, b"\0\0"))
                time.sleep(0.02)
        assert time.monotonic() - began < 8


def test_a9_a_command_without_end_is_cut_off(running):
    _, _, port = running
    with Raw(port) as raw:
        raw.associate()
        raw.send(pdv(1, 1, bytes(20_000)))
        assert raw.receive()[0] == ABORT


def test_a10_another_uid_in_the_object_than_in_the_request(running, tmp_path):
    _, _, port = running
    association = peer(port)
    sent = ct()
    association_status = []
    original = sent.SOPInstanceUID
    context = next(one for one in association.accepted_contexts if one.abstract_syntax == CT)
    association.release()
    with Raw(port) as raw:
        raw.associate(contexts=((context.context_id, CT, (EXPLICIT,)),))
        data = _encoded(sent)
        raw.send(pdv(context.context_id, 3, store_command("1.2.3.4")) + pdv(context.context_id, 2, data))
        _, body = raw.receive()
        association_status.append(dimse.decode(body[6:])[dimse.STATUS])
    assert association_status == [0xA900]
    [found] = kept(tmp_path, "dicom")
    assert found.notes["set_aside"] == "ecorad.service.uid_mismatch"
    assert original not in str(found.notes)


def _encoded(dataset):
    from pynetdicom.dsutils import encode

    return encode(dataset, False, True)


def test_a11_below_the_reserve_input_is_refused_and_it_recovers_alone(tmp_path, monkeypatch):
    room = {"free": 0}
    monkeypatch.setattr("ecorad.service.desk._LOOK_AGAIN_S", 0.0)
    monkeypatch.setattr("ecorad.service.desk.shutil.disk_usage", lambda _: type("U", (), room))
    with listening(tmp_path, node, reserve_bytes=1000) as (_, desk, port):
        association = peer(port)
        assert association.send_c_echo().Status == 0
        assert association.send_c_store(ct(pixels=300_000)).Status == 0xA700
        room["free"] = 2000
        assert association.send_c_store(ct()).Status == 0
        association.release()
        assert desk.counts["refused_no_room"] == 1
    assert len(kept(tmp_path, "dicom")) == 1


def test_b16_memory_for_half_received_objects_is_bounded(tmp_path):
    with listening(tmp_path, node, held_limit_bytes=100_000) as (_, desk, port):
        association = peer(port)
        large = ct()
        large.add_new(0x00420011, "OB", bytes(300_000))  # encapsulated document: no pixel data, all of it header
        assert association.send_c_store(large).Status == 0xA700
        assert association.send_c_store(ct()).Status == 0
        association.release()
        assert desk._held == 0


def test_what_is_answered_is_on_the_disk(running, tmp_path):
    """The journal has each object the moment its sender hears of it."""
    _, _, port = running
    association = peer(port)
    for n in range(1, 6):
        assert association.send_c_store(ct()).Status == 0
        assert len(kept(tmp_path, "dicom")) == n
    association.release()


def test_s8_fifty_at_once_lose_nothing(running, tmp_path):
    _, _, port = running
    stored, refused = [], []

    def send(n):
        with Raw(port) as raw:
            if raw.associate(contexts=((1, CT, (EXPLICIT,)),))[0] != ACCEPT:
                refused.append(n)
                return
            for i in range(4):
                uid = f"1.2.{n}.{i}"
                value = uid.encode() + b"\0" * (len(uid) % 2)
                data = struct.pack("<HH2sH", 8, 0x18, b"UI", len(value)) + value
                raw.send(pdv(1, 3, store_command(uid)) + pdv(1, 2, data))
                _, body = raw.receive()
                if dimse.decode(body[6:])[dimse.STATUS] == 0:
                    stored.append(uid)

    threads = [threading.Thread(target=send, args=(n,)) for n in range(50)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not refused
    assert len(stored) == 200
    found = {hashlib.sha256(one.payload).hexdigest() for one in kept(tmp_path, "dicom")}
    assert len(found) == 200


def step(status, **more):
    from pydicom.dataset import Dataset

    found = Dataset()
    if status:
        found.PerformedProcedureStepStatus = status
    for name, value in more.items():
        setattr(found, name, value)
    return found


def test_steps_live_once(running, tmp_path):
    _, _, port = running
    association = peer(port)
    uid = "1.2.3.4.5"
    assert association.send_n_create(step("IN PROGRESS"), STEP, uid)[0].Status == 0
    assert association.send_n_set(step(None, PerformedStationAETitle="CT1"), STEP, uid)[0].Status == 0
    assert association.send_n_set(step("COMPLETED"), STEP, uid)[0].Status == 0
    assert [one.notes["operation"] for one in kept(tmp_path, "mpps")] == ["N-CREATE", "N-SET", "N-SET"]
    association.release()


def test_c13_a_step_must_exist_and_only_once(running, tmp_path):
    _, _, port = running
    association = peer(port)
    assert association.send_n_set(step("COMPLETED"), STEP, "1.9")[0].Status == 0x0112
    assert association.send_n_create(step("IN PROGRESS"), STEP, "1.9")[0].Status == 0
    assert association.send_n_create(step("IN PROGRESS"), STEP, "1.9")[0].Status == 0x0111
    assert association.send_n_create(step("COMPLETED"), STEP, "1.10")[0].Status == 0x0106
    assert association.send_n_create(step(None, Modality="CT"), STEP, "1.11")[0].Status == 0x0120
    association.release()
    assert len(kept(tmp_path, "mpps")) == 1


@pytest.mark.parametrize("final", ["COMPLETED", "DISCONTINUED"])
def test_c14_a_final_step_never_changes(running, tmp_path, final):
    _, _, port = running
    association = peer(port)
    association.send_n_create(step("IN PROGRESS"), STEP, "1.9")
    assert association.send_n_set(step(final), STEP, "1.9")[0].Status == 0
    for state in ("COMPLETED", "DISCONTINUED", "IN PROGRESS"):
        answer = association.send_n_set(step(state), STEP, "1.9")[0]
        assert (answer.Status, answer.ErrorID) == (0x0110, 0xA710)
    association.release()
    assert len(kept(tmp_path, "mpps")) == 2


def test_steps_are_known_after_a_restart(tmp_path):
    from ecorad.service.recall import known_steps

    with listening(tmp_path, node) as (_, _, port):
        association = peer(port)
        association.send_n_create(step("IN PROGRESS"), STEP, "1.9")
        association.send_n_set(step("COMPLETED"), STEP, "1.9")
        association.release()
    with listening(tmp_path, lambda desk: node(desk, steps=known_steps(tmp_path / "mpps"))) as (_, _, port):
        association = peer(port)
        assert association.send_n_set(step("COMPLETED"), STEP, "1.9")[0].Status == 0x0110
        assert association.send_n_create(step("IN PROGRESS"), STEP, "1.9")[0].Status == 0x0111
        association.release()


def test_a_step_that_could_not_be_kept_does_not_exist(tmp_path, monkeypatch):
    from ecorad.ledger.spool import SpoolFullError

    with listening(tmp_path, node) as (_, _desk, port):
        association = peer(port)

        async def full(*_):
            raise SpoolFullError("injected")

        with monkeypatch.context() as patch:
            patch.setattr(Desk, "keep", full)
            assert association.send_n_create(step("IN PROGRESS"), STEP, "1.9")[0].Status == 0x0213
        assert association.send_n_create(step("IN PROGRESS"), STEP, "1.9")[0].Status == 0
        association.release()


def test_h3_a_failed_disk_ends_in_no_answer(tmp_path, monkeypatch):
    import errno

    with listening(tmp_path, node) as (_, desk, port):
        association = peer(port)
        assert association.send_c_store(ct()).Status == 0

        def failing(_):
            raise OSError(errno.EIO, "injected")

        with monkeypatch.context() as patch:
            patch.setattr("ecorad.ledger.spool.commit.os.fdatasync", failing)
            answer = association.send_c_store(ct())
        assert "Status" not in answer, "aborted, not answered"
        assert desk.failed.is_set()
    assert len(kept(tmp_path, "dicom")) <= 2
