"""One parameter set: fetch its pages into raw, going on where an earlier try stopped, then type them."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from kiwoom_provider import __version__
from kiwoom_provider.api import ka10066 as api
from kiwoom_provider.api.errors import KiwoomError, ProtocolError, RejectedError
from kiwoom_provider.datasets import ka10066, layout, raw
from kiwoom_provider.pipeline.errors import IncompleteSessionError
from kiwoom_provider.pipeline.plan import check_window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kiwoom_provider.api.page import Page
    from kiwoom_provider.clock import Clock
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import Session
    from kiwoom_provider.parameters import ParameterSet

log = logging.getLogger(__name__)


class PageSource(Protocol):
    """What a sweep needs of the hook."""

    def pages(self, api_id: str, path: str, body: Mapping[str, str], *, start: Page | None = None) -> Iterator[Page]:
        """Yield the pages after ``start``, or from the first."""


@dataclass(frozen=True, slots=True)
class SweepSummary:
    """What one fetch did: counts, raw bytes stored by it, and where the typed partition lies."""

    label: str
    rows: int
    pages: int
    calls: int
    bytes: int
    path: str

    def to_json(self) -> dict[str, Any]:
        """Return the JSON-ready form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Collector:
    """
    Takes parameter sets of one session from the API into the store.

    :param run_id: a retry within the same run goes on from its own pages; another run sweeps anew.
    """

    store: Store
    source: PageSource
    session: Session
    run_id: str
    clock: Clock

    def collect(self, parameters: ParameterSet, *, anew: bool = False) -> SweepSummary:
        """
        Sweep one set and write its typed partition.

        :param anew: start over even when this run has a complete sweep already.
        :raises SessionOverError: when the session's window closes before the sweep ends.
        :raises KiwoomError: as the API fails; pages that arrived are kept.
        """
        own = None if anew else self._own_sweep(parameters)
        if own and own.is_complete:
            try:
                return self._finish(own, calls=0, stored=0)
            except (KiwoomError, IncompleteSessionError) as error:
                log.warning("%s: the stored sweep cannot be used (%s), starting over", parameters.label, error)
                own = None
        return self._finish(*self._fetch(parameters, own))

    def _finish(self, sweep: raw.Sweep, calls: int, stored: int) -> SweepSummary:
        path, rows = write_partition(self.store, self.session, self._keep_one(sweep))
        return SweepSummary(sweep.parameters.label, rows, len(sweep.pages), calls, stored, path)

    def _own_sweep(self, parameters: ParameterSet) -> raw.Sweep | None:
        sweeps = raw.load_sweeps(self.store, self.session.date, parameters).get(parameters, [])
        own = [sweep for sweep in sweeps if sweep.run_id == self.run_id and sweep.pages]
        return own[-1] if own else None

    def _fetch(self, parameters: ParameterSet, own: raw.Sweep | None) -> tuple[raw.Sweep, int, int]:
        """Go on after the stored pages; where the API does not take their key any more, start over."""
        if own is None:
            return self._walk(_Walk(self, parameters))
        log.info("%s: going on after stored page %d", parameters.label, len(own.pages))
        walk = _Walk(self, parameters, own)
        try:
            return self._walk(walk)
        except (ProtocolError, RejectedError) as error:
            if walk.calls:
                raise
            log.warning("%s: the stored next-key is not taken any more (%s), starting over", parameters.label, error)
        return self._walk(_Walk(self, parameters))

    def _walk(self, walk: _Walk) -> tuple[raw.Sweep, int, int]:
        check_window(self.session, self.clock.now())
        body = api.request_body(walk.parameters)
        with walk:
            for page in self.source.pages(api.API_ID, api.PATH, body, start=walk.last):
                check_window(self.session, page.fetched_at)
                walk.add(page)
        log.info("%s: %d pages fetched, %d bytes of raw stored", walk.parameters.label, walk.calls, walk.stored)
        return walk.sweep(), walk.calls, walk.stored

    def _keep_one(self, sweep: raw.Sweep) -> raw.Sweep:
        """
        Drop this run's tries that never ended, and this sweep when an older one holds the same answers.

        What another run stores is never touched: it may still be at work, or have published it.
        """
        place = layout.raw_prefix(self.session.date, sweep.parameters)
        if all(key.startswith(f"{sweep.prefix}/") for key in self.store.list(place)):
            return sweep
        stored = raw.load_sweeps(self.store, self.session.date, sweep.parameters).get(sweep.parameters, [])
        older = [s for s in stored if s.is_complete and s.digest == sweep.digest and s.prefix < sweep.prefix]
        kept = older[0] if older else sweep
        for other in stored:
            own_try = other.run_id == self.run_id and not other.is_complete
            if other.prefix != kept.prefix and (own_try or other.prefix == sweep.prefix):
                self.store.remove(self.store.list(other.prefix))
        return kept


class _Walk:
    """Pages as they arrive; each is stored while the next one is asked for."""

    def __init__(self, collector: Collector, parameters: ParameterSet, start: raw.Sweep | None = None) -> None:
        self.parameters = parameters
        self.calls = self.stored = 0
        self._collector = collector
        self._pages = list(start.pages) if start else []
        self._prefix = start.prefix if start else ""
        self._pending: Future[int] | None = None
        self._writer = ThreadPoolExecutor(max_workers=1)

    @property
    def last(self) -> Page | None:
        return self._pages[-1] if self._pages else None

    def sweep(self) -> raw.Sweep:
        return raw.Sweep(self._prefix, self.parameters, self._collector.run_id, tuple(self._pages))

    def add(self, page: Page) -> None:
        """Wait for the page before to be stored, then hand this one over."""
        self._settle()
        self._pending = self._writer.submit(
            raw.write_page, self._collector.store, self._place(page), page, self._collector.run_id
        )
        self._pages.append(page)
        self.calls += 1
        rows = sum(len(each.rows(api.LIST_ELEMENT)) for each in self._pages)
        log.info("%s: page %d, %d rows so far", self.parameters.label, page.number, rows)

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
        session_date = self._collector.session.date
        self._prefix = self._prefix or raw.sweep_prefix(session_date, self.parameters, page.fetched_at)
        return self._prefix

    def _settle(self) -> None:
        if self._pending:
            pending, self._pending = self._pending, None
            self.stored += pending.result()

    def _keep_refused(self, page: Page) -> None:
        """Set aside an answer that breaks the spec: it is evidence, and no page to go on after."""
        key = f"{self._place(page)}/refused-{page.number:04d}-{layout.stamp(page.fetched_at)}.json.gz"
        self._collector.store.write(key, raw.pack(page, self._collector.run_id))
        self._collector.store.remove([raw.page_key(self._prefix, page.number)])


def write_partition(store: Store, session: Session, sweep: raw.Sweep) -> tuple[str, int]:
    """
    Type a complete sweep and put its partition in place in one step.

    :returns: the partition's URL and its number of rows.
    :raises IncompleteSessionError: when the sweep has no rows at all.
    :raises ProtocolError: when a stock comes twice: pages were repeated or overlap.
    """
    table = ka10066.parse(sweep.pages, sweep.parameters)
    label = sweep.parameters.label
    if table.num_rows == 0:
        raise IncompleteSessionError(f"{label}: the API answered with an empty list; nothing is stored for it")
    if twice := ka10066.repeated_codes(table):
        raise ProtocolError(f"{label}: stk_cd {', '.join(twice[:3])} came more than once", api_id=api.API_ID)
    key = layout.partition_key(session.date, sweep.parameters)
    store.write(key, ka10066.encode(table, sweep, session.date, __version__))
    return store.url(key), table.num_rows
