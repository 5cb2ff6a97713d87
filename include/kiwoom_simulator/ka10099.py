"""ka10099: the securities master of today, every listed thing of a market in one page."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from kiwoom_simulator import request
from kiwoom_simulator.ka10051 import SECTORS
from kiwoom_simulator.parameters import Market, Query
from kiwoom_simulator.random_numbers import key
from kiwoom_simulator.stocks import Kind
from kiwoom_simulator.tables import single

if TYPE_CHECKING:
    from datetime import datetime

    from kiwoom_simulator.market import World
    from kiwoom_simulator.stocks import Stock
    from kiwoom_simulator.tables import Source, Table

API_ID = "ka10099"
PATH = "/api/dostk/stkinfo"
ELEMENT = "list"

FROM = time(6)
"""From here on a session day it is that day's list."""

_KINDS: dict[str, tuple[Market, Kind | None]] = {
    "0": (Market.KOSPI, None), "10": (Market.KOSDAQ, None), "8": (Market.KOSPI, Kind.ETF),
    "60": (Market.KOSPI, Kind.ETN), "6": (Market.KOSPI, Kind.REIT),
    "2": (Market.KOSPI, Kind.INFRASTRUCTURE), "4": (Market.KOSPI, Kind.FUND),
}  # fmt: skip
_EMPTY = ("30", "50", "70", "80", "90", "3", "5", "7", "9")
_MARKET_CODES = {
    Kind.ETF: ("8", "ETF"), Kind.ETN: ("60", "ETN"), Kind.REIT: ("6", "리츠"),
    Kind.INFRASTRUCTURE: ("2", "인프라투금융"), Kind.FUND: ("4", "뮤추얼펀드"),
}  # fmt: skip
_STOCK_MARKET = {Market.KOSPI: ("0", "거래소"), Market.KOSDAQ: ("10", "코스닥")}
_LISTED_FROM = date(1975, 6, 11)


def read(body: bytes) -> Query:
    """
    Return what a body asks for.

    :raises ApiError: 1511 or 1517 naming the field.
    """
    kind = request.choice(request.fields(body), "mrkt_tp", {code: code for code in (*_KINDS, *_EMPTY)})
    return Query(market=_KINDS[kind][0] if kind in _KINDS else Market.ALL, kind=kind)


def day_of(world: World, now: datetime) -> date:
    """Return the day whose list is served at ``now``: at 06:00 a session's, on other days the last one's."""
    return world.sessions.latest(now.date() if now.time() >= FROM else now.date() - timedelta(days=1))


def table(world: World, source: Source) -> Table:
    """Return a part of the master, as of the moment's ``live`` day."""
    market = source.query.market
    if market is Market.ALL:
        return single([])
    day, only = source.moment.live, _KINDS[source.query.kind][1]
    day = world.sessions.previous(day) if source.stale else day
    trading = world.day(market, day)
    bases, suspended = trading.krx.base[:, 0].tolist(), trading.krx.suspended[:, 0].tolist()
    rows = [
        _row(stock, market, base, is_suspended=stopped)
        for stock, base, stopped in zip(trading.listing.stocks, bases, suspended, strict=True)
        if only in (None, stock.kind)
    ]
    if only in (None, Kind.ETF):
        rows += [_row(fund, market, int(fund.level), is_suspended=False) for fund in world.funds(market)]
    return single(sorted(rows, key=lambda row: row["code"]))


def _row(stock: Stock, market: Market, base: int, *, is_suspended: bool) -> dict[str, str]:
    number = key(stock.code)
    code, name = _MARKET_CODES.get(stock.kind, _STOCK_MARKET[market])
    is_company = stock.kind not in {Kind.ETF, Kind.ETN}
    shares = max(1_000_000, int(stock.turnover * (60 + number % 90) / stock.level)) if is_company else 1_000_000
    watched = {7: "관리종목", 11: "투자주의환기종목"}.get(number % 97, "정상")
    audit = "거래정지" if is_suspended else watched if is_company else "정상"
    listed_on = date.fromordinal(stock.since) if stock.since else _LISTED_FROM + timedelta(days=number % 17_000)
    return {
        "code": stock.code,
        "name": stock.name,
        "listCount": f"{shares:016d}",
        "auditInfo": audit,
        "regDay": f"{listed_on:%Y%m%d}",
        "lastPrice": f"{base:08d}",
        "state": f"증거금{(20, 30, 40, 100)[number % 4]}%" + ("|거래정지" if is_suspended else "|담보대출|신용가능"),
        "marketCode": code,
        "marketName": name,
        "upName": SECTORS[market][number % len(SECTORS[market])] if is_company else "",
        "upSizeName": ("대형주", "중형주", "소형주")[number % 3] if stock.kind is Kind.COMMON else "",
        "companyClassName": _company_class(stock, market, number),
        "orderWarning": "3" if number % 401 == 0 else "0",
        "nxtEnable": "Y" if stock.nxt else "N",
        "kind": "Q" if stock.kind is Kind.ETN else "A",
    }


def _company_class(stock: Stock, market: Market, number: int) -> str:
    if market is Market.KOSPI:
        return ""
    return "스팩" if stock.kind is Kind.SPAC else ("벤처기업", "우량기업", "중견기업", "외국기업")[number % 10 // 3]
