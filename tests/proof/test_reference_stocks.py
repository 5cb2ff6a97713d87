"""Which stocks a set is proved by."""

from __future__ import annotations

import pytest

from kiwoom_provider.proof.tables import FlowTable, reference_stocks
from sheets import sheet, stocks, with_volumes

PAGES = stocks(9, first=10), stocks(7, first=-20, letter="1")


@pytest.mark.parametrize(
    ("pages", "chosen"),
    [
        (PAGES, ["000009", "000008"]),
        (PAGES[1:], ["100007", "100006"]),
        (({"000003": 10, "000002": -10, "000001": 10},), ["000001", "000002"]),
        (({"000001": 0, "000002": 5},), ["000002"]),
        (({"000001": 0},), []),
    ],
    ids=["the busiest of the first page", "another", "equals by code", "what traded", "nothing traded"],
)
def test_the_two_busiest_of_the_first_page_are_asked_for(pages, chosen):
    assert reference_stocks(FlowTable.of(sheet(*pages))) == chosen


def chosen_by_turnover(table, *volumes):
    return reference_stocks(FlowTable.of(with_volumes(table, *volumes)))


def test_all_sets_of_a_place_have_the_same_because_turnover_ranks_them():
    buys, sells = sheet({"000001": 900, "000002": 10}), sheet({"000001": 10, "000002": 900})
    assert chosen_by_turnover(buys, 5_000, 9_000) == chosen_by_turnover(sells, 5_000, 9_000) == ["000002", "000001"]


def test_a_stock_with_figures_comes_before_one_without():
    assert chosen_by_turnover(sheet({"000001": [0] * 12, "000002": 10}), 9_000, 5_000) == ["000002", "000001"]


def test_one_share_is_a_trade():
    assert chosen_by_turnover(sheet({"000001": 0, "000002": 0}), 1, 0) == ["000001"]


def test_every_page_on_which_anything_traded_has_its_busiest_stock():
    table = FlowTable.of(sheet(*PAGES, {"200001": 0}, {"300001": [0] * 12}))
    assert [codes[0] for codes in table.busiest_by_page().values()] == ["000009", "100007", "300001"]
