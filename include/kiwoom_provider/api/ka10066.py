"""
ka10066, 장마감후투자자별매매: after-close trading by investor, one row per stock.

Element names and their order are from the API's spec sheet. The request has no date and the answer
has none: price and volume are live, the investor fields are the last settled session's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiwoom_provider.parameters import ParameterSet

API_ID = "ka10066"
PATH = "/api/dostk/mrkcond"
LIST_ELEMENT = "opaf_invsr_trde"
INVESTOR_ELEMENTS = (
    "ind_invsr",  # 개인투자자
    "frgnr_invsr",  # 외국인투자자
    "orgn",  # 기관계, the sum of the eight that follow
    "fnnc_invt",  # 금융투자
    "insrnc",  # 보험
    "invtrt",  # 투신
    "etc_fnnc",  # 기타금융
    "bank",  # 은행
    "penfnd_etc",  # 연기금등
    "samo_fund",  # 사모펀드
    "natn",  # 국가
    "etc_corp",  # 기타법인
)
MAIN = tuple(map(INVESTOR_ELEMENTS.index, ("ind_invsr", "frgnr_invsr", "orgn", "etc_corp")))
"""개인, 외국인, 기관계, 기타법인: with 기타외국인 (natfor), which the answer lacks, they are everybody."""
INSTITUTION = INVESTOR_ELEMENTS.index("orgn")
PARTS = slice(INSTITUTION + 1, INSTITUTION + 9)
"""기관계 and the eight that it is the sum of."""
ROW_ELEMENTS = (
    "stk_cd",  # 종목코드, with a venue suffix
    "stk_nm",  # 종목명
    "cur_prc",  # 현재가, 원; its sign is the direction
    "pre_sig",  # 대비기호
    "pred_pre",  # 전일대비, 원
    "flu_rt",  # 등락률, %
    "trde_qty",  # 거래량, shares
    *INVESTOR_ELEMENTS,
)


def request_body(parameters: ParameterSet) -> dict[str, str]:
    """Return the request body for one parameter set."""
    return {
        "mrkt_tp": parameters.market.code,
        "amt_qty_tp": parameters.measure.code,
        "trde_tp": parameters.side.code,
        "stex_tp": parameters.venue.code,
    }
