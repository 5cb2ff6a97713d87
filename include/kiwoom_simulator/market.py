"""
The ground truth: every number behind the simulator's answers, without wire, clock or faults.

Laws that hold exactly on unrounded numbers: buy − sell = net; 기관계 = its eight parts; KRX + NXT = 통합;
bought by 개인, 외국인, 기관계, 기타법인 and natfor = volume = sold by them (turnover, in won).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_simulator import prices
from kiwoom_simulator.assumptions import Assumptions
from kiwoom_simulator.events import apply_event
from kiwoom_simulator.parameters import LISTED_MARKETS, Market, Measure, Selection, Side, Venue
from kiwoom_simulator.sessions import Sessions
from kiwoom_simulator.settlement import Moment, Step
from kiwoom_simulator.stocks import Listing
from kiwoom_simulator.trading import Trading, generate, trading
from kiwoom_simulator.truth import Truth, union
from kiwoom_simulator.universe import FULL_SIZE, Universe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from kiwoom_simulator.events import Event
    from kiwoom_simulator.given import GivenUniverse
    from kiwoom_simulator.random_numbers import Flags, Ints
    from kiwoom_simulator.stocks import Stock

DEFAULT_SEED = 1
PRICE_EVENTS = ("split", "beyond-limit")


@dataclass(frozen=True)
class World:
    """
    Both markets under one seed: nothing in it depends on what was asked before.

    ``given`` are stocks, prices and volumes that take the place of made-up ones.
    """

    seed: int = DEFAULT_SEED
    sizes: tuple[tuple[Market, int], ...] = tuple(FULL_SIZE.items())
    sessions: Sessions = field(default_factory=Sessions)
    events: tuple[Event, ...] = ()
    assume: Assumptions = field(default_factory=Assumptions)
    given: GivenUniverse | None = None

    def universe(self, market: Market) -> Universe:
        """Return what a market lists, on any day."""
        return self._universes[market]

    @cached_property
    def _universes(self) -> dict[Market, Universe]:
        return {market: Universe(self.seed, market, size, self.events) for market, size in self.sizes}

    def __hash__(self) -> int:
        """Return the hash, made once: a year's events are in it."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.seed, self.sizes, self.sessions, self.events, self.assume, self.given))

    def listing(self, market: Market, day: date) -> Listing:
        """Return the stocks of one market on ``day``."""
        if self.given:
            return self.given.listing(market, day)
        return self.universe(market).listing(day, self._find_moved(day) if market is Market.KOSPI else ())

    def funds(self, market: Market) -> tuple[Stock, ...]:
        """Return a market's ETFs, which the master lists and ka10066 does not."""
        return () if self.given else self.universe(market).funds

    def day(self, market: Market, day: date) -> Trading:
        """Return a whole market's session."""
        return _day(self, market, day)

    def stock(self, market: Market, code: str, days: tuple[date, ...]) -> Trading:
        """Return one stock on consecutive sessions (oldest first), as listed on the last of them."""
        listing = self.listing(market, days[-1])
        alone = Listing((listing.stocks[listing.index[code]],))
        if (
            market is Market.KOSPI
            and not self.given
            and any(stock.code == code for stock in self._find_moved(days[-1]))
        ):
            on_nxt = [self._is_on_nxt(code, day) for day in days]
        else:
            members = {day: self._on_nxt(market, day) for day in days}
            on_nxt = [code in members[day] for day in days]
        return self._trading(market, alone, days, np.array([on_nxt]))

    def market_of(self, code: str, day: date) -> Market | None:
        """Return the market that lists ``code`` on ``day``."""
        return next((m for m in LISTED_MARKETS if code in self.listing(m, day).index), None)

    def truth(self, selection: Selection, day: date, *, step: Step = Step.COMPLETE) -> Truth:
        """Return one parameter set of a session, when all of its prices are there and its flows as far as ``step``."""
        return self.truth_at(selection, Moment(day, day, step))

    def truth_at(self, selection: Selection, moment: Moment) -> Truth:
        """Return one parameter set as it is served at a moment."""
        markets = LISTED_MARKETS if selection.market is Market.ALL else (selection.market,)
        parts = [self._part(replace(selection, market=market), moment) for market in markets]
        return parts[0] if len(parts) == 1 else union(parts)

    def totals(self, market: Market, venue: Venue, measure: Measure, day: date, step: Step) -> Ints:
        """Return a market's net flows, unrounded, without ETNs: stocks × investors, and the stocks left out zero."""
        found = self.day(market, day)
        table = found.flows[venue, step].table(measure, Side.NET)[:, 0]
        return np.where(found.listing.etn[:, None], 0, table)

    def _part(self, selection: Selection, moment: Moment) -> Truth:
        day, flow_day = (self.day(selection.market, of) for of in (moment.live, moment.settled))
        venue, rows = selection.venue, np.flatnonzero(day.trades_on(selection.venue)[:, 0])
        investors = flow_day.flows[venue, moment.step].table(selection.measure, selection.side)[:, 0]
        traded = moment.volume_parts(day.days[0])
        return Truth(
            session_date=flow_day.days[0],
            selection=selection,
            codes=[day.listing.codes[row] for row in rows],
            names=[day.listing.stocks[row].name for row in rows],
            quotes=day.quotes(venue, *traded).at((rows, 0)),
            volume=day.volume(venue, *traded)[rows, 0],
            turnover=day.turnover(venue, *traded)[rows, 0],
            unrounded=_move_rows(investors, flow_day.listing, day.listing)[rows],
            suspended=day.krx.suspended[rows, 0],
            cut=self.assume.rounding == "cut",
        )

    def _trading(self, market: Market, listing: Listing, days: tuple[date, ...], on_nxt: Flags) -> Trading:
        if self.given:
            krx = self.given.krx(market, listing, days)
        else:
            told = {event: self._chosen(event) for event in self.events if event.kind in PRICE_EVENTS}
            warm_up = tuple(self.sessions.back_from(self.sessions.previous(days[0]), prices.WARM_UP)[::-1])
            krx = generate(self.seed, listing, days, warm_up, told)
        return trading(self.seed, listing, days, krx, on_nxt, self.assume)

    def _is_on_nxt(self, code: str, day: date) -> bool:
        """Tell it of a stock that has changed its market: of the one that lists it on the day."""
        market = self.market_of(code, day)
        return market is not None and bool((listing := self.listing(market, day)).nxt[listing.index[code]])

    def _chosen(self, event: Event) -> frozenset[str]:
        """Return the codes that an event happens to, of either market: a stock may change it later."""
        return frozenset().union(*(universe.chosen(event) for universe in self._universes.values()))

    def _on_nxt(self, market: Market, day: date) -> frozenset[str]:
        return self.given.on_nxt(market) if self.given else self.universe(market).on_nxt(day)

    def _find_moved(self, day: date) -> tuple[Stock, ...]:
        """Return the stocks that have left KOSDAQ for KOSPI by ``day``, with what else has happened to them."""
        kosdaq = self.universe(Market.KOSDAQ)
        due = {event: kosdaq.chosen(event) for event in kosdaq.due(day)}
        codes = frozenset().union(*(codes for event, codes in due.items() if event.kind == "move"))
        found = [stock for stock in kosdaq.lasting if stock.code in codes] if codes else []
        for event, happens_to in due.items():
            if event.kind != "move":
                after = [apply_event(event, stock) if stock.code in happens_to else stock for stock in found]
                found = [stock for stock in after if stock]
        return tuple(found)


@lru_cache(24)
def _day(world: World, market: Market, day: date) -> Trading:
    listing = world.listing(market, day)
    return world._trading(market, listing, (day,), listing.nxt[:, None])  # noqa: SLF001


def _move_rows(investors: Ints, old: Listing, new: Listing) -> Ints:
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
    assume: Iterable[str] = (),
) -> Truth:
    """
    Return one settled parameter set of one session, by words such as ``KOSPI KRX amount net``.

    :param sizes: stocks by market, as the simulator was started with; default: full size.
    :param step: how far the flows are: without the after-market, with it, or revised.
    :param assume: ``NAME=VALUE``, as the simulator was started with: some of them change figures.
    :raises ValueError: when a word is not valid, or ``session_date`` is not a session.
    """
    world = replace(world_of(seed, sizes, closed_days), assume=Assumptions.parse(assume))
    if not world.sessions.is_session(session_date):
        raise ValueError(f"session_date {session_date} is not a session of the simulator")
    return world.truth(Selection.of(market, venue, measure, side), session_date, step=step)


def world_of(
    seed: int = DEFAULT_SEED,
    sizes: Mapping[str, int] | None = None,
    closed_days: frozenset[date] = frozenset(),
    events: tuple[Event, ...] = (),
) -> World:
    """Return the world of a seed, with the given number of stocks in each market."""
    chosen = {**FULL_SIZE, **{Market(market): int(count) for market, count in (sizes or {}).items()}}
    return World(seed, tuple((market, chosen[market]) for market in LISTED_MARKETS), Sessions(closed_days), events)
