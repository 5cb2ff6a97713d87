"""
What the nights of a year bring: the simulator's own share of events, and oddities of answers that it is told.

The share is in :mod:`kiwoom_simulator.year` and comes by itself; here it is only counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_simulator import year
from kiwoom_simulator.assumptions import Assumptions
from kiwoom_simulator.faults import Fault
from kiwoom_simulator.parameters import LISTED_MARKETS, Market
from kiwoom_simulator.settlement import Settlement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from kiwoom_simulator.market import World
    from kiwoom_simulator.simulator import Simulator

SETTLE = "settle "
PRICE_LIMIT = 0.3
DATED_ROWS = 40
"""Sessions in an answer of ka10059 here, of the hundred that it has: more than the proof looks back for its law."""


@dataclass(frozen=True)
class Happening:
    """
    Something that a night may bring.

    :param text: of an oddity, see :func:`bring`.
    :param one_in: on one session in so many.
    """

    text: str
    one_in: int


ODDITIES = (
    Happening("string-code@ka10066", 50),
    Happening("extra-element@ka10066", 60),
    Happening("disorder@ka10066:page=4", 70),
    Happening("http=503@ka10051", 30),
    Happening("stale@ka10051", 43),
    Happening("http=503@ka10099", 35),
    Happening("stale@ka10099", 45),
    Happening("http=503@ka10059*40", 37),
    Happening("html@ka10066*3", 33),
    Happening("unsettled-stocks=20:30-22:30/missing@ka10066:venue=NXT", 19),
    Happening("unsettled-stocks=20:30-22:30/zero@ka10066:venue=NXT", 31),
    Happening("unsettled-stocks=20:30-22:30/before@ka10066:venue=KRX", 41),
    Happening("settle 16:00/20:50/28:30", 9),
    Happening("settle 16:00/20:50,ka10059=16:00/21:40", 21),
    Happening("settle 16:00/21:40,ka10059=16:00/20:50", 23),
    Happening("settle 16:00/20:50,NXT=16:00/22:10,CONSOLIDATED=16:00/22:10", 25),
    Happening("settle 16:00/29:15", 122),
    Happening("untraded=blank", 12),
    Happening("sells=negative", 7),
    Happening("dated_sells=negative", 8),
    Happening("rounding=cut", 10),
    Happening("numbers=padded", 11),
    Happening("pre_sig=zero", 13),
    Happening("dated_etn=unknown", 16),
    Happening("unknown_code=blank", 14),
    Happening("unknown_code=no-list", 26),
    Happening("unsettled_row=zeros", 17),
)
"""
Of answers on some nights, and what is open of them the other way: a fault, ``settle`` and when figures settle, or an
assumption. None of them makes a figure wrong for good.
"""


def bring(simulator: Simulator, oddities: Iterable[str]) -> None:
    """Tell a simulator a night's oddities, in the place of the last night's."""
    oddities, basis = tuple(oddities), simulator.options.assumed
    faults = [text for text in oddities if "@" in text]
    settlements = [text.removeprefix(SETTLE) for text in oddities if text.startswith(SETTLE)]
    assumed = [text for text in oddities if "@" not in text and not text.startswith(SETTLE)]
    simulator.switches.clear()
    for fault in faults:
        simulator.switches.add(Fault.parse(fault))
    simulator.settle(Settlement.parse(",".join(settlements)))
    simulator.assume = Assumptions.parse(assumed, basis)
    simulator.world = replace(simulator.world, assume=simulator.assume)


def oddities_of(sessions: Sequence[date], seed: int) -> dict[date, list[str]]:
    """Return the texts of each session's oddities."""
    found: dict[date, list[str]] = {day: [] for day in sessions}
    for oddity in ODDITIES:
        begin = Random(f"{seed}:{oddity.text}").randrange(oddity.one_in)  # noqa: S311
        for day in sessions[begin :: oddity.one_in]:
            found[day].append(oddity.text)
    return found


def share_of(world: World, before: date, day: date) -> Counter[str]:
    """Return what the simulator's own share of the year brings from one session to the next: kinds, and how many."""
    found: Counter[str] = Counter()
    gone_to_kospi = world.listing(Market.KOSDAQ, before).index.keys()
    for market in LISTED_MARKETS:
        old, new = ({stock.code: stock for stock in world.listing(market, of).stocks} for of in (before, day))
        both = old.keys() & new.keys()
        come = new.keys() - old.keys()
        moved = come & gone_to_kospi if market is Market.KOSPI else set()
        found["moved to KOSPI"] += len(moved)
        found["listed"] += len(come - moved)
        found["gone"] += len(old.keys() - new.keys())
        found["renamed"] += sum(old[code].name != new[code].name for code in both)
        found["taken in by NXT"] += sum(new[code].nxt > old[code].nxt for code in both)
        found["left out by NXT"] += sum(new[code].nxt < old[code].nxt for code in both)
        found += _of_prices(world, market, before, day)
    return +found


def _of_prices(world: World, market: Market, before: date, day: date) -> Counter[str]:
    old, new = world.day(market, before), world.day(market, day)
    known = [(old.listing.index[code], row) for code, row in new.listing.index.items() if code in old.listing.index]
    then, now = np.array(known).T
    base, close = new.krx.base[:, 0], old.krx.close[:, 0]
    keys, stopped = new.listing.keys, new.krx.suspended[:, 0]
    still = (new.krx.close == new.krx.base)[:, 0]
    return Counter({
        "split": int((np.abs(base[now] / close[then] - 1) > PRICE_LIMIT).sum()),
        "beyond 30 %": int((np.abs(new.krx.close[:, 0] / base - 1) > PRICE_LIMIT).sum()),
        "suspended": int((stopped[now] & ~old.krx.suspended[then, 0]).sum()),
        "pre_sig 0": int((still & year.has_no_sign(world.seed, day, keys)).sum()),
        "blank fields": int((stopped & year.is_blank(world.seed, day, keys)).sum()),
        "volume ran over": int((~stopped & year.is_saturated(world.seed, day, keys)).sum()),
    })  # fmt: skip
