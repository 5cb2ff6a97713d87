"""A session's own night goes first: the history makes no call while one is being collected."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout

if TYPE_CHECKING:
    from datetime import datetime

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import KrxCalendar

NIGHT = timedelta(hours=3)
"""How long after its settle time a session's own night goes first, unless it is published before."""


class NightGoesFirst(Exception):  # noqa: N818 - it is no error
    """A session's own night is going on; holds the session."""


def check_no_night(store: Store, calendar: KrxCalendar, now: datetime) -> None:
    """
    Stop while a session is due and not published yet.

    :raises NightGoesFirst: naming the session.
    """
    session = calendar.window_open_at(now)
    is_night = session is not None and session.settles_at <= now < session.settles_at + NIGHT
    if session and is_night and not store.exists(layout.published_key(session.session_date)):
        raise NightGoesFirst(session.key)
