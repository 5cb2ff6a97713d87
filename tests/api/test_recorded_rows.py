"""
Rows that were recorded on real accounts and are public, by value, through the readers of the package.

ka10066 on 2026-08-04 09:50 KST (통합, amounts, net: the session before's), ka10059 on 2026-08-27 and 2026-09-30
(005930, amounts, net), ka10060 of 2026-08-05 (both sides), ka10061, ka10036.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from kiwoom_provider.api import ka10059
from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS, ROW_ELEMENTS
from kiwoom_provider.api.numbers import parse_int, parse_int64
from kiwoom_provider.api.page import Page
from kiwoom_provider.datasets import ka10066
from kiwoom_provider.parameters import ParameterSet

SWEPT = [
    ("005930_AL", "삼성전자", "-232250", "5", "-7250", "-3.03", "16360116", "3091558", "-1420473", "-1633978",
     "-1245238", "12527", "-309348", "2130", "1563", "-32557", "-63056", "0", "-46314"),
    ("000020_AL", "동화약품", "+4880", "2", "+120", "+2.52", "42323", "83", "-92", "4", "4", "0", "0", "0", "0", "0",
     "0", "0", "5"),
    ("000660_AL", "SK하이닉스", "-1517000", "5", "-50000", "-3.19", "2748995", "2775901", "-2157816", "-628772",
     "-570310", "23411", "-190861", "2278", "5815", "78505", "22390", "0", "957"),
    ("402340_AL", "SK스퀘어", "-1019000", "5", "-6000", "-0.59", "424875", "65022", "-60043", "-3717", "71", "-405",
     "10753", "717", "255", "17971", "-33079", "0", "-1962"),
]  # fmt: skip
DATED = [
    ("20260930", "-269500", "5", "-3000", "-110", "16477580", "4456294", "687635", "-865578", "-382209", "-336241",
     "-8254", "64403", "103", "-1", "-18498", "-83721", "0", "556618", "3534"),
    ("20260827", "+266000", "2", "+4500", "+172", "16829395", "4488160", "-862106", "374719", "-25200", "91620", "9811",
     "-54236", "-876", "1451", "-32574", "-40396", "0", "517325", "-4738"),
]  # fmt: skip
VENDORS_EXAMPLES = [
    ("20241107", "1584", "-61779", "60195", "25514", "0", "0", "34619", "4", "-1", "58", "0", "0", "1"),
    ("20241106", "-639", "-7", "646", "-47", "15", "-2", "730", "-51", "1", "0", "0", "0", "0"),
]
PERIOD = {
    "+19875822": 19875822, "--23722054": -23722054, "+3378439": 3378439, "+4428627": 4428627, "--209957": -209957,
    "--334590": -334590, "--18058": -18058, "--2661": -2661, "--84771": -84771, "--400150": -400150, "0": 0,
    "+406200": 406200, "+61593": 61593, "--28837": -28837, "--40142": -40142, "+64891": 64891, "+72584": 72584,
}  # fmt: skip


def answer(api_id, element, names, rows):
    body = {element: [dict(zip(names, row, strict=True)) for row in rows], "return_code": 0, "return_msg": ""}
    at = datetime(2026, 8, 4, 0, 50, tzinfo=UTC)
    text = json.dumps(body).encode()
    return Page(api_id, 1, {}, "", 200, cont_yn=False, next_key="", body=text, fetched_at=at)


def test_rows_of_ka10066_are_typed_by_value():
    page = answer("ka10066", "opaf_invsr_trde", ROW_ELEMENTS, SWEPT)
    table = ka10066.parse([page], ParameterSet.parse("KOSPI", "CONSOLIDATED", "amount", "net"))
    assert table["stk_cd"].to_pylist() == ["000020", "000660", "005930", "402340"]
    samsung = table.slice(2, 1).to_pylist()[0]
    assert samsung["cur_prc"] == 232250
    assert samsung["pred_pre"] == -7250
    assert samsung["flu_rt"] == Decimal("-3.03")
    assert samsung["trde_qty"] == 16360116
    assert samsung["ind_invsr"] == 3091558
    assert samsung["etc_corp"] == -46314


@pytest.mark.parametrize("row", SWEPT, ids=[row[1] for row in SWEPT])
def test_institutions_are_the_sum_of_their_parts_to_one(row):
    figures = dict(zip(INVESTOR_ELEMENTS, map(parse_int, row[7:]), strict=True))
    parts = sum(figures[name] for name in INVESTOR_ELEMENTS[3:11])
    assert abs(figures["orgn"] - parts) <= 1


def test_dated_rows_are_typed_by_value_and_all_investors_sum_to_zero():
    rows = ka10059.read_rows(answer("ka10059", "stk_invsr_orgn", ka10059.ROW_ELEMENTS, DATED))
    assert [row.session_date for row in rows] == [date(2026, 9, 30), date(2026, 8, 27)]
    assert [row.change_rate for row in rows] == [Decimal("-1.10"), Decimal("1.72")]
    assert [row.close_price for row in rows] == [269500, 266000]
    assert [row.volume for row in rows] == [16477580, 16829395]
    for row in rows:
        individual, foreign, institution, *_, corporation = row.flows
        assert individual + foreign + institution + corporation + row.other_foreign == 0


def test_the_vendors_own_examples_are_read_although_they_lack_price_and_volume():
    names = ("dt", *INVESTOR_ELEMENTS, "natfor")
    rows = ka10059.read_rows(answer("ka10059", "stk_invsr_orgn", names, VENDORS_EXAMPLES))
    assert [(row.flows[1], row.volume, row.change_rate) for row in rows] == [(-61779, None, None), (-7, None, None)]


@pytest.mark.parametrize(("text", "value"), PERIOD.items())
def test_the_siblings_forms_of_numbers_are_read(text, value):
    assert parse_int(text) == value
    assert parse_int64(pa.array([text]), "ind_invsr").to_pylist() == [value]


def test_a_sell_of_the_twin_is_negative_and_kept_so():
    assert (parse_int("5067655"), parse_int("-5290376")) == (5067655, -5290376)


def test_the_overflowed_volume_of_an_etf_is_no_figure():
    assert parse_int64(pa.array(["4294967295"]), "trde_qty", pa.array(["252670"])).to_pylist() == [None]
