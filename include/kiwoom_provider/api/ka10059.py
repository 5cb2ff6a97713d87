"""
ka10059, 종목별투자자기관별: the dated sibling of ka10066, one row per session of one stock.

It has years of history by date, newest first, 100 rows a page. Elements are as measured by several
public clients (2026-07 to 2026-10).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS

if TYPE_CHECKING:
    from datetime import date

    from kiwoom_provider.parameters import Measure, Side

API_ID = "ka10059"
PATH = "/api/dostk/stkinfo"
LIST_ELEMENT = "stk_invsr_orgn"
OTHER_FOREIGN_ELEMENT = "natfor"  # 기타외국인, which ka10066 lacks
SINGLE_UNIT = "1"
THOUSAND_UNIT = "1000"
ROW_ELEMENTS = (
    "dt",  # session, YYYYMMDD
    "cur_prc",  # 현재가, 원; its sign is the direction
    "pre_sig",  # 대비기호
    "pred_pre",  # 전일대비, 원
    "flu_rt",  # 등락률, %
    "acc_trde_qty",  # 누적거래량, shares
    "acc_trde_prica",  # 누적거래대금, KRW million
    *INVESTOR_ELEMENTS,
    OTHER_FOREIGN_ELEMENT,
)


def request_body(dt: date, stk_cd: str, measure: Measure, side: Side, unit: str = SINGLE_UNIT) -> dict[str, str]:
    """
    Return the request body for one stock, newest row at ``dt`` or before.

    :param dt: newest session wanted.
    :param stk_cd: stock code with its venue suffix, such as ``005930`` (KRX) or ``005930_AL`` (통합).
    :param measure: KRW million or shares.
    :param side: net, buy or sell.
    :param unit: ``SINGLE_UNIT`` or ``THOUSAND_UNIT``, for quantities.
    """
    return {
        "dt": f"{dt:%Y%m%d}",
        "stk_cd": stk_cd,
        "amt_qty_tp": measure.code,
        "trde_tp": side.code,
        "unit_tp": unit,
    }
