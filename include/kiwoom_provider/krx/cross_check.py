"""A second opinion on the calendar. It finds differences for people to look at, and never decides."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from kiwoom_provider.locale import Message, message

if TYPE_CHECKING:
    from datetime import date

    from kiwoom_provider.krx.rules import Rules


def cross_check(rules: Rules, first: date, last: date) -> list[Message]:
    """
    Compare with the XKRX calendar of ``exchange_calendars``.

    :param first: days before it are left out.
    :param last: days after it are left out.
    :returns: one plain sentence or two for each difference, oldest day first; also when the other
        calendar cannot be read at all, since nobody may take silence for agreement.
    """
    try:
        others = _others_sessions(rules)
    except Exception as error:  # noqa: BLE001 - whatever breaks in a second opinion must not stop a night's work
        why = repr(error)[:500]
        return [message("The calendar was not cross-checked: exchange_calendars failed with {error}.", error=why)]
    return [_difference(rules, day) for day in sorted(set(rules.sessions) ^ others) if first <= day <= last]


def _others_sessions(rules: Rules) -> set[date]:
    import exchange_calendars

    first, last = rules.known.first.isoformat(), rules.known.last.isoformat()
    with warnings.catch_warnings():
        # What pandas thinks of their code is neither our reader's concern nor a difference.
        warnings.simplefilter("ignore")
        theirs = exchange_calendars.get_calendar("XKRX", start=first, end=last)
    return {day.date() for day in theirs.sessions}


def _difference(rules: Rules, day: date) -> Message:
    if reason := rules.closed_reason(day):
        return message(
            "{day}: exchange_calendars has a session, ours is closed ({reason}). "
            "Ours decides. If ours is wrong, add an override (docs/calendar.md).",
            day=str(day),
            reason=Message(id=reason),
        )
    return message(
        "{day}: exchange_calendars is closed, ours has a session. "
        "Ours decides. If ours is wrong, add an override (docs/calendar.md).",
        day=str(day),
    )
