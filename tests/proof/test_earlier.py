"""Against the sessions before: what is the same, what has changed, and when a change shows something."""

from __future__ import annotations

import pytest

from kiwoom_provider.proof.tables import FlowTable, compare, reference_stocks
from sheets import sheet, stocks

FIRST_PAGE, SECOND_PAGE = 1_795_177_200_000_000, 1_795_177_201_000_000  # 2026-11-20 12:20 UTC, in microseconds
TELLING = [60, -60, 40, 40, 0, -40, 0, 0, 0, 0, 0, -40]


def without(count, letter="1"):
    """Return so many stocks that traded and have no figures."""
    return {f"{letter}0000{number}": [0] * 12 for number in range(count)}


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
    assert not compared(now, before).is_changed


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


@pytest.mark.parametrize(
    ("fields", "stale"),
    [([50, -25, -25], True), ([50, -25, -24], False), ([50, -50, 0], False)],
    ids=["three fields, a hundred in all", "a little less", "two fields"],
)
def test_a_row_names_its_day_by_three_fields_that_are_a_hundred_in_all(fields, stale):
    now, before = stocks(9, first=10), stocks(9, first=11)
    same = {f"20000{n}": [*fields, *[0] * 9] for n in range(3)}
    assert compared(sheet(now | same), sheet(before | same)).is_stale is stale


@pytest.mark.parametrize(("rows", "stale"), [(2, False), (3, True)])
def test_rows_that_name_their_day_and_are_the_earlier_sessions_are_no_chance_from_three_on(rows, stale):
    now, before = stocks(9, first=10), stocks(9, first=11)
    same = {f"20000{n}": TELLING for n in range(rows)}
    assert compared(sheet(now | same), sheet(before | same)).is_stale is stale


def test_stocks_that_are_in_only_one_of_both_are_left_out():
    assert compared(sheet(stocks(6, first=10)), sheet(stocks(9, first=10))).is_stale
    assert compared(sheet({"000001": 10}), sheet({"000002": 10})).equal == 0


def test_a_set_without_stocks_tells_nothing():
    none, some = sheet({"000001": 0}).slice(0, 0), sheet(stocks(6, first=10))
    assert [compared(now, before).pages for now, before in ((some, none), (none, some), (none, none))] == [{}] * 3
    table = FlowTable.of(none)
    assert (table.late_stocks(), reference_stocks(table), (~table.is_etn).tolist()) == (0, [], [])


def test_a_null_field_is_never_the_same():
    both = sheet({code: [None, *[1] * 11] for code in stocks(6, first=10)})
    assert not compared(both, both).is_stale


@pytest.mark.parametrize(
    ("page", "late"),
    [
        ({"000001": 10}, 0),
        (stocks(9, first=10) | without(5), 0),
        (stocks(9, first=10) | without(6), 6),
        (stocks(114, first=10) | without(6), 0),
        (stocks(113, first=10) | without(6), 6),
        (without(3), 3),
        (without(2), 0),
        (dict.fromkeys(stocks(9, first=10), 0), 0),
    ],
    ids=["none", "five are odd", "six of 15", "six of 120", "six of 119", "a whole page", "two are odd", "no trades"],
)
def test_active_stocks_without_figures_are_late(page, late, monkeypatch):
    monkeypatch.setattr("sheets.TRADED", 200_000)  # at 1,000 won: 200 million
    assert FlowTable.of(sheet(page)).late_stocks() == late


def test_one_page_without_figures_is_enough_and_makes_all_such_stocks_late(monkeypatch):
    monkeypatch.setattr("sheets.TRADED", 200_000)
    assert FlowTable.of(sheet(stocks(9, first=10) | without(1), without(3, letter="2"))).late_stocks() == 4
