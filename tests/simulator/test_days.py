"""One day follows from the day before; nothing depends on what was asked."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from kiwoom_simulator.flows import MILLION, to_units
from kiwoom_simulator.market import truth, world_of
from kiwoom_simulator.parameters import Market, Venue
from kiwoom_simulator.prices import lower_limit, on_tick, quotes, tick, upper_limit

THURSDAY, FRIDAY = date(2026, 11, 19), date(2026, 11, 20)


def test_a_change_is_measured_against_the_regular_close_of_the_session_before():
    today, before = (world_of().day(Market.KOSPI, day) for day in (FRIDAY, THURSDAY))
    assert today.listing.codes == before.listing.codes
    base = today.quotes(Venue.KRX).price - today.quotes(Venue.KRX).change
    assert (base == before.quotes(Venue.KRX, 1, 0).price).all()


@pytest.mark.parametrize(
    ("day", "same"), [(date(2026, 9, 11), (1.0, 1.0)), (date(2026, 9, 14), (0.1, 0.6)), (FRIDAY, (0.1, 0.6))]
)
def test_since_krx_has_an_after_market_few_stocks_end_the_day_at_the_close(day, same):
    market = world_of().day(Market.KOSDAQ, day)
    unmoved = (market.last[Venue.KRX] == market.close[Venue.KRX]).mean()
    assert same[0] <= unmoved <= same[1]


def test_the_same_seed_and_day_give_the_same_numbers_whatever_was_asked_before():
    first = truth(5, FRIDAY, "KOSDAQ", "NXT", "amount", "buy", sizes={"KOSPI": 50, "KOSDAQ": 70})
    for day in (date(2026, 11, 2), THURSDAY):
        truth(5, day, "ALL", "CONSOLIDATED", "quantity", "net", sizes={"KOSPI": 50, "KOSDAQ": 70})
    world_of.__globals__["_day"].cache_clear()
    again = truth(5, FRIDAY, "KOSDAQ", "NXT", "amount", "buy", sizes={"KOSPI": 50, "KOSDAQ": 70})
    assert list(first.rows()) == list(again.rows())


def test_another_seed_is_another_market():
    one, two = (truth(seed, FRIDAY, "KOSPI", "KRX", "quantity", "buy") for seed in (1, 2))
    assert one.codes != two.codes


def test_two_sessions_differ_in_the_flows_of_nearly_every_traded_stock():
    today, before = (truth(1, day, "KOSPI", "KRX", "quantity", "net") for day in (FRIDAY, THURSDAY))
    same = (today.unrounded == before.unrounded).all(axis=1)
    assert same[~today.suspended].mean() < 0.02  # in some only individuals trade, and net is zero


def test_volume_is_bought_and_sold_in_full_when_natfor_is_counted():
    for side in ("buy", "sell"):
        shares = truth(1, FRIDAY, "ALL", "CONSOLIDATED", "quantity", side)
        assert (shares.unrounded[:, [0, 1, 2, 11, 12]].sum(axis=1) == shares.volume).all()
        won = truth(1, FRIDAY, "ALL", "CONSOLIDATED", "amount", side)
        assert (won.unrounded[:, [0, 1, 2, 11, 12]].sum(axis=1) == won.turnover).all()


def test_prices_stay_on_their_ticks_and_within_the_daily_limit_but_on_first_and_last_days_over_a_year():
    world = world_of(1, {"KOSPI": 60, "KOSDAQ": 400})
    seen, beyond = set(), set()
    for day in world.sessions.back_from(FRIDAY, 250):
        trading = world.day(Market.KOSDAQ, day)
        for venue in (Venue.KRX, Venue.NXT):
            quotes = trading.quotes(venue)
            seen |= set(quotes.sign.ravel().tolist())
            assert (quotes.price % tick(quotes.price) == 0).all()
            for stock, rate in zip(trading.listing.stocks, quotes.rate[:, 0].tolist(), strict=True):
                if abs(rate) > 3000:
                    since, until = day.toordinal() - stock.since, stock.until - day.toordinal()
                    assert 0 <= since <= 4 or 0 < until <= 10
                    beyond.add(since <= 4)
    assert beyond == {True, False}
    assert seen == {1, 2, 3, 4, 5}


def test_suspended_stocks_never_trade_and_never_move():
    today = truth(1, FRIDAY, "KOSPI", "CONSOLIDATED", "quantity", "buy")
    assert today.suspended.any()
    assert not today.volume[today.suspended].any()
    assert not today.unrounded[today.suspended].any()
    assert set(today.quotes.sign[today.suspended].tolist()) == {3}


@pytest.mark.parametrize(
    ("price", "expected"),
    [(1999, 1), (2000, 5), (5000, 10), (20000, 50), (50000, 100), (200000, 500), (500000, 1000)],
)
def test_tick_sizes_are_those_of_the_exchange(price, expected):
    assert tick(price) == expected


def test_limits_are_thirty_percent_cut_to_the_tick():
    base = np.array([9_990, 100_000, 1_234])
    assert upper_limit(base).tolist() == [12_980, 130_000, 1_604]
    assert lower_limit(base).tolist() == [7_000, 70_000, 864]


def test_the_sign_names_the_direction_also_where_the_limit_is_the_price_itself():
    found = quotes(np.array([3, 3, 4, 13_000]), np.array([3, 4, 3, 10_000]))

    assert (found.change.tolist(), found.sign.tolist()) == ([0, -1, 1, 3_000], [3, 4, 1, 1])
    assert on_tick([10_004.0, 99_960.0]).tolist() == [10_000, 100_000]


def test_won_are_rounded_to_millions_with_halves_away_from_zero():
    won = np.array([499_999, 500_000, -500_000, -499_999, 1_500_000, 0])
    assert to_units(won, MILLION).tolist() == [0, 1, -1, 0, 2, 0]


def test_now_and_then_a_stock_is_replaced_by_another_and_the_size_stays():
    world = world_of()
    november, june = (set(world.listing(Market.KOSDAQ, day).codes) for day in (FRIDAY, date(2026, 6, 1)))
    assert len(november) == len(june) == 1824
    assert 5 < len(november - june) < 60


def test_the_two_markets_share_no_stock():
    world = world_of()
    assert not set(world.listing(Market.KOSPI, FRIDAY).codes) & set(world.listing(Market.KOSDAQ, FRIDAY).codes)


def test_a_day_that_is_no_session_has_no_truth():
    with pytest.raises(ValueError, match="2026-11-21 is not a session"):
        truth(1, date(2026, 11, 21), "KOSPI", "KRX", "amount", "net")
