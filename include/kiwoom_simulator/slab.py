"""The trade of some stocks over some consecutive sessions, generated at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_simulator import flows as trade
from kiwoom_simulator import prices
from kiwoom_simulator.settlement import Step
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
    """
    Some stocks of a market over consecutive sessions, oldest first: all columns are stocks × days.

    ``close`` and ``last`` are each venue's price at the end of the regular session and of the day; the
    next day's ``base`` is the KRX close. ``flows`` are by venue and step.
    """

    listing: Listing
    days: tuple[date, ...]
    base: Ints
    close: Mapping[Venue, Ints]
    last: Mapping[Venue, Ints]
    flows: Mapping[tuple[Venue, Step], Flows]

    def quotes(self, venue: Venue, regular: float = 1.0, after: float = 1.0) -> Quotes:
        """Return prices on ``venue`` when such parts (0 to 1) of the regular session and after-market are over."""
        close, last = self.close[venue], self.last[venue]
        if after >= 1:
            return prices.quotes(last, self.base)
        begin, end, part = (close, last, after) if regular >= 1 else (self.base, close, regular)
        return prices.quotes(prices.on_tick(begin + (end - begin) * part), self.base)

    def volume(self, venue: Venue, regular: float = 1.0, after: float = 1.0) -> Ints:
        """Return shares traded on ``venue`` by then."""
        return self._so_far(self.regular(venue).volume, self.complete(venue).volume, regular, after)

    def turnover(self, venue: Venue, regular: float = 1.0, after: float = 1.0) -> Ints:
        """Return won traded on ``venue`` by then."""
        return self._so_far(self.regular(venue).turnover, self.complete(venue).turnover, regular, after)

    def regular(self, venue: Venue) -> Flows:
        """Return the regular session's flows."""
        return self.flows[venue, Step.REGULAR]

    def complete(self, venue: Venue) -> Flows:
        """Return the flows with the after-market's."""
        return self.flows[venue, Step.COMPLETE]

    def traded(self, venue: Venue) -> Flags:
        """Tell which stocks are listed on ``venue``."""
        return self.listing.nxt if venue is Venue.NXT else np.ones(len(self.listing.codes), bool)

    @staticmethod
    def _so_far(begin: Ints, end: Ints, regular: float, after: float) -> Ints:
        if after >= 1:
            return end
        return (begin * regular).astype(np.int64) + ((end - begin) * after).astype(np.int64)


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
    krx = trade.krx_volume(span, close)
    volumes = {Venue.KRX: krx, Venue.NXT: trade.nxt_volume(span, krx)}
    closes = {Venue.KRX: close, Venue.NXT: _some_ticks_off(span, Venue.NXT, close, base)}
    lasts: dict[Venue, Ints] = {}
    flows: dict[tuple[Venue, Step], Flows] = {}
    for venue, volume in volumes.items():
        after = trade.after_market_volume(span, venue, volume)
        last = np.where(after > 0, _some_ticks_off(span, f"{venue} last", closes[venue], base), closes[venue])
        early = prices.on_tick(close + 0.3 * (base - close))
        regular = trade.regular_flows(span, venue, volume - after, (early, closes[venue]))
        complete = regular + trade.after_market_flows(span, venue, after, last)
        lasts[venue] = last
        flows |= {(venue, Step.REGULAR): regular, (venue, Step.COMPLETE): complete}
        flows[venue, Step.REVISED] = trade.revised(span, venue, complete)
    flows |= {(Venue.CONSOLIDATED, step): flows[Venue.KRX, step] + flows[Venue.NXT, step] for step in Step}
    closes[Venue.CONSOLIDATED], lasts[Venue.CONSOLIDATED] = close, lasts[Venue.KRX]
    return Slab(listing, days, base, closes, lasts, flows)


def _some_ticks_off(span: trade.Span, purpose: str, close: Ints, base: Ints) -> Ints:
    """Return prices up to two ticks from ``close``, within the day's limits."""
    ticks = np.floor(5 * span.uniform(f"{purpose} close")).astype(np.int64) - 2
    moved = prices.on_tick(close + ticks * prices.tick(close))
    return np.clip(moved, prices.lower_limit(base), prices.upper_limit(base))
