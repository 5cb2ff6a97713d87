"""Sessions that were due and are not published. Reads names of stored objects only, never their content."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.layout import published_sessions, stored_sessions
from kiwoom_provider.locale import Message, message

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import KrxCalendar, SessionWindow


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
