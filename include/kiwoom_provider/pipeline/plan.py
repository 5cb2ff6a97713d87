"""Which session a run is about, whether it may still be fetched, and which sets it takes."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, Self

from kiwoom_provider.api.errors import KiwoomError
from kiwoom_provider.datasets.published import Release
from kiwoom_provider.datasets.raw import RawError, load_sweeps
from kiwoom_provider.documents import Document
from kiwoom_provider.krx import KST, SessionWindow, parse_session_date
from kiwoom_provider.parameters import Market, ParameterError, ParameterSet, Venue
from kiwoom_provider.pipeline.errors import SessionError, SessionNotDueError, SessionOverError
from kiwoom_provider.settings import ConnectionAbsentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from kiwoom_provider.clock import Clock
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import KrxCalendar

log = logging.getLogger(__name__)

_SHORTER = {Market.ALL: 0, Market.KOSDAQ: 1, Market.KOSPI: 2}
"""Markets by their number of stocks, the most first; NXT trades about a third of them."""


class Mode(StrEnum):
    """How a run comes by its data: from the API, from the stored raw, or from the dated sibling's history."""

    LIVE = "live"
    REPLAY = "replay"
    RELEASE = "release"
    REBUILD = "rebuild"


class Plan(Document):
    """
    What one run does, decided once. Every task is given it, and none asks the calendar again.

    :param session_before: the day of the session right before, by the calendar.
    :param sets: the parameter sets that the run fetches.
    :param release: a person's decision, which a release carries out.
    """

    session: SessionWindow
    session_before: date
    mode: Mode
    sets: tuple[ParameterSet, ...]
    release: Release | None = None

    @classmethod
    def of(cls, calendar: KrxCalendar, session_date: date, mode: Mode, sets: Iterable[ParameterSet]) -> Self:
        """
        Make the plan of a session.

        :raises CalendarError: when the day is no session that the calendar knows.
        """
        session, before = calendar.session(session_date), calendar.day_before(session_date)
        return cls(session=session, session_before=before, mode=mode, sets=tuple(sets))

    def can_fetch(self, now: datetime) -> bool:
        """Whether the API may be called for this plan at ``now``."""
        return self.mode is Mode.LIVE and self.session.is_open(now)

    @contextmanager
    def errors_by(self, clock: Clock) -> Iterator[None]:
        """Make an error of the block final, unless the API, or what it serves, may still cure it."""
        try:
            yield
        except (KiwoomError, SessionError, RawError) as error:
            if not self.can_fetch(clock.now()):
                error.is_final = True
            raise

    def fetches(self) -> list[dict[str, str]]:
        """Return the names of every set to fetch, the sets with the most stocks first: short ones end together."""
        return [parameters.names() for parameters in self._longest_first()]

    def begins_implied(self, parameters: ParameterSet) -> bool:
        """Whether a set is the first that is fetched of a market and venue that a look may take for final by others."""
        first_market = next((p.market for p in self.sets if p.venue is parameters.venue), None)
        place = [p for p in self._longest_first() if (p.market, p.venue) == (parameters.market, parameters.venue)]
        is_implied = parameters.market is not first_market or parameters.venue is Venue.CONSOLIDATED
        return place[:1] == [parameters] and is_implied

    def _longest_first(self) -> list[ParameterSet]:
        return sorted(self.sets, key=lambda p: (_SHORTER[p.market], p.venue is Venue.NXT))


class Host(Protocol):
    """What a plan asks of the hook."""

    def serves(self, venue: Venue) -> bool:
        """Whether the host has this venue."""


def served_venues(host: Host, asked: Iterable[object] | None) -> Iterable[object] | None:
    """
    Return the venues to ask for: all of them, as the trigger form has it, or none are all that the host serves.

    Where there is no connection, which a replay does not need, they stay as they are.
    """
    named = {str(name).strip() for name in asked or ()} - {"", "None"}
    if named and not named >= set(Venue):
        return asked
    try:
        served = [venue for venue in Venue if host.serves(venue)]
    except ConnectionAbsentError:
        return asked
    if len(served) < len(Venue):
        log.info("All venues are asked for: the host serves %s", ", ".join(served))
    return served


def check_served(host: Host, sets: Iterable[ParameterSet]) -> None:
    """
    Refuse a venue that the host does not serve, before any call.

    :raises ParameterError: naming the venue and the remedy.
    """
    refused = dict.fromkeys(str(p.venue) for p in sets if not host.serves(p.venue))
    if refused:
        raise ParameterError(
            f"venues: this connection's host does not serve {', '.join(refused)}. "
            "The mock host serves KRX only: set venues to KRX, or use the live host."
        )


def check_window(session: SessionWindow, instant: datetime) -> None:
    """
    Refuse to fetch a session outside its window, where the API may serve another session's data.

    :raises SessionOverError: naming the window.
    """
    if not session.is_open(instant):
        raise SessionOverError(
            f"session {session.key} may be fetched from {_kst(session.settles_at)} to "
            f"{_kst(session.window_ends_at)} KST only, and it is {_kst(instant)} KST. What is stored so far is kept."
        )


def make_plan(
    asked: str | None,
    sets: Iterable[ParameterSet],
    *,
    calendar: KrxCalendar,
    store: Store,
    now: datetime,
) -> Plan:
    """
    Decide what a run does, before anything is called or written.

    Inside the session's window, or before it on the day itself, the run is live; after it, the run
    is a replay when every set's raw is complete.

    :param asked: the session, ``YYYY-MM-DD``; None for the one whose window is open now.
    :raises CalendarError: for a malformed date or a day that is no KRX session.
    :raises SessionNotDueError: for a session in the future, or when no window is open.
    :raises SessionOverError: when the window is closed and the raw is not complete.
    """
    sets = tuple(sets)
    session = _session(asked, calendar, now)
    mode = Mode.LIVE if now < session.window_ends_at else Mode.REPLAY
    if mode is Mode.REPLAY:
        _check_replayable(store, session, sets)
    return Plan.of(calendar, session.session_date, mode, sets)


def _session(asked: str | None, calendar: KrxCalendar, now: datetime) -> SessionWindow:
    today = now.astimezone(KST).date()
    if asked:
        session = calendar.session(parse_session_date(asked))
        if session.session_date > today:
            raise SessionNotDueError(
                f"session_date {session.key} is in the future: today is {today} in Seoul. "
                "Leave session_date empty for the session whose window is open."
            )
        return session
    session_now = calendar.window_open_at(now)
    if session_now is None:
        due = calendar.next(calendar.latest_settled(now).session_date)
        raise SessionNotDueError(
            f"no session can be fetched at {_kst(now)} KST: the next window opens at "
            f"{_kst(due.settles_at)} KST for session {due.key}. To rebuild a stored session, "
            "give its session_date."
        )
    return session_now


def _check_replayable(store: Store, session: SessionWindow, sets: tuple[ParameterSet, ...]) -> None:
    stored = load_sweeps(store, session.session_date)
    complete = {p for p, sweeps in stored.items() if any(sweep.is_complete for sweep in sweeps)}
    missing = [p for p in sets if p not in complete]
    if not missing:
        return
    state = f"is partial: {len(sets) - len(missing)} of {len(sets)} sets are complete" if stored else "is absent"
    raise SessionOverError(
        f"session {session.key} can no longer be fetched: its window ended at "
        f"{_kst(session.window_ends_at)} KST, the API serves only the last session, and its raw {state}"
        f" (first missing: {missing[0].label}). What is stored is kept and will not be published."
    )


def _kst(instant: datetime) -> str:
    return f"{instant.astimezone(KST):%Y-%m-%d %H:%M}"
