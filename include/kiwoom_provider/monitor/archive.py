"""The stored sessions as the page asks for them. Reads small objects only, never the datasets' bulk."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.krx import OutOfRangeError, closures_with_data
from kiwoom_provider.monitor.days import Stored, closed_day, session_day
from kiwoom_provider.monitor.listing import Listing, reading
from kiwoom_provider.monitor.parts import ArchiveError, DamagedError, UnknownRunError, read_part
from kiwoom_provider.monitor.places import changes, data_places
from kiwoom_provider.monitor.runs import damaged, parse_top, read_run
from kiwoom_provider.monitor.states import Board, Damaged, Day, Run, SessionView, State, Top
from kiwoom_provider.pipeline.gaps import gap_of
from kiwoom_provider.quality.results import AuditReport

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kiwoom_provider.clock import Clock
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import KrxCalendar
    from kiwoom_provider.pipeline.gaps import Gap

__all__ = ["Archive", "ArchiveError", "DamagedError", "UnknownRunError"]

READERS = 16
"""Objects read at a time: a year of sessions at 20 ms each is there in a third of a second."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Archive:
    """
    What is stored, asked by day.

    :param clock: the present instant decides what is due and what is missing.
    """

    store: Store
    calendar: KrxCalendar
    clock: Clock

    def board(self, first: date, last: date) -> Board:
        """
        Return every day from ``first`` to ``last``, both inclusive, as far as the calendar knows them.

        :raises DataRootError: when the root cannot be read.
        """
        now, listing = self.clock.now(), self._listing(first, last)
        days = self._days(first, last, listing, now)
        return Board(
            first=first,
            last=last,
            at=now,
            days=days,
            stored=len(listing.published),
            newest=max(listing.published, default=None),
            gaps=self._gaps(days, now),
            warnings=self._warnings(days, listing),
        )

    def runs(self, first: date, last: date) -> tuple[Run, ...]:
        """
        Return the run that each session's state is told from, oldest session first.

        :raises DataRootError: when the root cannot be read.
        """
        days = self._days(first, last, self._listing(first, last), self.clock.now())
        return tuple(day.run for day in days if day.run)

    def session(self, day: date) -> SessionView:
        """
        Return one session, with the one before it.

        :raises NotASessionError: on a closed day, with the reason and the nearest sessions.
        :raises OutOfRangeError: for a day that the calendar does not know.
        :raises DataRootError: when the root cannot be read.
        """
        session, before, after = self.calendar.session(day), self._beside(day, -1), self._beside(day, 1)
        now, listing = self.clock.now(), Listing.of(self.store, [str(at) for at in (day, before) if at])
        with ThreadPoolExecutor(READERS) as pool:
            every = list(pool.map(self._read, listing.summaries.get(day, ())))
        found = session_day(session, Stored(day in listing.published, every, len(every)), now, listing.first)
        earlier = self._days(before, before, listing, now)[0].run if before else None
        return SessionView(
            day=found,
            runs=tuple(run for run in every if isinstance(run, Run)),
            damaged=tuple(run for run in every if isinstance(run, Damaged)),
            before=earlier,
            sizes=changes(found.run, earlier),
            before_date=before,
            after_date=after,
            gap=next(iter(self._gaps([found], now)), None),
            data=data_places(self.store, found),
        )

    def report(self, day: date, run: str) -> AuditReport:
        """Return a run's audit. :raises: as :func:`kiwoom_provider.monitor.parts.read_part`."""
        return read_part(self.store, day, run, "json", lambda data: AuditReport.from_json(data.decode()))

    def report_html(self, day: date, run: str, language: str) -> bytes:
        """Return a run's stored page for people, in ``en`` or ``ko``. :raises: as :meth:`report`."""
        return read_part(self.store, day, run, "ko.html" if language == "ko" else "html", bytes)

    def top(self, day: date, run: str) -> Top | None:
        """Return a run's largest net trades, None when the run is older than they are. :raises: as :meth:`report`."""
        try:
            return read_part(self.store, day, run, layout.TOP, parse_top)
        except UnknownRunError:
            return None

    def _listing(self, first: date, last: date) -> Listing:
        return Listing.of(self.store, [f"{year:04}-" for year in range(first.year, last.year + 1)])

    def _days(self, first: date, last: date, listing: Listing, now: datetime) -> tuple[Day, ...]:
        known = self.calendar.rules.known
        first, last = max(first, known.first), min(last, known.last)
        wanted = [first + _DAY * number for number in range((last - first).days + 1)]
        began = listing.first
        with ThreadPoolExecutor(READERS) as pool:
            stored = pool.map(lambda day: self._stored(day, listing), wanted)
            return tuple(self._day(day, at, now, began) for day, at in zip(wanted, stored, strict=True))

    def _day(self, day: date, stored: Stored, now: datetime, first: date | None) -> Day:
        if reason := self.calendar.closed_reason(day):
            return closed_day(day, reason, stored)
        return session_day(self.calendar.session(day), stored, now, first)

    def _stored(self, day: date, listing: Listing) -> Stored:
        """Read a session's runs, newest first, until its state can be told."""
        is_published, found = day in listing.published, []
        for key in listing.summaries.get(day, ()):
            found.append(self._read(key))
            if isinstance(found[-1], Run) and (found[-1].published or not is_published):
                break
        return Stored(is_published, found, len(listing.summaries.get(day, ())))

    def _read(self, key: str) -> Run | Damaged:
        try:
            return read_run(self.store, key)
        except Exception as error:  # noqa: BLE001 - whatever the store's client raises is shown as this run's state
            return damaged(key, error)

    def _gaps(self, days: Sequence[Day], now: datetime) -> tuple[Gap, ...]:
        lacking = [day.date for day in days if _is_gap(day, now)]
        with reading(self.store), ThreadPoolExecutor(READERS) as pool:
            return tuple(pool.map(lambda day: gap_of(self.store, self.calendar.session(day), now), lacking))

    def _warnings(self, days: Sequence[Day], listing: Listing) -> tuple[str, ...]:
        """Return what the newest run said: asking a second calendar here would take seconds."""
        newest = next((day.run for day in reversed(days) if day.run), None)
        said = newest.calendar_warnings if newest else ()
        return tuple(dict.fromkeys((*said, *closures_with_data(self.calendar, listing.published | listing.collected))))

    def _beside(self, day: date, step: int) -> date | None:
        try:
            return (self.calendar.next(day) if step > 0 else self.calendar.previous(day)).session_date
        except OutOfRangeError:
            return None


def _is_gap(day: Day, now: datetime) -> bool:
    is_due = day.settles_at is not None and day.settles_at <= now
    return is_due and not day.is_published and day.state is not State.BEFORE
