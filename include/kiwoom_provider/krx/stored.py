"""Stored data against the calendar: a closure that came, or was declared, after data was stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from kiwoom_provider.krx.calendar import KrxCalendar


def closures_with_data(calendar: KrxCalendar, stored_dates: Iterable[date]) -> list[str]:
    """
    Name every day that holds data although the calendar says that it was no session.

    Such data is either another session's under a wrong day, or the closure is wrong. An override's
    file and line are part of the reason. Days that the calendar does not know are left out.

    :param stored_dates: the session dates under which data is stored, in any order.
    :returns: one message per day, oldest first; empty when all is well.
    """
    known = calendar.rules.known
    inside = sorted({day for day in stored_dates if known.first <= day <= known.last})
    return [
        f"{day} holds data, but the calendar says closed ({reason}). Correct the closure or move the data."
        for day in inside
        if (reason := calendar.closed_reason(day))
    ]
