"""The calls: at most 80, one after the other, each answer and each refusal kept for the assumptions."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from kiwoom_provider.api import ka10051, ka10059, ka10066, ka10099
from kiwoom_provider.api.errors import AuthenticationError, KiwoomError, TransientError
from kiwoom_provider.api.numbers import parse_int
from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.parameters import Market, Measure, ParameterSet, Side, Venue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kiwoom_provider.api.client import KiwoomClient
    from kiwoom_provider.api.page import Page
    from kiwoom_provider.ask.moment import Moment
    from kiwoom_provider.settings import HostKind
    from kiwoom_provider.shared_state.token_store import Token

log = logging.getLogger(__name__)

MOST_CALLS = 80
SPARE_CALLS = 5  # a call may be tried so often
MOST_PAGES = 50
MOST_FAILURES = 3  # in a row: one TR may be out of order
PAUSE = timedelta(seconds=65)
SAMSUNG, UNKNOWN_CODE, LONG_AGO = "005930", "999999", date(2010, 1, 4)
BASE = ParameterSet(Market.KOSPI, Venue.KRX, Measure.QUANTITY, Side.NET)
OTHER_TOTAL = ParameterSet(Market.KOSDAQ, Venue.KRX, Measure.AMOUNT, Side.NET)
WHOLE = (
    BASE,
    *(ParameterSet(market, Venue.NXT, Measure.QUANTITY, Side.NET) for market in ka10099.MARKET_CODES),
    OTHER_TOTAL,
)
"""Swept to their ends; eighty calls are not enough for 통합's as well, whose first pages are asked for."""
FIRST_PAGES = (
    *(ParameterSet(market, Venue.CONSOLIDATED, Measure.QUANTITY, Side.NET) for market in ka10099.MARKET_CODES),
    *(ParameterSet(Market.KOSPI, Venue.KRX, measure, side) for measure in Measure for side in (Side.BUY, Side.SELL)),
    *(ParameterSet(Market.KOSPI, venue, Measure.QUANTITY, Side.BUY) for venue in (Venue.NXT, Venue.CONSOLIDATED)),
)


class NotAskedError(KiwoomProviderError):
    """What an assumption is about was not asked, or not answered; the message says why."""

    remedy = "ask again when the line says"


class AskError(KiwoomProviderError):
    """The API cannot be asked at all at the moment; the message says what to do."""

    remedy = "see Kiwoom's notices, and ask again later"


@dataclass(frozen=True, slots=True, order=True)
class Dated:
    """One question to ka10059: a stock at a venue."""

    stock_code: str
    venue: Venue = Venue.KRX
    measure: Measure = Measure.QUANTITY
    side: Side = Side.NET
    newest: date | None = None


@dataclass
class Answers:
    """
    What came back, by question; an error where the API refused.

    :param busy: by venue, the stock with most volume on the first page of KOSPI's net quantities.
    """

    kind: HostKind
    moment: Moment
    token: Token
    token_elements: tuple[str, ...] = ()
    sets: dict[ParameterSet, list[Page] | KiwoomError] = field(default_factory=dict)
    dated: dict[Dated, Page | KiwoomError] = field(default_factory=dict)
    totals: dict[tuple[Market, Measure], Page | KiwoomError] = field(default_factory=dict)
    totals_of_closed_day: Page | KiwoomError | None = None
    boards: dict[Market, Page | KiwoomError] = field(default_factory=dict)
    busy: dict[Venue, str] = field(default_factory=dict)
    page_after_pause: Page | KiwoomError | None = None
    reissued: str = ""
    refusal: str = ""
    header_names: tuple[str, ...] = ()

    @property
    def nets(self) -> dict[ParameterSet, list[Page]]:
        """
        The net sets that were answered: each market on each venue.

        :raises NotAskedError: when there is none.
        """
        found = {one: pages for one, pages in self.sets.items() if one.side is Side.NET and isinstance(pages, list)}
        if not found:
            raise NotAskedError("no set was answered")
        return found

    def pages(self, parameters: ParameterSet) -> list[Page]:
        """
        Return the pages of a set.

        :raises NotAskedError: when it was not asked, or refused.
        """
        pages: list[Page] = _answer(self.sets, parameters, parameters.label)
        return pages

    def rows(self, parameters: ParameterSet) -> list[dict[str, Any]]:
        """
        Return the rows of a set's pages, as they came.

        :raises NotAskedError: when it was not asked, or refused.
        """
        return [row for page in self.pages(parameters) for row in page.rows(ka10066.LIST_ELEMENT)]

    def dated_rows(self, question: Dated) -> tuple[ka10059.DatedRow, ...]:
        """
        Return ka10059's rows; none when the stock is not served.

        :raises NotAskedError: when it was not asked, or refused for another reason.
        """
        answer = self.dated.get(question)
        if isinstance(answer, KiwoomError) and ka10059.is_not_served(answer):
            return ()
        return ka10059.read_rows(_answer(self.dated, question, f"ka10059 of {question.stock_code}"))


def _answer(answers: Mapping[Any, Any], key: object, name: str) -> Any:  # noqa: ANN401  a page, or pages
    answer = answers.get(key)
    if answer is None:
        raise NotAskedError(f"{name} was not asked")
    if isinstance(answer, KiwoomError):
        raise NotAskedError(f"{name} was refused: {answer}")
    return answer


class Questions:
    """
    Makes the calls.

    :param client: at one call a second, its token issued.
    :param now: the clock.
    :param sleep: waits so many seconds.
    """

    def __init__(
        self,
        client: KiwoomClient,
        kind: HostKind,
        moment: Moment,
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._now = now
        self._sleep = sleep
        self._failures = 0
        self.answers = Answers(kind, moment, client.tokens.current(), client.token_elements)

    def ask_all(self, *, reissue: bool = False) -> Answers:
        """
        Ask everything that can be asked now.

        :param reissue: also whether a second token ends the first, which may stop whatever else uses the key.
        :raises AskError: when the API does not answer any more.
        :raises AuthenticationError: when key or calling address are refused.
        """
        for market in ka10099.MARKET_CODES:
            self.answers.boards[market] = self._ask(ka10099.API_ID, ka10099.PATH, ka10099.request_body(market))
        for parameters in WHOLE[:-1]:
            self._sweep(parameters, MOST_PAGES)
        for parameters in FIRST_PAGES:
            self._sweep(parameters, 1)
        self._choose_busy_stocks()
        self._ask_dated()
        for parameters in (BASE, OTHER_TOTAL):
            market, measure = parameters.market, parameters.measure
            body = ka10051.request_body(market, Venue.KRX, measure, self.answers.moment.final)
            self.answers.totals[market, measure] = self._ask(ka10051.API_ID, ka10051.PATH, body)
        self._ask_totals_of_a_closed_day()
        self._ask_after_a_pause()
        if reissue:
            self._ask_for_a_second_token()
        self._sweep(WHOLE[-1], MOST_PAGES)  # the longest, last: with whatever calls are left
        self.answers.refusal = self._client.refusal
        self.answers.header_names = self._client.header_names
        return self.answers

    def _choose_busy_stocks(self) -> None:
        for venue in Venue:
            rows = self.answers.sets.get(replace(BASE, venue=venue))
            if isinstance(rows, list) and (found := _busiest(rows[0])):
                self.answers.busy[venue] = found

    def _sweep(self, parameters: ParameterSet, most_pages: int) -> None:
        pages: list[Page] = []
        body, next_key = ka10066.request_body(parameters), ""
        while len(pages) < most_pages:
            page = self._ask(ka10066.API_ID, ka10066.PATH, body, next_key=next_key, number=len(pages) + 1)
            if isinstance(page, KiwoomError):
                if not pages:
                    self.answers.sets[parameters] = page
                break
            pages.append(page)
            self.answers.sets[parameters] = pages
            next_key = page.next_key
            if page.is_last or not next_key:
                break

    def _ask_dated(self) -> None:
        krx = self.answers.busy.get(Venue.KRX, SAMSUNG)
        questions = [Dated(krx, side=side) for side in Side]
        questions += [Dated(krx, measure=Measure.AMOUNT), Dated(UNKNOWN_CODE), Dated(SAMSUNG, newest=LONG_AGO)]
        questions += [Dated(code, venue) for venue, code in self.answers.busy.items() if venue is not Venue.KRX]
        listed = _read_board(self.answers.boards.get(Market.KOSPI))
        etn = next((one.code for one in listed if one.market_code in ka10099.ETN_CODES), None)
        preferred = next(
            (
                one.code
                for one in listed
                if one.market_code == ka10099.MARKET_CODES[Market.KOSPI] and one.code[-1] != "0"
            ),
            None,
        )
        questions += [
            Dated(code, venue)
            for code, venue in ((etn, Venue.KRX), (preferred, Venue.KRX), (preferred, Venue.NXT))
            if code
        ]
        for question in dict.fromkeys(questions):
            newest = question.newest or self._now().astimezone(self.answers.moment.now.tzinfo).date()
            code = question.stock_code + ka10059.STOCK_SUFFIX[question.venue]
            body = ka10059.request_body(newest, code, question.measure, question.side)
            self.answers.dated[question] = self._ask(ka10059.API_ID, ka10059.PATH, body)

    def _ask_totals_of_a_closed_day(self) -> None:
        today = self.answers.moment.now.date()
        if self.answers.moment.is_closed_day:
            body = ka10051.request_body(Market.KOSPI, Venue.KRX, Measure.QUANTITY, today)
            self.answers.totals_of_closed_day = self._ask(ka10051.API_ID, ka10051.PATH, body)

    def _ask_after_a_pause(self) -> None:
        """Ask for the second page of the first sweep once more, by a key that is older than a minute."""
        pages = self.answers.sets.get(BASE)
        if not isinstance(pages, list) or not pages[0].next_key:
            return
        left = pages[0].fetched_at + PAUSE - self._now()
        self._sleep(max(0.0, left.total_seconds()))
        body = ka10066.request_body(BASE)
        self.answers.page_after_pause = self._ask(
            ka10066.API_ID, ka10066.PATH, body, next_key=pages[0].next_key, number=2
        )

    def _ask_for_a_second_token(self) -> None:
        first = self.answers.token
        second = self._client.tokens.renew(first)
        if second.value == first.value:
            self.answers.reissued = "the same token came again"
        elif self._client.accepts(first, ka10099.API_ID, ka10099.PATH, ka10099.request_body(Market.KOSDAQ)):
            self.answers.reissued = "another token came, and the first one lives on"
        else:
            self.answers.reissued = "another token came, and the first one died"

    def _ask(
        self, api_id: str, path: str, body: Mapping[str, str], *, next_key: str = "", number: int = 1
    ) -> Page | KiwoomError:
        if self._client.calls + SPARE_CALLS > MOST_CALLS:
            return KiwoomError(f"no call was left of {MOST_CALLS}", api_id=api_id)
        try:
            page = self._client.call(api_id, path, body, next_key=next_key, number=number)
        except KiwoomError as error:
            log.info("%s", error)
            self._failures += isinstance(error, TransientError)
            if isinstance(error, AuthenticationError):
                raise
            if self._failures > MOST_FAILURES:
                raise AskError(f"The API does not answer any more: {error}. Ask again later") from error
            return error
        self._failures = 0
        log.info("%s page %d: %d bytes", api_id, number, len(page.body))
        return page


def _busiest(page: Page) -> str | None:
    try:
        rows = page.rows(ka10066.LIST_ELEMENT)
    except KiwoomError:  # the table says so
        return None
    volumes = {str(row.get("stk_cd", "")).partition("_")[0]: _volume(row) for row in rows}
    best = max(volumes, key=lambda code: volumes[code], default=None)
    return best if best and volumes[best] else None


def _read_board(board: Page | KiwoomError | None) -> tuple[ka10099.Security, ...]:
    """Return KOSPI's securities; none when they cannot be read, which the table says."""
    try:
        return () if board is None or isinstance(board, KiwoomError) else ka10099.read_rows(board, Market.KOSPI)
    except KiwoomError:
        return ()


def _volume(row: Mapping[str, Any]) -> int:
    try:
        return parse_int(str(row.get("trde_qty", ""))) or 0
    except KiwoomError:
        return 0
