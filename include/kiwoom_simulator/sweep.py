"""Answers to data calls: a page's rows, its envelope and its paging headers, with the faults they meet."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kiwoom_simulator import ka10059, ka10066
from kiwoom_simulator.faults.envelope import wrapped
from kiwoom_simulator.faults.kinds import Stage
from kiwoom_simulator.faults.paging import Turn, turned
from kiwoom_simulator.faults.rows import spoiled
from kiwoom_simulator.models import Answer
from kiwoom_simulator.responses import SUCCESS, encoded, headers
from kiwoom_simulator.words import Measure, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from kiwoom_simulator.assumptions import Assumptions
    from kiwoom_simulator.faults.ledger import Struck
    from kiwoom_simulator.formats import Formats
    from kiwoom_simulator.ka10059 import Query
    from kiwoom_simulator.market import World
    from kiwoom_simulator.settlement import Moment
    from kiwoom_simulator.truth import Truth
    from kiwoom_simulator.words import Selection

    Rows = list[dict[str, str]]

_KEPT_PAGES = 1_500
_SWAPPED = {Side.BUY: Side.SELL, Side.SELL: Side.BUY, Side.NET: Side.NET}


@dataclass(frozen=True, slots=True)
class PageAsked:
    """A page of a data call: its number (1-based), the key that was sent, and how keys are made."""

    page: int
    sent_key: str
    key_of: Callable[[int], str]
    struck: Struck


class Sweeps:
    """Makes pages; good ones of ka10066 are kept as bytes."""

    def __init__(self, style: Formats, assume: Assumptions) -> None:
        self.style = style, assume
        self._pages: OrderedDict[Hashable, bytes] = OrderedDict()

    def ka10066(self, world: World, selection: Selection, asked: PageAsked, moment: Moment) -> tuple[Answer, int]:
        """Return a page of a set, and how many rows it holds."""
        truth = _source(world, selection, asked.struck, moment)
        count = ka10066.page_count(truth)
        page = (asked.page - 1) % count + 1  # beyond the end only where a fault says that there is more

        def rows_of(number: int) -> Rows:
            return ka10066.rows(truth, number, self.style[0])

        more = asked.page < count
        if asked.struck.at(Stage.ROWS) or asked.struck.at(Stage.ENVELOPE) or asked.struck.at(Stage.SOURCE):
            return _assembled(ka10066.API_ID, ka10066.ELEMENT, asked, rows_of, page, more=more)
        key = (world, selection, moment, page)
        body = self._kept(key, lambda: encoded(_payload(ka10066.ELEMENT, rows_of(page))))
        return _answer(ka10066.API_ID, body, asked, more=more), len(truth.codes[(page - 1) * 100 : page * 100])

    def ka10059(self, world: World, query: Query, asked: PageAsked, moment: Moment) -> tuple[Answer, int]:
        """
        Return a page of a stock's history, and how many rows it holds.

        :raises ApiError: 1902.
        """
        query = _query(query, asked.struck)
        rows, more = ka10059.rows(world, query, asked.page, moment, self.style)

        def rows_of(number: int) -> Rows:
            return rows if number == asked.page else ka10059.rows(world, query, number, moment, self.style)[0]

        return _assembled(ka10059.API_ID, ka10059.ELEMENT, asked, rows_of, asked.page, more=more)

    def _kept(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        if key not in self._pages:
            self._pages[key] = make()
        self._pages.move_to_end(key)
        while len(self._pages) > _KEPT_PAGES:
            self._pages.popitem(last=False)
        return self._pages[key]


def _source(world: World, selection: Selection, struck: Struck, moment: Moment) -> Truth:
    kinds = {fault.kind for fault in struck.at(Stage.SOURCE)}
    if "stale" in kinds:
        moment = replace(moment, settled=world.sessions.previous(moment.settled), step=moment.past)
    if "swapped-sides" in kinds:
        selection = replace(selection, side=_SWAPPED[selection.side])
    truth = ka10066.truth(world, selection, moment)
    if "wrong-units" not in kinds:
        return truth
    amounts = selection.measure is Measure.AMOUNT
    return replace(truth, unrounded=truth.unrounded * 1000 if amounts else truth.unrounded // 1000)


def _query(query: Query, struck: Struck) -> Query:
    swapped = any(fault.kind == "swapped-sides" for fault in struck.at(Stage.SOURCE))
    return replace(query, side=_SWAPPED[query.side]) if swapped else query


def _payload(element: str, rows: Rows) -> dict[str, Any]:
    return {element: rows, "return_code": 0, "return_msg": SUCCESS}


def _assembled(
    api_id: str, element: str, asked: PageAsked, rows_of: Callable[[int], Rows], page: int, *, more: bool
) -> tuple[Answer, int]:
    rows: Any = rows_of(page)
    for fault in asked.struck.at(Stage.ROWS):
        if rows:
            rows = spoiled(fault, rows, rows_of(page - 1) if page > 1 else [])
    payload: Any = _payload(element, rows)
    for fault in asked.struck.at(Stage.ENVELOPE):
        more = more and fault.kind != "empty-list"
        payload = wrapped(fault, payload, element)
    return _answer(api_id, encoded(payload), asked, more=more), len(rows)


def _answer(api_id: str, body: bytes, asked: PageAsked, *, more: bool) -> Answer:
    turn = Turn(asked.page, asked.sent_key, more, asked.key_of)
    cont_yn, next_key = turn.headers()
    for fault in asked.struck.at(Stage.PAGING):
        cont_yn, next_key = turned(fault, turn)
    return Answer(200, headers(api_id, cont_yn, next_key), body, return_code="0")
