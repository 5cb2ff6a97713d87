"""Ask ka10059 for a chunk of stocks, going on after what is stored; the night always goes first."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from kiwoom_provider.api import ka10059
from kiwoom_provider.api.errors import KiwoomError, ProtocolError
from kiwoom_provider.api.page import Page
from kiwoom_provider.datasets import layout, raw
from kiwoom_provider.history import SHARE
from kiwoom_provider.history.answers import AnswerFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from kiwoom_provider.api.call_source import CallSource
    from kiwoom_provider.api.ka10059 import DatedRow
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.history.history_plan import Chunk

log = logging.getLogger(__name__)

MOST_PAGES = 5
"""Of one set in a block of a hundred sessions: one, and a few more should the API's pages be shorter one day."""


@dataclass(frozen=True, slots=True)
class FetchCounts:
    """What a chunk took: calls made, answers that were stored already, and answers without any row."""

    calls: int = 0
    stored: int = 0
    empty: int = 0

    def __add__(self, other: FetchCounts) -> FetchCounts:
        """Add up."""
        return FetchCounts(self.calls + other.calls, self.stored + other.stored, self.empty + other.empty)


@dataclass(slots=True)
class Pace:
    """
    Keeps several streams together to a share of the permitted rate.

    :param rate: the calls a second that are permitted now; None is no limit.
    :param streams: how many go on at once.
    """

    rate: Callable[[], float | None]
    streams: int
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _last: float | None = None

    def wait(self) -> None:
        """Wait until this stream's next call may go."""
        rate = self.rate()
        if rate and self._last is not None:
            wait_s = self.streams / (rate * SHARE) - (self.monotonic() - self._last)
            if wait_s > 0:
                self.sleep(wait_s)
        self._last = self.monotonic()


@dataclass(frozen=True, slots=True)
class ChunkFetcher:
    """
    Fetches the stocks of a chunk into raw.

    :param pause: called before every call, to keep to a share of the rate and within the day's calls.
    :param time_left: in words, told with the progress, of so many calls of the chunk that are left.
    :param may_go_on: asked before every stock; what it raises ends the task where a retry goes on.
    """

    store: Store
    source: CallSource
    run_id: str
    now: Callable[[], datetime]
    pause: Callable[[], None]
    may_go_on: Callable[[], None]
    time_left: Callable[[int], str] = lambda calls: f"{calls} calls left of the chunk"

    def fetch(self, chunk: Chunk) -> FetchCounts:
        """
        Ask for every stock, block and set of the chunk that is not stored yet.

        :raises KiwoomError: as the client raises, but for a stock that the host does not serve.
        """
        total = FetchCounts()
        for number, code in enumerate(chunk.stocks, 1):
            self.may_go_on()
            total += self._stock(chunk, code)
            if number % 20 == 0 or number == len(chunk.stocks):
                left = self.time_left((len(chunk.stocks) - number) * len(chunk.sets))
                log.info("%s: %d of %d stocks, %d calls; %s", chunk.name, number, len(chunk.stocks), total.calls, left)
        return total

    def _stock(self, chunk: Chunk, code: str) -> FetchCounts:
        file = AnswerFile.read(self.store, chunk.until, chunk.venue, code)
        suffixed = f"{code}{ka10059.STOCK_SUFFIX[chunk.venue]}"
        total = FetchCounts()
        for measure, side in chunk.sets:
            dt = chunk.until
            for number in range(1, MOST_PAGES + 1):
                known = file.of_run(measure, side, self.run_id)[number - 1 : number]
                if known:
                    page = known[0]
                    rows = ka10059.read_rows(page)
                else:
                    page = self._call(ka10059.request_body(dt, suffixed, measure, side), number)
                    rows = self._rows(file, page)
                    file.add(page, self.run_id)
                total += FetchCounts(int(not known), len(known), int(not rows and number == 1))
                is_short = len(rows) < ka10059.PAGE_ROWS and not page.cont_yn
                if not rows or is_short or rows[-1].session_date <= chunk.since:
                    break
                dt = rows[-1].session_date - timedelta(days=1)
            else:
                raise page.broken(f"is the last of {MOST_PAGES} and does not reach {chunk.since}")
        return total

    def _call(self, body: Mapping[str, str], number: int) -> Page:
        self.pause()
        try:
            return self.source.call(ka10059.API_ID, ka10059.PATH, body, number=number)
        except KiwoomError as error:
            if not ka10059.is_not_served(error):
                raise
            said = {ka10059.LIST_ELEMENT: [], "kept_refusal": str(error)[:500]}
            return Page(
                api_id=ka10059.API_ID,
                number=number,
                request=body,
                sent_next_key="",
                status=error.http_status or 200,
                cont_yn=False,
                next_key="",
                body=json.dumps(said, ensure_ascii=False).encode(),
                fetched_at=self.now(),
            )

    def _rows(self, file: AnswerFile, page: Page) -> tuple[DatedRow, ...]:
        """Return a new answer's rows; one that breaks the spec is kept beside the others, and a retry asks again."""
        try:
            return _rows_until(page)
        except ProtocolError:
            key = file.key.replace(".jsonl.gz", f".refused-{layout.stamp(page.fetched_at)}.jsonl.gz")
            self.store.write(key, raw.pack(page, self.run_id))
            raise


def _rows_until(page: Page) -> tuple[DatedRow, ...]:
    """
    Return an answer's rows, the newest first.

    :raises ProtocolError: for one that breaks the spec, or begins after the day that was asked for: a walk by such
        days would never end.
    """
    rows, asked = ka10059.read_rows(page), page.request["dt"]
    if rows and f"{rows[0].session_date:%Y%m%d}" > asked:
        raise page.broken(f"has a row of {rows[0].session_date}, after {asked} that was asked for")
    return rows
