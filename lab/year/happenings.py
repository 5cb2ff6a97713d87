"""What the nights of a year bring: events of the market, and oddities of answers, at the rates that were measured."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


@dataclass(frozen=True)
class Happening:
    """
    Something that a night may bring.

    :param text: an event's text without its day, or a fault's.
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
    Happening("suspend=2", 9),
    Happening("split=2", 8),
    Happening("beyond-limit=1", 15),
    Happening("nxt=0/15:market=KOSPI", 123),
    Happening("nxt=0/35:market=KOSDAQ", 123),
    Happening("etn-rename=새롬", 0),
)
"""Rates of the lists of 2021-2026, NXT's cuts between two quarters, a note series renamed once."""

ODDITIES = (
    Happening("pre-sig=0@ka10066:page=3", 4),
    Happening("saturated=trde_qty@ka10066:page=2,market=KOSDAQ", 40),
    Happening("string-code@ka10066", 50),
    Happening("extra-element@ka10066", 60),
    Happening("http=503@ka10051", 30),
    Happening("http=503@ka10099", 35),
    Happening("stale@ka10099", 45),
    Happening("disorder@ka10066:page=4", 70),
)
"""Of answers on some nights; none of them makes a figure wrong."""


def events_of(sessions: Sequence[date], seed: int) -> dict[date, list[str]]:
    """Return the texts of each session's events, with their days."""
    drawn = _drawn(sessions, EVENTS, seed)
    return {day: [_with_day(text, day) for text in texts] for day, texts in drawn.items()}


def oddities_of(sessions: Sequence[date], seed: int) -> dict[date, list[str]]:
    """Return the texts of each session's faults."""
    return _drawn(sessions, ODDITIES, seed)


def _drawn(sessions: Sequence[date], happenings: Sequence[Happening], seed: int) -> dict[date, list[str]]:
    found: dict[date, list[str]] = {day: [] for day in sessions}
    for happening in happenings:
        random = Random(f"{seed}:{happening.text}")  # noqa: S311
        begin = random.randrange(happening.one_in) if happening.one_in else len(sessions) // 2
        for place in range(begin, len(sessions), happening.one_in or len(sessions)):
            found[sessions[place]].append(happening.text)
    return found


def _with_day(text: str, day: date) -> str:
    kind, colon, where = text.partition(":")
    return f"{kind}@{day}{colon}{where}"
