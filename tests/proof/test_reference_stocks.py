"""Which stocks a set is proved by: every page is spoken for."""

from __future__ import annotations

from kiwoom_provider.proof.tables import FlowTable, compare, reference_stocks
from sheets import sheet, stocks

PAGES = stocks(9, first=10), stocks(7, first=-20, letter="1"), stocks(3, first=5, letter="2")


def chosen(now, before=None):
    flows = FlowTable.of(now)
    return reference_stocks(flows, compare(flows, FlowTable.of(before)).pages if before else ())


def test_where_others_speak_for_the_pages_two_stocks_of_the_first_are_enough():
    assert reference_stocks(FlowTable.of(sheet(*PAGES))) == ["000009", "000008"]


def test_on_the_first_night_every_page_has_a_reference():
    assert chosen(sheet(*PAGES)) == ["000009", "000008", "100007", "200003"]


def test_pages_that_can_be_compared_need_none_but_the_first():
    before = sheet(stocks(9, first=11), stocks(7, first=-21, letter="1"), stocks(3, first=6, letter="2"))
    assert chosen(sheet(*PAGES), before) == ["000009", "000008", "200003"]


def test_a_page_on_which_nothing_traded_has_no_reference():
    assert chosen(sheet(PAGES[0], {"100001": 0, "100002": 0})) == ["000009", "000008"]


def test_a_page_that_traded_and_has_no_figures_has_a_reference():
    assert chosen(sheet(PAGES[0], {"100001": [0] * 12})) == ["000009", "000008", "100001"]


def test_a_stock_with_figures_comes_before_one_without():
    now = sheet({"000001": [0] * 12, "000002": 10})
    more = now.set_column(now.column_names.index("trde_qty"), "trde_qty", [[9_000, 5_000]])
    assert chosen(more) == ["000002", "000001"]


def test_a_set_without_any_trade_has_no_reference():
    assert chosen(sheet({"000001": 0})) == []


def test_stocks_that_trade_equally_are_taken_by_code():
    assert chosen(sheet({"000003": 10, "000002": -10, "000001": 10})) == ["000001", "000002"]


def test_all_sets_of_a_place_have_the_same_references_because_turnover_ranks_them():
    buys, sells = sheet({"000001": 900, "000002": 10}), sheet({"000001": 10, "000002": 900})
    more = buys.set_column(buys.column_names.index("trde_qty"), "trde_qty", [[5_000, 9_000]])
    less = sells.set_column(sells.column_names.index("trde_qty"), "trde_qty", [[5_000, 9_000]])
    assert chosen(more) == chosen(less) == ["000002", "000001"]
