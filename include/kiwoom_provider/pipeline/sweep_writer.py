"""One sweep of a set's pages: each is stored while the next one is asked for, and told in the log."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_provider.api import ka10066 as api
from kiwoom_provider.api.errors import ProtocolError
from kiwoom_provider.datasets import layout, raw

if TYPE_CHECKING:
    from kiwoom_provider.api.page import Page
    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.pipeline.sweep import SweepRunner

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FetchFigures:
    """
    What fetching took.

    :param calls: calls that brought a page.
    :param bytes: of raw stored.
    :param began: when the first of them was asked for, UTC in ISO 8601; None without a call.
    :param ended: when the last one was answered, alike.
    :param waited_s: seconds of it spent waiting for the rate budget.
    """

    calls: int = 0
    bytes: int = 0
    began: str | None = None
    ended: str | None = None
    waited_s: float = 0.0


class SweepWriter:
    """
    Pages as they arrive; each is stored while the next one is asked for.

    :param runner: whose set this is.
    :param start: pages that are stored already, to go on after.
    :ivar calls: pages that have arrived.
    """

    def __init__(self, runner: SweepRunner, parameters: ParameterSet, start: raw.Sweep | None = None) -> None:
        self.parameters = parameters
        self.calls = self._stored = 0
        self._runner = runner
        self._pages = list(start.pages) if start else []
        self._rows = sum(start.page_sizes) if start else 0
        self._prefix = start.prefix if start else ""
        self._began, self._waited_s = runner.clock.now(), runner.source.waited_s
        self._usual = runner.usual_pages(parameters)
        self._pending: Future[int] | None = None
        self._writer = ThreadPoolExecutor(max_workers=1)

    @property
    def last(self) -> Page | None:
        """The last page that is here."""
        return self._pages[-1] if self._pages else None

    def sweep(self) -> raw.Sweep:
        """Return all pages, those of an earlier try included."""
        return raw.Sweep(self._prefix, self.parameters, self._runner.run_id, tuple(self._pages))

    def fetched(self) -> FetchFigures:
        """Return what the sweep took."""
        if not self.calls:
            return FetchFigures()
        waited_s = round(self._runner.source.waited_s - self._waited_s, 3)
        ended = self._pages[-1].fetched_at
        return FetchFigures(self.calls, self._stored, self._began.isoformat(), ended.isoformat(), waited_s)

    def add(self, page: Page) -> None:
        """Wait for the page before to be stored, then hand this one over."""
        self._settle()
        self._pending = self._writer.submit(
            raw.write_page, self._runner.store, self._place(page), page, self._runner.run_id
        )
        self._pages.append(page)
        self.calls += 1
        self._rows += len(page.rows(api.LIST_ELEMENT))
        log.info("%s: page %d%s, %d rows so far", self.parameters.label, page.number, self._pace(page), self._rows)

    def _pace(self, page: Page) -> str:
        """Say how fast this set goes and, where the session before tells how long it usually is, until when."""
        taken_s = (page.fetched_at - self._began).total_seconds()
        if taken_s <= 0:
            return ""
        left = self._usual - page.number
        until = f", about {left * taken_s / self.calls:.0f} s left" if left > 0 and not page.is_last else ""
        return f" of about {self._usual}" * bool(until) + f", {self.calls / taken_s:.1f} pages/s{until}"

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            self._settle()
            if isinstance(error, ProtocolError) and error.response_page:
                self._keep_refused(error.response_page)
        finally:
            self._writer.shutdown()

    def _place(self, page: Page) -> str:
        session_date = self._runner.session.session_date
        self._prefix = self._prefix or raw.sweep_prefix(session_date, self.parameters, page.fetched_at)
        return self._prefix

    def _settle(self) -> None:
        if self._pending:
            pending, self._pending = self._pending, None
            self._stored += pending.result()

    def _keep_refused(self, page: Page) -> None:
        """Set aside an answer that breaks the spec: it is evidence, and no page to go on after."""
        key = f"{self._place(page)}/refused-{page.number:04d}-{layout.stamp(page.fetched_at)}.json.gz"
        self._runner.store.write(key, raw.pack(page, self._runner.run_id))
        self._runner.store.remove([raw.page_key(self._prefix, page.number)])
