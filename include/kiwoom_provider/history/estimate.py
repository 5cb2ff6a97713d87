"""What it takes to rebuild gaps from the dated sibling: told without a call, and without looking at the store."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from kiwoom_provider.history import CALLS_A_DAY, SHARE
from kiwoom_provider.history.history_plan import BLOCK_SESSIONS
from kiwoom_provider.locale import Message, message
from kiwoom_provider.parameters import Measure, Side

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from kiwoom_provider.krx import KrxCalendar
    from kiwoom_provider.pipeline.gap_list import Gap
    from kiwoom_provider.pipeline.summary import Summary

HISTORY_DAG_ID = "ka10059_history"
USUAL_RATE = 5.0
"""Calls a second that Kiwoom permits, where no run says what was permitted."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """
    All sets of the sessions from ``start`` to ``end``.

    :param rate: calls a second, the history's share of what is permitted.
    """

    start: date
    end: date
    calls: int
    rate: float

    @property
    def seconds(self) -> float:
        """Seconds of calling, the pauses between the days left out."""
        return self.calls / self.rate

    @property
    def days(self) -> int:
        """On how many days the calls are made, since a day has no more than a key may make."""
        return ceil(self.calls / CALLS_A_DAY)

    @property
    def sentence(self) -> Message:
        """What it takes, in words."""
        minutes = ceil(self.seconds / 60)
        return message(
            "Sessions whose window is over can be rebuilt from ka10059: trigger {dag} with start {start} and end "
            "{end}, about {calls} calls, {hours} h {minutes} min at {rate} a second, on {days} day(s).",
            dag=HISTORY_DAG_ID,
            start=str(self.start),
            end=str(self.end),
            calls=self.calls,
            hours=minutes // 60,
            minutes=minutes % 60,
            rate=round(self.rate, 2),
            days=self.days,
        )


def estimate_rebuild(found: Iterable[Gap], calendar: KrxCalendar, newest: Summary | None) -> Rebuild | None:
    """
    Return what it takes to rebuild the gaps whose window is over, None when there is none or no size is known.

    :param newest: the summary of a run that tells how many stocks each market and venue has.
    """
    over = [gap.session.session_date for gap in found if not gap.is_open]
    stocks = sum(place.stocks for place in newest.sizes) if newest else 0
    if not over or not newest or not stocks:
        return None
    answers = ceil(len(calendar.sessions(over[0], over[-1])) / BLOCK_SESSIONS)
    permitted = newest.sweep.rate if newest.sweep and newest.sweep.rate else USUAL_RATE
    return Rebuild(over[0], over[-1], stocks * len(Measure) * len(Side) * answers, permitted * SHARE)
