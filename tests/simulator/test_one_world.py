"""A day's market and a stock's history are one world: what ka10066 serves on a night, ka10059 says of it later."""

from __future__ import annotations

from datetime import date

import pytest

from kiwoom_simulator.events import Event
from kiwoom_simulator.market import World
from kiwoom_simulator.parameters import LISTED_MARKETS, Market, Venue
from kiwoom_simulator.settlement import Step

LAST_DAY = date(2026, 5, 8)
EVENTS = (
    "split=20@2026-04-02:market=KOSDAQ",
    "beyond-limit=20@2026-04-07:market=KOSDAQ",
    "suspend=8@2026-04-15:market=KOSDAQ",
    "suspend=8@2026-04-15:market=KOSPI",
    "suspend=30@2026-04-21:market=KOSPI",
    "nxt=6/6@2026-04-10",
    "move=20@2026-04-24",
)


@pytest.fixture(scope="module")
def world():
    events = tuple(Event.parse(text) for text in EVENTS)
    return World(1, ((Market.KOSPI, 40), (Market.KOSDAQ, 40)), events=events)


def seen_on(world, market, code, day):
    """What the day's market shows of a stock, by venue."""
    trading = world.day(market, day)
    return figures(trading, trading.listing.index[code], 0)


def figures(trading, row, column):
    return {
        venue: (
            bool(trading.trades_on(venue)[row, column]),
            int(trading.last[venue][row, column]),
            int(trading.krx.base[row, column]),
            int(trading.krx.volume[row, column]),
            trading.flows[venue, Step.COMPLETE].shares[row, column].tolist(),
        )
        for venue in Venue
    }


@pytest.mark.parametrize("market", LISTED_MARKETS)
def test_whatever_happens_to_a_stock_later_its_days_stay_as_they_were(world, market):
    days = tuple(world.sessions.back_from(LAST_DAY, 30)[::-1])
    changed_market = 0
    for code in world.listing(market, LAST_DAY).codes:
        history = world.stock(market, code, days)
        for column, day in enumerate(days):
            if (then := world.market_of(code, day)) is not None:
                changed_market += then is not market
                assert figures(history, 0, column) == seen_on(world, then, code, day), (code, day)
    assert changed_market == {Market.KOSPI: 420, Market.KOSDAQ: 0}[market]
