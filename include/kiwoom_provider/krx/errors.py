"""
What can be wrong with a day, a time of day, or an override file.

::

    CalendarError              (a ValueError), final
    ├── SessionDateError       the text is not a date written YYYY-MM-DD
    ├── NotASessionError       the exchange is closed on that day
    ├── OutOfRangeError        before the first or after the last day that the calendar knows
    ├── WindowError            the settle time or the window's end cannot be right
    └── OverrideError          an override file cannot be used; names the file and the entry
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path


class CalendarError(KiwoomProviderError, ValueError):
    """The calendar cannot answer; the message says why and what to do."""

    is_final = True
    remedy = "install what requirements.txt names"


class SessionDateError(CalendarError):
    """The text is not a date written YYYY-MM-DD."""

    remedy = "trigger again with a day written YYYY-MM-DD"


class WindowError(CalendarError):
    """The settle time or the end of the window cannot be right."""

    remedy = "correct the times of day in the DAG file"


class NotASessionError(CalendarError):
    """
    The exchange is closed on ``day``.

    ``previous`` and ``following`` are the nearest sessions, None where the calendar knows none.
    """

    remedy = "another day; or an override of kind open, if the exchange is open"

    def __init__(self, day: date, reason: str, previous: date | None, following: date | None) -> None:
        self.day, self.reason, self.previous, self.following = day, reason, previous, following
        near = [str(found) for found in (previous, following) if found]
        nearest = f"sessions are {near[0]} and {near[1]}" if len(near) > 1 else f"session is {near[0]}"
        super().__init__(f"{day} is not a KRX session ({reason}); the nearest {nearest}")


class OutOfRangeError(CalendarError):
    """``day`` is not between ``first`` and ``last``, the days that the calendar knows."""

    remedy = "install a newer release: from there on no session is scheduled"

    def __init__(self, day: date, first: date, last: date) -> None:
        self.day, self.first, self.last = day, first, last
        super().__init__(
            f"{day} is outside the days that the KRX calendar knows, {first} to {last}; "
            "a newer release of the package knows more"
        )


class OverrideError(CalendarError):
    """An override file cannot be used."""

    remedy = "correct the entry that is named; check_overrides tries the file"

    def __init__(self, file: Path, problem: str) -> None:
        self.file, self.problem = file, problem
        super().__init__(f"{file}: {problem}")
