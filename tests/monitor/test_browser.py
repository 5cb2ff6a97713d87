"""The page in a real browser, served by a real API server, over a year of sessions with failures among them."""

from __future__ import annotations

import json
import os
from datetime import date

import pytest

from browsing import Watch, chromium, needs_chromium
from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from lab.archive.night import ArchivedNight, Ending, simulator_of
from nights import BLOCKED, Night
from servers import READER

pytestmark = needs_chromium

EVIL = "<img src=x onerror='window.pwned=1'>&"
LAPTOP, DESKTOP = {"width": 1366, "height": 768}, {"width": 1920, "height": 1080}
REAL = {
    "2026-11-16": Ending.PUBLISHED,
    "2026-11-17": Ending.RELEASED,
    "2026-11-18": Ending.QUARANTINED,
    "2026-11-19": Ending.PUBLISHED,
}
MISSING, DAMAGED, BLOCKED_DAY, WARNED, EVIL_DAY = "2026-11-13", "2026-11-11", "2026-11-05", "2026-11-03", "2026-11-02"


PATIENCE_MS = 120_000
"""How long a busy machine may take for anything; a wait ends as soon as there is what it waits for."""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Return a data root: a year of sessions made of literals, and the last four by the real pipeline."""
    store = Store.open((tmp_path_factory.mktemp("archive") / "data").as_uri())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda _: None)
        _lay_literals(Night(store))
        simulator = simulator_of({"KOSPI": 60, "KOSDAQ": 60})
        for day, ending in REAL.items():
            session = calendar().session(date.fromisoformat(day))
            ArchivedNight(store, session, calendar().previous(session.session_date), ending).lay(simulator)
    return store


def _lay_literals(night: Night) -> None:
    for session in calendar().sessions(date(2025, 11, 24), date(2026, 11, 13)):
        if session.key == BLOCKED_DAY:
            night.audit(session.key, **BLOCKED)
        elif session.key == DAMAGED:
            night.publish(session.key)
            night.put(session.key, "20261111T120000.000000Z-0123456789ab", layout.SUMMARY, b'{"run_id"')
        elif session.key != MISSING:
            run = night.good(session.key, audit="warned" if session.key == WARNED else "passed")
            if session.key == EVIL_DAY:
                night.put(session.key, run, layout.TOP, json.dumps(_top()).encode())


def _top():
    lists = [{"market": "KOSPI", "venue": "KRX", "investor": "foreigner", "buys": [["005930", EVIL, 7]], "sells": []}]
    return {"unit": "KRW million", "lists": lists}


@pytest.fixture(scope="module")
def server(root, simple_server):
    simple_server.show(f"file://{root.root}")
    return simple_server


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def token(server):
    return server.token(READER)


@pytest.fixture
def visit(server, browser, token):
    """Return what opens a page as somebody who may read the DAG; afterwards the page must have behaved."""
    watch, contexts, pages = Watch(server.url), [], []

    def open_page(path="/kiwoom/", *, expected=(), **options):
        options = {"viewport": LAPTOP, "locale": "en-US", "timezone_id": "Asia/Seoul"} | options
        context = browser.new_context(base_url=server.url, **options)
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([{"name": "_token", "value": token, "url": server.url}])
        contexts.append(context)
        pages.append(watch.over(context.new_page()))
        watch.expected = tuple(expected)
        if path:
            pages[-1].goto(path)
        return pages[-1]

    yield open_page
    violations = [text for page in pages for frame in page.frames for text in frame.evaluate("window.violations ?? []")]
    for context in contexts:
        context.close()
    unexpected = [fault for fault in watch.faults if not any(text in fault for text in watch.expected)]
    assert unexpected == []
    assert violations == []


def drawn(page, name):
    """Wait until a plot is drawn."""
    page.wait_for_selector(f"#{name}:not([aria-busy]) canvas", timeout=PATIENCE_MS)
    return page.locator(f"#{name}")


@pytest.mark.parametrize("size", [LAPTOP, DESKTOP], ids=["laptop", "desktop"])
def test_the_overview_shows_states_gaps_and_three_plots(visit, size):
    page = visit(viewport=size)
    for state in ("published", "published with warnings", "released by a person", "in quarantine", "missing", "due"):
        assert page.locator(".legend .badge", has_text=state).count() >= 1
    for name in ("flows", "calls", "time"):
        assert drawn(page, name).locator(".note").inner_text().count("2026-11-1")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_flows_follow_the_choice_of_market_and_investor(visit):
    page = visit()
    drawn(page, "flows")
    page.get_by_label("Market").select_option("KOSDAQ")
    page.get_by_label("pension fund").check()
    page.locator("#flows .note", has_text="KOSDAQ").filter(has_text="pension fund").wait_for()
    page.locator("#flows summary").click()
    assert page.locator("#flows table th").all_inner_texts()[:5] == [
        "Session",
        "individual",
        "foreigner",
        "institution",
        "pension fund",
    ]


SESSIONS = {
    "2026-11-19": "published",
    "2026-11-18": "in quarantine",
    "2026-11-17": "released by a person",
    WARNED: "published with warnings",
    MISSING: "missing",
    DAMAGED: "cannot be read",
    "2026-11-20": "due",
}


def test_a_session_in_each_state_says_so(visit):
    page = visit("")
    for day, state in SESSIONS.items():
        page.goto(f"/kiwoom/sessions/{day}")
        assert page.locator("h1 .badge").inner_text().endswith(state)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_quarantined_session_shows_the_worst_offenders(visit):
    page = visit("/kiwoom/sessions/2026-11-18")
    row = page.locator(".rules tr", has_text="buy_minus_sell_is_net").first
    assert row.locator(".badge").first.inner_text() == "fail"
    assert row.locator(".inner tbody tr").count() == 10


def test_an_offender_leads_to_its_figure_from_what_is_typed_to_the_raw_page(visit):
    page = visit("/kiwoom/sessions/2026-11-18")
    row = page.locator(".rules tr", has_text="buy_minus_sell_is_net").first.locator(".inner tbody tr").first
    code = row.locator("a code").inner_text()
    row.locator("a").click()
    page.wait_for_url("**/sessions/2026-11-18/cell?*")
    assert page.locator("h1").inner_text().startswith(f"{code} · ")
    assert page.locator("tbody th").all_inner_texts()[:2] == ["Typed sets", "Raw pages"]
    assert page.locator("tbody tr").nth(1).locator("td").nth(1).inner_text().startswith("raw/ka10066/session_date=2026")


def test_a_published_session_shows_the_largest_trades_in_korean(visit):
    page = visit("/kiwoom/sessions/2026-11-19", locale="ko-KR")
    assert page.locator("html").get_attribute("lang") == "ko"
    assert page.get_by_role("heading", name="순매수·순매도 상위").is_visible()
    assert page.locator(".trades").first.inner_text().count("원") >= 5


def test_a_stock_name_with_markup_does_nothing(visit):
    page = visit(f"/kiwoom/sessions/{EVIL_DAY}")
    assert page.locator(".trades .name").first.inner_text() == EVIL
    assert page.evaluate("window.pwned") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_system_when_airflow_says_nothing(visit, scheme):
    page = visit(color_scheme=scheme)
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"
    assert dark is (scheme == "dark")


def test_in_airflows_frame_the_page_takes_its_theme_and_links_lead_out(visit):
    page = visit("", expected=["404"])  # Airflow's own of a DAG that no scheduler has read here
    page.add_init_script("localStorage.theme = 'dark'; localStorage.i18nextLng = 'ko'")
    page.goto("/plugin/kiwoom")
    frame = page.frame_locator("iframe")
    frame.locator("html[data-theme=dark][lang=ko] h1").wait_for(timeout=PATIENCE_MS)
    frame.locator("#flows:not([aria-busy]) canvas").first.wait_for(timeout=PATIENCE_MS)
    frame.locator("a[data-out]").first.click()
    page.wait_for_url("**/dags/ka10066_investor_trading*", timeout=PATIENCE_MS)


def test_the_calendar_is_walked_by_keys(visit):
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("table.calendar a[tabindex='0']").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("2026-11-1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/kiwoom/sessions/2026-11-1*")
    assert page.locator("h1").inner_text().startswith("Session 2026-11-1")


def test_focus_is_visible(visit):
    page = visit()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    style = page.evaluate(
        "(() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, s.outlineWidth] })()"
    )
    assert style == ["solid", "3px"]


NAMELESS = """
[...document.querySelectorAll("a, button, select, input, summary")]
  .filter((e) => e.checkVisibility() && !e.closest(".canvas"))
  .filter((e) => !(e.innerText || e.ariaLabel || e.labels?.length)).map((e) => e.outerHTML)
"""
BARE_TABLES = "[...document.querySelectorAll('table')].filter((t) => !t.caption?.textContent.trim()).length"


@pytest.mark.parametrize("path", ["/kiwoom/", "/kiwoom/sessions/2026-11-18"])
def test_everything_that_can_be_reached_has_a_name(visit, path):
    page = visit(path)
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(BARE_TABLES) == 0
    assert [page.locator(landmark).count() for landmark in ("header", "main", "h1")] == [1, 1, 1]


def test_a_plot_that_fails_says_why_and_can_be_tried_again(visit):
    page = visit("", expected=["503"])
    page.route("**/data/flows*", lambda route: route.fulfill(status=503, json={"error": "the store is asleep"}))
    page.goto("/kiwoom/")
    page.locator("#flows .note", has_text="the store is asleep").wait_for()
    page.unroute("**/data/flows*")
    page.get_by_role("button", name="Try again").click()
    drawn(page, "flows")


def test_a_plot_that_is_awaited_says_so(visit):
    page = visit("")
    page.route("**/data/flows*", lambda _: None)
    page.goto("/kiwoom/")
    assert page.locator("#flows[aria-busy=true] .note").inner_text() == "Loading the plot …"
    page.unroute_all(behavior="ignoreErrors")


PROBLEMS = {
    "/kiwoom/sessions/2026-11-22": (404, "2026-11-22 is not a session"),
    "/kiwoom/sessions/2026-99-99": (400, "is not a day written YYYY-MM-DD"),
    "/kiwoom/nothing/here": (404, "There is no such page here."),
}


def test_errors_are_readable_pages(visit):
    page = visit("", expected=["404", "400"])
    for path, (status, words) in PROBLEMS.items():
        answer = page.goto(path)
        assert answer.status == status
        assert words in page.locator("main").inner_text()


def test_a_data_root_that_is_gone_is_a_readable_page(visit, server, root):
    page = visit("", expected=["503"])
    server.show("file:///nowhere/at/all")
    try:
        answer = page.goto("/kiwoom/")
        assert answer.status == 503
        assert "kiwoom_data_root" in page.locator("main").inner_text()
    finally:
        server.show(f"file://{root.root}")


def test_a_stored_report_opens_from_its_session(visit):
    page = visit("/kiwoom/sessions/2026-11-19")
    page.get_by_role("link", name="Report", exact=True).first.click()
    page.wait_for_url("**/report*")
    assert "Audit of investor trading" in page.title()
