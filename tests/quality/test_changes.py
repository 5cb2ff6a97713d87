"""Stocks against the session published before: how many may be gone, new, moved or renamed, and what explains it."""

from __future__ import annotations

import datetime as dt

import pytest

from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.rules.changes import (
    few_are_new,
    names_stay,
    no_gap,
    stocks_keep_their_market,
    stocks_stay,
)
from small_tables import DAY, DAY_BEFORE, board, counts, input_of, market, put, told

KRX, NXT, WHOLE = (f"KOSPI {venue} amount net" for venue in ("KRX", "NXT", "CONSOLIDATED"))
OTHER = "KOSDAQ KRX amount net"


def night(now, before, days=1, at=KRX, **more):
    """Return an input of one set and of what was published of it some days ago."""
    tables = more.pop("tables", {})
    ago = {} if days is None else {"published_on": DAY - dt.timedelta(days=days)}
    return input_of({at: now} | tables, published={at: before}, **ago, **more)


def without(count, *gone):
    return market(sorted({*range(count)} - {*gone}))


# --- gone, and new ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stocks", "days", "most"),
    [(100, 1, 10), (366, 1, 10), (367, 1, 11), (1_000, 7, 30), (1_000, 8, 31), (1_000, 17, 40), (100, None, 10)],
)
def test_three_in_a_hundred_stocks_may_come_or_go_ten_at_least_and_one_more_for_each_day_beyond_a_week(
    stocks, days, most
):
    whole, few = market(range(stocks)), without(stocks, *range(0, 2 * most, 2))
    fewer = without(stocks, *range(0, 2 * most + 2, 2))
    assert counts(stocks_stay.check(night(few, whole, days))) == (stocks, 0, 0)
    result = stocks_stay.check(night(fewer, whole, days))
    assert counts(result) == (stocks, most + 1, 0)
    shown = ("KOSPI · KRX", "000000", f"at most {most} of {stocks} gone".replace("1000", "1,000"))
    assert told(result)[0] == (*shown, f"gone, one of {most + 1}")


@pytest.mark.parametrize(("days", "most"), [(1, 10), (8, 11)])
def test_as_many_may_be_new_as_may_be_gone(days, most):
    before, now = market(range(100)), market(range(100 + most))
    assert counts(few_are_new.check(night(now, before, days))) == (100 + most, 0, 0)
    result = few_are_new.check(night(market(range(101 + most)), before, days))
    assert counts(result) == (101 + most, most + 1, 0)
    assert told(result)[0] == ("KOSPI · KRX", "000100", f"at most {most} new", f"new, one of {most + 1}")


def test_how_many_may_be_new_follows_from_those_before():
    before, now = market(range(400)), market(range(413))
    assert counts(few_are_new.check(night(now, before))) == (413, 13, 0)


def test_stocks_that_the_days_master_lists_no_more_only_warn_and_those_that_it_lists_are_told_first():
    gone = [*range(5, 16), 20]
    given = night(without(100, *gone), market(range(100)), securities=board({*range(100)} - {*gone[:-1]}))
    result = stocks_stay.check(given)
    assert (counts(result), told(result)[0][1]) == ((100, 12, 11), "000020")


@pytest.mark.parametrize("securities", [None, board(range(50, 100)), board(range(100), day=DAY_BEFORE)])
def test_no_master_half_a_board_and_another_days_explain_nothing(securities):
    given = night(without(100, *range(11)), market(range(100)), securities=securities)
    assert counts(stocks_stay.check(given)) == (100, 11, 0)
    assert counts(few_are_new.check(night(market(range(100)), market(range(89)), securities=securities)))[1:] == (11, 0)


def test_new_stocks_that_the_master_has_only_warn():
    given = night(market(range(101)), market(range(89)), securities=board(range(100)))
    result = few_are_new.check(given)
    assert (counts(result), told(result)[0][1]) == ((101, 12, 11), "000100")


# --- NXT, whose list is made anew every quarter ----------------------------------------------------


@pytest.mark.parametrize(("gone", "unusual"), [(35, 35), (36, 0)])
def test_without_a_second_sign_a_third_of_nxt_may_be_gone(gone, unusual):
    given = night(market(range(gone, 100)), market(range(100)), at=NXT)
    assert counts(stocks_stay.check(given)) == (100, gone, unusual)


def test_what_left_nxt_and_is_not_listed_there_only_warns():
    listed = board(range(100), on_nxt={*range(60)} - {*range(11)})
    given = night(market(range(12, 60)), market(range(60)), at=NXT, securities=listed)
    result = stocks_stay.check(given)
    assert (counts(result), told(result)[0][1]) == ((60, 12, 11), "000011")


def venues(now, more):
    """Return NXT's set beside KRX's and the consolidated one, in which some stocks have more volume than on KRX."""
    volume = [10 + (number in more) for number in range(300)]
    return {NXT: now, KRX: market(range(300), trde_qty=[10] * 300), WHOLE: market(range(300), trde_qty=volume)}


def test_what_left_nxt_and_was_traded_there_is_told_first_and_the_rest_only_warns():
    tables = venues(market(range(12, 100)), {*range(11, 100)})
    result = stocks_stay.check(night(tables[NXT], market(range(100)), at=NXT, tables=tables))
    assert (counts(result), told(result)[0][1]) == ((100, 12, 11), "000011")


@pytest.mark.parametrize(("odd", "unusual"), [(2, 1), (3, 12)])
def test_where_more_than_one_in_a_hundred_others_show_the_same_the_volume_tells_nothing(odd, unusual):
    """200 stocks are not on NXT; where their volumes say nothing, a third of NXT may be gone."""
    tables = venues(market(range(12, 100)), {*range(1, 100), *range(100, 100 + odd)})
    result = stocks_stay.check(night(tables[NXT], market(range(100)), at=NXT, tables=tables))
    assert counts(result) == (100, 12, unusual)


@pytest.mark.parametrize("lost", [KRX, WHOLE, None])
def test_volumes_of_two_venues_tell_and_only_where_stocks_are_not_on_nxt(lost):
    tables = venues(market(range(12, 300)), {*range(300)})
    tables = {name: table for name, table in tables.items() if name != lost}
    result = stocks_stay.check(night(tables[NXT], market(range(300)), at=NXT, tables=tables))
    assert counts(result) == (300, 12, 12)


def test_a_stock_that_krx_lacks_and_that_was_traded_was_so_on_nxt():
    tables = venues(market(range(12, 100)), ()) | {KRX: market(range(2, 300), trde_qty=[10] * 298)}
    tables[WHOLE] = market(range(300), trde_qty=[1, 0] + [10] * 298)
    result = stocks_stay.check(night(tables[NXT], market(range(100)), at=NXT, tables=tables))
    assert (counts(result), told(result)[0][1]) == ((100, 12, 11), "000000")


def test_what_nxt_takes_up_only_warns_where_krx_has_it():
    now, before = market(range(100)), market(range(89))
    assert counts(few_are_new.check(night(now, before, at=NXT))) == (100, 11, 11)
    krx = {KRX: market(range(99)), "KOSDAQ KRX amount net": market([99])}
    result = few_are_new.check(night(now, before, at=NXT, tables=krx))
    assert (counts(result), told(result)[0][1]) == ((100, 11, 10), "000099")


# --- stretches -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gone", "found"),
    [
        (range(50), None),
        (range(51), (50, 51)),
        (range(20, 70), None),
        (range(20, 71), (50, 51)),
        (range(195, 200), None),
        (range(194, 200), (5, 6)),
        ((*range(20, 69), *range(70, 119)), None),
    ],
)
def test_fifty_neighbours_may_be_gone_and_five_at_the_end(gone, found):
    result = no_gap.check(night(without(200, *gone), market(range(200))))
    assert counts(result) == (200, found[1] if found else 0, 0)
    if found:
        most, count = found
        shown = ("KOSPI · KRX", f"{gone[0]:06d}", f"at most {most} neighbours gone", f"gone, one of {count}")
        assert told(result)[0] == shown


def test_what_the_master_lists_no_more_leaves_no_gap():
    now, before = without(200, *range(20, 80), *range(190, 200)), market(range(200))
    assert counts(no_gap.check(night(now, before)))[1] == 70
    listed = {*range(200)} - {40, 195}
    assert counts(no_gap.check(night(now, before, securities=board(listed))))[1] == 0
    assert counts(no_gap.check(night(now, before, securities=board(listed | {195}))))[1] == 10


# --- moved, and renamed ----------------------------------------------------------------------------


@pytest.mark.parametrize(("moved", "failing"), [(5, 0), (6, 6)])
def test_five_stocks_of_a_market_and_venue_may_come_from_the_other_market(moved, failing):
    before = {KRX: market(range(100)), OTHER: market(range(100, 200)), "ALL KRX amount net": market(range(200))}
    now = {
        KRX: market(range(100 + moved)),
        OTHER: market([*range(100 + moved, 200), 300]),
        "ALL KRX amount net": market(range(200)),
    }
    result = stocks_keep_their_market.check(input_of(now, published=before))
    assert counts(result) == (100 + moved + 101 - moved + 200, failing, 0)
    if failing:
        shown = ("KOSPI · KRX", "000100", "at most 5 from another market", "of the other market, one of 6")
        assert told(result)[0] == shown


@pytest.mark.parametrize(("stocks", "most"), [(100, 10), (549, 10), (550, 11)])
def test_two_in_a_hundred_stocks_may_have_another_name_and_ten_at_least(stocks, most):
    def renamed(count):
        return [f"new {n}" if n < count else f"{n:06d}" for n in range(stocks + 1)]

    before = market([*range(stocks), stocks + 5])
    now = market(range(stocks + 1), stk_nm=renamed(most))
    assert counts(names_stay.check(night(now, before))) == (stocks, 0, 0)
    result = names_stay.check(night(put(now, stk_nm=renamed(most + 1)), before))
    assert counts(result) == (stocks, most + 1, most + 1)
    shown = ("KOSPI · KRX", "000000", f"at most {most} renamed", f"another name, one of {most + 1}")
    assert told(result)[0] == shown


@pytest.mark.parametrize(("taken", "unusual"), [(10, 20), (11, 0)])
def test_names_that_other_stocks_had_block(taken, unusual):
    names = [f"{n + 50:06d}" if n < taken else f"new {n}" if n < 20 else f"{n:06d}" for n in range(100)]
    result = names_stay.check(night(market(range(100), stk_nm=names), market(range(100))))
    assert counts(result) == (100, 20, unusual)


@pytest.mark.parametrize(
    ("shifted", "price", "unusual"),
    [(11, 13_001, 0), (11, 6_999, 0), (11, 13_000, 20), (11, 7_000, 20), (10, 13_001, 20)],
)
def test_new_names_with_base_prices_that_moved_by_more_than_thirty_percent_block(shifted, price, unusual):
    names = [f"new {n}" if n < 20 else f"{n:06d}" for n in range(100)]
    prices = [price if n < shifted else 10_000 for n in range(100)]
    result = names_stay.check(night(market(range(100), stk_nm=names, cur_prc=prices), market(range(100))))
    assert counts(result) == (100, 20, unusual)


def test_a_stock_without_a_base_price_or_a_last_one_has_not_moved():
    names = [f"new {n}" for n in range(20)]
    now = market(range(20), stk_nm=names, cur_prc=[0] * 8 + [20_000] * 12)
    before = market(range(20), cur_prc=[10_000] * 16 + [0] * 4)
    assert counts(names_stay.check(night(now, before))) == (20, 20, 20)


def test_a_name_and_a_base_price_count_once_each_stock():
    names = [f"{n + 12:06d}" if n < 8 else f"new {n}" if n < 12 else f"{n:06d}" for n in range(20)]
    prices = [20_000 if n < 8 else 10_000 for n in range(20)]
    assert counts(names_stay.check(night(market(range(20), stk_nm=names, cur_prc=prices), market(range(20)))))[2] == 12


@pytest.mark.parametrize("law", [stocks_stay, no_gap, few_are_new, names_stay, stocks_keep_their_market])
def test_where_nothing_is_published_of_these_places_nothing_changed(law):
    with pytest.raises(NotApplicable, match="no set of these markets and venues is published"):
        law.check(input_of({KRX: market([1])}, published={NXT: market([1])}))
