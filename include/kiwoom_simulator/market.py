"""
The ground truth: every number behind the simulator's answers, without wire, clock or faults.

Laws that hold exactly on unrounded numbers: buy − sell = net; 기관계 = its eight parts; KRX + NXT = 통합;
bought by 개인, 외국인, 기관계, 기타법인 and natfor = volume = sold by them (turnover, in won).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_simulator import prices
from kiwoom_simulator.listing import Listing
from kiwoom_simulator.sessions import Sessions
from kiwoom_simulator.settlement import Moment, Step
from kiwoom_simulator.slab import Slab, slab
from kiwoom_simulator.truth import Truth, union
from kiwoom_simulator.universe import FULL_SIZE, Universe
from kiwoom_simulator.words import LISTED_MARKETS, Market, Selection

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kiwoom_simulator.noise import Ints

DEFAULT_SEED = 1


@dataclass(frozen=True)
class World:
    """Both markets under one seed: nothing in it depends on what was asked before."""

    seed: int = DEFAULT_SEED
    sizes: tuple[tuple[Market, int], ...] = tuple(FULL_SIZE.items())
    sessions: Sessions = field(default_factory=Sessions)

    def listing(self, market: Market, day: date) -> Listing:
        """Return the stocks of one market on ``day``."""
        return Universe(self.seed, market, dict(self.sizes)[market]).listing(day)

    def day(self, market: Market, day: date) -> Slab:
        """Return a whole market's session."""
        return _day(self, market, day)

    def stock(self, market: Market, code: str, days: tuple[date, ...]) -> Slab:
        """Return one stock on consecutive sessions (oldest first), as listed on the last of them."""
        listing = self.listing(market, days[-1])
        alone = Listing((listing.stocks[listing.index[code]],))
        return slab(self.seed, alone, days, self.before(days[0]))

    def market_of(self, code: str, day: date) -> Market | None:
        """Return the market that lists ``code`` on ``day``."""
        return next((m for m in LISTED_MARKETS if code in self.listing(m, day).index), None)

    def before(self, day: date) -> tuple[date, ...]:
        """Return the sessions before ``day`` that its prices follow from, oldest first."""
        return tuple(self.sessions.back_from(self.sessions.previous(day), prices.WARM_UP)[::-1])

    def truth(self, selection: Selection, day: date, *, step: Step = Step.COMPLETE) -> Truth:
        """Return one parameter set of a session, when all of its prices are there and its flows as far as ``step``."""
        return self.served(selection, Moment(day, day, step))

    def served(self, selection: Selection, moment: Moment) -> Truth:
        """Return one parameter set as it is served at a moment."""
        markets = LISTED_MARKETS if selection.market is Market.ALL else (selection.market,)
        parts = [
            _part(selection, self.day(market, moment.live), self.day(market, moment.settled), moment)
            for market in markets
        ]
        return parts[0] if len(parts) == 1 else union(parts)


@lru_cache(24)
def _day(world: World, market: Market, day: date) -> Slab:
    return slab(world.seed, world.listing(market, day), (day,), world.before(day))


def _part(selection: Selection, day: Slab, flow_day: Slab, moment: Moment) -> Truth:
    venue, rows = selection.venue, np.flatnonzero(day.traded(selection.venue))
    investors = flow_day.flows[venue, moment.step].table(selection.measure, selection.side)[:, 0]
    regular, after = moment.traded(day.days[0])
    return Truth(
        session_date=flow_day.days[0],
        selection=selection,
        codes=[day.listing.codes[row] for row in rows],
        names=[day.listing.stocks[row].name for row in rows],
        quotes=day.quotes(venue, regular, after).at((rows, 0)),
        volume=day.volume(venue, regular, after)[rows, 0],
        turnover=day.turnover(venue, regular, after)[rows, 0],
        unrounded=_moved(investors, flow_day.listing, day.listing)[rows],
        suspended=day.listing.suspended[rows],
    )


def _moved(investors: Ints, old: Listing, new: Listing) -> Ints:
    """Return another session's rows under this session's stocks; a stock not listed then has zeros."""
    if old is new:
        return investors
    padded = np.vstack([investors, np.zeros_like(investors[:1])])
    moved: Ints = padded[np.array([old.index.get(code, -1) for code in new.codes])]
    return moved


def truth(  # noqa: PLR0917
    seed: int,
    session_date: date,
    market: str,
    venue: str,
    measure: str,
    side: str,
    *,
    sizes: Mapping[str, int] | None = None,
    closed_days: frozenset[date] = frozenset(),
    step: Step = Step.COMPLETE,
) -> Truth:
    """
    Return one settled parameter set of one session, by words such as ``KOSPI KRX amount net``.

    :param sizes: stocks by market, as the simulator was started with; default: full size.
    :param step: how far the flows are: without the after-market, with it, or revised.
    :raises ValueError: when a word is not valid, or ``session_date`` is not a session.
    """
    world = world_of(seed, sizes, closed_days)
    if not world.sessions.is_session(session_date):
        raise ValueError(f"session_date {session_date} is not a session of the simulator")
    return world.truth(Selection.of(market, venue, measure, side), session_date, step=step)


def world_of(
    seed: int = DEFAULT_SEED,
    sizes: Mapping[str, int] | None = None,
    closed_days: frozenset[date] = frozenset(),
) -> World:
    """Return the world of a seed, with the given number of stocks in each market."""
    chosen = {**FULL_SIZE, **{Market(market): int(count) for market, count in (sizes or {}).items()}}
    return World(seed, tuple((market, chosen[market]) for market in LISTED_MARKETS), Sessions(closed_days))
