"""Which days are sessions, to the simulator: its own small calendar, with its own data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from kiwoom_simulator.clock import KST

FIRST_SESSION = date(2016, 1, 4)
"""History begins here."""

LIVE_FROM = time(8)
"""From here on a session day the live fields are that day's (the NXT pre-market opens)."""

_CLOSED = """
2024-10-01
2025-01-01 2025-01-27 2025-01-28 2025-01-29 2025-01-30 2025-03-03 2025-05-01 2025-05-05 2025-05-06
2025-06-03 2025-06-06 2025-08-15 2025-10-03 2025-10-06 2025-10-07 2025-10-08 2025-10-09 2025-12-25
2025-12-31
2026-01-01 2026-02-16 2026-02-17 2026-02-18 2026-03-02 2026-05-01 2026-05-05 2026-05-25 2026-06-03
2026-07-17 2026-08-17 2026-09-24 2026-09-25 2026-10-05 2026-10-09 2026-12-25 2026-12-31
2027-01-01 2027-02-08 2027-02-09 2027-03-01 2027-05-03 2027-05-05 2027-05-13 2027-07-19 2027-08-16
2027-09-14 2027-09-15 2027-09-16 2027-10-04 2027-10-11 2027-12-27 2027-12-31
"""

CLOSURES = frozenset(date.fromisoformat(day) for day in _CLOSED.split())
"""Weekday closures of KRX, checked against the exchange's own announcements in 2026-11."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """
    Weekdays but :data:`CLOSURES` and ``closed_days``, closures that no calendar needs to know.

    Where ``only`` is given, ascending, from its first day on there are no others.
    """

    closed_days: frozenset[date] = frozenset()
    only: tuple[date, ...] = ()

    def is_session(self, day: date) -> bool:
        """Tell whether ``day`` is a session."""
        if self.only and day >= self.only[0] and day not in self.only:
            return False
        return day.weekday() < 5 and day not in CLOSURES and day not in self.closed_days  # noqa: PLR2004

    def latest(self, day: date) -> date:
        """Return the latest session on or before ``day``."""
        while not self.is_session(day):
            day -= timedelta(days=1)
        return day

    def previous(self, day: date) -> date:
        """Return the latest session before ``day``."""
        return self.latest(day - timedelta(days=1))

    def back_from(self, day: date, count: int) -> list[date]:
        """Return the ``count`` latest sessions on or before ``day``, newest first."""
        found: list[date] = []
        while len(found) < count:
            day = self.latest(day)
            found.append(day)
            day -= timedelta(days=1)
        return found

    def live(self, now: datetime) -> date:
        """Return the session whose prices and volumes are served at ``now``."""
        now = now.astimezone(KST)
        begun = now.time() >= LIVE_FROM
        return self.latest(now.date() if begun else now.date() - timedelta(days=1))
