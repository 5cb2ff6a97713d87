"""A session's window as one task hands it to many, so that these need no calendar: it takes memory and time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Self

from kiwoom_provider.krx.errors import SessionDateError, WindowError
from kiwoom_provider.krx.session import KST, Session, parse_session_date

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_BREAK = timedelta(days=14)
"""No break between two sessions has been longer than ten days (Chuseok 2017)."""

_INSTANTS = ("opens_at", "closes_at", "settles_at", "window_ends_at")


@dataclass(frozen=True, slots=True)
class Handed:
    """
    A session, and the day of the session right before it.

    Travels between tasks as :meth:`to_json`: days ``YYYY-MM-DD``, instants ISO 8601 with their offset.
    """

    session: Session
    before: date

    def to_json(self) -> dict[str, str]:
        """Return the JSON-ready form."""
        instants = {name: getattr(self.session, name).isoformat() for name in _INSTANTS}
        return {"date": self.session.key, **instants, "before": self.before.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], session_date: date, settle_time: time, window_end: time) -> Self:
        """
        Read the JSON-ready form, and hold it against what the reader itself was told.

        :raises WindowError: when it is malformed, is another session's, or its window is not of these
            times of day (KST).
        """
        try:
            day, before = (parse_session_date(data[name]) for name in ("date", "before"))
            opens_at, closes_at, settles_at, ends_at = (_instant(data[name]) for name in _INSTANTS)
        except (SessionDateError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise WindowError(f"the window handed over for session {session_date} cannot be read: {error!r}") from None
        handed = cls(Session(day, opens_at, closes_at, settles_at, ends_at), before)
        if day != session_date or not handed._is_from(settle_time, window_end):
            raise WindowError(
                f"the window handed over is not that of session {session_date} from {settle_time:%H:%M} to "
                f"{window_end:%H:%M} KST: {dict(data)}. Clear await_settlement, so that it hands over anew"
            )
        return handed

    def _is_from(self, settle_time: time, window_end: time) -> bool:
        session, ends_at = self.session, self.session.window_ends_at
        ordered = session.opens_at < session.closes_at < session.settles_at
        on_its_day = self.before < session.date == session.opens_at.date()
        near = timedelta() < ends_at.date() - session.date <= LONGEST_BREAK
        due = session.settles_at == datetime.combine(session.date, settle_time, KST) and ends_at.time() == window_end
        return ordered and on_its_day and near and due


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text} has no offset")
    return instant.astimezone(KST)
