"""What the page shows, as facts: days by state, runs, sizes, flows. Knows neither Airflow nor FastAPI."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from kiwoom_provider.pipeline.gaps import Gap
    from kiwoom_provider.quality.results import Verdict


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
    BEFORE = "before"
    """Before the first session of which anything is stored: collecting had not begun."""
    DUE = "due"
    """Not settled yet, or settled and its window still open."""
    DAMAGED = "damaged"
    """What its newest run left cannot be read; the reason is given."""
    CLOSED = "closed"
    """No session; the reason is given."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a run published: rows and bytes of the file, its SHA-256 in hex, and its URL."""

    rows: int
    bytes: int
    sha256: str
    path: str


@dataclass(frozen=True, slots=True)
class Flow:
    """Net flow of one investor at one market and venue, in the run's ``unit``."""

    market: str
    venue: str
    investor: str
    net: int


@dataclass(frozen=True, slots=True)
class PlaceSize:
    """Rows (of all sets) and distinct stocks at one market and venue."""

    market: str
    venue: str
    rows: int
    stocks: int


@dataclass(frozen=True, slots=True)
class SweepTime:
    """
    How long the fetching of a run took, against what the permitted rate allows.

    :param began: first fetch began, UTC.
    :param ended: last fetch ended, UTC.
    :param rate: permitted calls a second, None when it is not known or not limited.
    :param floor_s: calls ÷ rate, in seconds; None without a rate.
    :param waited_s: seconds that the fetches waited for the budget, all together; None when not known.
    """

    began: datetime
    ended: datetime
    rate: float | None
    floor_s: float | None
    waited_s: float | None

    @property
    def seconds(self) -> float:
        """Seconds from the first fetch's begin to the last one's end."""
        return (self.ended - self.began).total_seconds()


@dataclass(frozen=True, slots=True)
class Run:
    """
    One audited run of a session, from its summary. What an older summary lacks is empty or None.

    :param id: names the run in URLs: ``20261120T113005.123456Z-0a1b2c3d4e5f``.
    :param run_id: Airflow's run id.
    :param mode: ``live`` or ``replay``.
    :param audited_at: UTC.
    :param rules: how many rules ended with each status, ``pass`` to ``not_applicable``.
    :param proof: ``proved``, ``unproved`` or ``disproved``; None when no evidence was given.
    :param proved_by: how it was proved, in the proof's own words.
    :param findings: up to three worst blocking findings, each a sentence.
    :param calls: calls of ka10066 that brought a page.
    :param reference_calls: calls of ka10059.
    :param refused: calls refused as too many.
    :param unit: of flows: ``KRW million``, or ``shares`` where no amounts were asked for.
    :param calendar_warnings: what the calendar's cross-check said during the run.
    """

    id: str
    session_date: date
    run_id: str
    mode: str
    audited_at: datetime
    verdict: Verdict
    rules: Mapping[str, int]
    proof: str | None
    proved_by: str | None
    findings: tuple[str, ...]
    sets: int
    rows: int
    pages: int
    bytes: int
    calls: int
    reference_calls: int
    refused: int
    published: Published | None
    unit: str = "KRW million"
    flows: tuple[Flow, ...] = ()
    sizes: tuple[PlaceSize, ...] = ()
    sweep: SweepTime | None = None
    calendar_warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Damaged:
    """A run whose summary cannot be read, and why."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Day:
    """
    One day of the calendar.

    :param reason: why it is closed or damaged; else a remark worth showing, or empty.
    :param settles_at: KST, None on a closed day.
    :param window_ends_at: KST, until when it can be fetched; None on a closed day.
    :param is_published: whether a published file lies in the store.
    :param runs: how many runs were audited.
    :param run: the run that the state is told from: the one that published, else the newest readable one.
    """

    date: date
    state: State
    reason: str = ""
    settles_at: datetime | None = None
    window_ends_at: datetime | None = None
    is_published: bool = False
    runs: int = 0
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """
    The first view: every day from ``first`` to ``last``, both inclusive, oldest first.

    :param at: when it was looked, UTC.
    :param stored: how many sessions are published, in all.
    :param newest: the newest published session, of all.
    :param gaps: sessions due and not published within the range, oldest first.
    :param warnings: the calendar cross-check's sentences for the range, and closed days that hold data.
    """

    first: date
    last: date
    at: datetime
    days: tuple[Day, ...]
    stored: int
    newest: date | None
    gaps: tuple[Gap, ...]
    warnings: tuple[str, ...]

    def count(self, state: State) -> int:
        """Return how many days stand so."""
        return sum(day.state is state for day in self.days)


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """Rows and stocks at one market and venue against the session before; None where not known."""

    market: str
    venue: str
    rows: int
    stocks: int
    rows_before: int | None
    stocks_before: int | None


@dataclass(frozen=True, slots=True)
class TopTrade:
    """A stock's net buy (above 0) or net sell (below 0) by one investor, in the top's ``unit``."""

    stock_code: str
    stock_name: str
    net: int


@dataclass(frozen=True, slots=True)
class TopList:
    """Up to 10 largest net buys and net sells of one investor in one market, largest first."""

    market: str
    venue: str
    investor: str
    buys: tuple[TopTrade, ...]
    sells: tuple[TopTrade, ...]


@dataclass(frozen=True, slots=True)
class Top:
    """A session's largest net trades, one list a market and investor; ``unit`` as in :class:`Run`."""

    unit: str
    lists: tuple[TopList, ...]


@dataclass(frozen=True, slots=True)
class SessionView:
    """
    One session.

    :param runs: readable runs, newest first.
    :param damaged: runs that cannot be read, newest first.
    :param before: the session before by the calendar, None at the calendar's beginning.
    :param sizes: rows and stocks of ``day.run`` against those of the session before.
    :param before_date: the session before by the calendar, for a link; None where the calendar ends.
    :param after_date: the session after.
    :param data: places of the session's data by what it is, as URLs: ``published``, ``typed``, ``raw``,
        ``reports``, and ``candidate`` for a session in quarantine.
    """

    day: Day
    runs: tuple[Run, ...]
    damaged: tuple[Damaged, ...]
    before: Run | None
    sizes: tuple[PlaceChange, ...]
    before_date: date | None
    after_date: date | None
    gap: Gap | None = None
    data: Mapping[str, str] = field(default_factory=dict)
