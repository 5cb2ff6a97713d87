"""Against the sessions before: what is the same, what has changed, and when a change shows something."""

from __future__ import annotations

import pytest

from kiwoom_provider.proof.tables import FlowTable, compare
from sheets import sheet, stocks

FIRST_PAGE, SECOND_PAGE = 1_795_177_200_000_000, 1_795_177_201_000_000  # 2026-11-20 12:20 UTC, in microseconds
TELLING = [60, -60, 40, 40, 0, -40, 0, 0, 0, 0, 0, -40]


def compared(now, before):
    return compare(FlowTable.of(now), FlowTable.of(before))


def test_equal_fields_on_every_page_are_stale():
    pages = stocks(6, first=10), stocks(6, first=20, letter="1")
    assert compared(sheet(*pages), sheet(*pages)).is_stale


def test_one_unchanged_page_is_enough():
    now = sheet(stocks(6, first=11), stocks(6, first=20, letter="1"))
    before = sheet(stocks(6, first=10), stocks(6, first=20, letter="1"))
    assert compared(now, before).pages == {FIRST_PAGE: False, SECOND_PAGE: True}
    assert compared(now, before).is_stale


def test_one_stock_that_changed_makes_a_page_new():
    now = stocks(6, first=10)
    assert compared(sheet(now | {"000003": 31}), sheet(now)).is_changed


@pytest.mark.parametrize("active", [0, 4])
def test_too_few_stocks_with_flows_tell_nothing(active):
    page = stocks(active, first=10) | dict.fromkeys(("100001", "100002", "100003"), 0)
    assert compared(sheet(page), sheet(page)).pages == {}


def test_a_page_of_zeros_is_no_change():
    found = compared(sheet(dict.fromkeys(stocks(9, first=1), 0)), sheet(stocks(9, first=10)))
    assert (found.pages, found.is_changed) == ({}, False)


def test_a_stock_that_lost_its_flows_makes_no_page_new():
    now = stocks(6, first=10) | {"000001": 0}
    assert compared(sheet(now), sheet(stocks(6, first=10))).is_stale


@pytest.mark.parametrize(("rows", "stale"), [(2, False), (3, True)])
def test_rows_that_name_their_day_and_are_the_earlier_sessions_are_no_chance_from_three_on(rows, stale):
    now, before = stocks(9, first=10), stocks(9, first=11)
    same = {f"20000{n}": TELLING for n in range(rows)}
    assert compared(sheet(now | same), sheet(before | same)).is_stale is stale


def test_stocks_that_are_in_only_one_of_both_are_left_out():
    assert compared(sheet(stocks(6, first=10)), sheet(stocks(9, first=10))).is_stale


def test_a_null_field_is_never_the_same():
    both = sheet({code: [None, *[1] * 11] for code in stocks(6, first=10)})
    assert not compared(both, both).is_stale


@pytest.mark.parametrize(
    ("page", "late"),
    [
        ({"000001": 10}, 0),
        (stocks(9, first=10) | {"100001": [0] * 12}, 0),
        (stocks(9, first=10) | {f"10000{n}": [0] * 12 for n in range(6)}, 6),
        ({f"10000{n}": [0] * 12 for n in range(3)}, 3),
        ({f"10000{n}": [0] * 12 for n in range(2)}, 0),
        (dict.fromkeys(stocks(9, first=10), 0), 0),
    ],
    ids=["none", "one is odd", "many", "a whole page", "two are odd", "without trades"],
)
def test_active_stocks_without_figures_are_late(page, late, monkeypatch):
    monkeypatch.setattr("sheets.TRADED", 200_000)  # at 1,000 won: 200 million
    assert FlowTable.of(sheet(page)).late_stocks() == late
