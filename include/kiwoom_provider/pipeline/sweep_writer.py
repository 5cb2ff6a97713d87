"""One sweep of a set's pages: each is stored while the next one is asked for, and logged."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiwoom_provider.api import ka10066 as api
from kiwoom_provider.api.errors import ProtocolError
from kiwoom_provider.api.page import Page
from kiwoom_provider.datasets import layout, raw
from kiwoom_provider.pipeline.sweep_summary import FetchFigures

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.parameters import ParameterSet

log = logging.getLogger(__name__)


@dataclass
class SweepWriter:
    """
    Pages as they arrive; each is stored while the next one is asked for.

    :param began: now, UTC.
    :param waited_s: tells the seconds that were spent waiting for the rate budget so far.
    :param start: pages that are stored already, to go on after.
    :ivar calls: pages that have arrived.
    """

    store: Store
    session_date: date
    run_id: str
    parameters: ParameterSet
    began: datetime
    waited_s: Callable[[], float]
    start: raw.Sweep | None = None
    calls: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._pages = list(self.start.pages) if self.start else []
        self._rows = sum(self.start.page_sizes) if self.start else 0
        self._prefix = self.start.prefix if self.start else ""
        self._stored, self._waited_before_s = 0, self.waited_s()
        self._pending: Future[int] | None = None
        self._writer = ThreadPoolExecutor(max_workers=1)

    @property
    def last(self) -> Page | None:
        """The last page that is here."""
        return self._pages[-1] if self._pages else None

    def sweep(self) -> raw.Sweep:
        """Return all pages, those of an earlier try included."""
        return raw.Sweep(self._prefix, self.parameters, self.run_id, tuple(self._pages))

    def figures(self) -> FetchFigures:
        """Return what the sweep took."""
        if not self.calls:
            return FetchFigures()
        waited_s = round(self.waited_s() - self._waited_before_s, 3)
        ended = self._pages[-1].fetched_at
        return FetchFigures(calls=self.calls, bytes=self._stored, began=self.began, ended=ended, waited_s=waited_s)

    def add(self, page: Page) -> None:
        """Wait for the page before to be stored, then hand this one over."""
        self._settle()
        self._pending = self._writer.submit(raw.write_page, self.store, self._folder(page), page, self.run_id)
        self._pages.append(page)
        self.calls += 1
        self._rows += len(page.rows(api.LIST_ELEMENT))
        log.info("%s: page %d%s, %d rows so far", self.parameters.label, page.number, self._pace(page), self._rows)

    def _pace(self, page: Page) -> str:
        taken_s = (page.fetched_at - self.began).total_seconds()
        return f", {self.calls / taken_s:.1f} pages/s" if taken_s > 0 else ""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            self._settle()
            if isinstance(error, ProtocolError) and isinstance(error.response_page, Page):
                self._keep_refused(error.response_page)
        finally:
            self._writer.shutdown()

    def _folder(self, page: Page) -> str:
        self._prefix = self._prefix or raw.sweep_prefix(self.session_date, self.parameters, page.fetched_at)
        return self._prefix

    def _settle(self) -> None:
        if self._pending:
            pending, self._pending = self._pending, None
            self._stored += pending.result()

    def _keep_refused(self, page: Page) -> None:
        """Set aside an answer that breaks the spec: it is evidence, and no page to go on after."""
        key = f"{self._folder(page)}/refused-{page.number:04d}-{layout.stamp(page.fetched_at)}.json.gz"
        self.store.write(key, raw.pack(page, self.run_id))
        self.store.remove([raw.page_key(self._prefix, page.number)])
