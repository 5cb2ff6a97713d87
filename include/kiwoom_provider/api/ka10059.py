"""
ka10059, 종목별투자자기관별: the dated sibling of ka10066, one row per session of one stock.

It has years of history by date, newest first, 100 rows a page. Elements and units are as measured by several
public clients (2026-07 to 2026-10): amounts are KRW million and quantities shares, volume is always shares,
and ``flu_rt`` comes in hundredths of a percent without a point.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kiwoom_provider.api.errors import RejectedError, UnsupportedError
from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.api.numbers import SATURATED, parse_int
from kiwoom_provider.api.page import parse_day
from kiwoom_provider.parameters import Venue

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kiwoom_provider.api.errors import KiwoomError
    from kiwoom_provider.api.page import Page
    from kiwoom_provider.parameters import Measure, Side

API_ID = "ka10059"
PATH = "/api/dostk/stkinfo"
LIST_ELEMENT = "stk_invsr_orgn"
OTHER_FOREIGN_ELEMENT = "natfor"  # 기타외국인, which ka10066 lacks
ROW_ELEMENTS = (
    "dt",  # session, YYYYMMDD
    "cur_prc",  # 현재가, 원; its sign is the direction
    "pre_sig",  # 대비기호
    "pred_pre",  # 전일대비, 원
    "flu_rt",  # 등락률, hundredths of a percent
    "acc_trde_qty",  # 누적거래량, shares
    "acc_trde_prica",  # 누적거래대금, KRW million
    *INVESTOR_ELEMENTS,
    OTHER_FOREIGN_ELEMENT,
)
STOCK_SUFFIX = {Venue.KRX: "", Venue.NXT: "_NX", Venue.CONSOLIDATED: "_AL"}
"""How a stock is asked for at a venue: ``005930``, ``005930_NX``, ``005930_AL``."""
PAGE_ROWS = 100
"""Sessions that one answer holds, where there are so many."""
NO_SUCH_STOCK = ("1902", "1903")


@dataclass(frozen=True, slots=True)
class DatedRow:
    """
    One session of one stock. None is a value that the answer leaves blank.

    :param session_date: the row's own ``dt``.
    :param close_price: 원, without the sign that tells the direction.
    :param change: 원, signed.
    :param change_rate: %, signed, two digits after the point.
    :param volume: shares of the day, whatever the flows measure.
    :param turnover: KRW million.
    :param flows: the twelve investor fields in ka10066's order, KRW million or shares, with the sign that came.
    :param other_foreign: ``natfor``, alike.
    :param saturated: elements whose counter has overflowed; their value is None.
    :param change_sign: ``pre_sig``: 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
    """

    session_date: date
    close_price: int | None
    change: int | None
    change_rate: Decimal | None
    volume: int | None
    turnover: int | None
    flows: tuple[int | None, ...]
    other_foreign: int | None
    saturated: tuple[str, ...] = ()
    change_sign: int | None = None


def request_body(dt: date, stk_cd: str, measure: Measure, side: Side) -> dict[str, str]:
    """
    Return the request body for one stock, newest row at ``dt`` or before.

    :param dt: newest session wanted.
    :param stk_cd: stock code with its venue suffix, such as ``005930`` (KRX) or ``005930_AL`` (통합).
    :param measure: KRW million or shares.
    :param side: net, buy or sell.
    """
    return {
        "dt": f"{dt:%Y%m%d}",
        "stk_cd": stk_cd,
        "amt_qty_tp": measure.code,
        "trde_tp": side.code,
        "unit_tp": "1",  # single shares; amounts are KRW million either way
    }


def is_not_served(error: KiwoomError) -> bool:
    """Tell whether a refusal says that there is no such stock, or that the host does not serve ka10059."""
    return isinstance(error, UnsupportedError) or (isinstance(error, RejectedError) and error.code in NO_SUCH_STOCK)


def read_rows(page: Page) -> tuple[DatedRow, ...]:
    """
    Return the rows of an answer, newest first; none at all when the stock is not served.

    A code that ka10059 does not know is answered by an empty list, by no list, or by one row of blanks: all
    of them mean what the refusal 1902 does, see :func:`is_not_served`.

    :raises ProtocolError: when a row has flows and no date, lacks a flow's element, or two rows of one date differ.
    :raises NumberFormatError: for a cell in a form that the API is not known to use.
    """
    if page.payload.get(LIST_ELEMENT) is None:
        return ()
    rows: dict[date, DatedRow] = {}
    for cells in page.rows(LIST_ELEMENT):
        if _is_blank(cells):
            continue
        row = _read(page, cells)
        if rows.setdefault(row.session_date, row) != row:
            raise page.broken(f"has two rows of {row.session_date} that differ")
    return tuple(rows[day] for day in sorted(rows, reverse=True))


def _is_blank(cells: Mapping[str, Any]) -> bool:
    """Tell whether a row says nothing: no date, and no value but zeros."""
    return all(str(cells.get(name) or "").strip(" 0+-.") == "" for name in ROW_ELEMENTS)


def _read(page: Page, cells: Mapping[str, Any]) -> DatedRow:
    saturated: list[str] = []

    def number(name: str) -> int | None:
        value = parse_int(_text(page, cells, name))
        if value in SATURATED:
            saturated.append(name)
            return None
        return value

    def optional(name: str) -> int | None:
        return number(name) if name in cells else None

    price = optional("cur_prc")
    return DatedRow(
        session_date=_session_date(page, cells),
        close_price=None if price is None else abs(price),
        change=optional("pred_pre"),
        change_rate=_change_rate(page, cells) if "flu_rt" in cells else None,
        volume=optional("acc_trde_qty"),
        turnover=optional("acc_trde_prica"),
        flows=tuple(number(name) for name in INVESTOR_ELEMENTS),
        other_foreign=number(OTHER_FOREIGN_ELEMENT),
        saturated=tuple(saturated),
        change_sign=optional("pre_sig"),
    )


def _session_date(page: Page, cells: Mapping[str, Any]) -> date:
    text = _text(page, cells, "dt").strip(" ")
    if day := parse_day(text):
        return day
    raise page.broken(f"has a row whose dt is {text[:20]!r} and no date")


def _change_rate(page: Page, cells: Mapping[str, Any]) -> Decimal | None:
    text = _text(page, cells, "flu_rt")
    if "." in text:  # as ka10066 writes it
        whole, _, digits = text.strip(" ").partition(".")
        text = whole + digits.ljust(2, "0") if len(digits) <= 2 else text  # noqa: PLR2004
    hundredths = parse_int(text)
    return None if hundredths is None else Decimal(hundredths).scaleb(-2)


def _text(page: Page, cells: Mapping[str, Any], name: str) -> str:
    text = cells.get(name)
    if not isinstance(text, str):
        raise page.broken(f"has no text in element {name}")
    return text
