"""Sessions that were due and are not published. Reads names of stored objects only, never their content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.layout import published_sessions, stored_sessions
from kiwoom_provider.parameters import ParameterSet

if TYPE_CHECKING:
    from datetime import date, datetime

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import KrxCalendar, SessionWindow


@dataclass(frozen=True, slots=True)
class Gap:
    """
    A session that was due and is not published.

    :param is_open: whether its window is still open, so that it can still be fetched.
    :param raw_sets: parameter sets of which any page is stored.
    :param whole_sets: those of which a whole sweep was stored and typed.
    :param audits: how many runs were audited.
    """

    session: SessionWindow
    is_open: bool
    raw_sets: int
    whole_sets: int
    audits: int

    def sentence(self) -> str:
        """Return the gap in words: since when, what is there, what to do."""
        since = f"{self.session.key}  due since {self.session.settles_at:%Y-%m-%d %H:%M} KST"
        return f"{since}  {self._stored()}  {self._remedy()}"

    def _stored(self) -> str:
        if not self.raw_sets:
            return "raw absent"
        return f"sets of raw: {self.raw_sets}, whole: {self.whole_sets}, audits: {self.audits}"

    def _remedy(self) -> str:
        if self.is_open:
            return f"can be fetched until {self.session.window_ends_at:%Y-%m-%d %H:%M} KST: clear or trigger its run"
        if self.audits:
            return "read its last audit report: correct the cause and replay it, or release it"
        if self.whole_sets:
            return "trigger it with its session_date to replay what is whole"
        return "lost: the API has no history"


def gaps(store: Store, calendar: KrxCalendar, now: datetime, since: date | None = None) -> list[Gap]:
    """
    Return every session that has been due and is not published, oldest first.

    :param since: the first session to look at; None is the first of which anything is stored.
    :raises OutOfRangeError: for a day that the calendar does not know.
    """
    published = published_sessions(store)
    first = since or min((published | stored_sessions(store, layout.RAW)), default=None)
    if first is None:
        return []
    last = calendar.latest_settled(now).session_date
    due = calendar.sessions(first, last) if first <= last else []
    return [gap_of(store, session, now) for session in due if session.session_date not in published]


def gap_of(store: Store, session: SessionWindow, now: datetime) -> Gap:
    """Return what is stored of a session that is due and not published."""
    return Gap(
        session=session,
        is_open=now < session.window_ends_at,
        raw_sets=_sets(store, layout.session_prefix(layout.RAW, session.session_date)),
        whole_sets=_sets(store, layout.session_prefix(layout.PARTITIONS, session.session_date)),
        audits=sum(layout.is_summary(key) for key in _keys(store, layout.REPORTS, session)),
    )


def _keys(store: Store, dataset: str, session: SessionWindow) -> list[str]:
    return store.list(layout.session_prefix(dataset, session.session_date))


def _sets(store: Store, prefix: str) -> int:
    return len({ParameterSet.from_path(key) for key in store.list(prefix)})
