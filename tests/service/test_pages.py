"""The pages of alerts and of one patient on the web port: guarded as the receipts are, and nobody's name on them."""

from __future__ import annotations

import asyncio
import html
import json
import re
import stat
import urllib.parse

import pytest

from ecorad.cli.app import run
from ecorad.ledger import Workspace
from ecorad.service.quarantine import Quarantine
from ecorad.service.web.app import Faces, application
from ecorad.service.web.receipts import ReceiptsPage
from tests.cli.test_alerts import scan

httpx = pytest.importorskip("httpx")
UID = "1.2.4.99"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twenty-four scans like each other, one of nine times their dose, and a room called CT <1>."""
    place = tmp_path_factory.mktemp("pages")
    site = place / "site"
    assert run(["init", str(site), "--zone", "US", "--timezone", "America/New_York"]) == 0
    with (site / "site.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[device]]\nserial = "77"\nalias = "CT <1>"\nmodality = "CT"\n')
    for number in (*range(24), 99):
        (place / f"{number}.dcm").write_bytes(scan(number, 900 if number == 99 else 100 + number))
    assert run(["ingest", str(site), *map(str, sorted(place.glob("*.dcm"))), "--workers", "1"]) == 0
    return site


class Client:
    """Asks the application itself, one request at a time."""

    def __init__(self, app):
        self.app = app

    def ask(self, method, path, **request):
        async def asked():
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(method, path, **request)

        return asyncio.run(asked())

    def get(self, path, **request):
        return self.ask("GET", path, **request)

    def post(self, path, **request):
        return self.ask("POST", path, **request)


def pages(folder, *, can_change=True):
    workspace = Workspace.open(folder)
    receipts = ReceiptsPage(folder / "none.json", site="S", language="en", zone="UTC", live=dict)
    quarantine = Quarantine(workspace.quarantine_path, None)
    faces = Faces(receipts, workspace, quarantine, None, can_change=can_change)
    hosts = ["127.0.0.1"] if can_change else ["*"]
    return Client(application(faces, hosts))


def token(page):
    return re.search(r'name="token" value="([^"]+)"', page)[1]


def test_before_anybody_looked_the_page_says_so_and_not_that_all_is_well(tmp_path):
    assert run(["init", str(tmp_path / "s"), "--zone", "US", "--timezone", "UTC"]) == 0
    page = pages(tmp_path / "s").get("/alerts").text
    assert "Nobody has looked yet" in page
    assert "Nothing to look at" not in page


def test_an_alert_is_on_the_page_of_its_room_without_study_until_seen(folder, capsys):
    assert run(["alerts", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["alerts"]
    (one,) = told
    client = pages(folder)
    page = client.get("/alerts").text
    assert "CT &lt;1&gt;" in page
    assert "900" in page
    assert one["id"] in page
    assert one["study"] not in page
    assert one["cause"] not in page
    path = f"/alerts/{one['id']}/seen"
    assert client.post(path).status_code == 403
    assert client.post(path, data={"token": "guess"}).status_code == 403
    good = {"token": token(page)}
    answer = client.post(path, data=good)
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts")
    assert "seen on" in client.get("/alerts").text
    assert client.post("/alerts/0123456789/seen", data=good).status_code == 404
    assert stat.S_IMODE((folder / "ledger" / "alerts.json").stat().st_mode) == 0o600


def test_from_elsewhere_alerts_can_be_read_and_nothing_else(folder):
    client = pages(folder, can_change=False)
    page = client.get("/alerts").text
    assert "<form" not in page
    assert "/patient" not in page
    assert client.get("/patient").status_code == 404
    assert client.post("/patient", data={"study": UID, "language": "en"}).status_code == 404
    assert client.post("/alerts/0123456789/seen").status_code in {404, 405}


def test_another_host_name_is_not_answered(folder):
    client = pages(folder)
    assert client.get("/alerts", headers={"host": "evil.example"}).status_code == 400
    assert client.get("/patient", headers={"host": "evil.example"}).status_code == 400


def test_a_damaged_list_is_told_and_not_taken_for_all_well(tmp_path):
    assert run(["init", str(tmp_path / "s"), "--zone", "US", "--timezone", "UTC"]) == 0
    (tmp_path / "s" / "ledger" / "alerts.json").write_text("{")
    page = pages(tmp_path / "s").get("/alerts").text
    assert "ecorad.alerts.unreadable" in page
    assert "Nothing to look at" not in page


@pytest.mark.parametrize(("language", "word"), [("en", "natural background"), ("nl", "achtergrond"), ("zh", "本底")])
def test_a_page_for_a_patient_holds_no_identifier(folder, language, word):
    client = pages(folder)
    key = token(client.get("/patient").text)
    answer = client.post("/patient", data={"token": key, "study": UID, "language": language})
    assert answer.status_code == 200
    assert word in html.unescape(answer.text)
    assert "mSv" in answer.text
    assert UID not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_what_cannot_be_made_is_said_without_repeating_what_was_typed(folder):
    client = pages(folder)
    key = token(client.get("/patient").text)
    asked = {"token": key, "study": "CANARY.1.2", "language": "en"}
    answer = client.post("/patient", data=asked)
    assert answer.status_code == 404
    assert "CANARY" not in answer.text
    assert client.post("/patient", data=asked | {"language": "xx"}).status_code == 422
    assert client.post("/patient", data=asked | {"study": ""}).status_code == 422
    assert client.post("/patient", data=asked | {"token": "x"}).status_code == 403
    long = urllib.parse.urlencode({"token": key, "study": "1" * 5000})
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/patient", content=long, headers=headers).status_code == 413


def test_each_page_leads_to_the_others(folder):
    client = pages(folder)
    for name in ("receipts", "alerts", "check", "leaflet", "patient"):
        page = client.get(f"/{name}").text
        found = set(re.findall(r'<a href="/(\w+)">', page))
        assert found == {"receipts", "alerts", "check", "leaflet", "patient"} - {name}
        assert page.count('aria-current="page"') == 1
