"""
Which stocks a market lists on a day: codes, names and what kind of stock each is.

A year's share of change is in it, see :mod:`kiwoom_simulator.year`; :mod:`kiwoom_simulator.events` adds what it is
told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kiwoom_simulator import events, random_numbers, year
from kiwoom_simulator.names import (
    HOUSES,
    WELL_KNOWN,
    Codes,
    company,
    etn_name,
    fund_name,
    later_note,
    renamed_series,
    successor_code,
)
from kiwoom_simulator.parameters import Market
from kiwoom_simulator.stocks import Kind, Listing, Stock

if TYPE_CHECKING:
    from datetime import date

    from kiwoom_simulator.events import Event

FULL_SIZE = {Market.KOSPI: 1330, Market.KOSDAQ: 1824}
"""Rows that the live API was seen to answer with (2026)."""

NXT_SHARE = {Market.KOSPI: 380 / 1330, Market.KOSDAQ: 420 / 1824}
ETN_SHARE = {Market.KOSPI: 0.28, Market.KOSDAQ: 0.0}
ETF_SHARE = {Market.KOSPI: 1155 / 1330, Market.KOSDAQ: 0.0}
"""Funds for each stock of ka10066; only the master (ka10099) has them."""

SUSPENDS_SHARE = {Market.KOSPI: 0.018, Market.KOSDAQ: 0.04}
"""Of 949 and 1,821 stocks 9-30 and 52-82 were suspended on a day of 2026."""

_RESELECTED = 0.18  # how far a quarter moves a stock in NXT's order: about one in ten is exchanged
_WORDS = {"스팩": Kind.SPAC, "리츠": Kind.REIT, "인프라": Kind.INFRASTRUCTURE, "선박투자": Kind.FUND}
_ENDINGS = {
    Market.KOSPI: {5: "리츠", 6: "인프라", 7: "선박투자"},
    Market.KOSDAQ: {5: "제1호스팩", 17: "제2호스팩", 29: "제3호스팩"},
}
"""What names of one made-up stock in 41 end with."""


@dataclass(frozen=True)
class Universe:
    """The places of a market; all but a few hold one stock for ever. Equal for equal arguments."""

    seed: int
    market: Market
    size: int
    events: tuple[Event, ...] = ()

    def listing(self, day: date, moved_in: tuple[Stock, ...] = ()) -> Listing:
        """
        Return the stocks listed on ``day``: always ``size`` of them, but for events.

        :param moved_in: stocks that came from the other market.
        """
        return _listing_on(self, day, moved_in)

    def due(self, day: date) -> tuple[Event, ...]:
        """Return the events of this market up to ``day``."""
        return tuple(event for event in self.events if event.day <= day and event.concerns(self.market))

    def on_nxt(self, day: date) -> frozenset[str]:
        """Return the codes that NXT trades on ``day``."""
        return _on_nxt_on(self, day)

    def chosen(self, event: Event) -> frozenset[str]:
        """Return the codes of this market that an event happens to."""
        return _chosen(self, event)

    def __hash__(self) -> int:
        """Return the hash, made once: a year's events are in it."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.seed, self.market, self.size, self.events))

    @cached_property
    def lasting(self) -> tuple[Stock, ...]:
        """The stocks that are listed throughout, under their first names."""
        count = self.size - self.size // year.REPLACED_ONE_IN
        known = [Stock(code, name, price, 1e9 * won) for code, name, price, won in WELL_KNOWN[self.market][:count]]
        known = [replace(stock, kind=kind_of(stock.code, stock.name)) for stock in known]
        return (*known, *self._draw(count - len(known)))

    @cached_property
    def series(self) -> dict[str, int]:
        """The number of the series that each note of ``lasting`` matures with: neighbours by code."""
        codes = sorted(stock.code for stock in self.lasting if stock.kind is Kind.ETN)
        return {code: place // year.SERIES for place, code in enumerate(codes)}

    @cached_property
    def funds(self) -> tuple[Stock, ...]:
        """The market's ETFs, which only the master lists."""
        random = Random(f"{self.seed}:{self.market}:funds")  # noqa: S311
        codes = Codes(random, _parity(self.market), {stock.code for stock in self.lasting})
        count = round(self.size * ETF_SHARE[self.market])
        return tuple(Stock(codes.fund(), fund_name(random, n), 10_000.0 + n, 1e8, Kind.ETF) for n in range(count))

    @property
    def nxt_size(self) -> int:
        """How many stocks NXT trades."""
        return round(self.size * NXT_SHARE[self.market])

    def _draw(self, count: int) -> list[Stock]:
        random = Random(f"{self.seed}:{self.market}")  # noqa: S311
        taken = {code for stocks in WELL_KNOWN.values() for code, *_ in stocks}
        codes = Codes(random, _parity(self.market), taken)
        etns = int(count * ETN_SHARE[self.market])
        return [_draw_stock(self.market, random, codes, number, etn=number < etns) for number in range(count)]


def _draw_stock(market: Market, random: Random, codes: Codes, number: int, *, etn: bool) -> Stock:
    level = min(700_000.0, max(600.0, random.lognormvariate(9.2, 1.1)))
    turnover = min(1.5e11, max(2e6, random.lognormvariate(20, 1.6)))
    suspends = random.random() < SUSPENDS_SHARE[market]
    if etn:
        return Stock(codes.etn(), etn_name(random, number), level, turnover / 30, Kind.ETN)
    draw = random.choices((codes.common_stock, codes.preferred_stock, codes.recent_listing), (94, 3, 3))[0]
    code, name = draw(), company(random, number)
    ending = "우" if code[-1] != "0" else _ENDINGS[market].get(number % 41, "")
    name = f"{name}{ending}"
    return Stock(code, name, level, turnover, kind_of(code, name), suspends=suspends)


def kind_of(code: str, name: str) -> Kind:
    """Return what kind a stock of a name and code is: neither says it of an ETN."""
    if code[-1] != "0":
        return Kind.PREFERRED
    return next((kind for word, kind in _WORDS.items() if word in name), Kind.COMMON)


@lru_cache(512)
def _on_nxt_on(universe: Universe, day: date) -> frozenset[str]:
    quarter = (day.year, (day.month - 1) // 3)
    due = (event for event in universe.due(day) if event.kind == "nxt")
    told = tuple(event for event in due if (event.day.year, (event.day.month - 1) // 3) == quarter)
    return _on_nxt(universe, 4 * quarter[0] + quarter[1], year.is_cut(universe.seed, day), told)


@lru_cache(256)
def _on_nxt(universe: Universe, quarter: int, is_cut: bool, told: tuple[Event, ...]) -> frozenset[str]:  # noqa: FBT001
    """Return NXT's list of a quarter: the most traded common stocks."""
    common = Listing(tuple(stock for stock in universe.lasting if stock.kind is Kind.COMMON and not stock.suspends))
    moved = _RESELECTED * random_numbers.normal(universe.seed, "nxt list", common.keys, quarter)
    weights = np.log(common.turnovers) + np.where(common.liquid, 99.0, moved)
    size = round(universe.nxt_size * (1 - year.CUT[universe.market] * is_cut))
    order = np.argsort(-weights, kind="stable")[:size]
    members = frozenset(common.codes[row] for row in order)
    for event in told:
        members = events.on_nxt(event, universe.lasting, members)
    return members


@lru_cache(2_048)
def _chosen(universe: Universe, event: Event) -> frozenset[str]:
    if event.kind == "list" or not event.concerns(universe.market):
        return frozenset()
    return events.chosen(event, universe.lasting)


@lru_cache(256)
def _listing_on(universe: Universe, day: date, moved_in: tuple[Stock, ...]) -> Listing:
    places = {"replaced": universe.size // year.REPLACED_ONE_IN, "renamed": universe.size // year.RENAMED_ONE_IN,
              "series": max(universe.series.values(), default=-1) + 1}  # fmt: skip
    by_now = {of: tuple(year.generation(of, place, day) for place in range(count)) for of, count in places.items()}
    houses = tuple(year.house_generation(house, day) for house in range(len(HOUSES)))
    state = _State(by_now["replaced"], by_now["renamed"], by_now["series"], houses, universe.on_nxt(day))
    return _listing(universe, state, universe.due(day), moved_in)


class _State(NamedTuple):
    """How often what has changed by a day, by place, and NXT's list."""

    replaced: tuple[int, ...]
    renamed: tuple[int, ...]
    series: tuple[int, ...]
    houses: tuple[int, ...]
    on_nxt: frozenset[str]


@lru_cache(64)
def _listing(universe: Universe, state: _State, due: tuple[Event, ...], moved_in: tuple[Stock, ...]) -> Listing:
    passing = [_passing(universe, place, generation) for place, generation in enumerate(state.replaced)]
    new = [_new(universe, event, number) for event in due if event.kind == "list" for number in range(event.count)]
    lasting = [replace(stock, nxt=stock.code in state.on_nxt) for stock in _rename(universe.lasting, state.renamed)]
    for event in due:
        happens_to = universe.chosen(event)
        after = [events.apply_event(event, stock) if stock.code in happens_to else stock for stock in lasting]
        lasting = [stock for stock in after if stock]
    lasting = [_note(universe, stock, state) if stock.kind is Kind.ETN else stock for stock in lasting]
    return Listing(tuple(sorted((*lasting, *passing, *new, *moved_in), key=lambda stock: stock.code)))


def _rename(stocks: tuple[Stock, ...], generations: tuple[int, ...]) -> list[Stock]:
    """Return the stocks under the names that they have by now: every 25th common one changes its."""
    named = list(stocks)
    for place, generation in enumerate(generations):
        stock = named[row := len(stocks) - 1 - place * (year.RENAMED_ONE_IN - 1)]
        if generation and stock.kind is Kind.COMMON and not stock.liquid:
            named[row] = replace(stock, name=company(Random(f"{stock.code}:{generation}"), 7_000 + place))  # noqa: S311
    return named


def _note(universe: Universe, note: Stock, state: _State) -> Stock:
    """Return the note that is in a note's place by now, under the name that its house has by now."""
    series = universe.series[note.code]
    if generation := state.series[series]:
        code, name = later_note(note.code, note.name, generation)
        note = replace(note, code=code, name=name, since=year.first_day("series", series, generation))
    house = note.name.partition(" ")[0]
    if house in HOUSES and state.houses[HOUSES.index(house)] % 2:
        note = replace(note, name=renamed_series(note.name, f"{house}플러스"))
    return note


def _passing(universe: Universe, place: int, generation: int) -> Stock:
    """Return the stock of a place that is replaced; in one of nine of KOSPI, the one that has left KOSDAQ."""
    moves = place % year.MOVED_ONE_IN == 0
    until = year.first_day("replaced", place, generation + 1)
    if moves and generation and universe.market is Market.KOSPI:
        return replace(_passing(replace(universe, market=Market.KOSDAQ), place, generation - 1), until=until)
    random = Random(f"{universe.seed}:{universe.market}:{place}:{generation}")  # noqa: S311
    code = successor_code(place, generation, _parity(universe.market))
    stays = moves and universe.market is Market.KOSDAQ
    return Stock(
        code,
        company(random, place),
        random.uniform(1_000, 40_000),
        random.uniform(1e8, 9e9),
        since=year.first_day("replaced", place, generation),
        until=0 if stays else until,
    )


def _new(universe: Universe, event: Event, number: int) -> Stock:
    random = Random(f"{universe.seed}:{universe.market}:{event}:{number}")  # noqa: S311
    code = event.stock or successor_code(100 + universe.events.index(event), number, _parity(universe.market))
    since = event.day.toordinal()
    return Stock(code, company(random, 8_000 + number), random.uniform(2_000, 40_000), 9e9, since=since)


def _parity(market: Market) -> int:
    return 0 if market is Market.KOSPI else 1
