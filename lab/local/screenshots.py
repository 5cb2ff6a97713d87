"""
Take the pictures in docs/images of a running `make ui ARGS=--history` whose last run has finished.

Needs Debian's ``chromium`` and, for Korean, ``fonts-noto-cjk``. Names of pictures may be given: all otherwise.
The name ``gallery`` instead takes the Kiwoom page in each state, width, language and theme, to look at.
"""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser
from itertools import product
from typing import TYPE_CHECKING, Any, cast

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from lab.local.airflow_api import Access, AirflowApi
from lab.local.bring_up import DAG_ID
from lab.local.deployment import ROOT, RUN
from lab.local.ui import ACCESS

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, FloatRect

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
IMAGES = ROOT / "docs" / "images"
SIZE = ViewportSize(width=1440, height=900)
LAPTOP, DESKTOP = ViewportSize(width=1366, height=768), ViewportSize(width=1920, height=1080)
SETTLING_MS, LOADING_MS = 1500, 30_000  # animations; the first load of the UI
GALLERY = RUN / "ui" / "gallery"
CALENDAR = "table.calendar td.{} a"


def main(arguments: list[str]) -> int:
    """Take the pictures and return the process's exit status."""
    parser = ArgumentParser("python -m lab pictures", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PICTURES))
    names = parser.parse_args(arguments).names
    if not ACCESS.exists():
        sys.exit("Start `make ui` first, and let a run finish.")
    access = Access.load(ACCESS)
    run_id = _last_run(access)
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        if names == ["gallery"]:
            return _gallery(browser, access)
        page = browser.new_page(base_url=access.url, timezone_id="Asia/Seoul", viewport=SIZE)
        _log_in(page, access)
        for name, show in PICTURES.items():
            if not names or name in names:
                page.set_viewport_size(SIZE)
                show(page, run_id)
                page.wait_for_timeout(SETTLING_MS)
                page.screenshot(path=IMAGES / f"{name}.png")
                print(IMAGES / f"{name}.png")
        browser.close()
    return 0


def _last_run(access: Access) -> str:
    api = AirflowApi(access)
    api.log_in()
    runs = api.get(f"/dags/{DAG_ID}/dagRuns?state=success&order_by=-end_date&limit=1")["dag_runs"]
    if not runs:
        sys.exit("No run has succeeded yet.")
    return str(runs[0]["dag_run_id"])


def _log_in(page: Page, access: Access) -> None:
    page.goto("/")
    page.locator("input[name=username]").fill(access.user)
    page.locator("input[name=password]").fill(access.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="User")).to_be_visible(timeout=LOADING_MS)


def graph(page: Page, run_id: str) -> None:
    """Show all tasks of a finished run."""
    page.set_viewport_size(ViewportSize(width=1440, height=560))
    page.goto(f"/dags/{DAG_ID}/runs/{run_id}")
    page.get_by_role("button", name="Show Graph").click()
    expect(page.get_by_text("fetch [36]")).to_be_visible()
    page.get_by_role("button", name="Collapse Details Panel").click()
    page.wait_for_timeout(SETTLING_MS)
    page.get_by_role("button", name="Fit View").click()


def mapped_tasks(page: Page, run_id: str) -> None:
    """Show the tasks of ``fetch``, each by what it fetches."""
    page.goto(f"/dags/{DAG_ID}/runs/{run_id}/tasks/fetch/mapped")
    page.get_by_role("button", name="Show Grid").click()
    expect(page.get_by_text("36 Task Instances")).to_be_visible()
    page.get_by_role("button", name="sort").first.click()  # by map index


def trigger_form(page: Page, run_id: str) -> None:  # noqa: ARG001  a picture of no run
    """Show the form that starts a run."""
    page.goto(f"/dags/{DAG_ID}")
    page.get_by_role("button", name="Trigger").first.click()
    expect(page.get_by_text("Sides")).to_be_visible()


def documentation(page: Page, run_id: str) -> None:  # noqa: ARG001
    """Show what the DAG says of itself."""
    page.goto(f"/dags/{DAG_ID}")
    page.get_by_role("button", name="Dag Docs").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("When it runs")).to_be_visible()
    page.wait_for_timeout(SETTLING_MS)
    _pull(page, dialog.bounding_box())


def _pull(page: Page, box: FloatRect | None) -> None:
    """Make a dialog larger by its lower right corner."""
    if box:
        right, bottom = box["x"] + box["width"] - 4, box["y"] + box["height"] - 4
        page.mouse.move(right, bottom)
        page.mouse.down()
        page.mouse.move(right + 150, 880, steps=5)
        page.mouse.up()


def connection_form(page: Page, run_id: str) -> None:  # noqa: ARG001
    """Show the form of a new Kiwoom connection."""
    page.goto("/connections")
    page.get_by_role("button", name="Add Connection").click()
    page.get_by_role("combobox").last.click()
    page.keyboard.type("kiwoom")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Secret key", exact=True)).to_be_visible()


def kiwoom_page(page: Page, run_id: str) -> None:  # noqa: ARG001
    """Show the Kiwoom page as it opens from Airflow's navigation."""
    page.set_viewport_size(ViewportSize(width=1440, height=1320))
    _open_page(page, "light", "en")


def kiwoom_page_dark_ko(page: Page, run_id: str) -> None:  # noqa: ARG001
    """Show it where Airflow is dark and in Korean."""
    page.set_viewport_size(ViewportSize(width=1440, height=1320))
    _open_page(page, "dark", "ko")


def session(page: Page, run_id: str) -> None:  # noqa: ARG001
    """Show the newest session in quarantine."""
    page.set_viewport_size(ViewportSize(width=1440, height=1400))
    _open_page(page, "light", "en")
    days = page.frame_locator("iframe").locator(CALENDAR.format("quarantined"))
    newest = max(range(days.count()), key=lambda at: days.nth(at).get_attribute("title") or "")
    days.nth(newest).click()
    expect(page.frame_locator("iframe").locator("#audit")).to_be_visible()


def _open_page(page: Page, theme: str, language: str) -> None:
    page.evaluate(
        "([theme, language]) => Object.assign(localStorage, {theme, i18nextLng: language})", [theme, language]
    )
    page.goto("/plugin/kiwoom")
    frame = page.frame_locator("iframe")
    for name in ("flows", "calls", "time"):
        frame.locator(f"#{name}:not([aria-busy]) canvas").first.wait_for()


def _gallery(browser: Browser, access: Access) -> int:
    """Take every state at two widths, in both languages and themes; return the process's exit status."""
    GALLERY.mkdir(parents=True, exist_ok=True)
    for (width, size), language, theme in product(
        (("laptop", LAPTOP), ("desktop", DESKTOP)), ("en", "ko"), ("light", "dark")
    ):
        page = browser.new_page(
            base_url=access.url, timezone_id="Asia/Seoul", viewport=size, color_scheme=cast("Any", theme)
        )
        _log_in(page, access)
        for name, path in _places(page).items():
            page.goto(f"{path}?lang={language}")
            page.wait_for_timeout(SETTLING_MS)
            page.screenshot(path=GALLERY / f"{name}-{width}-{language}-{theme}.png", full_page=True)
        page.close()
    print(GALLERY)
    return 0


def _places(page: Page) -> dict[str, str]:
    """Return addresses by what they show: the newest session of each state, and what is wrong."""
    page.goto("/kiwoom/")
    states = ("published", "warned", "released", "quarantined", "missing", "damaged", "due")
    found = {state: page.locator(CALENDAR.format(state)) for state in states}
    hrefs = {state: [link.get_attribute("href") or "" for link in links.all()] for state, links in found.items()}
    links = {state: max(every) for state, every in hrefs.items() if every}
    sessions = {state: re.sub(r"^\./|\?.*", "", link) for state, link in links.items()}
    wrong = {"closed": "sessions/2026-11-22", "malformed": "sessions/2026-99-99"}
    return {"overview": "/kiwoom/"} | {name: f"/kiwoom/{path}" for name, path in (sessions | wrong).items()}


PICTURES: dict[str, Callable[[Page, str], None]] = {
    "graph": graph,
    "mapped-tasks": mapped_tasks,
    "trigger-form": trigger_form,
    "documentation": documentation,
    "connection-form": connection_form,
    "kiwoom-page": kiwoom_page,
    "kiwoom-page-dark-ko": kiwoom_page_dark_ko,
    "session": session,
}
