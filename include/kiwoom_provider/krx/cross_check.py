"""A second opinion on the calendar. It finds differences for people to look at, and never decides."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from kiwoom_provider.krx.overrides import Kind
from kiwoom_provider.krx.session import KST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, time

    from kiwoom_provider.krx.rules import Rules

    Hours = Mapping[date, tuple[time, time]]

_REMEDY = "Ours decides. If ours is wrong, add an override (docs/calendar.md)."


def cross_check(rules: Rules, first: date, last: date) -> list[str]:
    """
    Compare with the XKRX calendar of ``exchange_calendars``, and the overrides with what they stand on.

    :param first: days before it are left out.
    :param last: days after it are left out.
    :returns: one plain sentence or two for each difference, oldest day first; also when the other
        calendar cannot be read at all, since nobody may take silence for agreement.
    """
    try:
        others = _others_hours(rules)
    except Exception as error:  # noqa: BLE001 - whatever breaks in a second opinion must not stop a night's work
        return [f"The calendar was not cross-checked: exchange_calendars failed with {error!r}."]
    found = [*_days(rules, others), *_hours(rules, others), *_idle(rules)]
    return [text for day, text in sorted(found) if first <= day <= last]


def _others_hours(rules: Rules) -> Hours:
    import exchange_calendars

    first, last = rules.known.first.isoformat(), rules.known.last.isoformat()
    with warnings.catch_warnings():
        # What pandas thinks of their code is neither our reader's concern nor a difference.
        warnings.simplefilter("ignore")
        theirs = exchange_calendars.get_calendar("XKRX", start=first, end=last)
    opens, closes = theirs.opens, theirs.closes
    return {
        day.date(): (opens[day].tz_convert(KST).time(), closes[day].tz_convert(KST).time()) for day in theirs.sessions
    }


def _days(rules: Rules, others: Hours) -> Iterator[tuple[date, str]]:
    for day in set(rules.sessions) ^ set(others):
        if reason := rules.closed_reason(day):
            yield day, f"{day}: exchange_calendars has a session, ours is closed ({reason}). {_REMEDY}"
        else:
            yield day, f"{day}: exchange_calendars is closed, ours has a session. {_REMEDY}"


def _hours(rules: Rules, others: Hours) -> Iterator[tuple[date, str]]:
    for day in set(rules.sessions) & set(others):
        opens, closes, note = rules.hours(day)
        if (opens, closes) != others[day]:
            theirs = "-".join(f"{at:%H:%M}" for at in others[day])
            because = f" ({note})" if note else ""
            ours = f"ours {opens:%H:%M}-{closes:%H:%M}{because}"
            yield day, f"{day}: exchange_calendars has {theirs}, {ours}. {_REMEDY}"


def _idle(rules: Rules) -> Iterator[tuple[date, str]]:
    for day, override in rules.overrides.items():
        if override.kind is Kind.HOURS and (reason := rules.closed_reason(day)):
            yield (
                day,
                f"{day}: {override.where} gives hours for a closed day ({reason}); they have no effect.",
            )
