"""The trade of some stocks over some consecutive sessions, generated at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_simulator import flows as trade
from kiwoom_simulator import prices, year
from kiwoom_simulator.events import BEYOND, SPLIT
from kiwoom_simulator.parameters import Venue
from kiwoom_simulator.settlement import Step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kiwoom_simulator.assumptions import Assumptions
    from kiwoom_simulator.events import Event
    from kiwoom_simulator.flows import Flows
    from kiwoom_simulator.prices import Quotes
    from kiwoom_simulator.random_numbers import Flags, Floats, Ints
    from kiwoom_simulator.stocks import Listing


@dataclass(frozen=True)
class Krx:
    """KRX's own figures of some stocks, all of them stocks × days: base price, close, shares, who is suspended."""

    base: Ints
    close: Ints
    volume: Ints
    suspended: Flags


@dataclass(frozen=True)
class Trading:
    """
    Some stocks of a market over consecutive sessions, oldest first: all columns are stocks × days.

    ``close`` and ``last`` are each venue's price at the end of the regular session and of the day; the
    next day's base price is the KRX close. ``flows`` are by venue and step.
    """

    listing: Listing
    days: tuple[date, ...]
    krx: Krx
    on_nxt: Flags
    close: Mapping[Venue, Ints]
    last: Mapping[Venue, Ints]
    flows: Mapping[tuple[Venue, Step], Flows]

    def quotes(self, venue: Venue, regular: float = 1.0, after: float = 1.0) -> Quotes:
        """Return prices on ``venue`` when such parts (0 to 1) of the regular session and after-market are over."""
        close, last, base = self.close[venue], self.last[venue], self.krx.base
        if after >= 1:
            return prices.quotes(last, base)
        begin, end, part = (close, last, after) if regular >= 1 else (base, close, regular)
        return prices.quotes(prices.on_tick(begin + (end - begin) * part), base)

    def volume(self, venue: Venue, regular: float = 1.0, after: float = 1.0) -> Ints:
        """Return shares traded on ``venue`` by then."""
        return _so_far(self.regular(venue).volume, self.complete(venue).volume, regular, after)

    def turnover(self, venue: Venue, regular: float = 1.0, after: float = 1.0) -> Ints:
        """Return won traded on ``venue`` by then."""
        return _so_far(self.regular(venue).turnover, self.complete(venue).turnover, regular, after)

    def regular(self, venue: Venue) -> Flows:
        """Return the regular session's flows."""
        return self.flows[venue, Step.REGULAR]

    def complete(self, venue: Venue) -> Flows:
        """Return the flows with the after-market's."""
        return self.flows[venue, Step.COMPLETE]

    def trades_on(self, venue: Venue) -> Flags:
        """Tell which stocks are traded on ``venue``, stocks × days."""
        return self.on_nxt if venue is Venue.NXT else np.ones_like(self.on_nxt)


def generate(
    seed: int, listing: Listing, days: tuple[date, ...], warm_up: tuple[date, ...], told: Mapping[Event, frozenset[str]]
) -> Krx:
    """
    Return KRX's figures from the seed.

    :param warm_up: the :data:`~kiwoom_simulator.prices.WARM_UP` sessions before ``days``, oldest first.
    :param told: events of prices, and the codes that each happens to.
    """
    ordinals = np.array([day.toordinal() for day in (*warm_up, *days)])
    suspended, last_traded = prices.find_suspended(seed, listing, ordinals)
    factor, split = _factors(seed, listing, ordinals, told)
    closes = prices.closes(seed, listing, ordinals, last_traded, factor)
    before = prices.on_tick(closes[:, :-1] * split[:, 1:])
    here = slice(len(warm_up), None)
    close, suspended = closes[:, here], suspended[:, here]
    base = np.where(suspended, close, before[:, len(warm_up) - 1 :])
    volume = trade.krx_volume(trade.Span(seed, listing, ordinals[here]), close)
    return Krx(base, close, np.where(suspended, 0, volume), suspended)


def trading(  # noqa: PLR0917
    seed: int, listing: Listing, days: tuple[date, ...], krx: Krx, on_nxt: Flags, assume: Assumptions
) -> Trading:
    """Divide what KRX's figures say among venues, steps and investors."""
    span = trade.Span(seed, listing, np.array([day.toordinal() for day in days]))
    volumes = {Venue.KRX: krx.volume, Venue.NXT: trade.nxt_volume(span, krx.volume, on_nxt)}
    closes = {Venue.KRX: krx.close, Venue.NXT: _some_ticks_off(span, Venue.NXT, krx.close, krx)}
    lasts: dict[Venue, Ints] = {}
    flows: dict[tuple[Venue, Step], Flows] = {}
    early = prices.on_tick(krx.close + 0.3 * (krx.base - krx.close))
    for venue, volume in volumes.items():
        after = trade.after_market_volume(span, venue, volume)
        last = np.where(after > 0, _some_ticks_off(span, f"{venue} last", closes[venue], krx), closes[venue])
        regular = trade.regular_flows(span, venue, volume - after, (early, closes[venue]))
        complete = regular + trade.after_market_flows(span, venue, after, last)
        lasts[venue] = last
        flows |= {(venue, Step.REGULAR): regular, (venue, Step.COMPLETE): complete}
        flows[venue, Step.REVISED] = trade.revise(span, venue, complete)
    crossed = 500 if assume.venues == "more" else 0
    for step in Step:
        both = flows[Venue.KRX, step] + flows[Venue.NXT, step]
        flows[Venue.CONSOLIDATED, step] = trade.with_more(both, crossed) if crossed else both
    if assume.coverage == "short":
        flows = {of: trade.with_volume(each, 1.02) for of, each in flows.items()}
    closes[Venue.CONSOLIDATED] = _between(span, krx.close, on_nxt)
    lasts[Venue.CONSOLIDATED] = _between(span, lasts[Venue.KRX], on_nxt)
    return Trading(listing, days, krx, on_nxt, closes, lasts, flows)


def _some_ticks_off(span: trade.Span, purpose: str, close: Ints, krx: Krx) -> Ints:
    """Return prices up to two ticks from ``close``, within the day's limits where that is."""
    ticks = np.floor(5 * span.uniform(f"{purpose} close")).astype(np.int64) - 2
    moved = prices.on_tick(close + ticks * prices.tick(close))
    low, high = prices.lower_limit(krx.base), prices.upper_limit(krx.base)
    within = (close >= low) & (close <= high)
    return np.where(within & ~krx.suspended, np.clip(moved, low, high), close)


def _between(span: trade.Span, close: Ints, on_nxt: Flags) -> Ints:
    """Return 통합's prices: some of them lie half a tick off KRX's grid, as mid-prices on NXT do."""
    step = prices.tick(close)
    off = on_nxt & (span.uniform("off the grid") < 0.2) & (step > 1)  # noqa: PLR2004
    return np.where(off, close - step // 2, close)


def _factors(seed: int, listing: Listing, days: Ints, told: Mapping[Event, frozenset[str]]) -> tuple[Floats, Floats]:
    """Return what events make of price levels from their day on, and of the base price on it: stocks × days."""
    factor, split = year.price_factors(seed, listing, days)
    for event, codes in told.items():
        rows = np.array([listing.index[code] for code in codes if code in listing.index], np.int64)
        since = np.flatnonzero(days >= event.day.toordinal())
        if event.kind == "split":
            factor[np.ix_(rows, since)] /= SPLIT
            split[np.ix_(rows, since[:1] if since.size and since[0] > 0 else since[:0])] /= SPLIT
        else:
            factor[np.ix_(rows, since)] *= BEYOND
    return factor, split


def _so_far(begin: Ints, end: Ints, regular: float, after: float) -> Ints:
    if after >= 1:
        return end
    return (begin * regular).astype(np.int64) + ((end - begin) * after).astype(np.int64)
