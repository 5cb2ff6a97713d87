"""The securities master's answers, read row by row."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from kiwoom_provider.api import ka10099
from kiwoom_provider.api.errors import ProtocolError
from kiwoom_provider.api.numbers import NumberFormatError
from kiwoom_provider.api.page import Page
from kiwoom_provider.datasets import securities
from kiwoom_provider.parameters import Market

# The form of the sheet's example; the values are Samsung Electronics' of 2026-08.
SAMSUNG = {
    "code": "005930", "name": "삼성전자", "listCount": "0000005919637922", "auditInfo": "정상",
    "regDay": "19750611", "lastPrice": "00232250", "state": "증거금20%|담보대출|신용가능", "marketCode": "0",
    "marketName": "거래소", "upName": "전기/전자", "upSizeName": "대형주", "companyClassName": "",
    "orderWarning": "0", "nxtEnable": "Y", "kind": "A",
}  # fmt: skip
KOSDAQ = SAMSUNG | {"code": "0156T0", "name": "작은회사", "marketCode": "10", "companyClassName": "벤처기업"}


def answer(*rows, **other):
    body = {"list": list(rows), "return_code": 0, "return_msg": ""} | other
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    text = json.dumps(body).encode()
    return Page("ka10099", 1, {}, "", 200, cont_yn=False, next_key="", body=text, fetched_at=at)


def test_a_row_is_read_whole():
    (row,) = ka10099.read_rows(answer(SAMSUNG), Market.KOSPI)
    assert row == ka10099.Security(
        code="005930",
        name="삼성전자",
        listed_shares=5919637922,
        listed_on=date(1975, 6, 11),
        last_price=232_250,
        market_code="0",
        sector="전기/전자",
        company_class="",
        audit_info="정상",
        state="증거금20%|담보대출|신용가능",
        order_warning="0",
        is_on_nxt=True,
    )


def test_the_boards_are_asked_for_by_codes_of_their_own():
    assert ka10099.request_body(Market.KOSPI) == {"mrkt_tp": "0"}
    assert ka10099.request_body(Market.KOSDAQ) == {"mrkt_tp": "10"}
    with pytest.raises(KeyError):
        ka10099.request_body(Market.ALL)


def test_products_of_kospis_board_are_kospis():
    rows = [SAMSUNG | {"code": f"50000{code}", "marketCode": code} for code in ("8", "6", "2", "4")]
    found = ka10099.read_rows(answer(SAMSUNG, *rows), Market.KOSPI)
    assert [row.market_code for row in found] == ["0", "8", "6", "2", "4"]


@pytest.mark.parametrize(("market", "served"), [(Market.KOSPI, KOSDAQ), (Market.KOSDAQ, SAMSUNG)])
def test_the_other_markets_board_is_refused_by_name(market, served):
    rows = [served | {"code": f"00000{number}"} for number in range(3)]
    with pytest.raises(ProtocolError, match=f"hardly a stock of {market}.*another market's"):
        ka10099.read_rows(answer(*rows), market)


@pytest.mark.parametrize("nothing", [answer(), answer(list=None)])
def test_an_answer_without_a_board_has_no_rows(nothing):
    assert ka10099.read_rows(nothing, Market.KOSPI) == ()


@pytest.mark.parametrize(
    ("count", "shares"),
    [("0000000000000000", 0), ("                ", None), (" 1,234 ", 1234), ("2147483647", None)],
)
def test_shares_are_read_in_every_form(count, shares):
    (row,) = ka10099.read_rows(answer(SAMSUNG | {"listCount": count}), Market.KOSPI)
    assert row.listed_shares == shares


@pytest.mark.parametrize("day", ["", "00000000", "2026W011", "20261332", "1975-06-11"])
def test_a_day_of_listing_that_is_none_is_absent(day):
    (row,) = ka10099.read_rows(answer(SAMSUNG | {"regDay": day}), Market.KOSPI)
    assert row.listed_on is None


@pytest.mark.parametrize(("price", "last"), [("00232250", 232_250), ("", None), ("many", None), ("00000000", 0)])
def test_a_last_price_that_is_none_costs_no_board(price, last):
    (row,) = ka10099.read_rows(answer(SAMSUNG | {"lastPrice": price}), Market.KOSPI)
    assert row.last_price == last


@pytest.mark.parametrize(("flag", "is_on_nxt"), [("Y", True), ("y", True), ("N", False), ("", False), (None, False)])
def test_only_y_is_on_nxt(flag, is_on_nxt):
    (row,) = ka10099.read_rows(answer(SAMSUNG | {"nxtEnable": flag}), Market.KOSPI)
    assert row.is_on_nxt is is_on_nxt


@pytest.mark.parametrize(
    "damage", [{"code": ""}, {"code": "../etc"}, {"code": None}, {"name": " "}, {"code": "00593０"}]
)
def test_a_row_without_code_or_name_breaks_the_spec(damage):
    with pytest.raises(ProtocolError, match="no stock code, or without a name"):
        ka10099.read_rows(answer(SAMSUNG | damage), Market.KOSPI)


def test_shares_that_are_no_number_are_refused():
    with pytest.raises(NumberFormatError):
        ka10099.read_rows(answer(SAMSUNG | {"listCount": "many"}), Market.KOSPI)


def test_texts_are_bounded_and_printable():
    (row,) = ka10099.read_rows(answer(SAMSUNG | {"name": "삼성\x1b[2J전자\n", "state": "x" * 5000}), Market.KOSPI)
    assert row.name == "삼성 [2J전자"
    assert len(row.state) == 100


def test_a_board_becomes_the_dataset_of_securities():
    boards = {
        Market.KOSPI: ka10099.read_rows(answer(SAMSUNG), Market.KOSPI),
        Market.KOSDAQ: ka10099.read_rows(answer(KOSDAQ), Market.KOSDAQ),
    }
    assert securities.build(boards)["stock_code"].to_pylist() == ["0156T0", "005930"]
