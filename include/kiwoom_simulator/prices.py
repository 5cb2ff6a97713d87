"""Daily closes that follow the day before: tick sizes, price limits, changes and their signs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kiwoom_simulator.noise import normal, uniform

if TYPE_CHECKING:
    import numpy.typing as npt

    from kiwoom_simulator.listing import Listing
    from kiwoom_simulator.noise import Flags, Floats, Ints

WARM_UP = 5
"""Sessions that must stand before the first one asked for: a close depends on those before it."""

LIMIT_PERCENT = 30
_TICK_FROM = np.array([0, 2_000, 5_000, 20_000, 50_000, 200_000, 500_000])
_TICKS = np.array([1, 5, 10, 50, 100, 500, 1_000])
"""KRX tick sizes by price, since 2023-01-25."""

UPPER, UP, UNCHANGED, LOWER, DOWN = 1, 2, 3, 4, 5


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


def closes(seed: int, listing: Listing, days: Ints) -> Ints:
    """
    Return KRX closes, stocks × days, of which the first :data:`WARM_UP` are not to be used.

    Now and then a stock closes at its upper limit, and some of these at the lower limit a day later.

    :param days: ordinals of consecutive sessions, oldest first.
    """
    wandering = on_tick(_wandering(seed, listing, days))
    jump = _jumps(seed, listing, days)
    result = wandering.copy()
    result[:, 1:] = np.where(jump[:, 1:], upper_limit(wandering[:, :-1]), wandering[:, 1:])
    fall = jump[:, :-1] & (uniform(seed, "fall", listing.keys[:, None], days[None, 1:]) < 0.3)  # noqa: PLR2004
    result[:, 1:] = np.where(fall, lower_limit(result[:, :-1]), result[:, 1:])
    return result


def quotes(price: Ints, base: Ints) -> Quotes:
    """Return ``price`` with what it means against the close of the day before, ``base``."""
    change = price - base
    sign = np.select(
        [price >= upper_limit(base), price <= lower_limit(base), change > 0, change < 0],
        [UPPER, LOWER, UP, DOWN],
        UNCHANGED,
    )
    rate = np.sign(change) * ((20_000 * np.abs(change) + base) // (2 * base))
    return Quotes(price, change, sign.astype(np.int64), rate)


def _limit(base: Ints) -> Ints:
    return base * LIMIT_PERCENT // 100 // tick(base) * tick(base)


def _wandering(seed: int, listing: Listing, days: Ints) -> Floats:
    keys, dates = listing.keys[:, None], days[None, :]
    path = 0.012 * normal(seed, "noise", keys, dates)
    for wave, (height, length) in enumerate(((0.25, 900), (0.12, 230), (0.05, 45))):
        phase = uniform(seed, f"phase{wave}", keys) * 6.28
        path = path + height * np.sin(dates / length * 6.28 + phase)
    return listing.levels[:, None] * np.exp(np.where(listing.suspended[:, None], 0.0, path))


def _jumps(seed: int, listing: Listing, days: Ints) -> Flags:
    event = uniform(seed, "jump", listing.keys[:, None], days[None, :]) < 0.001  # noqa: PLR2004
    event &= ~(listing.suspended | listing.liquid)[:, None]
    jump = np.zeros_like(event)
    jump[:, 2:] = event[:, 2:] & ~event[:, 1:-1] & ~event[:, :-2]
    return jump
