"""The page in a real browser: nothing leaves, nothing complains, nothing sticks out, text is legible."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from ecorad.reporting.html import render
from tests.reporting.samples import sample

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium on this machine")
CONTRAST = """(element) => {
  const parse = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = (rgb) => rgb.map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const [a, b] = [getComputedStyle(element).color, getComputedStyle(document.body).backgroundColor].map((c) => light(parse(c)));
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as session:
        chromium = session.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module", params=["department", "dicom_only"])
def address(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(sample(request.param)), "utf-8")
    return path.as_uri()


@pytest.fixture
def open_page(browser, address):
    contexts = []

    def opened(width=1280, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.route("**/*", lambda route: (page.asked.append(route.request.url), route.continue_()))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()


def test_no_request_leaves_and_the_console_is_silent(open_page, address):
    page = open_page()
    page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
    page.wait_for_timeout(50)
    assert page.asked == [address]
    assert page.said == []


@pytest.mark.parametrize("width", [400, 720, 1280])
def test_page_never_scrolls_sideways(open_page, width):
    page = open_page(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_headings_in_order(open_page):
    levels = open_page().evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => +h.tagName[1])")
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))


def test_landmarks_and_names(open_page):
    page = open_page()
    for landmark in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1
    unnamed = page.evaluate("[...document.querySelectorAll('svg')].filter((s) => !s.querySelector('title')).length")
    assert unnamed == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("selector", [".lead", ".note", ".lead .interval", "tbody th", ".unknown", "nav a", "h2"])
def test_main_text_is_legible(open_page, scheme, selector):
    element = open_page(scheme=scheme).query_selector(selector)
    assert element is None or element.evaluate(CONTRAST) >= 4.5


def test_dark_and_light_differ(open_page):
    grounds = {
        scheme: open_page(scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    }
    assert grounds["light"] != grounds["dark"]


@pytest.mark.parametrize("width", [400, 1280])
def test_words_of_charts_stay_inside_them(open_page, width):
    outside = open_page(width).evaluate(
        """[...document.querySelectorAll('svg.chart')].filter((s) => s.getBoundingClientRect().width).flatMap((s) => {
          const box = s.getBoundingClientRect();
          return [...s.querySelectorAll('text')].filter((t) => {
            const b = t.getBoundingClientRect();
            return b.left < box.left - 8 || b.right > box.right + 8;
          }).map((t) => t.textContent);
        })"""
    )
    assert outside == []


def test_figures_unfold_with_the_keyboard(open_page):
    page = open_page()
    summary = page.query_selector("table details.q > summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert summary.evaluate("(s) => s.parentElement.open")


def test_charts_are_not_cut_in_print(open_page):
    page = open_page(680)
    page.emulate_media(media="print")
    rule = "[...document.querySelectorAll('figure')].filter((f) => getComputedStyle(f).breakInside !== 'avoid').length"
    assert page.evaluate(rule) == 0
    # A4 less its margins is 265 mm high: about 1,000 px.
    assert page.evaluate("Math.max(...[...document.querySelectorAll('figure')].map((f) => f.offsetHeight))") < 1000
