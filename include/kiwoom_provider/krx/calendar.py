"""The KRX calendar: questions about sessions and about the hours in which one may be fetched."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from kiwoom_provider.krx.errors import CalendarError, NotASessionError, OutOfRangeError, OverrideError
from kiwoom_provider.krx.rules import Rules, load_rules
from kiwoom_provider.krx.session import KST, SessionWindow, Window
from kiwoom_provider.locale import Message, message

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

END_WARNING = timedelta(days=90)
"""How long before the calendar's end it is said: the exchange declares a year's closed days in December."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False, repr=False)
class KrxCalendar:
    """
    Sessions of KRX with the window in which each one's data may be fetched.

    Build it with :func:`calendar`. Every method that takes a day raises :class:`OutOfRangeError` when the
    calendar does not know that day; instants must be aware, in any zone.
    """

    rules: Rules
    window: Window

    def is_session(self, day: date) -> bool:
        """Say whether the exchange holds a session on ``day``."""
        return self.closed_reason(day) is None

    def closed_reason(self, day: date) -> str | None:
        """Say why the exchange is closed on ``day``, None on a session."""
        return self.rules.closed_reason(day)

    def session(self, day: date) -> SessionWindow:
        """
        Return the session of ``day``.

        :raises NotASessionError: when the exchange is closed, naming the nearest sessions.
        """
        if reason := self.closed_reason(day):
            days = self.rules.sessions
            at = bisect_left(days, day)
            raise NotASessionError(day, reason, days[at - 1] if at else None, days[at] if at < len(days) else None)
        return self._session(day)

    def previous(self, day: date) -> SessionWindow:
        """
        Return the last session before ``day``, which need not be a session itself.

        :raises OutOfRangeError: when there is none that the calendar knows.
        """
        return self._at(bisect_left(self.rules.sessions, self._check_range(day)) - 1, day - _DAY)

    def day_before(self, day: date) -> date:
        """Return the day of the last session before ``day``; of the first known one a day without data."""
        first = self.rules.sessions[0]
        return self.previous(day).session_date if day > first else first - _DAY

    def next(self, day: date) -> SessionWindow:
        """
        Return the first session after ``day``, which need not be a session itself.

        :raises OutOfRangeError: when there is none that the calendar knows.
        """
        return self._at(bisect_right(self.rules.sessions, self._check_range(day)), day + _DAY)

    def sessions(self, start: date, end: date) -> list[SessionWindow]:
        """Return every session from ``start`` to ``end``, both inclusive, oldest first."""
        days = self.rules.sessions
        found = days[bisect_left(days, self._check_range(start)) : bisect_right(days, self._check_range(end))]
        return [self._session(day) for day in found]

    def latest_settled(self, now: datetime) -> SessionWindow:
        """
        Return the latest session whose settle time is not after ``now``.

        :raises OutOfRangeError: before the first one that the calendar knows, or when a later one that
            it does not know may have settled since.
        """
        local = _in_kst(now)
        day = local.date() if local.time() >= self.window.settle_time else local.date() - _DAY
        return self._at(bisect_right(self.rules.sessions, self._check_range(day)) - 1, day)

    def window_open_at(self, now: datetime) -> SessionWindow | None:
        """Return the session whose data may be fetched at ``now``, None between two windows."""
        session = self.latest_settled(now)
        return session if session.is_open(now) else None

    def next_to_settle(self, moment: datetime) -> SessionWindow:
        """Return the first session whose settle time is not before ``moment``."""
        local = _in_kst(moment)
        day = local.date() if local.time() <= self.window.settle_time else local.date() + _DAY
        return self._at(bisect_left(self.rules.sessions, self._check_range(day)), day)

    def end_warning(self, day: date) -> Message | None:
        """Return what to do before the calendar ends, from 90 days before it does; None until then."""
        last = self.rules.known.last
        if last - day > END_WARNING:
            return None
        return message(
            "The calendar knows the sessions up to {day}, and later nights are not scheduled: "
            "install a newer release of the package before that.",
            day=str(last),
        )

    def _check_range(self, day: date) -> date:
        known = self.rules.known
        if not known.first <= day <= known.last:
            raise OutOfRangeError(day, known.first, known.last)
        return day

    def _at(self, index: int, asked: date) -> SessionWindow:
        days = self.rules.sessions
        if not 0 <= index < len(days):
            raise OutOfRangeError(asked, days[0], days[-1])
        return self._session(days[index])

    def _session(self, day: date) -> SessionWindow:
        return self.window.on(day, self._day_after(day))

    def _day_after(self, day: date) -> date:
        days = self.rules.sessions
        at = bisect_right(days, day)
        # After the last known session the earliest day that could be one: too short a window, never too long.
        return days[at] if at < len(days) else self.rules.known.last + _DAY


def calendar(window: Window | None = None, *, overrides: Path | None = None) -> KrxCalendar:
    """
    Return the calendar; its facts are read once, and again when the override file has changed.

    :param window: when a session's data may be fetched; None is the package's own window.
    :param overrides: a deployment's own file; see :mod:`kiwoom_provider.krx.overrides`.
    :raises WindowError: when a time of day could file one session's data under another.
    :raises OverrideError: when the file cannot be used, naming the entry.
    """
    window = window or Window()
    window.check()
    return KrxCalendar(_rules(overrides, _version(overrides)), window)


def closures_with_data(calendar: KrxCalendar, stored_dates: Iterable[date]) -> list[Message]:
    """
    Name every day that holds data although the calendar says that it was no session.

    Such data is either another session's under a wrong day, or the closure is wrong. An override's
    file is part of the reason. Days that the calendar does not know are left out.

    :param stored_dates: the session dates under which data is stored, in any order.
    :returns: one message per day, oldest first; empty when all is well.
    """
    known = calendar.rules.known
    inside = sorted({day for day in stored_dates if known.first <= day <= known.last})
    return [
        message(
            "{day} holds data, but the calendar says closed ({reason}). Correct the closure or move the data.",
            day=str(day),
            reason=Message(id=reason),
        )
        for day in inside
        if (reason := calendar.closed_reason(day))
    ]


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
        raise OverrideError(overrides, problem) from None
    return found.st_mtime_ns, found.st_size


def _in_kst(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise CalendarError(f"{moment.isoformat()} has no zone, so it names no instant; use an aware datetime")
    return moment.astimezone(KST)
