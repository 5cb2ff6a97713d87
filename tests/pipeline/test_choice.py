"""Which stocks a set is proved by: every page is spoken for."""

from __future__ import annotations

from kiwoom_provider.pipeline.choice import reference_stocks
from sheets import sheet, stocks

PAGES = stocks(9, first=10), stocks(7, first=-20, letter="1"), stocks(3, first=5, letter="2")


def test_on_the_first_night_every_page_has_a_reference():
    assert reference_stocks(sheet(*PAGES), None) == ["000009", "000008", "100007", "200003"]


def test_pages_that_can_be_compared_need_none_but_the_first():
    before = sheet(stocks(9, first=11), stocks(7, first=-21, letter="1"), stocks(3, first=6, letter="2"))
    assert reference_stocks(sheet(*PAGES), before) == ["000009", "000008", "200003"]


def test_a_page_without_any_flow_has_no_reference():
    assert reference_stocks(sheet(PAGES[0], {"100001": 0, "100002": 0}), None) == ["000009", "000008"]


def test_a_set_without_any_flow_has_no_reference():
    assert reference_stocks(sheet({"000001": 0}), None) == []


def test_stocks_that_trade_equally_are_taken_by_code():
    assert reference_stocks(sheet({"000003": 10, "000002": -10, "000001": 10}), None) == ["000001", "000002"]
