"""Pages of ka10066 for tests, made of literals."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.api.page import Page

FETCHED_AT = datetime(2026, 11, 20, 11, 40, tzinfo=UTC)

SHEET_EXAMPLE = {
    "opaf_invsr_trde": [
        {
            "stk_cd": "005930",
            "stk_nm": "삼성전자",
            "cur_prc": "-7410",
            "pre_sig": "5",
            "pred_pre": "-50",
            "flu_rt": "-0.67",
            "trde_qty": "8",
            **dict.fromkeys(INVESTOR_ELEMENTS, "0"),
        },
        {
            "stk_cd": "005930",
            "stk_nm": "삼성전자",
            "cur_prc": "542",
            "pre_sig": "3",
            "pred_pre": "0",
            "flu_rt": "0.00",
            "trde_qty": "0",
            **dict.fromkeys(INVESTOR_ELEMENTS, "0"),
        },
    ],
    "return_code": 0,
    "return_msg": "정상적으로 처리되었습니다",
}
"""The response example of the API's own sheet for ka10066."""


def row(code: str = "005930", **fields: str) -> dict[str, str]:
    """Return one row with a flow of 1 for every investor."""
    plain = {
        "stk_cd": code,
        "stk_nm": "삼성전자",
        "cur_prc": "+71300",
        "pre_sig": "2",
        "pred_pre": "+300",
        "flu_rt": "+0.42",
        "trde_qty": "12345",
        **dict.fromkeys(INVESTOR_ELEMENTS, "1"),
    }
    return plain | fields


def page(rows: list[dict[str, str]], number: int = 1, *, sent: str = "", following: str = "") -> Page:
    """Return one page; ``following`` is its next-key, empty on the last."""
    body = {"opaf_invsr_trde": rows, "return_code": 0, "return_msg": "정상적으로 처리되었습니다"}
    return Page(
        api_id="ka10066",
        number=number,
        request={"mrkt_tp": "001", "amt_qty_tp": "1", "trde_tp": "0", "stex_tp": "1"},
        sent_next_key=sent,
        status=200,
        cont_yn=bool(following),
        next_key=following,
        body=json.dumps(body, ensure_ascii=False).encode(),
        fetched_at=FETCHED_AT + timedelta(seconds=number),
        headers={"api-id": "ka10066"},
    )
