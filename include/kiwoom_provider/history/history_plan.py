"""What is wanted and lacking, and the calls that it takes: decided, and said, before the first call."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from kiwoom_provider.api import ka10059
from kiwoom_provider.datasets import layout, securities
from kiwoom_provider.datasets.published import PublishedMetadata
from kiwoom_provider.datasets.selection import Selection
from kiwoom_provider.documents import Count, Document, Text
from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.history import CALLS_A_DAY, NXT_SINCE, SHARE
from kiwoom_provider.krx import SessionWindow
from kiwoom_provider.parameters import Market, Measure, ParameterSet, Side, Venue, parameter_sets
from kiwoom_provider.pipeline.plan import Mode, Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import KrxCalendar

BLOCK_SESSIONS = ka10059.PAGE_ROWS
"""What one answer holds."""
CALLS_A_CHUNK = 600
"""Two minutes at five a second: what a retry may have to look through again."""
SINCE = date(2010, 1, 1)
"""ka10059 gave the row of 2010-01-04 (several public clients); nothing is known of earlier ones."""


class HistoryError(KiwoomProviderError):
    """What was asked for cannot be rebuilt; the message says what can. Raised before the first call."""

    is_final = True
    remedy = "correct what the message names and trigger again"


_Code = Annotated[str, Field(pattern="^[0-9A-Z]{6}$")]


class Stock(Document):
    """A stock to ask for, with name and market as of the day of the plan."""

    market: Market
    code: _Code
    name: Text
    is_on_nxt: bool = True


class WantedSession(Document):
    """A session to rebuild: its window, and the day of the session right before, by the calendar."""

    window: SessionWindow
    session_before: date


class Block(Document):
    """
    Wanted sessions within a hundred sessions that one answer holds, newest first.

    :param sets: what is asked for: every set that one of the sessions lacks.
    """

    until: date
    since: date
    sessions: tuple[WantedSession, ...]
    sets: tuple[ParameterSet, ...]

    @property
    def days(self) -> tuple[date, ...]:
        """The sessions' days, newest first."""
        return tuple(session.window.session_date for session in self.sessions)


class Chunk(Document):
    """
    A part of the calls: one task.

    :param sets: measures and sides to ask for, of every stock.
    """

    venue: Venue
    until: date
    since: date
    sets: tuple[tuple[Measure, Side], ...]
    stocks: tuple[_Code, ...]

    @property
    def calls(self) -> int:
        """The calls that it takes."""
        return len(self.stocks) * len(self.sets)

    @property
    def name(self) -> str:
        """What people read: ``KRX · 000020–005930 · 2026-06-29–2026-11-20``."""
        return f"{self.venue} · {self.stocks[0]}–{self.stocks[-1]} · {self.since}–{self.until}"


class HistoryPlan(Document):
    """
    Everything that a rebuilding does, decided once.

    :param listed: how many stocks each market and venue has in those securities, by place such as ``KOSPI/KRX``.
    :param stocks_of: the session whose securities say which stocks there are, with their names and markets.
    :param calls_a_day: the most calls of a day, over all runs of the history.
    :param notes: what is left out, and why, for people.
    """

    blocks: tuple[Block, ...]
    sets: tuple[ParameterSet, ...]
    stocks: tuple[Stock, ...]
    stocks_of: date
    listed: Annotated[dict[Text, Count], Field(max_length=6)]
    replace: bool
    chunks: tuple[Chunk, ...]
    calls_a_day: Annotated[int, Field(gt=0)]
    notes: tuple[Text, ...] = ()

    @property
    def sessions(self) -> tuple[date, ...]:
        """The sessions to rebuild, oldest first."""
        return tuple(sorted(day for block in self.blocks for day in block.days))

    def plan_of(self, day: date) -> Plan:
        """
        Return the plan of one of the sessions.

        :raises KeyError: when it is none of them.
        """
        wanted = {session.window.session_date: session for block in self.blocks for session in block.sessions}[day]
        return Plan(session=wanted.window, session_before=wanted.session_before, mode=Mode.REBUILD, sets=self.sets)

    @property
    def places(self) -> list[tuple[Market, Venue, int]]:
        """Every market and venue that is asked for, block by block, with the block's number."""
        return [
            (market, venue, number)
            for number, block in enumerate(self.blocks)
            for market, venue in sorted({(p.market, p.venue) for p in block.sets})
        ]

    @property
    def calls(self) -> Count:
        """All calls."""
        return sum(chunk.calls for chunk in self.chunks)

    def stocks_at(self, market: Market, venue: Venue) -> list[Stock]:
        """Return the stocks to ask for at one market and venue."""
        return _at(self.stocks, market, venue)

    def calls_from(self, number: int) -> int:
        """Return the calls of a chunk and of those after it."""
        return sum(chunk.calls for chunk in self.chunks[number:])

    def sentence(self, rate: float | None, spent: int = 0) -> str:
        """
        Return what it takes, in words, before the first call.

        :param rate: permitted calls a second.
        :param spent: calls that the history has made today.
        """
        first, last = self.sessions[0], self.sessions[-1]
        today = min(self.calls, max(0, self.calls_a_day - spent))
        days = -(-(self.calls - today) // self.calls_a_day) + bool(today)
        duration = f"about {span(self.calls / (rate * SHARE))} at {rate * SHARE:g} a second" if rate else "no limit set"
        what = (
            f"{len(self.sessions)} session(s) from {first} to {last}, {len(self.stocks)} stocks, {len(self.sets)} sets"
        )
        share = f"{today:,} of today's {self.calls_a_day:,}" + (f", of which {spent:,} are made" if spent else "")
        return f"{what}: {self.calls:,} calls, {duration}, on {days} day(s), {share}"


def make_plan(
    store: Store, calendar: KrxCalendar, asked: Mapping[str, object], now: datetime, calls_a_day: int = CALLS_A_DAY
) -> HistoryPlan:
    """
    Decide what to rebuild.

    :param asked: ``start`` and ``end`` (YYYY-MM-DD), ``markets``, ``venues``, ``measures``, ``sides``, ``stocks``
        (None for all) and ``replace``.
    :raises HistoryError: when nothing of it can be rebuilt, or nothing is lacking.
    :raises CalendarError: for days that are malformed, or that the calendar does not know.
    :raises ParameterError: for a name that is not valid.
    """
    sets = parameter_sets({name: asked.get(name) for name in ("markets", "venues", "measures", "sides")})  # type: ignore[misc]
    notes: list[str] = []
    days = _days(calendar, asked, now, notes)
    replace, listed = bool(asked.get("replace")), asked.get("stocks") is not None
    stocks_of, every = _read_stocks(store, {p.market for p in sets})
    stocks = _choose_stocks(every, asked.get("stocks"), stocks_of)
    if listed:  # of a market without any of them there is nothing to rebuild
        sets = [p for p in sets if p.market in {stock.market for stock in stocks}]
    days, sets = _since_nxt(days, sets, notes)
    published = {day: _find_published(store, day) for day in days}
    if replace and listed and (whole := [day for day in days if published[day][0] & set(sets)]):
        raise HistoryError(
            f"{len(whole)} session(s) from {whole[0]} on are published with every stock, and would be left with these "
            "alone: replace them without a list of stocks"
        )
    kept = {day: whole | part if listed else whole for day, (whole, part) in published.items()}
    lacking = {day: wanted for day in days if (wanted := frozenset(sets) - (frozenset() if replace else kept[day]))}
    if not lacking:
        raise HistoryError(
            f"all {len(days)} session(s) from {days[0]} to {days[-1]} are published with these sets; "
            "to rebuild them all the same, ask with replace"
        )
    blocks = tuple(_blocks(calendar, lacking))
    chunks = tuple(_chunks(blocks, stocks))
    most = max((len(chunk.sets) for chunk in chunks), default=1)
    if calls_a_day < most:
        raise HistoryError(
            f"{calls_a_day:,} calls a day never end: one stock takes {most}. Correct the Airflow Variable "
            "kiwoom_history_calls_a_day"
        )
    return HistoryPlan(
        blocks=blocks,
        sets=tuple(sets),
        stocks=tuple(stocks),
        stocks_of=stocks_of,
        listed={
            f"{market}/{venue}": len(_at(every, market, venue))
            for market, venue in sorted({(p.market, p.venue) for p in sets})
        },
        replace=replace,
        chunks=chunks,
        calls_a_day=calls_a_day,
        notes=tuple(notes),
    )


def _days(calendar: KrxCalendar, asked: Mapping[str, object], now: datetime, notes: list[str]) -> list[date]:
    selection = Selection.parse(asked.get("start"), asked.get("end"))  # type: ignore[arg-type]
    if selection.start is None or selection.end is None:
        raise HistoryError("give start and end, each a day such as 2026-11-20")
    last = calendar.latest_settled(now).session_date
    if selection.start < SINCE:
        raise HistoryError(f"{selection.start} is before {SINCE}, from which on ka10059 is known to have rows")
    if selection.start > last:
        raise HistoryError(f"{selection.start} is still to come: the last session that has settled is {last}")
    if selection.end > last:
        notes.append(f"sessions after {last} are still to come: they are left out")
    days = [session.session_date for session in calendar.sessions(selection.start, min(selection.end, last))]
    if not days:
        raise HistoryError(f"KRX held no session from {selection.start} to {selection.end}")
    return days


def _since_nxt(
    days: list[date], sets: Sequence[ParameterSet], notes: list[str]
) -> tuple[list[date], list[ParameterSet]]:
    """Leave out, and say so, what lies before NXT began: 통합 was KRX alone then."""
    if days[0] >= NXT_SINCE:
        return days, list(sets)
    at_krx = [parameters for parameters in sets if parameters.venue is Venue.KRX]
    if days[-1] < NXT_SINCE and not at_krx:
        raise HistoryError(f"NXT began on {NXT_SINCE}: before it there is KRX only, and 통합 is the same")
    if len(at_krx) < len(sets) and at_krx:
        notes.append(f"before {NXT_SINCE} there is KRX only: NXT and 통합 are left out of the whole range")
        return days, at_krx
    kept = [day for day in days if day >= NXT_SINCE]
    if len(kept) < len(days) and not at_krx:
        notes.append(f"{len(days) - len(kept)} session(s) before {NXT_SINCE} are left out: NXT did not exist")
        return kept, list(sets)
    return days, list(sets)


def _read_stocks(store: Store, markets: Iterable[Market]) -> tuple[date, list[Stock]]:
    """Return the stocks of the newest securities that are stored, by code."""
    stored = layout.stored_sessions(store, layout.SECURITIES)
    of = max(stored, default=None)
    table = securities.read(store, of) if of else None
    if of is None or table is None:
        raise HistoryError(
            f"no securities are stored under {store.name}, so the stocks and their markets are not known: let one "
            "night run first, which keeps them"
        )
    wanted = {str(market) for market in markets}
    rows = (row for row in table.to_pylist() if row["market"] in wanted or "ALL" in wanted)
    stocks = [
        Stock(
            market=Market.parse(row["market"]),
            code=row["stock_code"],
            name=row["stock_name"],
            is_on_nxt=row["is_on_nxt"],
        )
        for row in rows
    ]
    return of, sorted(stocks, key=lambda stock: stock.code)


def _choose_stocks(listed: Sequence[Stock], asked: object, of: date) -> list[Stock]:
    """Return the stocks that are asked for; None asks for all."""
    if asked is None:
        return list(listed)
    known = {stock.code: stock for stock in listed}
    codes = list(dict.fromkeys(map(str, asked)))  # type: ignore[call-overload]
    if unknown := [code for code in codes if code not in known]:
        raise HistoryError(
            f"{len(unknown)} stock(s) are not listed in {', '.join(sorted({s.market for s in listed}))} as of {of}, "
            f"first {unknown[0]}; of delisted stocks ka10059 has nothing"
        )
    return [known[code] for code in codes]


def _at(stocks: Iterable[Stock], market: Market, venue: Venue) -> list[Stock]:
    return [stock for stock in stocks if stock.market is market and (venue is not Venue.NXT or stock.is_on_nxt)]


def _find_published(store: Store, day: date) -> tuple[frozenset[ParameterSet], frozenset[ParameterSet]]:
    """Return the sets that are published of a session: those of every stock, and those of a list of stocks."""
    said = PublishedMetadata.read(store, day)
    sets, listed = frozenset(said.sweeps), {place for place, note in said.coverage.items() if note.asked is not None}
    part = frozenset(p for p in sets if p.place in listed)
    return sets - part, part


def _blocks(calendar: KrxCalendar, lacking: Mapping[date, frozenset[ParameterSet]]) -> Iterable[Block]:
    """Cut the wanted sessions, newest first, into stretches of a hundred sessions of the calendar."""
    left = sorted(lacking)
    while left:
        until = left[-1]
        stretch = [session.session_date for session in calendar.sessions(left[0], until)][-BLOCK_SESSIONS:]
        taken = [day for day in left if day >= stretch[0]]
        sets = sorted(frozenset().union(*(lacking[day] for day in taken)))
        sessions = (
            WantedSession(window=calendar.session(day), session_before=calendar.day_before(day))
            for day in reversed(taken)
        )
        yield Block(until=until, since=taken[0], sessions=tuple(sessions), sets=tuple(sets))
        left = left[: len(left) - len(taken)]


def _chunks(blocks: Sequence[Block], stocks: Sequence[Stock]) -> Iterable[Chunk]:
    """Cut the calls into tasks."""
    for block in blocks:
        for venue in sorted({parameters.venue for parameters in block.sets}):
            kinds = tuple(sorted({(p.measure, p.side) for p in block.sets if p.venue is venue}))
            codes = [stock.code for stock in stocks if venue is not Venue.NXT or stock.is_on_nxt]
            size = max(1, CALLS_A_CHUNK // len(kinds))
            for at in range(0, len(codes), size):
                part = tuple(codes[at : at + size])
                yield Chunk(venue=venue, until=block.until, since=block.since, sets=kinds, stocks=part)


def span(seconds: float) -> str:
    """Return a duration in words."""
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{max(1, rest)} min"
