"""
A stock's dated answers as they came, one object a stock, venue and block of a hundred sessions.

Each answer is one gzip member holding its envelope as a line of JSON, so that an answer is added without touching the
others, ``zcat`` reads them all, and a killed worker loses the call that it was in.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiwoom_provider.api import ka10059
from kiwoom_provider.api.ka10059 import STOCK_SUFFIX, read_rows
from kiwoom_provider.datasets import layout, raw

if TYPE_CHECKING:
    from datetime import date

    from kiwoom_provider.api.ka10059 import DatedRow
    from kiwoom_provider.api.page import Page
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.parameters import Measure, Side, Venue

MOST_ANSWERS = 100
"""Of one object: six sets, a page or two each."""


@dataclass(slots=True)
class AnswerFile:
    """
    What is stored of one stock, venue and block, in the order in which it came.

    :ivar pages: the answers.
    :ivar runs: the run that fetched each.
    :ivar data: the object's bytes, to add to.
    """

    store: Store
    key: str
    pages: list[Page]
    runs: list[str] = field(default_factory=list)
    data: bytes = b""

    @classmethod
    def read(cls, store: Store, until: date, venue: Venue, code: str) -> AnswerFile:
        """
        Read what is stored; empty where nothing is.

        From a damaged answer on, or one of another stock, nothing counts: it is asked for again.
        """
        file = cls(store, layout.history_key(until, venue, code), [])
        try:
            data = store.read(file.key, most=raw.MOST_BYTES)
        except FileNotFoundError:
            return file
        begin = 0
        for end in _ends(data):
            try:
                page, run_id = raw.unpack(data[begin:end])
            except raw.RawError:
                break
            if page.api_id != ka10059.API_ID or page.request.get("stk_cd") != f"{code}{STOCK_SUFFIX[venue]}":
                break
            file.pages.append(page)
            file.runs.append(run_id)
            file.data, begin = data[:end], end
        return file

    def add(self, page: Page, run_id: str) -> None:
        """Store one more answer behind the others."""
        self.data += raw.pack(page, run_id)
        self.store.write(self.key, self.data)
        self.pages.append(page)
        self.runs.append(run_id)

    def of(self, measure: Measure, side: Side) -> list[Page]:
        """Return the pages of one set; of one that was asked for again the newest."""
        wanted = {"amt_qty_tp": measure.code, "trde_tp": side.code}
        asked = {page.request["dt"]: page for page in self.pages if wanted.items() <= dict(page.request).items()}
        return list(asked.values())

    def of_run(self, measure: Measure, side: Side, run_id: str) -> list[Page]:
        """
        Return the pages of one set that a run need not ask for.

        An empty answer counts for the run that had it: it may have been a passing fault, and a later run asks again.
        """
        runs = {id(page): run for page, run in zip(self.pages, self.runs, strict=True)}
        pages = self.of(measure, side)
        if len(pages) == 1 and runs[id(pages[0])] != run_id and not read_rows(pages[0]):
            return []
        return pages

    def rows(self, measure: Measure, side: Side) -> dict[date, DatedRow]:
        """
        Return the dated rows of one set by session.

        :raises ProtocolError: for an answer that breaks the spec, and for rows of two pages that overlap and differ.
        """
        found: dict[date, DatedRow] = {}
        for page in self.of(measure, side):
            for row in read_rows(page):
                if found.setdefault(row.session_date, row) != row:
                    raise page.broken(f"has another row of {row.session_date} than the page before it")
        return found

    @property
    def digest(self) -> str:
        """SHA-256 over the bodies in order."""
        return raw.digest(self.pages)


def _ends(data: bytes) -> list[int]:
    """Return where each gzip member ends, up to the first that is damaged."""
    ends: list[int] = []
    at = 0
    while at < len(data) and len(ends) < MOST_ANSWERS:
        inflate = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        try:
            inflate.decompress(data[at:], raw.MOST_BYTES)
        except zlib.error:
            break
        if not inflate.eof:
            break
        at = len(data) - len(inflate.unused_data)
        ends.append(at)
    return ends
