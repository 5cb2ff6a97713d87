"""Against the session before: what is the same, what has changed, and when a change shows something."""

from __future__ import annotations

from datetime import date

import pytest

from kiwoom_provider.pipeline.previous import compare_pages, is_unchanged, previous_session
from sheets import sheet, stocks

FIRST_PAGE, SECOND_PAGE = 1_795_174_800_000_000, 1_795_174_801_000_000  # 2026-11-20 11:40 UTC, in microseconds


def test_equal_fields_on_every_page_are_unchanged():
    pages = stocks(6, first=10), stocks(6, first=20, letter="1")
    assert is_unchanged(sheet(*pages), sheet(*pages)) is True


def test_one_unchanged_page_is_enough():
    now = sheet(stocks(6, first=11), stocks(6, first=20, letter="1"))
    before = sheet(stocks(6, first=10), stocks(6, first=20, letter="1"))
    assert compare_pages(now, before) == {FIRST_PAGE: False, SECOND_PAGE: True}
    assert is_unchanged(now, before) is True


def test_one_stock_that_changed_makes_a_page_new():
    now = stocks(6, first=10)
    assert is_unchanged(sheet(now | {"000003": 31}), sheet(now)) is False


@pytest.mark.parametrize("active", [0, 4])
def test_too_few_stocks_with_flows_tell_nothing(active):
    page = stocks(active, first=10) | dict.fromkeys(("100001", "100002", "100003"), 0)
    assert is_unchanged(sheet(page), sheet(page)) is None


def test_a_stock_that_lost_its_flows_is_a_change():
    assert is_unchanged(sheet(stocks(6, first=10) | {"000001": 0}), sheet(stocks(6, first=10))) is False


def test_stocks_that_are_in_only_one_of_both_are_left_out():
    assert is_unchanged(sheet(stocks(6, first=10)), sheet(stocks(9, first=10))) is True


def test_a_null_field_is_never_the_same():
    now = stocks(6, first=10)
    with_null = [[None, *[1] * 11]] * 6
    both = sheet(dict(zip(now, with_null, strict=True)))
    assert is_unchanged(both, both) is False


def test_nothing_stored_tells_nothing():
    assert is_unchanged(sheet(stocks(6, first=10)), None) is None


def test_the_newest_session_before_the_day_is_found(store):
    for day in ("2026-11-17", "2026-11-19", "2026-11-20", "2026-11-23"):
        store.write(f"ka10066/session_date={day}/market=KOSPI/part-0.parquet", b"")
    assert previous_session(store, date(2026, 11, 20)) == date(2026, 11, 19)
    assert previous_session(store, date(2026, 11, 17)) is None
