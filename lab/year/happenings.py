"""What the nights of a year bring: events of the market, and oddities of answers, at the rates that were measured."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

from kiwoom_simulator.assumptions import Assumptions
from kiwoom_simulator.faults import Fault
from kiwoom_simulator.settlement import Settlement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from kiwoom_simulator.simulator import Simulator

SETTLE = "settle "
DATED_ROWS = 40
"""Sessions in an answer of ka10059 here, of the hundred that it has: more than the proof looks back for its law."""


@dataclass(frozen=True)
class Happening:
    """
    Something that a night may bring.

    :param text: an event's text without its day, or an oddity's.
    :param one_in: on one session in so many; 0: on the session in the middle of the year alone.
    """

    text: str
    one_in: int


EVENTS = (
    Happening("rename=1:market=KOSDAQ", 5),
    Happening("rename=2:market=KOSPI", 12),
    Happening("rename=5:market=KOSDAQ", 120),
    Happening("list=1:market=KOSDAQ", 4),
    Happening("list=3:market=KOSPI", 40),
    Happening("delist=1:market=KOSDAQ", 5),
    Happening("delist=5:market=KOSDAQ", 122),
    Happening("delist=2:market=KOSPI", 60),
    Happening("mature=8:market=KOSPI", 30),
    Happening("move=1", 61),
    Happening("suspend=1", 16),
    Happening("split=2", 8),
    Happening("beyond-limit=1", 15),
    Happening("nxt=0/16:market=KOSPI", 123),
    Happening("nxt=0/34:market=KOSDAQ", 123),
    Happening("etn-rename=새롬", 0),
)
"""Rates of the lists of 2021-2026, NXT's cuts between two quarters (50 of 700 on 12 February 2026), a note series
renamed once."""

ODDITIES = (
    Happening("pre-sig=0@ka10066:page=3", 4),
    Happening("saturated=trde_qty@ka10066:page=2,market=KOSDAQ", 40),
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
    Happening("untraded=blank", 3),
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

MAINTENANCE = "maintenance-hours"
"""Of the hosts, at dawn, on every night."""


def bring(simulator: Simulator, oddities: Iterable[str]) -> None:
    """Tell a simulator a night's oddities, in the place of the last night's."""
    oddities, basis = tuple(oddities), simulator.options.assumed
    faults = [MAINTENANCE, *(text for text in oddities if "@" in text)]
    settlements = [text.removeprefix(SETTLE) for text in oddities if text.startswith(SETTLE)]
    assumed = [text for text in oddities if "@" not in text and not text.startswith(SETTLE)]
    simulator.switches.clear()
    for fault in faults:
        simulator.switches.add(Fault.parse(fault))
    simulator.settle(Settlement.parse(",".join(settlements)))
    simulator.assume = Assumptions.parse(assumed, basis)
    simulator.world = replace(simulator.world, assume=simulator.assume)


def events_of(sessions: Sequence[date], seed: int, share: float = 1.0) -> dict[date, list[str]]:
    """
    Return the texts of each session's events, with their days.

    :param share: of the full size that the markets have: NXT's cuts are by as much smaller.
    """
    drawn = _drawn(sessions, EVENTS, seed)
    return {day: [_with_day(_scaled(text, share), day) for text in texts] for day, texts in drawn.items()}


def oddities_of(sessions: Sequence[date], seed: int) -> dict[date, list[str]]:
    """Return the texts of each session's oddities."""
    return _drawn(sessions, ODDITIES, seed)


def _drawn(sessions: Sequence[date], happenings: Sequence[Happening], seed: int) -> dict[date, list[str]]:
    found: dict[date, list[str]] = {day: [] for day in sessions}
    for happening in happenings:
        random = Random(f"{seed}:{happening.text}")  # noqa: S311
        begin = random.randrange(happening.one_in) if happening.one_in else len(sessions) // 2
        for place in range(begin, len(sessions), happening.one_in or max(1, len(sessions))):
            found[sessions[place]].append(happening.text)
    return found


def _scaled(text: str, share: float) -> str:
    return re.sub(r"^nxt=0/(\d+)", lambda found: f"nxt=0/{max(1, round(int(found[1]) * share))}", text)


def _with_day(text: str, day: date) -> str:
    kind, colon, where = text.partition(":")
    return f"{kind}@{day}{colon}{where}"
