"""Sessions that were due and are not published, and what it takes to rebuild them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.layout import published_sessions, stored_sessions
from kiwoom_provider.locale import Message, message

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import KrxCalendar, SessionWindow
    from kiwoom_provider.pipeline.summary import Summary

SESSIONS_A_CALL = 100
"""Dated rows of one answer of ka10059 (Kiwoom's sheet): one call rebuilds so many sessions of a stock."""
SETS_A_PLACE = 6
"""Two measures by three sides."""
USUAL_RATE = 5.0
"""Calls a second that Kiwoom permits, where no run says what was permitted."""


@dataclass(frozen=True, slots=True)
class Gap:
    """
    A session that was due and is not published.

    :param is_open: whether its window is still open, so that it can still be fetched.
    :param has_raw: whether any of the API's pages are stored.
    :param audits: how many runs were audited.
    """

    session: SessionWindow
    is_open: bool
    has_raw: bool
    audits: int

    @property
    def stored(self) -> Message:
        """What is stored of it."""
        if not self.has_raw:
            return message("raw absent")
        return message("raw stored, audits: {audits}", audits=self.audits)

    @property
    def remedy(self) -> Message:
        """What to do."""
        if self.is_open:
            ends_at = f"{self.session.window_ends_at:%Y-%m-%d %H:%M}"
            return message("can be fetched until {time} KST: clear or trigger its run", time=ends_at)
        if self.audits:
            return message("read its last audit report: correct the cause and replay it, or release it")
        if self.has_raw:
            return message("trigger it with its session_date: it is replayed if its raw is whole; else rebuild it")
        return message("rebuild it from ka10059")

    def sentence(self) -> Message:
        """Return the gap in words: since when, what is there, what to do."""
        return message(
            "{session}  due since {time} KST  {stored}  {remedy}",
            session=self.session.key,
            time=f"{self.session.settles_at:%Y-%m-%d %H:%M}",
            stored=self.stored,
            remedy=self.remedy,
        )


@dataclass(frozen=True, slots=True)
class Rebuild:
    """
    What it costs to rebuild sessions from the dated sibling ka10059, by the stocks of an earlier session.

    :param start: the first session to rebuild; ``end`` the last.
    :param rate: calls a second.
    """

    start: date
    end: date
    calls: int
    rate: float

    @property
    def seconds(self) -> float:
        """Seconds at the permitted rate, if nothing else calls."""
        return self.calls / self.rate

    def sentence(self) -> Message:
        """Return it in words, for the command line."""
        minutes = ceil(self.seconds / 60)
        return message(
            "Those whose window is over can be rebuilt: trigger ka10059_history with start={start}, end={end}: "
            "about {calls} calls, {hours} h {minutes} min at {rate} a second.",
            start=str(self.start),
            end=str(self.end),
            calls=self.calls,
            hours=minutes // 60,
            minutes=minutes % 60,
            rate=self.rate,
        )


def gaps(store: Store, calendar: KrxCalendar, now: datetime, since: date | None = None) -> list[Gap]:
    """
    Return every session that has been due and is not published, oldest first, from three listings.

    :param since: the first session to look at; None is the first of which anything is stored.
    :raises OutOfRangeError: for a day that the calendar does not know.
    :raises StoreError: when the root cannot be read.
    """
    published = published_sessions(store)
    first = since or min(published | stored_sessions(store, layout.RAW), default=None)
    last = calendar.latest_settled(now).session_date
    due = calendar.sessions(first, last) if first and first <= last else []
    lacking = [session for session in due if session.session_date not in published]
    if not lacking:
        return []
    collected, audits = stored_sessions(store, layout.RAW), count_audits(store.list(layout.REPORTS))
    return [make_gap(session, now, collected, audits[session.session_date]) for session in lacking]


def make_gap(session: SessionWindow, now: datetime, collected: Iterable[date], audits: int) -> Gap:
    """Return a session that is due and not published as a gap."""
    return Gap(session, now < session.window_ends_at, session.session_date in collected, audits)


def count_audits(keys: Iterable[str]) -> Counter[date]:
    """Return how many runs of each session were audited, from the keys of reports."""
    days = (layout.session_of(key) for key in keys if layout.is_summary(key))
    return Counter(day for day in days if day is not None)


def plan_rebuild(found: Iterable[Gap], calendar: KrxCalendar, newest: Summary | None) -> Rebuild | None:
    """
    Return what it takes to rebuild the gaps whose window is over, None when there is none or no size is known.

    :param newest: the summary of a run that tells how many stocks each market and venue has.
    """
    over = [gap.session.session_date for gap in found if not gap.is_open]
    stocks = sum(place.stocks for place in newest.sizes) if newest else 0
    if not over or not newest or not stocks:
        return None
    answers = ceil(len(calendar.sessions(over[0], over[-1])) / SESSIONS_A_CALL)
    rate = newest.sweep.rate if newest.sweep and newest.sweep.rate else USUAL_RATE
    return Rebuild(over[0], over[-1], stocks * SETS_A_PLACE * answers, rate)
