"""
A year's share: what the exchange, NXT, issuers and the vendor do on the simulator's default nights.

All of it follows from the seed and the day, and nothing adds up over the years: a market keeps its size. Rates are
near those of the exchange's lists of 2021 to 2026, and NXT's near those that it announced.

====================================  ====================================================================
what                                  how often, at the full size
====================================  ====================================================================
listing, with a delisting             about 90 a year, up to ten on one night
beyond ±30 %                          the first day of each listing, and ten days before each delisting
move from KOSDAQ to KOSPI             about 5 a year
renamed stock                         about 70 a year
split, or its reverse                 about 50 a year: the base price is no earlier close
series of notes renamed               a house a year, each spring: about 70 notes in one night
notes matured, and others issued      8 neighbours by code, about 8 times a year
suspended stocks                      up to 30 at once, for two months or more
NXT's reselection                     with the first session of each quarter, 60 to 90 of 800
NXT's cut between two                 in February and August: 15 stocks of KOSPI and 35 of KOSDAQ
``pre_sig`` 0                         one session in four: a few stocks that have not moved
blank investor fields                 one session in three: half of the suspended stocks
``trde_qty`` 4294967295               one session in forty: a few stocks
====================================  ====================================================================

Always so, and in no need of a share: parts that round to ±1 of 기관계, ETNs among KOSPI, preferred stocks that NXT does
not have, ``flu_rt`` of ka10059 in hundredths without a point, unsettled dated rows whose sum breaks, the hosts'
maintenance. What holds for every answer of a host or for none (the sign of sells, amounts cut, padded numbers) is an
assumption, see :mod:`kiwoom_simulator.assumptions`. When figures settle is told, see
:mod:`kiwoom_simulator.settlement`; stocks that settle one by one, and witnesses that are away, are faults.
"""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_simulator.parameters import Market
from kiwoom_simulator.random_numbers import uniform

if TYPE_CHECKING:
    from datetime import datetime

    from kiwoom_simulator.random_numbers import Flags, Floats, Ints
    from kiwoom_simulator.stocks import Listing

EPOCH = 735_964
"""2016-01-01, as a day's ordinal: from here on generations are counted."""

REPLACED_ONE_IN, RENAMED_ONE_IN, MOVED_ONE_IN = 40, 25, 9
"""Places whose stock is replaced, stocks that are renamed, and replaced stocks that have come from KOSDAQ."""

SERIES = 8
"""Notes that mature together."""

CUT = {Market.KOSPI: 15 / 380, Market.KOSDAQ: 35 / 420}
"""Part of NXT's list that a cut takes out: 15 and 35 on 2026-02-12."""

SATURATED = 4_294_967_295

_PERIOD_DAYS = {"replaced": 300, "renamed": 500, "series": 2_100}
_TOGETHER_FROM = 6  # of ten places, the last four change in one night
_HOUSE_DAYS, _SPRING = 365, 120
_SPLIT_BY, _SPLIT_ONE_IN, _SPLIT_DAYS = 5, 11, 1_500
_FIRST_DAY = (0.6, 4.0)  # of the base price, the limits of a first day's price since 2023-06-26
_LAST_DAYS, _LAST_PRICE = 10, 0.4
_CUT_QUARTERS = (0, 2)
_MAINTENANCE = ((time(5, 5), time(5, 10)), (time(6, 50), time(6, 55)))
_SUNDAY_MAINTENANCE = ((time(4), time(4, 30)), (time(5), time(5, 15)))
_SUNDAY = 6


def generation(of: str, place: int, day: date) -> int:
    """Return how often a place's stock has been replaced or renamed by ``day``, or a series of notes has matured."""
    return max(0, (day.toordinal() - EPOCH + _offset(of, place)) // _PERIOD_DAYS[of])


def first_day(of: str, place: int, generation: int) -> int:
    """Return the ordinal of a generation's first day; 0: it was always there."""
    return generation * _PERIOD_DAYS[of] - _offset(of, place) + EPOCH if generation else 0


def house_generation(house: int, day: date) -> int:
    """Return how often a house, by its number of five, has renamed its notes by ``day``."""
    return max(0, (day.toordinal() - EPOCH - _SPRING - house * _HOUSE_DAYS) // (5 * _HOUSE_DAYS) + 1)


def is_cut(seed: int, day: date) -> bool:
    """Tell whether NXT has cut its list since the quarter began."""
    quarter, month = divmod(day.month - 1, 3)
    draw = int(28 * uniform(seed, "nxt cut", 4 * day.year + quarter)[0])
    return quarter in _CUT_QUARTERS and (month, day.day) >= (1, 1 + draw)


def price_factors(seed: int, listing: Listing, days: Ints) -> tuple[Floats, Floats]:
    """
    Return what splits and last days make of price levels, and splits and first days of base prices: stocks × days.

    :param days: ordinals of consecutive sessions, oldest first.
    """
    keys, since, until = listing.keys[:, None], listing.since[:, None], listing.until[:, None]
    never = listing.liquid | listing.pauses | listing.etn
    traded = np.where(listing.halted_from[:, None] > 0, np.minimum(days, listing.halted_from[:, None] - 1), days)
    splits = (uniform(seed, "splits", keys) < 1 / _SPLIT_ONE_IN) & ~never[:, None]
    offset = (2 * _SPLIT_DAYS * uniform(seed, "split on", keys)).astype(np.int64)
    level = np.where(splits & ((traded + offset) // _SPLIT_DAYS % 2 == 1), 1 / _SPLIT_BY, 1.0)
    base = np.ones_like(level)
    base[:, 1:] = level[:, 1:] / level[:, :-1]
    is_first = (since <= days[1:]) & (since > days[:-1]) & ~listing.etn[:, None]
    low, high = _FIRST_DAY
    base[:, 1:] /= np.where(is_first, low + (high - low) * uniform(seed, "first day", keys) ** 2, 1.0)
    return np.where((until > 0) & (days >= until - _LAST_DAYS), _LAST_PRICE * level, level), base


def has_no_sign(seed: int, day: date, keys: Ints) -> Flags:
    """Tell of which stocks ``pre_sig`` is 0 when their price has not moved, as where a reference price is reset."""
    return _some(seed, "reset", day, keys, (4, 0.05))


def is_blank(seed: int, day: date, keys: Ints) -> Flags:
    """Tell of which stocks the investor fields are blank when they are suspended."""
    return _some(seed, "spaces", day, keys, (3, 0.5))


def is_saturated(seed: int, day: date, keys: Ints) -> Flags:
    """Tell of which stocks the counter of the volume has run over."""
    return _some(seed, "saturated", day, keys, (40, 0.001))


def hosts_are_down(now: datetime) -> bool:
    """Tell whether the hosts are maintained, by Kiwoom's two notices; the figures are KST."""
    hours = _SUNDAY_MAINTENANCE if now.weekday() == _SUNDAY else _MAINTENANCE
    return any(begin <= now.time() < end for begin, end in hours)


def _some(seed: int, purpose: str, day: date, keys: Ints, share: tuple[int, float]) -> Flags:
    """Return the part of the stocks that something happens to, on one session in so many."""
    one_in, part = share
    if uniform(seed, f"{purpose} on", day.toordinal())[0] >= 1 / one_in:
        return np.zeros(len(keys), bool)
    chosen: Flags = uniform(seed, purpose, keys, day.toordinal()) < part
    return chosen


def _offset(of: str, place: int) -> int:
    together = place - max(0, place % 10 - _TOGETHER_FROM) if of == "replaced" else place
    return together * 53 % _PERIOD_DAYS[of]
