"""The receipts page in a real browser: it fits, is legible, and its buttons do what they say."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from ecorad.ledger import Workspace
from ecorad.reporting.alerts import Told, write_told
from ecorad.service.web.alerts import AlertsPage
from ecorad.service.web.check import CheckPage
from ecorad.service.web.leaflet import LeafletPage
from ecorad.service.web.patient import PatientPage
from ecorad.service.web.receipts import ReceiptsPage
from tests.reporting.test_browser import CHROMIUM, CONTRAST
from tests.service.test_mllp import Sender
from tests.service.test_serve import Server

pytest.importorskip("pynetdicom")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium on this machine")
VIEWS = [(1280, "light"), (1280, "dark"), (400, "light"), (400, "dark")]
NOW_US = 1_772_323_200_000_000


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as session:
        chromium = session.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser):
    contexts = []

    def opened(address, width=1280, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
        return page

    yield opened
    for context in contexts:
        context.close()


def row(feed, day, received, *, adds_up=True, **counts):
    ends = {name: counts.get(name, 0) for name in ("stored", "duplicate", "new_version", "quarantined", "refused")}
    return {"feed": feed, "day": day, "received": received, **ends, "journal": received, "adds_up": adds_up}


@pytest.fixture(scope="module")
def troubled(tmp_path_factory):
    """A page on which nearly everything is wrong, as a file."""
    folder = tmp_path_factory.mktemp("receipts")
    snapshot = {
        "as_of_us": NOW_US,
        "rows": [
            row("dicom-node", "2026-03-01", 1_234_567, stored=1_234_000, duplicate=500, adds_up=False),
            row("hl7", "2026-03-01", 20, stored=17, quarantined=3),
            row("a feed with quite a long name of its own", "2026-02-28", 4, stored=2, refused=2),
        ],
        "unread": {"dicom-node": 3},
        "oldest_us": {"dicom-node": NOW_US - 3_600_000_000},
        "damages": [{"kind": "body", "records": 2}],
        "quarantine": [
            {
                "digest": f"{number:064x}",
                "code": "ecorad.dicom.truncated" if number % 2 else "ecorad.service.control_id",
                "feed": "dicom-node",
                "since_us": NOW_US,
                "is_here": number > 1,
            }
            for number in range(5)
        ],
        "trouble": None,
    }
    (folder / "receipts.json").write_text(json.dumps(snapshot), "utf-8")
    pages = {}
    for language in ("en", "zh", "nl"):
        page = ReceiptsPage(
            folder / "receipts.json",
            site="St. Elsewhere",
            language=language,
            zone="Europe/Amsterdam",
            live=lambda: {"listeners": [{"name": "DICOM", "address": "ECORAD 127.0.0.1:11112", "received": 7}]},
        )
        path = folder / f"{language}.html"
        path.write_text(page.html("token"), "utf-8")
        pages[language] = path.as_uri()
    return pages


@pytest.mark.parametrize("language", ["en", "zh", "nl"])
@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_it_fits_and_is_legible(open_page, troubled, width, scheme, language):
    page = open_page(troubled[language], width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.said == []
    for selector in ("h1", "h2", ".note", ".alarms li", "tr.wrong td", "td.total", "code", "button", ".many"):
        element = page.query_selector(selector)
        assert element is not None, selector
        assert element.evaluate(CONTRAST) >= 4.5, selector
    cut = page.evaluate(
        "[...document.querySelectorAll('td, li, summary, p')].filter((e) => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert cut == 0


TIMES = {"previous_at": "2026-03-02T08:00", "next_at": "2026-03-02T14:00"}
PAIR = {"question": "contrast", "previous": "iodine", "next": "gadolinium", **TIMES}
CHECKED = {
    "check-ok": PAIR | {"egfr": "45"},
    "check-wait": PAIR | {"egfr": "20"},
    "check-cannot": PAIR,
    "check-bad": PAIR | {"egfr": "many"},
    "check-orders": {"question": "orders", "modality1": "MR", "region1": "abdomen", "contrast1": "gadolinium"}
    | {"modality2": "CT", "region2": "abdomen", "contrast2": "iodine", "indication2": "yes", "modality3": "MR"}
    | {"region3": "breast", "age_years": "60", "sex": "male", "egfr": "80"},
    "check-choice": {"question": "choice", "modality1": "CT", "exam1": "ct_chest", "answers1": "yes"}
    | {"modality2": "DX", "exam2": "xr_chest", "answers2": "yes", "modality3": "MR"},
}


def checked(workspace, **fields):
    form = {name: [value] for name, value in fields.items()}
    return CheckPage(workspace).answered("token", form, can_change=True)[0]


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    """The pages of alerts, of a patient, of checks and of leaflets, as files."""
    folder = tmp_path_factory.mktemp("others")
    told = [
        Told(f"{n:010x}", "c", kind, "CT with quite a long name", None, quantity, 9e2, 1e2, "2026-03-01", seen, holds=not n)
        for n, (kind, quantity, seen) in enumerate(
            [
                ("high_dose", "dlp_mgy_cm", None),
                ("above_level", "dose_area_product_gy_m2", None),
                ("cumulative_dose", "effective_dose_msv", "2026-03-02"),
            ]
        )
    ]  # fmt: skip
    pages = {}
    for language in ("en", "zh", "nl"):
        site = f'[site]\nname = "St. Elsewhere"\nlanguage = "{language}"\n'
        workspace = Workspace.create(folder / language, site)
        write_told(workspace.ledger_path, told)
        found = {
            "alerts": AlertsPage(workspace).html("token", can_change=True),
            "patient": PatientPage(workspace).form("token", "not_found"),
            "leaflet": LeafletPage(workspace).form("token", "cannot", can_change=True),
            **{name: checked(workspace, **fields) for name, fields in CHECKED.items()},
        }
        for name, text in found.items():
            path = folder / f"{name}-{language}.html"
            path.write_text(text, "utf-8")
            pages[name, language] = path.as_uri()
    return pages


@pytest.mark.parametrize("language", ["en", "zh", "nl"])
@pytest.mark.parametrize("name", ["alerts", "patient", "leaflet", *CHECKED])
@pytest.mark.parametrize("view", VIEWS)
def test_the_other_pages_fit_and_are_legible(open_page, others, view, name, language):
    width, scheme = view
    page = open_page(others[name, language], width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.said == []
    answer = [one for one in ("section.answer h2", "section.answer li", "section.answer p", "section.answer .note", ".alarms li") if page.query_selector(one)]  # fmt: skip
    assert bool(answer) == (name not in {"alerts"})
    for selector in ("h1", ".note", "nav a", "nav [aria-current]", "button", *answer):
        element = page.query_selector(selector)
        assert element is not None, selector
        assert element.evaluate(CONTRAST) >= 4.5, selector
    sizes = page.evaluate("[...document.querySelectorAll('button, input:not([type=hidden]), select')].map((b) => b.getBoundingClientRect().height)")  # fmt: skip
    assert min(sizes) >= 32


@pytest.mark.parametrize("name", ["leaflet", "check-orders"])
def test_every_field_has_its_label(open_page, others, name):
    page = open_page(others[name, "en"], 400)
    fields = "input:not([type=hidden]), select"
    assert page.locator(fields).count() > 5
    assert page.evaluate(f"[...document.querySelectorAll('{fields}')].filter((e) => e.labels.length !== 1).length") == 0
    assert page.evaluate("new Set([...document.querySelectorAll('[id]')].map((e) => e.id)).size") == page.locator("[id]").count()  # fmt: skip


def test_what_does_not_add_up_is_an_alarm(open_page, troubled):
    page = open_page(troubled["en"])
    alarms = page.get_by_role("alert")
    assert alarms.count() == 1
    assert "dicom-node" in alarms.inner_text()
    assert page.locator("tr.wrong").count() == 1
    assert "dicom-node" in page.locator("tr.wrong").inner_text()
    assert page.locator(".well").count() == 0


def test_buttons_can_be_reached_and_are_large_enough(open_page, troubled):
    page = open_page(troubled["en"], 400)
    sizes = page.evaluate("[...document.querySelectorAll('button')].map((b) => b.getBoundingClientRect().height)")
    assert sizes
    assert min(sizes) >= 32
    # What lies nowhere any more can be let go, and not tried again.
    assert page.locator("button").count() == 5 + 3


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    one = Server(tmp_path_factory.mktemp("serve") / "site").start()
    yield one
    status, said = one.stop()
    assert status == 0, said


def until(page, address, holds):
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
        if holds():
            return
        time.sleep(0.3)
    raise AssertionError(page.inner_text("main"))


def test_quarantine_gives_its_reason_and_its_buttons_work(open_page, server):
    assert server.write("unknown value=1 1772323200") == 204
    with Sender(server.ports["mllp"]) as sender:
        sender.ask(b"junk")
    server.rows(lambda found: {"http", "hl7"} <= set(found))
    address = f"http://127.0.0.1:{server.ports['web']}/receipts"
    page = open_page(address)

    def group(code):
        return page.locator("details.group", has_text=code)

    until(page, address, lambda: group("unknown_meter").count() and group("hl7_header").count())
    assert (
        "[[meter]]" in group("unknown_meter").inner_text()
        or "meter" in group("unknown_meter").locator(".note").first.inner_text()
    )
    kept = {path.name for path in server.workspace.quarantine_path.glob("*.received")}
    assert len(kept) == 2

    # Tried again it is received once more, and set aside once more: nothing about it has changed.
    group("unknown_meter").locator("button").first.click()
    assert page.url == address
    server.rows(lambda found: found["http"]["received"] == 2)
    until(page, address, lambda: group("unknown_meter").count() == 1)

    # Let go, it is gone from the page and from the disk; its receipt stays.
    group("hl7_header").locator("button").last.click()
    assert page.url == address
    until(page, address, lambda: group("hl7_header").count() == 0)
    assert len(list(server.workspace.quarantine_path.glob("*.received"))) == 1
    rows, _ = server.rows(lambda found: True)
    assert (rows["hl7"]["received"], rows["hl7"]["quarantined"]) == (1, 1)
    assert all(one["adds_up"] for one in rows.values())
    assert {Path(one).parts[1] for one in page.asked} == {f"127.0.0.1:{server.ports['web']}"}
    assert page.said == []


def test_a_check_is_asked_and_answered_on_a_phone(open_page, server):
    """A referrer asks whether gadolinium may follow iodine, learns from when, corrects the eGFR, and may."""
    address = f"http://127.0.0.1:{server.ports['web']}/check"
    page = open_page(address, 400)
    page.select_option("#previous", "iodine")
    page.fill("#previous_at", "2026-03-02T08:00")
    page.select_option("#next", "gadolinium")
    page.fill("#next_at", "2026-03-02T14:00")
    page.locator("button.go").first.click()
    assert "CANNOT ADVISE" in page.get_by_role("status").inner_text()
    page.fill("#contrast_egfr", "20")
    page.locator("button.go").first.click()
    assert "2026-03-09 08:00" in page.get_by_role("status").inner_text()
    assert page.input_value("#next_at") == "2026-03-02T14:00"
    page.fill("#contrast_egfr", "45")
    page.locator("button.go").first.click()
    assert page.locator("section.answer.ok").count() == 1
    assert page.url == address
    page.get_by_role("link", name="Leaflet").click()
    page.select_option("#modality", "MR")
    page.locator("button.go").click()
    assert "magnet" in page.inner_text("main")
    assert {Path(one).parts[1] for one in page.asked} == {f"127.0.0.1:{server.ports['web']}"}
    assert page.said == []
