"""ka10051: a market's totals of a day, found by code and never another market's."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from kiwoom_provider.api import ka10051
from kiwoom_provider.api.errors import ProtocolError
from kiwoom_provider.api.ka10051 import Total
from kiwoom_provider.parameters import Market, Measure, Venue
from pages import page

ROW = {
    "inds_cd": "001_AL",
    "inds_nm": "종합(KOSPI)",
    "cur_prc": "268014",
    "trde_qty": "1005132",
    "sc_netprps": "-847",
    "insrnc_netprps": "+125",
    "invtrt_netprps": "--3",
    "bank_netprps": "7",
    "jnsinkm_netprps": "-1",
    "endw_netprps": "2,110",
    "etc_corp_netprps": "15",
    "ind_netprps": "-26121",
    "frgnr_netprps": "1200",
    "native_trmt_frgnr_netprps": "4",
    "natn_netprps": "",
    "samo_fund_netprps": " 9 ",
    "orgn_netprps": "9323",
}
SECTOR = ROW | {"inds_cd": "002", "inds_nm": "대형주"}


def answer(rows):
    return replace(page([]), api_id="ka10051", body=json.dumps({"inds_netprps": rows, "return_code": 0}).encode())


def test_the_codes_of_market_and_measure_are_its_own():
    asked = ka10051.request_body(Market.KOSDAQ, Venue.CONSOLIDATED, Measure.QUANTITY, date(2026, 11, 20))
    assert asked == {"mrkt_tp": "1", "amt_qty_tp": "1", "base_dt": "20261120", "stex_tp": "3"}


def test_the_total_is_found_by_its_code_and_read_in_the_order_of_ka10066():
    assert ka10051.read_total(answer([SECTOR, ROW]), Market.KOSPI) == Total(
        (-26121, 1200, 9323, -847, 125, -3, -1, 7, 2110, 9, 0, 15), 4, 1_005_132
    )


@pytest.mark.parametrize("rows", [[], None])
def test_an_answer_without_rows_is_none(rows):
    assert ka10051.read_total(answer(rows), Market.KOSPI) is None


def test_the_other_markets_rows_are_refused():
    with pytest.raises(ProtocolError, match="has no row 101 of KOSDAQ: it is another market's"):
        ka10051.read_total(answer([SECTOR, ROW]), Market.KOSDAQ)


def test_an_element_that_is_missing_is_named():
    lacking = {name: text for name, text in ROW.items() if name != "endw_netprps"}
    with pytest.raises(ProtocolError, match="endw_netprps"):
        ka10051.read_total(answer([lacking]), Market.KOSPI)
