"""What can be asked at a time of day, by KRX's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_provider.krx import KST, Window, calendar
from kiwoom_provider.krx.session import NEXT_VENUE_OPENS

if TYPE_CHECKING:
    from datetime import date, datetime

FINAL_FROM = Window().settle_time
"""KRX's after-market is in the day's figures from here on (measured 20:05 to 21:05)."""


@dataclass(frozen=True, slots=True)
class Moment:
    """
    A time of day, and the sessions around it.

    :param now: in KST.
    :param final: the newest session whose figures are the day's last word.
    :param unsettled: today's session, while its figures are not; None on a closed day, and once they are.
    """

    now: datetime
    final: date
    unsettled: date | None

    @classmethod
    def at(cls, instant: datetime) -> Moment:
        """
        Return the moment of an aware instant.

        :raises OutOfRangeError: outside of the years that the calendar knows.
        """
        now, krx = instant.astimezone(KST), calendar()
        today, is_session = now.date(), krx.is_session(now.date())
        if is_session and now.time() >= FINAL_FROM:
            return cls(now, today, None)
        unsettled = today if is_session and now.time() >= NEXT_VENUE_OPENS else None
        return cls(now, krx.previous(today).session_date, unsettled)

    @property
    def is_closed_day(self) -> bool:
        """Whether the exchange does not open on the day."""
        return not calendar().is_session(self.now.date())

    def describe(self) -> str:
        """Say in a sentence what cannot be asked now."""
        if self.unsettled:
            return (
                f"It is {self.now:%H:%M} KST on a session's day: until {FINAL_FROM:%H:%M} ka10066 may still hold the "
                f"investors of {self.final}. Ask once more after {FINAL_FROM:%H:%M}."
            )
        if self.is_closed_day:
            return f"The exchange is closed: everything is about {self.final}. Ask once more on a session's evening."
        return f"The figures of {self.final} are final. What a day looks like before that can be asked from 16:00 on."
