"""One parameter set: fetch its pages into raw, going on where an earlier try stopped, then type them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kiwoom_provider import __version__
from kiwoom_provider.api import ka10066 as api
from kiwoom_provider.api.call_source import CallSource
from kiwoom_provider.api.errors import KiwoomError, ProtocolError, RejectedError
from kiwoom_provider.datasets import ka10066, layout, raw
from kiwoom_provider.pipeline.errors import IncompleteSessionError
from kiwoom_provider.pipeline.plan import check_window
from kiwoom_provider.pipeline.sweep_summary import FetchFigures, SweepSummary
from kiwoom_provider.pipeline.sweep_writer import SweepWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from kiwoom_provider.api.page import Page
    from kiwoom_provider.clock import Clock
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import SessionWindow
    from kiwoom_provider.parameters import ParameterSet

log = logging.getLogger(__name__)


class PageSource(Protocol):
    """What a sweep needs of the hook."""

    @property
    def waited_s(self) -> float:
        """Return the seconds spent waiting for the rate budget so far."""

    def pages(self, api_id: str, path: str, body: Mapping[str, str], *, start: Page | None = None) -> Iterator[Page]:
        """Yield the pages after ``start``, or from the first."""


class Api(CallSource, PageSource, Protocol):
    """What a fetch needs of the hook: pages of ka10066, and single answers of the TRs that they are held against."""


@dataclass(frozen=True, slots=True)
class SweepRunner:
    """
    Takes parameter sets of one session from the API into the store.

    :param run_id: a retry within the same run goes on from its own pages; another run sweeps anew.
    """

    store: Store
    source: PageSource
    session: SessionWindow
    run_id: str
    clock: Clock

    def collect(self, parameters: ParameterSet, *, anew: bool = False) -> tuple[SweepSummary, pa.Table]:
        """
        Sweep one set and write its typed partition.

        :param anew: start over even when this run has a complete sweep already.
        :returns: what it took, and the partition's rows.
        :raises SessionOverError: when the session's window closes before the sweep ends.
        :raises KiwoomError: as the API fails; pages that arrived are kept.
        """
        own = None if anew else self._own_sweep(parameters)
        if own and own.is_complete:
            try:
                return self._finish(own, FetchFigures())
            except (KiwoomError, IncompleteSessionError) as error:
                log.warning("%s: the stored sweep cannot be used (%s), starting over", parameters.label, error)
                own = None
        return self._finish(*self._fetch(parameters, own))

    def _finish(self, sweep: raw.Sweep, fetched: FetchFigures) -> tuple[SweepSummary, pa.Table]:
        path, table = write_partition(self.store, self.session, self._keep_one(sweep))
        label, rows, pages = sweep.parameters.label, table.num_rows, len(sweep.pages)
        log.info(
            "%s: %s rows in %d pages; %d pages fetched, waiting %.1f s for the rate",
            label,
            f"{rows:,}",
            pages,
            fetched.calls,
            fetched.waited_s,
        )
        return SweepSummary(label=label, rows=rows, pages=pages, path=path, **dict(fetched)), table

    def _own_sweep(self, parameters: ParameterSet) -> raw.Sweep | None:
        sweeps = raw.load_sweeps(self.store, self.session.session_date, parameters).get(parameters, [])
        own = [sweep for sweep in sweeps if sweep.run_id == self.run_id and sweep.pages]
        return own[-1] if own else None

    def _fetch(self, parameters: ParameterSet, own: raw.Sweep | None) -> tuple[raw.Sweep, FetchFigures]:
        """Go on after the stored pages; where the API does not take their key any more, start over."""
        if own is None:
            return self._write_pages(self._writer(parameters))
        log.info("%s: going on after stored page %d", parameters.label, len(own.pages))
        writer = self._writer(parameters, own)
        try:
            return self._write_pages(writer)
        except (ProtocolError, RejectedError) as error:
            if writer.calls:
                raise
            log.warning("%s: the stored next-key is not taken any more (%s), starting over", parameters.label, error)
        return self._write_pages(self._writer(parameters))

    def _writer(self, parameters: ParameterSet, start: raw.Sweep | None = None) -> SweepWriter:
        return SweepWriter(
            self.store,
            self.session.session_date,
            self.run_id,
            parameters,
            self.clock.now(),
            waited_s=lambda: self.source.waited_s,
            start=start,
        )

    def _write_pages(self, writer: SweepWriter) -> tuple[raw.Sweep, FetchFigures]:
        check_window(self.session, self.clock.now())
        body = api.request_body(writer.parameters)
        with writer:
            for page in self.source.pages(api.API_ID, api.PATH, body, start=writer.last):
                check_window(self.session, page.fetched_at)
                writer.add(page)
        return writer.sweep(), writer.figures()

    def _keep_one(self, sweep: raw.Sweep) -> raw.Sweep:
        """
        Drop this run's tries that never ended, and this sweep when an older one holds the same answers.

        What another run stores is never touched: it may still be at work, or have published it.
        """
        place = layout.raw_prefix(self.session.session_date, sweep.parameters)
        if all(key.startswith(f"{sweep.prefix}/") for key in self.store.list(place)):
            return sweep
        stored = raw.load_sweeps(self.store, self.session.session_date, sweep.parameters).get(sweep.parameters, [])
        older = [s for s in stored if s.is_complete and s.digest == sweep.digest and s.prefix < sweep.prefix]
        kept = older[0] if older else sweep
        for other in stored:
            own_try = other.run_id == self.run_id and not other.is_complete
            if other.prefix != kept.prefix and (own_try or other.prefix == sweep.prefix):
                self.store.remove(self.store.list(other.prefix))
        return kept


def write_partition(store: Store, session: SessionWindow, sweep: raw.Sweep) -> tuple[str, pa.Table]:
    """
    Type a complete sweep and put its partition in place in one step.

    :returns: the partition's URL and its rows.
    :raises IncompleteSessionError: when the sweep has no rows at all.
    :raises ProtocolError: when a stock comes twice: pages were repeated or overlap.
    """
    table = ka10066.parse(sweep.pages, sweep.parameters)
    label = sweep.parameters.label
    if table.num_rows == 0:
        raise IncompleteSessionError(f"{label}: the API answered with an empty list; nothing is stored for it")
    if twice := ka10066.repeated_codes(table):
        raise ProtocolError(f"{label}: stk_cd {', '.join(twice[:3])} came more than once", api_id=api.API_ID)
    key = layout.partition_key(session.session_date, sweep.parameters)
    store.write(key, ka10066.encode(table, sweep, session.session_date, __version__))
    return store.url(key), table
