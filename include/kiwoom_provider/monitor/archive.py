"""The stored sessions as the page asks for them. Reads small objects only, never the datasets' bulk."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from cachetools import LRUCache

from kiwoom_provider.datasets import layout
from kiwoom_provider.documents import DocumentError
from kiwoom_provider.history.estimate import estimate_rebuild
from kiwoom_provider.krx import OutOfRangeError, closures_with_data
from kiwoom_provider.locale import Message, message
from kiwoom_provider.monitor.errors import DamagedError, NotFoundError, PageError
from kiwoom_provider.monitor.object_listing import Listing, translate_errors
from kiwoom_provider.monitor.state import DamagedRun, Day, Run, State, Stored, closed_day, session_day
from kiwoom_provider.parameters import Market, Venue
from kiwoom_provider.pipeline import summary, top
from kiwoom_provider.pipeline.gap_list import make_gap
from kiwoom_provider.proof.restatements import read_restatements
from kiwoom_provider.quality.results import AuditReport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from kiwoom_provider.clock import Clock
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.history.estimate import Rebuild
    from kiwoom_provider.krx import KrxCalendar
    from kiwoom_provider.pipeline.gap_list import Gap
    from kiwoom_provider.pipeline.summary import PlaceSize, Summary
    from kiwoom_provider.pipeline.top import TopLists
    from kiwoom_provider.proof.restatements import Restatements

READERS = 16
"""Objects read at a time: a year of sessions at 20 ms each is there in a third of a second."""
MOST_BYTES = 16 * 2**20
"""Of a run's report; the largest that an audit writes, its page for people, has about 300 kB."""
_DAY = timedelta(days=1)
_SUMMARIES: LRUCache[tuple[str, str], Summary] = LRUCache(2048)
"""Summaries that were read well, at about 12 kB each: once written they never change."""
_LOCK = Lock()
_Fact = TypeVar("_Fact")


@dataclass(frozen=True, slots=True)
class Overview:
    """
    The first view: every day of a range, oldest first.

    :param at: when it was looked.
    :param stored: how many sessions are published, in all; ``newest`` is the newest of all.
    :param gaps: sessions due and not published within the range, oldest first.
    :param rebuild: what it takes to rebuild those whose window is over.
    :param last_run: the run of the newest session that has one.
    :param warnings: the calendar cross-check's sentences for the range, and closed days that hold data.
    """

    at: datetime
    days: tuple[Day, ...]
    stored: int
    newest: date | None
    gaps: tuple[Gap, ...]
    rebuild: Rebuild | None
    last_run: Summary | None
    warnings: tuple[Message, ...]

    def count(self, state: State) -> int:
        """Return how many days stand so."""
        return sum(day.state is state for day in self.days)


@dataclass(frozen=True, slots=True)
class SessionView:
    """
    One day, and the run of it that is shown.

    :param runs: readable runs, newest first; ``damaged`` those that are not.
    :param run: the run that was asked for, else the one that the day's state is told from.
    :param sizes: rows and stocks of ``run``, each beside those of the session before.
    :param before: the session before by the calendar, ``after`` the one after; None where the calendar ends.
    :param compared_with: the day whose sizes are the earlier ones; None without any.
    :param data: places of the session's data by what it is, as URLs: ``published``, ``typed``, ``raw``,
        ``reports``, and ``candidate`` for a session in quarantine.
    :param restatements: what ka10059 has last said of the session again, None when it was not asked.
    """

    day: Day
    runs: tuple[Run, ...]
    damaged: tuple[DamagedRun, ...]
    run: Run | None
    sizes: tuple[tuple[PlaceSize, PlaceSize | None], ...]
    before: date | None
    after: date | None
    compared_with: date | None
    gap: Gap | None = None
    rebuild: Rebuild | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    restatements: Restatements | None = None


@dataclass(frozen=True, slots=True)
class Archive:
    """
    What is stored, asked by day.

    :param clock: the present instant decides what is due and what is missing.
    """

    store: Store
    calendar: KrxCalendar
    clock: Clock

    def overview(self, first: date, last: date) -> Overview:
        """
        Return every day from ``first`` to ``last``, both inclusive, as far as the calendar knows them.

        :raises RootError: when the root cannot be read.
        """
        now, listing = self.clock.now(), self._listing(first, last)
        days = self._days(first, last, listing, now)
        gaps = tuple(self._gap(day, listing, now) for day in days if day.is_gap(now))
        return Overview(
            at=now,
            days=days,
            stored=len(listing.published),
            newest=max(listing.published, default=None),
            gaps=gaps,
            rebuild=estimate_rebuild(gaps, self.calendar, _newest(days)),
            last_run=_newest(days),
            warnings=self._warnings(days, listing),
        )

    def summaries(self, first: date, last: date) -> tuple[Summary, ...]:
        """
        Return the run that each session's state is told from, oldest session first.

        :raises RootError: when the root cannot be read.
        """
        days = self._days(first, last, self._listing(first, last), self.clock.now())
        return tuple(day.run.summary for day in days if day.run)

    def session(self, day: date, run: str | None = None) -> SessionView:
        """
        Return one session, or a closed day that holds data.

        :param run: the run to show, by its name.
        :raises NotFoundError: on a closed day without data, with the nearest sessions; for a day that the calendar
            does not know.
        :raises RootError: when the root cannot be read.
        """
        before, after = self._beside(day, -1), self._beside(day, 1)
        now, listing = self.clock.now(), Listing.of(self.store, [str(at) for at in (day, before) if at])
        with ThreadPoolExecutor(READERS) as pool:
            every = list(pool.map(self._read, listing.summaries.get(day, ())))
        found = self._day(day, Stored(day in listing.published, every, len(every)), now, listing.first)
        if found.state is State.CLOSED and not found.holds_data and day not in listing.collected:
            raise _not_a_session(day, found.reason, before, after)
        runs = tuple(each for each in every if isinstance(each, Run))
        shown = next((each for each in runs if each.name == run), found.run)
        earlier = self._days(before, before, listing, now)[0].run if before else None
        gap = self._gap(found, listing, now) if found.is_gap(now) else None
        sizes_of = next((each.summary for each in (found.run, earlier) if each and each.summary.sizes), None)
        return SessionView(
            day=found,
            runs=runs,
            damaged=tuple(each for each in every if isinstance(each, DamagedRun)),
            run=shown,
            sizes=_beside_each_other(shown, earlier),
            before=before,
            after=after,
            compared_with=before if earlier else None,
            gap=gap,
            rebuild=estimate_rebuild([gap], self.calendar, sizes_of) if gap else None,
            data=self._places(found),
            restatements=self._restatements(found) if found.is_published else None,
        )

    def report(self, day: date, run: str) -> AuditReport:
        """
        Return a run's audit.

        :raises NotFoundError: when there is no such run, or it has no report.
        :raises DamagedError: when it cannot be read.
        :raises RootError: when the root cannot be read.
        """
        return self._part(day, run, "json", MOST_BYTES, AuditReport.from_bytes)

    def report_html(self, day: date, run: str, language: str) -> bytes:
        """Return a run's stored page for people, in ``en`` or ``ko``. :raises: as :meth:`report`."""
        return self._part(day, run, "ko.html" if language == "ko" else "html", MOST_BYTES, lambda data, _: data)

    def top(self, day: date, run: str) -> TopLists | None:
        """Return a run's largest net trades, None when the run is older than they are. :raises: as :meth:`report`."""
        try:
            return self._part(day, run, layout.TOP, top.MOST_BYTES, top.TopLists.from_bytes)
        except NotFoundError:
            return None

    def _part(self, day: date, run: str, suffix: str, most: int, parse: Callable[[bytes, str], _Fact]) -> _Fact:
        """Read a part of a run, looked up among the stored ones, so that ``run`` cannot name another place."""
        prefix = layout.session_prefix(layout.REPORTS, day)
        key = f"{prefix}/{run}.{suffix}"
        with translate_errors(self.store):
            is_there = layout.RUN_NAME.fullmatch(run) is not None and key in self.store.list(prefix)
        if not is_there:
            raise NotFoundError(
                message("session {day} has no run {run} with a {part}", day=str(day), run=run, part=suffix)
            )
        try:
            return parse(self.store.read(key, most=most), key)
        except PageError:
            raise
        except Exception as error:
            raise DamagedError(unreadable(key, error)) from error

    def _listing(self, first: date, last: date) -> Listing:
        return Listing.of(self.store, [f"{year:04}-" for year in range(first.year, last.year + 1)])

    def _days(self, first: date, last: date, listing: Listing, now: datetime) -> tuple[Day, ...]:
        known = self.calendar.rules.known
        first, last = max(first, known.first), min(last, known.last)
        wanted = [first + _DAY * number for number in range((last - first).days + 1)]
        began = listing.first
        with ThreadPoolExecutor(READERS) as pool:
            stored = pool.map(lambda day: self._read_stored(day, listing), wanted)
            return tuple(self._day(day, at, now, began) for day, at in zip(wanted, stored, strict=True))

    def _day(self, day: date, stored: Stored, now: datetime, first: date | None) -> Day:
        try:
            if reason := self.calendar.closed_reason(day):
                return closed_day(day, reason, stored)
            return session_day(self.calendar.session(day), stored, now, first)
        except OutOfRangeError as error:
            raise _out_of_range(error) from error

    def _read_stored(self, day: date, listing: Listing) -> Stored:
        """Read a session's runs, newest first, until its state can be told."""
        is_published, found = day in listing.published, []
        for key in listing.summaries.get(day, ()):
            found.append(run := self._read(key))
            if isinstance(run, Run) and (run.summary.published or not is_published):
                break
        return Stored(is_published, found, len(listing.summaries.get(day, ())))

    def _read(self, key: str) -> Run | DamagedRun:
        """Read a run's summary; only one that is well is remembered, since a damaged one may be put right."""
        name, cached = key.rpartition("/")[2].removesuffix(f".{layout.SUMMARY}"), (self.store.name, key)
        with _LOCK:
            found = _SUMMARIES.get(cached)
        try:
            found = found or summary.read_summary(self.store, key)
        except PageError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the store's client raises is shown as this run's state
            return DamagedRun(name, unreadable(key, error))
        with _LOCK:
            _SUMMARIES[cached] = found
        return Run(name, found)

    def _gap(self, day: Day, listing: Listing, now: datetime) -> Gap:
        return make_gap(self.calendar.session(day.date), now, listing.collected, day.runs)

    def _warnings(self, days: Sequence[Day], listing: Listing) -> tuple[Message, ...]:
        """Return what the newest run said: asking a second calendar here would take seconds."""
        newest = _newest(days)
        said = newest.calendar_warnings if newest else ()
        closed = closures_with_data(self.calendar, listing.published | listing.collected)
        return tuple({str(text): text for text in (*said, *closed)}.values())

    def _beside(self, day: date, step: int) -> date | None:
        try:
            return (self.calendar.next(day) if step > 0 else self.calendar.previous(day)).session_date
        except OutOfRangeError:
            return None

    def _restatements(self, day: Day) -> Restatements | None:
        with translate_errors(self.store):
            return next(reversed(read_restatements(self.store, day.date)), None)

    def _places(self, day: Day) -> dict[str, str]:
        """Return the URLs of a session's data by what they are; see :class:`SessionView`."""
        datasets = {"typed": layout.PARTITIONS, "raw": layout.RAW, "reports": layout.REPORTS}
        places = {"published": layout.published_key(day.date)} if day.is_published else {}
        if day.state is State.QUARANTINED and day.run:
            places["candidate"] = layout.candidate_key(day.date, day.run.summary.run_id)
        places |= {name: layout.session_prefix(dataset, day.date) for name, dataset in datasets.items()}
        return {name: self.store.url(key) for name, key in places.items()}


def unreadable(key: str, error: Exception) -> Message:
    """Say which object cannot be read, and why; what a store's client says may hold anything, so only its kind."""
    cause = error.__cause__ or error
    if isinstance(error, DocumentError):
        why = str(error).removeprefix(f"{key} cannot be read: ")
        return message("{name} cannot be read ({why})", name=key.rpartition("/")[2], why=why[:500])
    why = f"{type(cause).__name__}: {cause}" if isinstance(cause, ValueError | LookupError) else type(cause).__name__
    return message("{name} cannot be read ({why})", name=key.rpartition("/")[2], why=why[:500])


def _newest(days: Sequence[Day]) -> Summary | None:
    return next((day.run.summary for day in reversed(days) if day.run), None)


def _beside_each_other(run: Run | None, before: Run | None) -> tuple[tuple[PlaceSize, PlaceSize | None], ...]:
    """Return rows and stocks of every market and venue beside those of the session before."""
    earlier = {(size.market, size.venue): size for size in (before.summary.sizes if before else ())}
    sizes = sorted(run.summary.sizes if run else (), key=lambda size: (rank(size.market), rank(size.venue)))
    return tuple((size, earlier.get((size.market, size.venue))) for size in sizes)


def rank(name: str) -> int:
    """Return the place of a market or venue in the order of the API; unknown ones come last."""
    return next((place for place, known in enumerate((*Market, *Venue)) if known == name), len(Market) + len(Venue))


def _not_a_session(day: date, reason: Message | None, before: date | None, after: date | None) -> NotFoundError:
    text = message("{day} is not a session: {reason}.", day=str(day), reason=reason or "")
    return NotFoundError(text, tuple(near for near in (before, after) if near))


def _out_of_range(error: OutOfRangeError) -> NotFoundError:
    return NotFoundError(
        message(
            "{day} is outside the days that the KRX calendar knows, {first} to {last}; a newer release knows more",
            day=str(error.day),
            first=str(error.first),
            last=str(error.last),
        )
    )
