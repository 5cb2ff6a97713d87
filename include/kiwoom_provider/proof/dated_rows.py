"""
What ka10059 says of one stock: its investor fields on the session's day, and on the hundred sessions before.

ka10066 carries no date and ka10059 does, so a stock's row there is what a session is proved by. A row is
*settled* when it is not all zeros and, for net figures, individuals, foreigners, institutions, other
corporations and other foreigners (natfor) sum to zero within rounding. Settled is not final: see
:mod:`kiwoom_provider.proof.finality`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kiwoom_provider.api import ka10059
from kiwoom_provider.api.errors import RejectedError
from kiwoom_provider.api.identities import FIVE_WITHIN, SAME_WITHIN, five_sum
from kiwoom_provider.parameters import ParameterSet, Side

if TYPE_CHECKING:
    from datetime import date, datetime

    from kiwoom_provider.api.call_source import CallSource
    from kiwoom_provider.api.page import Page
    from kiwoom_provider.parameters import Measure

TELLING_FIELDS, TELLING_SIZE = 3, 100
"""A row names its day when at least 3 fields are not zero, and they are 100 in all: chance repeats no such row."""


@dataclass(frozen=True, slots=True)
class DatedFlows:
    """
    One stock's day.

    :param fields: the twelve investor fields in the API's order; buys and sells without a sign.
    :param other_foreign: natfor, alike.
    :param volume: ``acc_trde_qty`` in shares; None where it is no number.
    """

    day: date
    fields: tuple[int, ...]
    other_foreign: int
    volume: int | None = None

    @property
    def total(self) -> int:
        """What the five investors sum to."""
        return five_sum(self.fields, self.other_foreign)

    @property
    def is_empty(self) -> bool:
        """Whether all fields are zero, as before settlement, or on a day without a trade."""
        return not (any(self.fields) or self.other_foreign)

    def equals(self, fields: tuple[int | None, ...], measure: Measure) -> bool:
        """Whether a fetched row is this one, within rounding."""
        pairs = zip(fields, self.fields, strict=True)
        return all(value is not None and abs(value - dated) <= SAME_WITHIN[measure] for value, dated in pairs)


@dataclass(frozen=True)
class DatedAnswer:
    """
    One answer of ka10059 about one stock, for one parameter set.

    :param fetched_at: when it was answered, UTC; None for a refusal.
    :param rows: newest first; the session's own may be missing yet.
    :param is_refused: the host does not serve ka10059 for this stock.
    """

    parameters: ParameterSet
    stock_code: str
    session_date: date
    fetched_at: datetime | None = None
    rows: tuple[DatedFlows, ...] = ()
    is_refused: bool = False

    @cached_property
    def row(self) -> DatedFlows | None:
        """The session's row, None when there is none yet."""
        return next((row for row in self.rows if row.day == self.session_date), None)

    @property
    def is_settled(self) -> bool:
        """Whether there is a row that can be a day's figures."""
        if self.row is None or self.row.is_empty:
            return False
        balanced = abs(self.row.total) <= FIVE_WITHIN[self.parameters.measure]
        return self.parameters.side is not Side.NET or balanced

    @cached_property
    def earlier(self) -> tuple[DatedFlows, ...]:
        """The rows of the sessions before, newest first."""
        return tuple(row for row in self.rows if row.day < self.session_date)

    def day_of(self, fields: tuple[int | None, ...]) -> date | None:
        """Return the earlier day whose row a fetched one is; None when it is none, or could be by chance."""
        sizes = [abs(value or 0) for value in fields]
        if sum(map(bool, sizes)) < TELLING_FIELDS or sum(sizes) < TELLING_SIZE:
            return None
        return next((row.day for row in self.earlier if row.equals(fields, self.parameters.measure)), None)


def ask(
    source: CallSource, session_date: date, parameters: ParameterSet, stock_code: str
) -> tuple[DatedAnswer, Page | None]:
    """
    Ask ka10059 for a stock's rows up to the session's day; return them with the page that they came on.

    :raises KiwoomError: as the API fails.
    """
    asked_for = stock_code + ka10059.STOCK_SUFFIX[parameters.venue]
    body = ka10059.request_body(session_date, asked_for, parameters.measure, parameters.side)
    try:
        page = source.call(ka10059.API_ID, ka10059.PATH, body)
    except RejectedError as error:
        if ka10059.is_not_served(error):
            return DatedAnswer(parameters, stock_code, session_date, is_refused=True), None
        raise
    answer = read(page, session_date, parameters, stock_code)
    return answer, None if answer.is_refused else page


def read(page: Page, session_date: date, parameters: ParameterSet, stock_code: str) -> DatedAnswer:
    """
    Read an answer; one without rows is a refusal: the host does not know the stock.

    :raises ProtocolError: when a row cannot be read.
    """
    rows = tuple(_row(row, parameters.side) for row in ka10059.read_rows(page))
    if not rows:
        return DatedAnswer(parameters, stock_code, session_date, is_refused=True)
    return DatedAnswer(parameters, stock_code, session_date, page.fetched_at, rows)


def _row(row: ka10059.DatedRow, side: Side) -> DatedFlows:
    """Take a blank as zero; sells may carry a minus sign, each of them."""
    values = tuple(value or 0 for value in (*row.flows, row.other_foreign))
    if side is not Side.NET and all(value <= 0 for value in values):
        values = tuple(-value for value in values)
    return DatedFlows(row.session_date, values[:-1], values[-1], row.volume)
