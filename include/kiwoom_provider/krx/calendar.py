"""The KRX calendar: questions about sessions and about the hours in which one may be fetched."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from kiwoom_provider.krx.cross_check import cross_check
from kiwoom_provider.krx.errors import CalendarError, NotASessionError, OutOfRangeError, OverrideError
from kiwoom_provider.krx.rules import Rules, load_rules
from kiwoom_provider.krx.session import DEFAULT_SETTLE_TIME, DEFAULT_WINDOW_END, KST, Session, check_window

if TYPE_CHECKING:
    from pathlib import Path

_DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False, repr=False)
class KrxCalendar:
    """
    Sessions of KRX with the window in which each one's data may be fetched.

    ``settle_time`` is on the session's day, ``window_end`` on the next session's, both KST. Build it
    with :func:`calendar`. Every method that takes a day raises :class:`OutOfRangeError` when the
    calendar does not know that day; instants must be aware, in any zone.
    """

    rules: Rules
    settle_time: time
    window_end: time

    def is_session(self, day: date) -> bool:
        """Say whether the exchange holds a session on ``day``."""
        return self.closed_reason(day) is None

    def closed_reason(self, day: date) -> str | None:
        """Say why the exchange is closed on ``day``, None on a session."""
        return self.rules.closed_reason(day)

    def session(self, day: date) -> Session:
        """
        Return the session of ``day``.

        :raises NotASessionError: when the exchange is closed, naming the nearest sessions.
        """
        if reason := self.closed_reason(day):
            days = self.rules.sessions
            at = bisect_left(days, day)
            raise NotASessionError(day, reason, days[at - 1] if at else None, days[at] if at < len(days) else None)
        return self._session(day)

    def previous(self, day: date) -> Session:
        """
        Return the last session before ``day``, which need not be a session itself.

        :raises OutOfRangeError: when there is none that the calendar knows.
        """
        return self._at(bisect_left(self.rules.sessions, self._known(day)) - 1, day - _DAY)

    def next(self, day: date) -> Session:
        """
        Return the first session after ``day``, which need not be a session itself.

        :raises OutOfRangeError: when there is none that the calendar knows.
        """
        return self._at(bisect_right(self.rules.sessions, self._known(day)), day + _DAY)

    def sessions(self, start: date, end: date) -> list[Session]:
        """Return every session from ``start`` to ``end``, both inclusive, oldest first."""
        days = self.rules.sessions
        found = days[bisect_left(days, self._known(start)) : bisect_right(days, self._known(end))]
        return [self._session(day) for day in found]

    def latest_settled(self, now: datetime) -> Session:
        """
        Return the latest session whose settle time is not after ``now``.

        :raises OutOfRangeError: before the first one that the calendar knows, or when a later one that
            it does not know may have settled since.
        """
        local = _in_kst(now)
        day = local.date() if local.time() >= self.settle_time else local.date() - _DAY
        return self._at(bisect_right(self.rules.sessions, self._known(day)) - 1, day)

    def window_open_at(self, now: datetime) -> Session | None:
        """Return the session whose data may be fetched at ``now``, None between two windows."""
        session = self.latest_settled(now)
        return session if now < session.window_ends_at else None

    def next_settling(self, moment: datetime) -> Session:
        """Return the first session whose settle time is not before ``moment``."""
        local = _in_kst(moment)
        day = local.date() if local.time() <= self.settle_time else local.date() + _DAY
        return self._at(bisect_left(self.rules.sessions, self._known(day)), day)

    def cross_check(self, first: date | None = None, last: date | None = None) -> list[str]:
        """
        Compare with ``exchange_calendars``: a sentence for every difference. It never decides.

        :param first: first day of interest; None is the first that is known.
        :param last: last day of interest; None is the last that is known.
        """
        known = self.rules.known
        return cross_check(self.rules, first or known.first, last or known.last)

    def _known(self, day: date) -> date:
        known = self.rules.known
        if not known.first <= day <= known.last:
            raise OutOfRangeError(day, known.first, known.last)
        return day

    def _at(self, index: int, asked: date) -> Session:
        days = self.rules.sessions
        if not 0 <= index < len(days):
            raise OutOfRangeError(asked, days[0], days[-1])
        return self._session(days[index])

    def _session(self, day: date) -> Session:
        opens, closes, note = self.rules.hours(day)
        return Session(
            date=day,
            opens_at=datetime.combine(day, opens, KST),
            closes_at=datetime.combine(day, closes, KST),
            settles_at=datetime.combine(day, self.settle_time, KST),
            window_ends_at=datetime.combine(self._day_after(day), self.window_end, KST),
            note=note,
        )

    def _day_after(self, day: date) -> date:
        days = self.rules.sessions
        at = bisect_right(days, day)
        # After the last known session the earliest day that could be one: too short a window, never too long.
        return days[at] if at < len(days) else self.rules.known.last + _DAY


def calendar(
    *,
    settle_time: time = DEFAULT_SETTLE_TIME,
    window_end: time = DEFAULT_WINDOW_END,
    overrides: Path | None = None,
) -> KrxCalendar:
    """
    Return the calendar, built once per set of arguments and again when the override file has changed.

    :param settle_time: time of the session's day (KST) from which its data may be fetched.
    :param window_end: time of the next session's day (KST) until which it may.
    :param overrides: a deployment's own file; see :mod:`kiwoom_provider.krx.overrides`.
    :raises WindowError: when a time of day could file one session's data under another.
    :raises OverrideError: when the file cannot be used, naming the line.
    """
    check_window(settle_time, window_end)
    return KrxCalendar(_rules(overrides, _version(overrides)), settle_time, window_end)


@lru_cache(maxsize=8)
def _rules(overrides: Path | None, _version: tuple[int, int] | None) -> Rules:
    return load_rules(overrides)


def _version(overrides: Path | None) -> tuple[int, int] | None:
    """Tell two contents of the file apart, so that a long-running scheduler sees a new closure."""
    if overrides is None:
        return None
    try:
        found = overrides.stat()
    except OSError as error:
        problem = f"the override file cannot be read ({error.strerror}); KIWOOM_KRX_OVERRIDES may name another"
        raise OverrideError(overrides, None, problem) from None
    return found.st_mtime_ns, found.st_size


def _in_kst(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise CalendarError(f"{moment.isoformat()} has no zone, so it names no instant; use an aware datetime")
    return moment.astimezone(KST)
