"""One session of the exchange, and the times of day around it. All times of day are KST."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kiwoom_provider.krx.errors import SessionDateError, WindowError

if TYPE_CHECKING:
    from typing import Self

KST = ZoneInfo("Asia/Seoul")

REGULAR_OPEN = time(9)
REGULAR_CLOSE = time(15, 30)
LAST_VENUE_CLOSES = time(20)
"""KRX's own after-market (since 2026-09-14) and NXT's both end here, on CSAT day too."""
NEXT_VENUE_OPENS = time(8)
"""NXT's pre-market: from here on prices are the next session's."""

DEFAULT_SETTLE_TIME = time(20, 30)
DEFAULT_WINDOW_END = time(7)
"""Before a KRX pre-market at 07:00, which is announced and not yet live, would open."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Session:
    """
    One trading day of KRX.

    ``opens_at`` and ``closes_at`` bound the regular session. Live data may be filed under ``date``
    from ``settles_at`` (inclusive) to ``window_ends_at`` (exclusive), which is on the day of the next
    session. All four are aware, in KST. ``note`` says why the hours are odd, and is empty otherwise.
    """

    date: date
    opens_at: datetime
    closes_at: datetime
    settles_at: datetime
    window_ends_at: datetime
    note: str = ""

    @property
    def key(self) -> str:
        """The session's name in paths, partition keys and messages: ``2026-11-20``."""
        return self.date.isoformat()

    def in_utc(self) -> Self:
        """Return the same session with its four instants in UTC."""
        return replace(
            self,
            opens_at=self.opens_at.astimezone(UTC),
            closes_at=self.closes_at.astimezone(UTC),
            settles_at=self.settles_at.astimezone(UTC),
            window_ends_at=self.window_ends_at.astimezone(UTC),
        )

    def __str__(self) -> str:
        return self.key


def parse_session_date(text: object) -> date:
    """
    Read a date written exactly as ``2026-11-20``.

    :raises SessionDateError: when it is anything else, naming the field ``session_date``.
    """
    if isinstance(text, str) and _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise SessionDateError(f"session_date {text!r} is not a day written YYYY-MM-DD, such as 2026-11-20")


def check_window(settle_time: time, window_end: time) -> None:
    """
    Refuse times of day that could file one session's data under another.

    :raises WindowError: when ``settle_time`` is before the last venue has closed (20:00 KST), when
        ``window_end`` is after the next one has opened (08:00 KST), or when either is no plain time.
    """
    for name, value in (("settle_time", settle_time), ("window_end", window_end)):
        if not isinstance(value, time) or value.tzinfo is not None:
            raise WindowError(f"{name} {value!r} must be a datetime.time without a zone; it is read as KST")
    if settle_time < LAST_VENUE_CLOSES:
        raise WindowError(
            f"settle_time {settle_time:%H:%M} is too early: venues trade to {LAST_VENUE_CLOSES:%H:%M} KST, "
            "and nothing is final before"
        )
    if window_end > NEXT_VENUE_OPENS:
        raise WindowError(
            f"window_end {window_end:%H:%M} is too late: the next session's trading begins at "
            f"{NEXT_VENUE_OPENS:%H:%M} KST, and prices are the next session's from then on"
        )
