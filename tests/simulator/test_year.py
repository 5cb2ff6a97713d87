"""A year's share: what default nights bring by themselves, at the full size of the markets."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from kiwoom_simulator.market import world_of
from kiwoom_simulator.parameters import Market
from lab.year.happenings import share_of

FRIDAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def nights():
    """What each night of a year brought."""
    world = world_of()
    days = world.sessions.back_from(FRIDAY, 246)[::-1]
    return {day: share_of(world, before, day) for before, day in pairwise(days)}


@pytest.mark.thorough
def test_a_year_has_its_share_of_what_the_market_does(nights):
    total, on_nights = sum(nights.values(), Counter()), Counter(what for found in nights.values() for what in found)
    assert {what: (count, on_nights[what]) for what, count in total.items() if "NXT" not in what} == {
        "listed": (153, 34), "gone": (158, 34), "moved to KOSPI": (5, 5), "renamed": (141, 52), "split": (47, 42),
        "suspended": (64, 5), "beyond 30 %": (241, 124), "pre_sig 0": (463, 66), "blank fields": (2551, 88),
        "volume ran over": (22, 7),
    }  # fmt: skip


@pytest.mark.thorough
def test_each_quarter_nxt_reselects_its_list_and_in_two_it_cuts_it_in_between(nights):
    changes = {
        str(day): (found["taken in by NXT"], found["left out by NXT"])
        for day, found in nights.items()
        if found["taken in by NXT"] + found["left out by NXT"]
    }
    assert changes == {
        "2026-01-02": (64, 64), "2026-02-02": (0, 50), "2026-04-01": (87, 37),
        "2026-07-01": (62, 62), "2026-08-18": (0, 50), "2026-10-01": (91, 41),
    }  # fmt: skip


@pytest.mark.thorough
def test_once_a_year_a_house_renames_its_whole_series_of_notes(nights):
    assert {str(day): found["renamed"] for day, found in nights.items() if found["renamed"] > 5} == {"2026-04-28": 70}
    before, after = (
        {s.code: s.name for s in world_of().listing(Market.KOSPI, day).stocks}
        for day in (date(2026, 4, 27), date(2026, 4, 28))
    )
    renamed = [(before[code], after[code]) for code in before if before[code] != after.get(code, before[code])]
    assert {(old.split()[0], new.split()[0]) for old, new in renamed} == {("미르", "미르플러스")}


@pytest.mark.thorough
def test_a_market_keeps_its_size_and_no_code_stands_twice(nights):
    for day in list(nights)[::10]:
        kospi, kosdaq = (world_of().listing(market, day).codes for market in (Market.KOSPI, Market.KOSDAQ))
        assert (len(kospi), len(kosdaq), len({*kospi, *kosdaq})) == (1330, 1824, 3154)


def test_another_seed_has_another_year():
    days = (date(2026, 8, 3), date(2026, 8, 31))
    assert share_of(world_of(1), *days) != share_of(world_of(2), *days)


def test_what_a_night_brings_is_what_is_served(start):
    api = start(stocks="KOSPI=400,KOSDAQ=10", now="2026-11-12T21:00")
    blank = [row["stk_cd"] for row in api.rows() if row["ind_invsr"] == row["natn"] == ""]
    assert blank == ["031940", "326100"]
    assert {row["pred_pre"] for row in api.rows() if row["pre_sig"] == "0"} == {"0"}
    api.control.set_clock("2026-11-13T21:00")
    api.login()
    assert not any(row["ind_invsr"] == "" or row["pre_sig"] == "0" for row in api.rows())


def test_a_stock_that_has_moved_comes_with_its_history(start):
    api = start(stocks="KOSPI=1330,KOSDAQ=1824", now="2026-10-27T21:00")
    moved = {row["stk_cd"] for row in api.rows()}
    api.control.set_clock("2026-10-26T21:00")
    (code,) = moved & {row["stk_cd"] for row in api.rows(market="KOSDAQ")}
    assert len(api.dated(code, "20261027")) == 100
