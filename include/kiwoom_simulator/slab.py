"""A slab of the market: some stocks over some consecutive sessions, generated at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_simulator import flows as trade
from kiwoom_simulator import prices
from kiwoom_simulator.words import Venue

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kiwoom_simulator.flows import Flows
    from kiwoom_simulator.listing import Listing
    from kiwoom_simulator.noise import Flags, Ints
    from kiwoom_simulator.prices import Quotes


@dataclass(frozen=True)
class Slab:
    """Some stocks of a market over consecutive sessions, oldest first: all columns are stocks × days."""

    listing: Listing
    days: tuple[date, ...]
    close: Ints
    base: Ints
    nxt_close: Ints
    flows: Mapping[Venue, Flows]

    def quotes(self, venue: Venue, done: float = 1.0) -> Quotes:
        """Return prices on ``venue``; ``done`` is the part of the day that is over, 0 to 1."""
        final = self.nxt_close if venue is Venue.NXT else self.close
        price = final if done >= 1 else prices.on_tick(self.base + (final - self.base) * done)
        return prices.quotes(price, self.base)

    def volume(self, venue: Venue, done: float = 1.0) -> Ints:
        """Return shares traded on ``venue`` so far."""
        final = self.flows[venue].volume
        return final if done >= 1 else (final * done).astype(np.int64)

    def traded(self, venue: Venue) -> Flags:
        """Tell which stocks are listed on ``venue``."""
        return self.listing.nxt if venue is Venue.NXT else np.ones(len(self.listing.codes), bool)


def slab(seed: int, listing: Listing, days: tuple[date, ...], warm_up: tuple[date, ...]) -> Slab:
    """
    Generate the trade of ``listing`` on ``days``.

    :param warm_up: the :data:`~kiwoom_simulator.prices.WARM_UP` sessions before ``days``, oldest first.
    """
    ordinals = np.array([day.toordinal() for day in (*warm_up, *days)])
    close = prices.closes(seed, listing, ordinals)
    close, base, ordinals = (
        close[:, len(warm_up) :],
        close[:, len(warm_up) - 1 : -1],
        ordinals[len(warm_up) :],
    )
    span = trade.Span(seed, listing, ordinals)
    nxt_close = _nxt_close(span, close, base)
    krx = trade.krx_volume(span, close)
    early = prices.on_tick(close + 0.3 * (base - close))
    by_venue = {
        Venue.KRX: trade.flows(span, "KRX", krx, (early, close)),
        Venue.NXT: trade.flows(span, "NXT", trade.nxt_volume(span, krx), (early, nxt_close)),
    }
    by_venue[Venue.CONSOLIDATED] = by_venue[Venue.KRX] + by_venue[Venue.NXT]
    return Slab(listing, days, close, base, nxt_close, by_venue)


def _nxt_close(span: trade.Span, close: Ints, base: Ints) -> Ints:
    """Return closes on NXT: up to two ticks from KRX's, within the day's limits."""
    ticks = np.floor(5 * span.uniform("nxt close")).astype(np.int64) - 2
    moved = prices.on_tick(close + ticks * prices.tick(close))
    return np.clip(moved, prices.lower_limit(base), prices.upper_limit(base))
