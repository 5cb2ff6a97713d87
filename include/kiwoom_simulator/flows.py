"""Who bought and sold how much: whole shares and whole won, so that every law holds before rounding."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_simulator.parameters import Measure, Side, Venue
from kiwoom_simulator.random_numbers import normal, uniform

if TYPE_CHECKING:
    from kiwoom_simulator.random_numbers import Flags, Floats, Ints
    from kiwoom_simulator.stocks import Listing

LEAVES = {
    "ind_invsr": 0.45, "frgnr_invsr": 0.25, "fnnc_invt": 0.08, "insrnc": 0.012, "invtrt": 0.03,
    "etc_fnnc": 0.006, "bank": 0.004, "penfnd_etc": 0.06, "samo_fund": 0.03, "natn": 0.003,
    "etc_corp": 0.03, "natfor": 0.001,
}  # fmt: skip
"""Investors that have no parts, and about which part of the trade is theirs."""

INSTITUTIONS = slice(2, 10)
"""The eight leaves whose sum is 기관계, ``orgn``."""

INVESTORS = (
    "ind_invsr",
    "frgnr_invsr",
    "orgn",
    *list(LEAVES)[INSTITUTIONS],
    "etc_corp",
    "natfor",
)
"""Investor elements in the API's order; ``natfor`` is in ka10059 only."""

MILLION = 1_000_000
ABSENT = 0.5
"""Part of the investors that never touch a stock, but for liquid ones."""

AFTER_MARKET_FROM = {Venue.KRX: date(2026, 9, 14), Venue.NXT: date(2025, 3, 4)}
"""When each venue's after-market opened."""

REVISED = 0.1
"""Part of the stocks whose flows a revision touches."""


@dataclass(frozen=True)
class Flows:
    """
    One venue's trade of stocks on days: ``volume`` and ``turnover`` are stocks × days, in shares and won.

    ``shares`` and ``won`` are stocks × days × (buy, sell) × :data:`LEAVES`.
    """

    volume: Ints
    turnover: Ints
    shares: Ints
    won: Ints

    def __add__(self, other: Flows) -> Flows:
        return Flows(
            self.volume + other.volume,
            self.turnover + other.turnover,
            self.shares + other.shares,
            self.won + other.won,
        )

    def table(self, measure: Measure, side: Side) -> Ints:
        """Return stocks × days × :data:`INVESTORS`, unrounded: shares, or won."""
        both = self.won if measure is Measure.AMOUNT else self.shares
        buys, sells = both[:, :, 0], both[:, :, 1]
        leaves = {Side.BUY: buys, Side.SELL: sells, Side.NET: buys - sells}[side]
        institutions = leaves[..., INSTITUTIONS].sum(axis=-1, keepdims=True)
        parts = [leaves[..., :2], institutions, leaves[..., INSTITUTIONS], leaves[..., 10:]]
        table: Ints = np.concatenate(parts, axis=-1)
        return table


@dataclass(frozen=True)
class Span:
    """Whose trade on which days is to be made: stocks × days (as ordinals)."""

    seed: int
    listing: Listing
    days: Ints

    def uniform(self, purpose: str) -> Floats:
        """Return a number in [0, 1) for each stock and day."""
        return uniform(self.seed, purpose, self.listing.keys[:, None], self.days[None, :])


def to_units(values: Ints, unit: int, *, cut: bool = False) -> Ints:
    """Return ``values`` in whole units, halves away from zero; or cut towards zero."""
    result: Ints = np.sign(values) * ((np.abs(values) + (0 if cut else unit // 2)) // unit)
    return result


def krx_volume(span: Span, close: Ints) -> Ints:
    """Return shares traded on KRX, stocks × days, where trading is not suspended."""
    listing = span.listing
    swing = np.exp(0.45 * normal(span.seed, "volume", listing.keys[:, None], span.days[None, :]))
    shares = (listing.turnovers[:, None] * swing / close).astype(np.int64)
    return np.maximum(shares, 10)


def nxt_volume(span: Span, krx: Ints, on_nxt: Flags) -> Ints:
    """Return shares traded on NXT, stocks × days, where it trades the stock."""
    shares = (krx * (0.1 + 0.4 * span.uniform("nxt volume"))).astype(np.int64)
    return np.where(on_nxt & (krx > 0), np.maximum(shares, 10), 0)


def after_market_volume(span: Span, venue: Venue, volume: Ints) -> Ints:
    """Return the shares of ``volume`` that trade after the regular session; ETNs do not (2026-09)."""
    share = 0.01 + 0.11 * span.uniform(f"{venue} after-market")
    trades = ~span.listing.etn[:, None] & (span.days >= AFTER_MARKET_FROM[venue].toordinal())
    return np.where(trades, (volume * share).astype(np.int64), 0)


def regular_flows(span: Span, venue: Venue, volume: Ints, prices: tuple[Ints, Ints]) -> Flows:
    """
    Divide a venue's regular session among investors.

    All of it happens at two prices of the day; at each, what is bought is what is sold, so shares and
    won both add up, and every investor's average lies between the two.
    """
    early = (volume * (0.3 + 0.4 * span.uniform(f"{venue} early"))).astype(np.int64)
    return _flows(span, f"{venue} 0", early, prices[0]) + _flows(span, f"{venue} 1", volume - early, prices[1])


def after_market_flows(span: Span, venue: Venue, volume: Ints, price: Ints) -> Flows:
    """Divide a venue's after-market among investors, all of it at one price."""
    return _flows(span, f"{venue} 2", volume, price)


def revise(span: Span, venue: Venue, before: Flows) -> Flows:
    """Return flows with some of the individuals' trade given to foreigners, as CFDs are at dawn (volume stays)."""
    moved = np.zeros_like(before.shares)
    chosen = span.uniform(f"{venue} revised") < REVISED
    moved[..., 1] = np.where(chosen[..., None], before.shares[..., 0] // 20, 0)
    moved[..., 0] = -moved[..., 1]
    price = before.turnover // np.maximum(before.volume, 1)
    return replace(before, shares=before.shares + moved, won=before.won + moved * price[..., None, None])


def with_more(before: Flows, one_in: int) -> Flows:
    """Return flows of which individuals bought and sold one share in so many more among themselves."""
    shares = np.zeros_like(before.shares)
    shares[..., 0] = (before.volume // one_in)[..., None]
    won = shares * (before.turnover // np.maximum(before.volume, 1))[..., None, None]
    more = Flows(shares[..., 0, 0], won[..., 0, 0], shares, won)
    return before + more


def with_volume(before: Flows, factor: float) -> Flows:
    """Return flows that do not cover the volume: it counts trades that no investor is named for."""
    return replace(before, volume=(before.volume * factor).astype(np.int64))


def _flows(span: Span, purpose: str, volume: Ints, price: Ints) -> Flows:
    shares = _divide(span, purpose, volume)
    return Flows(volume, volume * price, shares, shares * price[..., None, None])


def _divide(span: Span, purpose: str, volume: Ints) -> Ints:
    shares = np.floor(volume[..., None, None] * _weights(span, purpose)).astype(np.int64)
    shares[..., 0] = volume[..., None] - shares[..., 1:].sum(axis=-1)  # individuals take what is left over
    return shares


def _weights(span: Span, purpose: str) -> Floats:
    """Return each leaf's part of buys and of sells: stocks × days × 2 × leaves, summing to 1."""
    stocks, leaves = span.listing.keys[:, None, None, None], np.arange(len(LEAVES))
    spread = uniform(span.seed, purpose, stocks, span.days[None, :, None, None], np.arange(2)[:, None], leaves)
    weights = np.array(list(LEAVES.values())) * (0.3 + 1.4 * spread)
    absent = uniform(span.seed, "absent", stocks, leaves) < ABSENT
    absent &= ~span.listing.liquid[:, None, None, None]
    absent[..., 0] = False
    weights = np.where(absent, 0.0, weights)
    result: Floats = weights / weights.sum(axis=-1, keepdims=True)
    return result
