"""Daily closes that follow the day before: tick sizes, price limits, changes and their signs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kiwoom_simulator.random_numbers import normal, uniform

if TYPE_CHECKING:
    import numpy.typing as npt

    from kiwoom_simulator.random_numbers import Flags, Floats, Ints
    from kiwoom_simulator.stocks import Listing

WARM_UP = 5
"""Sessions that must stand before the first one asked for: a close depends on those before it."""

LIMIT_PERCENT = 30
_TICK_FROM = np.array([0, 2_000, 5_000, 20_000, 50_000, 200_000, 500_000])
_TICKS = np.array([1, 5, 10, 50, 100, 500, 1_000])
"""KRX tick sizes by price, since 2023-01-25."""

UPPER, UP, UNCHANGED, LOWER, DOWN = 1, 2, 3, 4, 5


_SPELL_DAYS = 64  # a stock that suspends does so for whole spells
_SPELLS = 6  # and trades again in one of so many at the latest


@dataclass(frozen=True)
class Quotes:
    """Prices, changes against the KRX close of the day before, ``pre_sig``, and rates in 1/100 %."""

    price: Ints
    change: Ints
    sign: Ints
    rate: Ints

    def columns(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Return price, change, sign and rate."""
        return self.price, self.change, self.sign, self.rate

    def at(self, index: Any) -> Quotes:  # noqa: ANN401
        """Return the quotes that a numpy index picks."""
        return Quotes(*(column[index] for column in self.columns()))


def tick(price: npt.ArrayLike) -> Ints:
    """Return the tick size at ``price``."""
    return _TICKS[np.searchsorted(_TICK_FROM, np.asarray(price), side="right") - 1]


def on_tick(price: npt.ArrayLike) -> Ints:
    """Return the tick nearest to ``price``."""
    step = tick(price)
    return np.rint(np.asarray(price) / step).astype(np.int64) * step


def upper_limit(base: Ints) -> Ints:
    """Return the highest price allowed after a close of ``base``."""
    top = base + _limit(base)
    return top // tick(top) * tick(top)


def lower_limit(base: Ints) -> Ints:
    """Return the lowest price allowed after a close of ``base``."""
    bottom = base - _limit(base)
    return -(-bottom // tick(bottom)) * tick(bottom)


def find_suspended(seed: int, listing: Listing, days: Ints) -> tuple[Flags, Ints]:
    """
    Tell which stocks do not trade on which days, and what day each last traded: stocks × days, ordinals.

    Of the stocks that suspend some never trade, the others stop for spells of two months or more.
    """
    rows = np.flatnonzero(listing.suspends)
    stops, last = np.zeros((len(listing.codes), len(days)), bool), np.tile(days, (len(listing.codes), 1))
    if not rows.size:
        return stops, last
    keys, halted_from = listing.keys[rows, None], listing.halted_from[rows, None]
    never = (halted_from == 0) & (uniform(seed, "suspended", keys) < 0.4)  # noqa: PLR2004
    halted = (halted_from > 0) & (days >= halted_from)
    spell = days // _SPELL_DAYS
    begin, still = spell, _stops(seed, keys, spell) & (halted_from == 0)
    stops[rows] = still | never | halted
    for back in range(1, _SPELLS):
        still = still & _stops(seed, keys, spell - back)
        begin = np.where(still, spell - back, begin)
    before = np.where(halted, halted_from - 1, begin * _SPELL_DAYS - 1)
    last[rows] = np.where(never, 0, np.where(stops[rows], before, days))
    return stops, last


def closes(seed: int, listing: Listing, days: Ints, last_traded: Ints, factor: Floats) -> Ints:
    """
    Return KRX closes, stocks × days, of which the first :data:`WARM_UP` are not to be used.

    Now and then a stock closes at its upper limit, and some of these at the lower limit a day later.

    :param days: ordinals of consecutive sessions, oldest first.
    :param last_traded: the ordinal of the day whose price each has, stocks × days.
    :param factor: what splits and the like have made of the price level, stocks × days.
    """
    wandering = on_tick(_wandering(seed, listing, last_traded) * factor)
    jump, steady = _jumps(seed, listing, days), factor[:, 1:] == factor[:, :-1]
    result = wandering.copy()
    jump[:, 1:] &= steady
    result[:, 1:] = np.where(jump[:, 1:], upper_limit(wandering[:, :-1]), wandering[:, 1:])
    falls = uniform(seed, "fall", listing.keys[:, None], days[None, 1:]) < 0.3  # noqa: PLR2004
    fall = jump[:, :-1] & steady & falls & ~_find_halted(listing, days)[:, 1:]
    result[:, 1:] = np.where(fall, lower_limit(result[:, :-1]), result[:, 1:])
    return result


def quotes(price: Ints, base: Ints) -> Quotes:
    """Return ``price`` with what it means against the close of the day before, ``base``."""
    change = price - base
    sign = np.select(
        [change == 0, price >= upper_limit(base), price <= lower_limit(base), change > 0, change < 0],
        [UNCHANGED, UPPER, LOWER, UP, DOWN],  # of a price of three won the limit is the price itself
        UNCHANGED,
    )
    rate = np.sign(change) * ((20_000 * np.abs(change) + base) // (2 * base))
    return Quotes(price, change, sign.astype(np.int64), rate)


def _limit(base: Ints) -> Ints:
    return base * LIMIT_PERCENT // 100 // tick(base) * tick(base)


def _stops(seed: int, keys: Ints, spell: Ints) -> Flags:
    stops: Flags = (uniform(seed, "spell", keys, spell[None, :]) < 0.6) & (spell % _SPELLS > 0)  # noqa: PLR2004
    return stops


def _wandering(seed: int, listing: Listing, dates: Ints) -> Floats:
    keys = listing.keys[:, None]
    path = 0.012 * normal(seed, "noise", keys, dates)
    for wave, (height, length) in enumerate(((0.25, 900), (0.12, 230), (0.05, 45))):
        phase = uniform(seed, f"phase{wave}", keys) * 6.28
        path = path + height * np.sin(dates / length * 6.28 + phase)
    calm = np.where(listing.pauses, 0.25, 1.0)[:, None]
    return listing.levels[:, None] * np.exp(path * calm)


def _find_halted(listing: Listing, days: Ints) -> Flags:
    """Tell which stocks are stopped for good on which days; before, a stock is as one that never will be."""
    halted: Flags = (listing.halted_from[:, None] > 0) & (days >= listing.halted_from[:, None])
    return halted


def _jumps(seed: int, listing: Listing, days: Ints) -> Flags:
    event = uniform(seed, "jump", listing.keys[:, None], days[None, :]) < 0.001  # noqa: PLR2004
    event &= ~(listing.pauses | listing.liquid)[:, None] & ~_find_halted(listing, days)
    jump = np.zeros_like(event)
    jump[:, 2:] = event[:, 2:] & ~event[:, 1:-1] & ~event[:, :-2]
    return jump
