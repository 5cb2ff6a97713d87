"""How a day stands: told from the calendar, the clock, what is published, and the runs that were audited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_provider.monitor.states import Damaged, Day, Run, State
from kiwoom_provider.quality.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from kiwoom_provider.krx import SessionWindow

_OF_VERDICT = {Verdict.WARNED: State.WARNED, Verdict.RELEASED: State.RELEASED}
NO_SUMMARY = "published; none of its runs has left a summary"
STANDS = "a later run was not published; what was published before it stands"
GONE = "its newest run published it, and the published file is not there"


@dataclass(frozen=True, slots=True)
class Stored:
    """
    What the store holds of one session.

    :param runs: its runs, newest first, as far back as the state needs.
    :param count: how many there are, in all.
    """

    is_published: bool
    runs: Sequence[Run | Damaged]
    count: int


def closed_day(day: date, reason: str, stored: Stored) -> Day:
    """Return a day on which the exchange is closed."""
    return Day(day, State.CLOSED, reason, is_published=stored.is_published, runs=stored.count)


def session_day(session: SessionWindow, stored: Stored, now: datetime, first: date | None) -> Day:
    """
    Return how a session stands at ``now``.

    :param first: the first session of which anything is stored.
    """
    state, reason = _state(session, stored, now, first)
    return Day(
        date=session.session_date,
        state=state,
        reason=reason,
        settles_at=session.settles_at,
        window_ends_at=session.window_ends_at,
        is_published=stored.is_published,
        runs=stored.count,
        run=_telling(stored),
    )


def _telling(stored: Stored) -> Run | None:
    """Return the run that published what is there, else the newest that can be read."""
    readable = [run for run in stored.runs if isinstance(run, Run)]
    publishing = (run for run in readable if run.published and stored.is_published)
    return next(publishing, readable[0] if readable else None)


def _state(session: SessionWindow, stored: Stored, now: datetime, first: date | None) -> tuple[State, str]:
    newest, run = next(iter(stored.runs), None), _telling(stored)
    if isinstance(newest, Damaged):
        return State.DAMAGED, newest.reason
    if stored.is_published:
        if run is None or not run.published:
            return State.PUBLISHED, NO_SUMMARY
        return _OF_VERDICT.get(run.verdict, State.PUBLISHED), "" if run is newest else STANDS
    if run is not None:
        return (State.DAMAGED, GONE) if run.published else (State.QUARANTINED, "")
    if now < session.window_ends_at:
        return State.DUE, ""
    return (State.BEFORE if first is None or session.session_date < first else State.MISSING), ""
