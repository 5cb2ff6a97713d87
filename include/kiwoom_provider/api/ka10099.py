"""
ka10099, 종목정보 리스트: the securities master of today, one board a call, all of it in one answer.

KOSPI's board holds its ETFs, ETNs, REITs and funds too; ka10066 has the same stocks without ETFs. Elements are as
recorded by public clients (2026-08 to 2026-10). There is no history: a board that was not kept is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiwoom_provider.api.numbers import SATURATED, NumberFormatError, parse_int
from kiwoom_provider.api.page import clean_text, parse_day
from kiwoom_provider.parameters import Market

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kiwoom_provider.api.page import Page

API_ID = "ka10099"
PATH = "/api/dostk/stkinfo"
LIST_ELEMENT = "list"
MARKET_CODES = {Market.KOSPI: "0", Market.KOSDAQ: "10"}
"""``mrkt_tp``, unlike ka10066's; and the ``marketCode`` of the board's own stocks."""
ETF_CODE = "8"
"""``marketCode`` of ETFs, which ka10066 does not carry."""
ETN_CODES = ("60", "70", "90")
_CODE = re.compile(r"[0-9A-Z]{6}")


@dataclass(frozen=True, slots=True)
class Security:
    """
    One security of a board; texts are what the answer gives, without spaces around them, ``""`` where it has none.

    :param code: six characters.
    :param listed_shares: ``listCount``; None when it is blank or has overflowed.
    :param listed_on: ``regDay``; None when it is blank or no day.
    :param last_price: ``lastPrice``, 원: the close of the session before; None where it is no number.
    :param market_code: ``marketCode``: 0 and 10 the boards' own stocks, 8 ETF, 60, 70 and 90 ETN, 6 REIT.
    :param sector: ``upName``.
    :param company_class: ``companyClassName``, KOSDAQ's only.
    :param audit_info: ``auditInfo``: 정상, 거래정지, 관리종목 and others.
    :param state: ``state``, its parts joined by a bar.
    :param order_warning: ``orderWarning``: 0 none, 1 ETF caution, 2 정리매매, 3 단기과열, 4 투자위험, 5 투자경고.
    :param is_on_nxt: whether NXT trades it (``nxtEnable``).
    """

    code: str
    name: str
    listed_shares: int | None
    listed_on: date | None
    last_price: int | None
    market_code: str
    sector: str
    company_class: str
    audit_info: str
    state: str
    order_warning: str
    is_on_nxt: bool


def request_body(market: Market) -> dict[str, str]:
    """
    Return the request body for one board.

    :raises KeyError: for the market ``ALL``, which it does not have.
    """
    return {"mrkt_tp": MARKET_CODES[market]}


def read_rows(page: Page, market: Market) -> tuple[Security, ...]:
    """
    Return a board's securities in the order of the answer; none when it is empty.

    :param market: the board that was asked for: a row's market is this one, whatever its ``marketCode``.
    :raises ProtocolError: when the board is another market's, or a row has no code or no name.
    :raises NumberFormatError: for a number of shares in a form that the API is not known to use.
    """
    if not page.payload.get(LIST_ELEMENT):
        return ()
    rows = tuple(_read(page, cells) for cells in page.rows(LIST_ELEMENT))
    (other,) = set(MARKET_CODES.values()) - {MARKET_CODES[market]}
    own_codes = sum(row.market_code == MARKET_CODES[market] for row in rows)
    if own_codes <= sum(row.market_code == other for row in rows):
        raise page.broken(f"holds hardly a stock of {market}, whose board was asked for: it is another market's")
    return rows


def _read(page: Page, cells: Mapping[str, Any]) -> Security:
    def text(name: str) -> str:
        value = cells.get(name)
        return clean_text(value) if isinstance(value, str) else ""

    if not _CODE.fullmatch(text("code")) or not text("name"):
        raise page.broken(f"has a row whose code {text('code')[:20]!r} is no stock code, or without a name")
    return Security(
        code=text("code"),
        name=text("name"),
        listed_shares=_shares(text("listCount")),
        listed_on=parse_day(text("regDay")),
        last_price=_price(text("lastPrice")),
        market_code=text("marketCode"),
        sector=text("upName"),
        company_class=text("companyClassName"),
        audit_info=text("auditInfo"),
        state=text("state"),
        order_warning=text("orderWarning"),
        is_on_nxt=text("nxtEnable").upper() == "Y",
    )


def _shares(text: str) -> int | None:
    shares = parse_int(text)
    return None if shares in SATURATED else shares


def _price(text: str) -> int | None:
    """Return a price, which only tells the day of a board: another form costs no board."""
    try:
        return parse_int(text)
    except NumberFormatError:
        return None
