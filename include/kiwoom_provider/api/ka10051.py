"""
ka10051, 업종별투자자순매수: a market's net purchases by thirteen investors on a day, from 2014 on.

Amounts are in 억원 (KRW 100 million) and quantities in 천주 (1,000 shares), as several public clients measured
(2026-07 to 2026-11); there are no buys and sells. The market's total stands among its sectors, by its code. The
sum over ka10066's rows without ETNs equals it within rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.api.numbers import parse_int
from kiwoom_provider.parameters import Market, Measure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kiwoom_provider.api.page import Page
    from kiwoom_provider.parameters import Venue

API_ID = "ka10051"
PATH = "/api/dostk/sect"
LIST_ELEMENT = "inds_netprps"

MARKET_CODES = {Market.KOSPI: "0", Market.KOSDAQ: "1"}
"""``mrkt_tp``, unlike ka10066's; a wrong one is answered with the other market."""
MEASURE_CODES = {Measure.AMOUNT: "0", Measure.QUANTITY: "1"}
"""``amt_qty_tp``, unlike ka10066's."""
TOTAL_CODES = {Market.KOSPI: "001", Market.KOSDAQ: "101"}
"""``inds_cd`` of the whole market, before any venue suffix such as ``_AL``."""
UNIT = {Measure.AMOUNT: 100, Measure.QUANTITY: 1000}
"""What one of its units is in ka10066's: 백만원, or shares."""

_ELEMENTS = {
    "ind_invsr": "ind_netprps",
    "frgnr_invsr": "frgnr_netprps",
    "orgn": "orgn_netprps",
    "fnnc_invt": "sc_netprps",
    "insrnc": "insrnc_netprps",
    "invtrt": "invtrt_netprps",
    "etc_fnnc": "jnsinkm_netprps",  # 종금, as ka10066's 기타금융 (likely)
    "bank": "bank_netprps",
    "penfnd_etc": "endw_netprps",
    "samo_fund": "samo_fund_netprps",
    "natn": "natn_netprps",
    "etc_corp": "etc_corp_netprps",
}
_OTHER_FOREIGN, _VOLUME = "native_trmt_frgnr_netprps", "trde_qty"


@dataclass(frozen=True, slots=True)
class Total:
    """
    A market's net purchases, in 억원 or 천주.

    :param flows: the twelve investors in ka10066's order.
    :param other_foreign: 내국인대우 외국인, which ka10066 lacks and ka10059 calls natfor.
    :param volume: 천주 traded in the market on that day, ETNs left out; None where the answer does not say.
    """

    flows: tuple[int, ...]
    other_foreign: int
    volume: int | None = None


def request_body(market: Market, venue: Venue, measure: Measure, base_dt: date) -> dict[str, str]:
    """
    Return the request body for one market's totals of a day.

    :raises KeyError: for the market ``ALL``, which it does not have.
    """
    return {
        "mrkt_tp": MARKET_CODES[market],
        "amt_qty_tp": MEASURE_CODES[measure],
        "base_dt": f"{base_dt:%Y%m%d}",
        "stex_tp": venue.code,
    }


def read_total(page: Page, market: Market) -> Total | None:
    """
    Return the market's total; None when the answer has no rows, as on a closed day.

    :raises ProtocolError: when the rows are another market's, or one lacks an element.
    :raises NumberFormatError: for a cell in a form that the API is not known to use.
    """
    if not page.payload.get(LIST_ELEMENT):
        return None
    for row in page.rows(LIST_ELEMENT):
        if str(row.get("inds_cd") or "").strip().partition("_")[0] == TOTAL_CODES[market]:
            flows = tuple(_number(page, row, _ELEMENTS[name]) for name in INVESTOR_ELEMENTS)
            volume = _number(page, row, _VOLUME) if isinstance(row.get(_VOLUME), str) else None
            return Total(flows, _number(page, row, _OTHER_FOREIGN), volume)
    raise page.broken(f"has no row {TOTAL_CODES[market]} of {market}: it is another market's")


def _number(page: Page, row: Mapping[str, object], name: str) -> int:
    text = row.get(name)
    if not isinstance(text, str):
        raise page.broken(f"has no text in element {name}")
    return parse_int(text) or 0
