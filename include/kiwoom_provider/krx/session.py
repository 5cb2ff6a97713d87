"""One session of the exchange, and the times of day around it. All times of day are KST."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kiwoom_provider.documents import Document, Instant
from kiwoom_provider.krx.errors import SessionDateError, WindowError

KST = ZoneInfo("Asia/Seoul")

LAST_VENUE_CLOSES = time(20)
"""KRX's own after-market (since 2026-09-14) and NXT's both end here, on CSAT day too."""
NEXT_VENUE_OPENS = time(8)
"""NXT's pre-market: from here on prices are the next session's."""
ALERT_LEAD = timedelta(hours=3)
"""Before the window's end: a person who is called then can still act."""
EVIDENCE_LEAD = timedelta(minutes=100)
"""Before the window's end: ten times what a sweep of all sets takes. With 07:00 it is 05:20, between the maintenance
of the hosts that begins at 05:05 on weekdays and the one at 06:50; a window never ends on a Sunday."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Window(Document):
    """
    The times of day (KST) within which a session's data may be fetched; the DAG file says which.

    :param settle_time: on the session's day, from which its data may be fetched.
    :param window_end: on the next session's day, until which it may: before a KRX pre-market at 07:00, which is
        announced and not yet live, would open.
    :param evidence_time: on the next session's day, from which the sweep is taken without proof, as evidence;
        None is 100 minutes before the window ends.
    :param alert_time: on the next session's day, at which a session that is not published is called late; None is
        three hours before the window ends.
    """

    settle_time: time = time(21, 10)
    window_end: time = time(7)
    evidence_time: time | None = None
    alert_time: time | None = None

    def check(self) -> None:
        """
        Refuse times of day that could file one session's data under another, or lose the evidence.

        :raises WindowError: when ``settle_time`` is before the last venue has closed (20:00 KST), when
            ``window_end`` is after the next one has opened (08:00 KST), when ``evidence_time`` is not before
            the window's end, or when one has a zone.
        """
        for name, value in self:
            if value is not None and value.tzinfo is not None:
                raise WindowError(f"{name} {value} must be without a zone; it is read as KST")
        if self.settle_time < LAST_VENUE_CLOSES:
            raise WindowError(
                f"settle_time {self.settle_time:%H:%M} is too early: venues trade to {LAST_VENUE_CLOSES:%H:%M} KST, "
                "and nothing is final before"
            )
        if self.window_end > NEXT_VENUE_OPENS:
            raise WindowError(
                f"window_end {self.window_end:%H:%M} is too late: the next session's trading begins at "
                f"{NEXT_VENUE_OPENS:%H:%M} KST, and prices are the next session's from then on"
            )
        for name, value in (("evidence_time", self.evidence_time), ("alert_time", self.alert_time)):
            if value and value >= self.window_end:
                raise WindowError(
                    f"{name} {value:%H:%M} is not before window_end {self.window_end:%H:%M}: "
                    "the sweep has to be taken while the API still serves the session"
                )

    def on(self, day: date, following: date) -> SessionWindow:
        """Return the window of the session of ``day``; ``following`` is the day of the session after it."""
        ends_at = datetime.combine(following, self.window_end, KST)

        def before_the_end(said: time | None, lead: timedelta) -> datetime:
            return datetime.combine(following, said, KST) if said else ends_at - lead

        return SessionWindow(
            session_date=day,
            settles_at=datetime.combine(day, self.settle_time, KST),
            alert_at=before_the_end(self.alert_time, ALERT_LEAD),
            evidence_at=before_the_end(self.evidence_time, EVIDENCE_LEAD),
            window_ends_at=ends_at,
        )


class SessionWindow(Document):
    """
    One trading day of KRX, and when its data may be fetched. All instants are aware.

    Live data may be filed under ``session_date`` from ``settles_at`` (inclusive) to ``window_ends_at``
    (exclusive), which is on the day of the next session. From ``evidence_at`` it is fetched without proof; at
    ``alert_at`` a session that is not published is late.
    """

    session_date: date
    settles_at: Instant
    alert_at: Instant
    evidence_at: Instant
    window_ends_at: Instant

    @property
    def key(self) -> str:
        """The session's name in paths, partition keys and messages: ``2026-11-20``."""
        return self.session_date.isoformat()

    def is_open(self, instant: datetime) -> bool:
        """Say whether the session's data may be fetched at ``instant``."""
        return self.settles_at <= instant < self.window_ends_at

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
