"""How a day stands: told from the calendar, the clock, what is published, and the runs that were audited."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from kiwoom_provider.locale import Message, message
from kiwoom_provider.pipeline.plan import Mode
from kiwoom_provider.quality.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from kiwoom_provider.krx import SessionWindow
    from kiwoom_provider.pipeline.summary import Summary


class State(StrEnum):
    """How a day stands."""

    PUBLISHED = "published"
    WARNED = "warned"
    """Published, with warnings."""
    RELEASED = "released"
    """Published by a person in spite of named findings."""
    QUARANTINED = "quarantined"
    """Audited and not published."""
    MISSING = "missing"
    """The window is over, and nothing was audited or published."""
    DAMAGED = "damaged"
    """What its newest run left cannot be read; the reason is given."""
    DUE = "due"
    """Not settled yet, or settled and its window still open."""
    BEFORE = "before"
    """Before the first session of which anything is stored: collecting had not begun."""
    CLOSED = "closed"
    """No session; the reason is given."""


NAMES = {
    State.PUBLISHED: message("published"),
    State.WARNED: message("published with warnings"),
    State.RELEASED: message("released by a person"),
    State.QUARANTINED: message("in quarantine"),
    State.MISSING: message("missing"),
    State.DAMAGED: message("cannot be read"),
    State.DUE: message("due"),
    State.BEFORE: message("before the first session"),
    State.CLOSED: message("closed"),
}
MARKS = {
    State.PUBLISHED: "✓",
    State.WARNED: "!",
    State.RELEASED: "R",
    State.QUARANTINED: "✕",
    State.MISSING: "–",
    State.DAMAGED: "?",
    State.DUE: "○",
    State.BEFORE: "",
    State.CLOSED: "·",
}
"""What a day shows beside its colour."""

MODES = {
    Mode.LIVE: message("live"),
    Mode.REPLAY: message("replay"),
    Mode.RELEASE: message("release"),
    Mode.REBUILD: message("rebuild"),
}

NO_SUMMARY = message("published; none of its runs has left a summary")
STANDS = message("a later run was not published; what was published before it stands")
GONE = message("its newest run published it, and the published file is not there")
_OF_VERDICT = {Verdict.WARNED: State.WARNED, Verdict.RELEASED: State.RELEASED}


@dataclass(frozen=True, slots=True)
class Run:
    """One audited run; ``name`` is what it is called in URLs: ``20261120T113005.123456Z-0a1b2c3d4e5f``."""

    name: str
    summary: Summary


@dataclass(frozen=True, slots=True)
class DamagedRun:
    """A run whose summary cannot be read, and why."""

    name: str
    reason: Message


@dataclass(frozen=True, slots=True)
class Stored:
    """
    What the store holds of one day.

    :param runs: its runs, newest first, as far back as the state needs.
    :param count: how many there are, in all.
    """

    is_published: bool
    runs: Sequence[Run | DamagedRun]
    count: int


@dataclass(frozen=True, slots=True)
class Day:
    """
    One day of the calendar.

    :param reason: why it is closed or damaged; else a remark worth showing, or None.
    :param settles_at: None on a closed day.
    :param window_ends_at: until when it can be fetched; None on a closed day.
    :param is_published: whether a published file lies in the store.
    :param runs: how many runs were audited.
    :param run: the run that the state is told from: the one that published, else the newest readable one.
    """

    date: date
    state: State
    reason: Message | None = None
    settles_at: datetime | None = None
    window_ends_at: datetime | None = None
    is_published: bool = False
    runs: int = 0
    run: Run | None = None

    @property
    def holds_data(self) -> bool:
        """Whether there is anything to look at."""
        return self.is_published or self.runs > 0

    def is_gap(self, now: datetime) -> bool:
        """Whether it should be published by ``now`` and is not."""
        is_due = self.settles_at is not None and self.settles_at <= now
        return is_due and not self.is_published and self.state is not State.BEFORE


def closed_day(day: date, reason: str, stored: Stored) -> Day:
    """Return a day on which the exchange is closed."""
    run = _deciding_run(stored)
    return Day(day, State.CLOSED, Message(id=reason), is_published=stored.is_published, runs=stored.count, run=run)


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
        run=_deciding_run(stored),
    )


def _deciding_run(stored: Stored) -> Run | None:
    """Return the run that published what is there, else the newest that can be read."""
    readable = [run for run in stored.runs if isinstance(run, Run)]
    publishing = (run for run in readable if run.summary.published and stored.is_published)
    return next(publishing, readable[0] if readable else None)


def _state(session: SessionWindow, stored: Stored, now: datetime, first: date | None) -> tuple[State, Message | None]:
    newest, run = next(iter(stored.runs), None), _deciding_run(stored)
    if isinstance(newest, DamagedRun):
        return State.DAMAGED, newest.reason
    if stored.is_published:
        if run is None or not run.summary.published:
            return State.PUBLISHED, NO_SUMMARY
        return _OF_VERDICT.get(run.summary.audit, State.PUBLISHED), None if run is newest else STANDS
    if run is not None:
        return (State.DAMAGED, GONE) if run.summary.published else (State.QUARANTINED, None)
    if now < session.window_ends_at:
        return State.DUE, None
    return (State.BEFORE if first is None or session.session_date < first else State.MISSING), None
