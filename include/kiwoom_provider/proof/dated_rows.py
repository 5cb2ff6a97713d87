"""
What ka10059 says of one stock: its investor fields on the session's day, and on the hundred sessions before.

ka10066 carries no date and ka10059 does, so a stock's row there is what a session is proved by. A row is
*settled* when it is not all zeros and, for net figures, individuals, foreigners, institutions, other
corporations and other foreigners (natfor) sum to zero within rounding. Settled is not final: see
:mod:`kiwoom_provider.proof.finality`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from kiwoom_provider.api import ka10059
from kiwoom_provider.api.errors import KiwoomError, RejectedError, UnsupportedError
from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.api.numbers import parse_int
from kiwoom_provider.parameters import Measure, ParameterSet, Side, Venue

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from kiwoom_provider.api.page import Page

STOCK_SUFFIX = {Venue.KRX: "", Venue.NXT: "_NX", Venue.CONSOLIDATED: "_AL"}
"""How a stock is asked for at a venue: ``005930``, ``005930_NX``, ``005930_AL``."""

NO_SUCH_STOCK = ("1902", "1903")
SATURATED = (4_294_967_295, 2_147_483_647)
"""What a counter shows that has run over; no volume."""

FIVE = ("ind_invsr", "frgnr_invsr", "orgn", "etc_corp", ka10059.OTHER_FOREIGN_ELEMENT)
"""The investors that are everybody: 개인, 외국인, 기관계, 기타법인 and natfor."""
_FOUR = tuple(INVESTOR_ELEMENTS.index(name) for name in FIVE[:-1])

EQUAL_WITHIN = {Measure.QUANTITY: 0, Measure.AMOUNT: 1}
"""Both TRs round the same figure; an amount may still fall on either side of half a million won."""
_BALANCED_WITHIN = {Measure.QUANTITY: 0, Measure.AMOUNT: 2}
"""Five amounts rounded to KRW million are off by half each at most; shares are not rounded."""

TELLING_FIELDS, TELLING_SIZE = 3, 100
"""A row names its day when at least 3 fields are not zero, and they are 100 in all: chance repeats no such row."""


class CallSource(Protocol):
    """What asking needs of the hook."""

    def call(self, api_id: str, path: str, body: Mapping[str, str]) -> Page:
        """Return one page."""


@dataclass(frozen=True, slots=True)
class DatedRow:
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
        return sum(self.fields[at] for at in _FOUR) + self.other_foreign

    @property
    def is_empty(self) -> bool:
        """Whether all fields are zero, as before settlement, or on a day without a trade."""
        return not (any(self.fields) or self.other_foreign)

    def equals(self, fields: tuple[int | None, ...], measure: Measure) -> bool:
        """Whether a fetched row is this one, within rounding."""
        within = EQUAL_WITHIN[measure]
        pairs = zip(fields, self.fields, strict=True)
        return all(value is not None and abs(value - dated) <= within for value, dated in pairs)


@dataclass(frozen=True)
class DatedAnswer:
    """
    One answer of ka10059 about one stock, for one parameter set.

    :param row: the session's row, None when there is none yet.
    :param fetched_at: when it was answered, UTC; None for a refusal.
    :param is_refused: the host does not serve ka10059 for this stock.
    """

    parameters: ParameterSet
    stock_code: str
    session_date: date
    row: DatedRow | None = None
    fetched_at: datetime | None = None
    is_refused: bool = False
    page: Page | None = None

    @property
    def is_settled(self) -> bool:
        """Whether there is a row that can be a day's figures."""
        if self.row is None or self.row.is_empty:
            return False
        balanced = abs(self.row.total) <= _BALANCED_WITHIN[self.parameters.measure]
        return self.parameters.side is not Side.NET or balanced

    @cached_property
    def earlier(self) -> tuple[DatedRow, ...]:
        """The rows of the sessions before, newest first; one that cannot be read is left out."""
        found = []
        for row in self.page.rows(ka10059.LIST_ELEMENT) if self.page else ():
            try:
                dated = _row(self.page, row, self.parameters.side)
            except (KiwoomError, ValueError, TypeError):
                continue
            if dated.day < self.session_date:
                found.append(dated)
        return tuple(sorted(found, key=lambda dated: dated.day, reverse=True))

    def day_of(self, fields: tuple[int | None, ...]) -> date | None:
        """Return the earlier day whose row a fetched one is; None when it is none, or could be by chance."""
        sizes = [abs(value or 0) for value in fields]
        if sum(map(bool, sizes)) < TELLING_FIELDS or sum(sizes) < TELLING_SIZE:
            return None
        return next((row.day for row in self.earlier if row.equals(fields, self.parameters.measure)), None)


def ask(source: CallSource, session_date: date, parameters: ParameterSet, stock_code: str) -> DatedAnswer:
    """
    Ask ka10059 for a stock's rows up to the session's day.

    A code that it does not know is answered with code 1902 or 1903, an empty list, no list, or a row of blanks.

    :raises KiwoomError: as the API fails.
    """
    asked_for = stock_code + STOCK_SUFFIX[parameters.venue]
    body = ka10059.request_body(session_date, asked_for, parameters.measure, parameters.side)
    try:
        page = source.call(ka10059.API_ID, ka10059.PATH, body)
    except RejectedError as error:
        if isinstance(error, UnsupportedError) or error.code in NO_SUCH_STOCK:
            return DatedAnswer(parameters, stock_code, session_date, is_refused=True)
        raise
    return read(page, session_date, parameters, stock_code)


def read(page: Page, session_date: date, parameters: ParameterSet, stock_code: str) -> DatedAnswer:
    """
    Read an answer.

    :raises ProtocolError: when the session's row is there and cannot be read.
    """
    if page.payload.get(ka10059.LIST_ELEMENT) is None:
        return DatedAnswer(parameters, stock_code, session_date, is_refused=True)
    rows = [row for row in page.rows(ka10059.LIST_ELEMENT) if str(row.get("dt") or "").strip()]
    if not rows:
        return DatedAnswer(parameters, stock_code, session_date, is_refused=True)
    wanted = f"{session_date:%Y%m%d}"
    own = next((row for row in rows if str(row["dt"]).strip() == wanted), None)
    dated = None if own is None else _row(page, own, parameters.side)
    return DatedAnswer(parameters, stock_code, session_date, dated, page.fetched_at, page=page)


def unsigned(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return sells, or buys, without the minus sign that all of them may carry; mixed signs stay as they are."""
    return tuple(value and -value for value in values) if all((value or 0) <= 0 for value in values) else values


def _row(page: Page | None, row: Mapping[str, object], side: Side) -> DatedRow:
    day = date.fromisoformat(str(row.get("dt")).strip())
    values = tuple(_number(page, row, name) for name in (*INVESTOR_ELEMENTS, ka10059.OTHER_FOREIGN_ELEMENT))
    values = values if side is Side.NET else unsigned(values)
    return DatedRow(day, values[:-1], values[-1], _volume(row))


def _number(page: Page | None, row: Mapping[str, object], name: str) -> int:
    text = row.get(name)
    if not isinstance(text, str):
        if page is None:
            raise TypeError(name)
        raise page.broken(f"has no text in element {name}")
    return parse_int(text) or 0


def _volume(row: Mapping[str, object]) -> int | None:
    try:
        volume = parse_int(str(row.get("acc_trde_qty", "")))
    except KiwoomError:
        return None
    return None if volume is None or volume in SATURATED or volume < 0 else volume
