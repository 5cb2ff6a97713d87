"""Which session a run is about, whether it may still be fetched, and which sets it takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from kiwoom_provider.datasets.raw import load_sweeps
from kiwoom_provider.krx import KST, parse_session_date
from kiwoom_provider.parameters import Market, ParameterError, ParameterSet, Venue, parameter_sets
from kiwoom_provider.pipeline.errors import SessionNotDueError, SessionOverError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import Handed, KrxCalendar, Session

_SHORTER = {Market.ALL: 0, Market.KOSDAQ: 1, Market.KOSPI: 2}
"""Markets by their number of stocks, the most first; NXT trades about a third of them."""


class Mode(StrEnum):
    """How a run comes by its data: from the API, or from the stored raw."""

    LIVE = "live"
    REPLAY = "replay"

    @classmethod
    def parse(cls, name: str) -> Mode:
        """
        Return the mode called ``name``.

        :raises ParameterError: when there is none.
        """
        try:
            return cls(name)
        except ValueError:
            raise ParameterError(f"mode {name!r} is not one of: {', '.join(cls)}") from None


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run does. Travels between tasks as :meth:`to_json`."""

    session_date: date
    mode: Mode
    sets: tuple[ParameterSet, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON-ready form."""
        return {
            "session_date": self.session_date.isoformat(),
            "mode": str(self.mode),
            "sets": [parameters.names() for parameters in self.sets],
        }

    def fetches(self, handed: Handed) -> list[dict[str, Any]]:
        """Return the arguments of every fetch task, the sets with the most stocks first: short ones end together."""
        given = {"session_date": self.session_date.isoformat(), "mode": str(self.mode), "handed": handed.to_json()}
        longest_first = sorted(self.sets, key=lambda p: (_SHORTER[p.market], p.venue is Venue.NXT))
        return [given | parameters.names() for parameters in longest_first]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """
        Read the JSON-ready form.

        :raises ParameterError: when a set is not valid.
        """
        return cls(
            parse_session_date(data["session_date"]),
            Mode(data["mode"]),
            tuple(ParameterSet.parse(**names) for names in data["sets"]),
        )


class Host(Protocol):
    """What a plan asks of the hook."""

    def serves(self, venue: Venue) -> bool:
        """Whether the host has this venue."""


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


def check_window(session: Session, instant: datetime) -> None:
    """
    Refuse to fetch a session outside its window, where the API may serve another session's data.

    :raises SessionOverError: naming the window.
    """
    if not session.settles_at <= instant < session.window_ends_at:
        raise SessionOverError(
            f"session {session.key} may be fetched from {session.settles_at:%Y-%m-%d %H:%M} to "
            f"{session.window_ends_at:%Y-%m-%d %H:%M} KST only, and it is "
            f"{instant.astimezone(KST):%Y-%m-%d %H:%M} KST. What is stored so far is kept."
        )


def make_plan(
    params: Mapping[str, Any],
    partition_key: str | None,
    *,
    calendar: KrxCalendar,
    store: Store,
    now: datetime,
) -> Plan:
    """
    Decide what a run does, before anything is called or written.

    The session is the param ``session_date``, else the partition key, else the one whose window is
    open now. Inside its window, or before it on the day itself, the run is live; after it, the run
    is a replay when every set's raw is complete. A release is always a replay: what is published is what
    was looked at.

    :raises ParameterError: for an unknown market, venue, measure or side.
    :raises CalendarError: for a malformed date or a day that is no KRX session.
    :raises SessionNotDueError: for a session in the future, or when no window is open.
    :raises SessionOverError: when the window is closed and the raw is not complete.
    """
    sets = tuple(parameter_sets(params))
    session = _session(params.get("session_date") or partition_key, calendar, now)
    if now < session.window_ends_at and not params.get("release_rules"):
        return Plan(session.date, Mode.LIVE, sets)
    _check_replayable(store, session, sets)
    return Plan(session.date, Mode.REPLAY, sets)


def _session(asked: str | None, calendar: KrxCalendar, now: datetime) -> Session:
    today = now.astimezone(KST).date()
    if asked:
        session = calendar.session(parse_session_date(asked))
        if session.date > today:
            raise SessionNotDueError(
                f"session_date {session.key} is in the future: today is {today} in Seoul. "
                "Leave session_date empty for the session whose window is open."
            )
        return session
    session_now = calendar.window_open_at(now)
    if session_now is None:
        due = calendar.next(calendar.latest_settled(now).date)
        raise SessionNotDueError(
            f"no session can be fetched at {now.astimezone(KST):%Y-%m-%d %H:%M} KST: the next window opens at "
            f"{due.settles_at:%Y-%m-%d %H:%M} KST for session {due.key}. To rebuild a stored session, "
            "give its session_date."
        )
    return session_now


def _check_replayable(store: Store, session: Session, sets: tuple[ParameterSet, ...]) -> None:
    stored = load_sweeps(store, session.date)
    complete = {p for p, sweeps in stored.items() if any(sweep.is_complete for sweep in sweeps)}
    missing = [p for p in sets if p not in complete]
    if not missing:
        return
    state = f"is partial: {len(sets) - len(missing)} of {len(sets)} sets are complete" if stored else "is absent"
    raise SessionOverError(
        f"session {session.key} can no longer be fetched: its window ended at "
        f"{session.window_ends_at:%Y-%m-%d %H:%M} KST, the API serves only the last session, and its raw {state}"
        f" (first missing: {missing[0].label}). What is stored is kept and will not be published."
    )
