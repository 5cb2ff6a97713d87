"""Which stocks a market lists on a day: codes, names and what kind of stock each is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from random import Random
from typing import TYPE_CHECKING

from kiwoom_simulator.famous import FAMOUS
from kiwoom_simulator.listing import Listing, Stock
from kiwoom_simulator.names import Codes, company, etn_name, successor_code
from kiwoom_simulator.words import Market

if TYPE_CHECKING:
    from datetime import date

FULL_SIZE = {Market.KOSPI: 1330, Market.KOSDAQ: 1824}
"""Rows that the live API was seen to answer with (2026)."""

NXT_SHARE = {Market.KOSPI: 380 / 1330, Market.KOSDAQ: 420 / 1824}
ETN_SHARE = {Market.KOSPI: 0.28, Market.KOSDAQ: 0.0}

_REPLACED_ONE_IN = 40  # places whose stock is now and then delisted, and another listed
_PERIOD_DAYS = 300
_EPOCH = 735_964  # 2016-01-01, as a day's ordinal


@dataclass(frozen=True)
class Universe:
    """The places of a market; all but a few hold one stock for ever. Equal for equal arguments."""

    seed: int
    market: Market
    size: int

    def listing(self, day: date) -> Listing:
        """Return the stocks listed on ``day``: always ``size`` of them."""
        generations = tuple(_generation(slot, day) for slot in range(self.size // _REPLACED_ONE_IN))
        return _listing(self, generations)

    @cached_property
    def lasting(self) -> tuple[Stock, ...]:
        """The stocks that are listed throughout."""
        count = self.size - self.size // _REPLACED_ONE_IN
        famous = [Stock(c, n, p, t * 1e9, nxt=t >= 1.5) for c, n, p, t in FAMOUS[self.market][:count]]  # noqa: PLR2004
        made_up = self._made_up(count - len(famous))
        return (*famous, *_on_nxt(made_up, self._nxt_size - sum(stock.nxt for stock in famous)))

    @property
    def _nxt_size(self) -> int:
        return round(self.size * NXT_SHARE[self.market])

    def _made_up(self, count: int) -> list[Stock]:
        random = Random(f"{self.seed}:{self.market}")  # noqa: S311
        taken = {code for stocks in FAMOUS.values() for code, *_ in stocks}
        codes = Codes(random, _parity(self.market), taken)
        etns = int(count * ETN_SHARE[self.market])
        return [_made_up(random, codes, number, etn=number < etns) for number in range(count)]


def _made_up(random: Random, codes: Codes, number: int, *, etn: bool) -> Stock:
    level = min(700_000.0, max(600.0, random.lognormvariate(9.2, 1.1)))
    turnover = min(1.5e11, max(2e6, random.lognormvariate(20, 1.6)))
    suspended = random.random() < 0.012  # noqa: PLR2004
    if etn:
        return Stock(codes.etn(), etn_name(random, number), level, turnover / 30, suspended=suspended)
    draw = random.choices((codes.common, codes.preferred, codes.recent), (94, 3, 3))[0]
    return Stock(draw(), company(random, number), level, turnover, suspended=suspended)


def _on_nxt(stocks: list[Stock], count: int) -> list[Stock]:
    """Let the ``count`` most traded stocks trade on NXT."""
    eligible = [stock for stock in stocks if not stock.suspended and "ETN" not in stock.name]
    chosen = {s.code for s in sorted(eligible, key=lambda s: -s.turnover)[: max(0, count)]}
    return [replace(stock, nxt=stock.code in chosen) for stock in stocks]


def _generation(slot: int, day: date) -> int:
    return max(0, (day.toordinal() - _EPOCH + _offset(slot)) // _PERIOD_DAYS)


def _offset(slot: int) -> int:
    return slot * 53 % _PERIOD_DAYS


@lru_cache(64)
def _listing(universe: Universe, generations: tuple[int, ...]) -> Listing:
    passing = [_passing(universe, slot, generation) for slot, generation in enumerate(generations)]
    return Listing(tuple(sorted((*universe.lasting, *passing), key=lambda stock: stock.code)))


def _passing(universe: Universe, slot: int, generation: int) -> Stock:
    random = Random(f"{universe.seed}:{universe.market}:{slot}:{generation}")  # noqa: S311
    code = successor_code(slot, generation, _parity(universe.market))
    since = generation * _PERIOD_DAYS - _offset(slot) + _EPOCH if generation else 0
    return Stock(code, company(random, slot), random.uniform(1_000, 40_000), random.uniform(1e8, 9e9), since=since)


def _parity(market: Market) -> int:
    return 0 if market is Market.KOSPI else 1
