"""Debian's chromium, headless, watched: what a page must not do fails the test that opened it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium: apt-get install chromium fonts-noto-cjk")
VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser; it is stopped on leaving."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Watch:
    """What a page did that none of ours may do."""

    host: str
    expected: tuple[str, ...] = ()
    faults: list[str] = field(default_factory=list)

    def over(self, page: Page) -> Page:
        """Watch a page from before its first request."""
        page.add_init_script(VIOLATIONS)
        page.on("console", lambda message: self._note(message.type == "error", f"console: {message.text}"))
        page.on("pageerror", lambda error: self._note("thrown", f"script: {error}"))
        page.on("request", lambda request: self._note(self._is_foreign(request.url), f"asked {request.url}"))
        return page

    def _is_foreign(self, url: str) -> bool:
        return not url.startswith((self.host, "data:", "blob:", "about:"))

    def _note(self, is_fault: object, text: str) -> None:
        if is_fault:
            self.faults.append(text)
