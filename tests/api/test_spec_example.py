"""The spec sheet's own request and response example for ka10066, transcribed, through the wire layer."""

import json
from decimal import Decimal

import pyarrow as pa

from kiwoom_provider.api import ka10066
from kiwoom_provider.api.numbers import parse_decimal, parse_int64
from kiwoom_provider.parameters import ParameterSet

REQUEST = {"mrkt_tp": "000", "amt_qty_tp": "1", "trde_tp": "0", "stex_tp": "3"}
ZEROS = dict.fromkeys(
    [
        "ind_invsr", "frgnr_invsr", "orgn", "fnnc_invt", "insrnc", "invtrt", "etc_fnnc", "bank", "penfnd_etc",
        "samo_fund", "natn", "etc_corp",
    ],
    "0",
)  # fmt: skip
RESPONSE = {
    "opaf_invsr_trde": [
        {
            "stk_cd": "005930", "stk_nm": "삼성전자", "cur_prc": "-7410", "pre_sig": "5", "pred_pre": "-50",
            "flu_rt": "-0.67", "trde_qty": "8", **ZEROS,
        },
        {
            "stk_cd": "005930", "stk_nm": "삼성전자", "cur_prc": "542", "pre_sig": "3", "pred_pre": "0",
            "flu_rt": "0.00", "trde_qty": "0", **ZEROS,
        },
    ],
    "return_code": 0,
    "return_msg": "정상적으로 처리되었습니다",
}  # fmt: skip


def rows_over_the_wire(scripted, make_client):
    scripted.answers = [scripted.plain(json.dumps(RESPONSE, ensure_ascii=False, indent=4).encode())]
    body = ka10066.request_body(ParameterSet.parse("ALL", "CONSOLIDATED", "amount", "net"))
    page = make_client(scripted.url).call(ka10066.API_ID, ka10066.PATH, body)
    return page, page.rows(ka10066.LIST_ELEMENT)


def column(rows, element):
    return pa.array([row[element] for row in rows], pa.string())


def test_the_example_request_is_what_goes_out(scripted, make_client):
    rows_over_the_wire(scripted, make_client)
    path, headers, body = scripted.requests[-1]
    assert path == "/api/dostk/mrkcond"
    assert headers["api-id"] == "ka10066"
    assert json.loads(body) == REQUEST


def test_the_example_response_is_one_last_page_of_two_rows(scripted, make_client):
    page, rows = rows_over_the_wire(scripted, make_client)
    assert page.is_last
    assert [tuple(row) for row in rows] == [ka10066.ROW_ELEMENTS] * 2
    assert [row["stk_nm"] for row in rows] == ["삼성전자", "삼성전자"]


def test_the_numbers_of_the_example_read_as_they_stand(scripted, make_client):
    _, rows = rows_over_the_wire(scripted, make_client)
    codes = column(rows, "stk_cd")
    assert parse_int64(column(rows, "cur_prc"), "cur_prc", codes).to_pylist() == [-7410, 542]
    assert parse_int64(column(rows, "pred_pre"), "pred_pre", codes).to_pylist() == [-50, 0]
    assert parse_int64(column(rows, "trde_qty"), "trde_qty", codes).to_pylist() == [8, 0]
    assert parse_decimal(column(rows, "flu_rt"), "flu_rt", codes).to_pylist() == [Decimal("-0.67"), Decimal("0.00")]
    for element in ka10066.INVESTOR_ELEMENTS:
        assert parse_int64(column(rows, element), element, codes).to_pylist() == [0, 0]
