"""`ecorad serve` as a program: what comes in by every way is on the receipts page, and hostile requests end."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

import pytest

from ecorad.ledger import Workspace
from ecorad.model import SiteError, WorkspaceBusyError, parse_site
from ecorad.service.web import receipts
from tests.service.peers import Raw, ct
from tests.service.test_mllp import MESSAGE, Sender, code

pynetdicom = pytest.importorskip("pynetdicom")
TOKEN = "a-token-of-some-length"


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Server:
    def __init__(self, folder):
        self.folder = folder
        self.ports = {name: free_port() for name in ("web", "dicom", "mllp", "mqtt")}
        site = f"""
[site]
name = "Prüfung"
[[meter]]
id = "mr1"
unit = "kW"
kind = "power"
[listen]
reserve_mb = 0
[listen.dicom]
port = {self.ports["dicom"]}
[listen.mllp]
port = {self.ports["mllp"]}
[listen.http]
token_file = "keys/http"
[listen.mqtt]
port = {self.ports["mqtt"]}
topics = {{ "plug/mr1" = "mr1" }}
"""
        self.workspace = Workspace.create(folder, site)
        (self.workspace.keys_path / "http").write_text(TOKEN)
        self.process = None

    def start(self):
        command = [sys.executable, "-m", "ecorad", "serve", str(self.folder), "--port", str(self.ports["web"])]
        self.process = subprocess.Popen([*command, "--meter-window", "0"], stderr=subprocess.PIPE, text=True)
        for _ in range(300):
            with contextlib.suppress(OSError):
                if self.ask("GET", "/receipts.json")[0] == 200:
                    return self
            assert self.process.poll() is None, self.process.stderr.read()
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        said = self.process.communicate(timeout=40)[1]
        return self.process.returncode, said

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["web"], timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def write(self, body, token=TOKEN):
        return self.ask("POST", "/write?precision=s", body, {"authorization": f"Bearer {token}"})[0]

    def rows(self, wanted, timeout_s=40):
        """The rows of the page, once ``wanted`` holds of them."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            state = json.loads(self.ask("GET", "/receipts.json")[1])
            found = {row["feed"]: row for row in state.get("rows", [])}
            if wanted(found) and state.get("unread") == {}:  # published at least once, and all worked off
                return found, state
            time.sleep(0.2)
        raise AssertionError(state)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    one = Server(tmp_path_factory.mktemp("serve") / "site").start()
    yield one
    status, said = one.stop()
    assert status == 0, said
    assert "Traceback" not in said


def store(port, *objects):
    ae = pynetdicom.AE(ae_title="CT1")
    ae.add_requested_context("1.2.840.10008.5.1.4.1.1.2", ["1.2.840.10008.1.2.1"])
    association = ae.associate("127.0.0.1", port, ae_title="ECORAD")
    found = [association.send_c_store(one).Status for one in objects]
    association.release()
    return found


COUNTED = ("received", "stored", "duplicate", "quarantined")


def test_everything_that_came_in_is_on_the_page(server):
    before, _ = server.rows(lambda found: True)  # whatever test came first

    def new(found):
        return {
            feed: tuple(row[name] - before.get(feed, {}).get(name, 0) for name in COUNTED)
            for feed, row in found.items()
        }

    one = ct()
    assert store(server.ports["dicom"], one, one, ct()) == [0, 0, 0]
    with Sender(server.ports["mllp"]) as sender:
        assert [code(sender.ask(MESSAGE % (n, b"x"))) for n in (b"1", b"1", b"2")] == [b"AA"] * 3
        assert code(sender.ask(b"junk")) == b"AR"
    assert server.write("mr1 value=6 1772323200\nmr1 value=6 1772323260\n") == 204
    wanted = {"dicom-node": (3, 2, 1, 0), "hl7": (4, 2, 1, 1), "http": (1, 1, 0, 0)}
    rows, state = server.rows(lambda found: {feed: new(found).get(feed) for feed in wanted} == wanted)
    assert all(row["adds_up"] for row in rows.values())
    assert state["alarms"] == []
    status, page = server.ask("GET", "/receipts")
    assert status == 200
    assert "ecorad.service.hl7_header" in page
    assert server.ask("GET", "/health")[0] == 200
    assert "Canary" not in page + json.dumps(state)


def test_what_was_set_aside_is_tried_again_or_let_go(server):
    assert server.write("unknown value=1 1772323200") == 204
    with Sender(server.ports["mllp"]) as sender:
        sender.ask(b"more junk")

    def there(found):
        return found.get("http", {}).get("quarantined") and found.get("hl7", {}).get("quarantined")

    _, state = server.rows(there)
    page = server.ask("GET", "/receipts")[1]
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    one = next(row for row in state["quarantine"] if row["code"] == "ecorad.service.unknown_meter")
    path = f"/quarantine/{one['digest']}"
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert server.ask("POST", f"{path}/release", "", form)[0] == 403, "not from another site's page"
    assert server.ask("POST", f"{path}/release", "token=guess", form)[0] == 403
    good = urllib.parse.urlencode({"token": token})
    before = server.rows(there)[0]["http"]["received"]
    assert server.ask("POST", f"{path}/retry", good, form)[0] == 303
    rows, _ = server.rows(lambda found: found["http"]["received"] == before + 1)
    assert rows["http"]["adds_up"]
    assert server.ask("POST", f"{path}/release", good, form)[0] == 303
    assert server.ask("POST", f"{path}/release", good, form)[0] == 404
    assert server.ask("POST", "/quarantine/..%2f..%2fsite.toml/release", good, form)[0] == 404
    assert (server.folder / "site.toml").exists()


def test_c2_a_body_of_4_gib_is_refused_at_its_head(server):
    with socket.create_connection(("127.0.0.1", server.ports["web"]), timeout=10) as raw:
        head = f"POST /write HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {1 << 32}\r\n\r\n"
        raw.sendall(head.encode())
        assert b" 413 " in raw.recv(200)


def test_c2_chunks_without_end_are_cut_off(server):
    with socket.create_connection(("127.0.0.1", server.ports["web"]), timeout=10) as raw:
        head = f"POST /write HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nTransfer-Encoding: chunked\r\n\r\n"
        raw.sendall(head.encode())
        answer = b""
        with contextlib.suppress(ConnectionError):
            for _ in range(2000):
                raw.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")
        with contextlib.suppress(ConnectionError):
            answer = raw.recv(200)
        assert answer == b"" or b" 413 " in answer


def test_c3_packed_bodies_are_not_unpacked(server):
    headers = {"authorization": f"Bearer {TOKEN}", "content-encoding": "gzip"}
    assert server.ask("POST", "/write", b"\x1f\x8b", headers)[0] == 415


def test_readings_need_their_token(server):
    assert server.write("mr1 value=1 1", token="wrong-token-of-length") == 401
    assert server.ask("POST", "/write", "mr1 value=1 1")[0] == 401


def test_other_host_names_are_not_answered(server):
    assert server.ask("GET", "/receipts", headers={"host": "evil.example"})[0] == 400


def test_h6_a_second_server_is_told_so(server):
    command = [sys.executable, "-m", "ecorad", "serve", str(server.folder), "--port", str(free_port())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert WorkspaceBusyError.code in done.stderr


def test_h1_killed_at_any_moment_nothing_acknowledged_is_lost(tmp_path):
    one = Server(tmp_path / "site").start()
    acknowledged = 0
    for _ in range(3):
        with Sender(one.ports["mllp"]) as sender:
            for _ in range(40):
                acknowledged += code(sender.ask(MESSAGE % (b"%d" % acknowledged, b"x"))) == b"AA"
        one.stop(signal.SIGKILL)
        one.start()
    rows, state = one.rows(lambda found: found.get("hl7", {}).get("received") == acknowledged)
    assert rows["hl7"]["stored"] == acknowledged
    assert state["alarms"] == []
    assert one.stop(signal.SIGINT)[0] == 0


@pytest.mark.skipif(not shutil.which("mosquitto", path="/usr/sbin:/usr/bin"), reason="no mosquitto on this machine")
def test_mqtt_messages_are_acknowledged_when_kept(tmp_path, server):
    from paho.mqtt import publish

    program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin")
    broker = subprocess.Popen([program, "-p", str(server.ports["mqtt"])], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        sent = 0
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                publish.single("plug/mr1", "6.5", qos=1, hostname="127.0.0.1", port=server.ports["mqtt"])
                sent += 1
            state = json.loads(server.ask("GET", "/receipts.json")[1])
            if any(row["feed"] == "mqtt" and row["adds_up"] and row["stored"] for row in state.get("rows", [])):
                return
            time.sleep(0.5)
        raise AssertionError((sent, state))
    finally:
        broker.terminate()
        broker.wait(10)


def test_idle_connections_do_not_shut_the_node(server):
    idle = [socket.create_connection(("127.0.0.1", server.ports["dicom"]), timeout=5) for _ in range(100)]
    began = time.monotonic()
    with Raw(server.ports["dicom"]) as raw:
        assert raw.associate()[0] == 2
    assert time.monotonic() - began < 1
    for one in idle:
        one.close()


SNAPSHOT = {"as_of_us": 10**15, "rows": [], "damages": [], "oldest_us": {}, "trouble": None}


@pytest.mark.parametrize(
    ("change", "live", "expected"),
    [
        ({}, {}, []),
        ({}, {"failed": True}, ["failed"]),
        ({}, {"has_room": False}, ["no_room"]),
        ({"rows": [{"feed": "a", "day": "d", "adds_up": False}]}, {}, ["does_not_add_up"]),
        ({"damages": [{"kind": "body", "records": 2}, {"kind": "torn", "records": 1}]}, {}, ["damaged", "torn"]),
        ({"trouble": "ecorad.store"}, {}, ["trouble"]),
        ({"as_of_us": 10**15 - 121_000_000}, {}, ["stale"]),
        ({"oldest_us": {"a": 10**15 - 901_000_000, "b": 10**15}}, {}, ["late"]),
    ],
)
def test_alarms(change, live, expected):
    found = receipts.alarms({**SNAPSHOT, **change}, live, 10**15)
    assert [key for key, _ in found] == expected
    for key, values in found:
        for language in ("en", "zh", "nl"):
            assert "{" not in receipts.texts(language)["alarm"][key].format(**values)


def flat(texts, prefix=""):
    for key, value in texts.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", tuple(sorted(re.findall(r"\{(\w+)\}", value)))


def test_the_three_languages_say_the_same():
    assert dict(flat(receipts.texts("en"))) == dict(flat(receipts.texts("zh"))) == dict(flat(receipts.texts("nl")))


@pytest.mark.parametrize(
    "listen",
    [
        {"dicom": {"host": "0.0.0.0"}},
        {"mllp": {"host": "10.0.0.1"}},
        {"dicom": {"ae_title": "LONGER THAN SIXTEEN"}},
        {"dicom": {"port": 0}},
        {"mqtt": {"topics": {"a": "no such meter"}}},
        {"mqtt": {}},
        {"reserve_mb": -1},
        {"ftp": {}},
        {"dicom": {"tls": {"certificate": "x"}}},
    ],
    ids=str,
)
def test_a_site_that_cannot_be_meant_is_refused(listen):
    with pytest.raises(SiteError):
        parse_site({"site": {"name": "x"}, "listen": listen})


def test_a13_tls_is_as_configured(tmp_path):
    import ssl

    from ecorad.model.listen import Tls
    from ecorad.service.tls import server_context

    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on this machine")
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*command, "-keyout", tmp_path / "k", "-out", tmp_path / "c"], check=True, capture_output=True)
    context = server_context(Tls(certificate="c", private_key="k", client_ca="c"), tmp_path)
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    with pytest.raises(SiteError):
        server_context(Tls(certificate="missing", private_key="k"), tmp_path)
    from tests.service.peers import listening
    from tests.service.test_dicom_node import node

    with listening(tmp_path / "s", node, tls=context) as (_, _, port):
        with Raw(port) as plain:
            assert plain.associate() is None, "no plain talk on a TLS port"
        trusting = ssl.create_default_context(cafile=str(tmp_path / "c"))
        raw = Raw(port)
        with contextlib.closing(raw), pytest.raises((ssl.SSLError, ConnectionError, AssertionError)):
            raw.socket = trusting.wrap_socket(raw.socket, server_hostname="localhost")
            assert raw.associate() is not None, "without a certificate of the client's"
        trusting.load_cert_chain(tmp_path / "c", tmp_path / "k")
        raw = Raw(port)
        with contextlib.closing(raw):
            raw.socket = trusting.wrap_socket(raw.socket, server_hostname="localhost")
            assert raw.associate()[0] == 2


def test_the_head_of_a_request_has_a_deadline(monkeypatch):
    from ecorad.service.web import protocol

    monkeypatch.setattr(protocol, "HEAD_S", 0.3)
    import uvicorn

    async def run():
        config = uvicorn.Config(
            lambda *_: None, http=protocol.BoundedProtocol, ws="none", lifespan="off", log_level="error"
        )
        server = uvicorn.Server(config)
        listening = socket.create_server(("127.0.0.1", 0))
        config.load()
        task = asyncio.create_task(server._serve([listening]))
        await asyncio.sleep(0.2)
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(b"GET / HT")
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        server.should_exit = True
        await task

    asyncio.run(run())
