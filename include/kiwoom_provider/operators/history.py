"""The tasks of ``ka10059_history``: each does one stage of :mod:`kiwoom_provider.history`."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kiwoom_provider.operators.base import (
    PlannedOperator,
    SessionOperator,
    changed_severities,
    open_calendar,
    optional_variable,
    session_clock,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from airflow.sdk import Context
    from airflow.sdk.exceptions import TaskDeferred

    from kiwoom_provider.clock import Clock
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.history.day_calls import DayCalls
    from kiwoom_provider.history.fetch_chunk import ChunkFetcher
    from kiwoom_provider.history.history_plan import HistoryPlan
    from kiwoom_provider.history.night_first import NightGoesFirst
    from kiwoom_provider.history.rebuilt_publisher import RebuiltPublisher
    from kiwoom_provider.hooks.kiwoom import KiwoomHook

ASKED = ("start", "end", "markets", "venues", "measures", "sides", "stocks", "replace")
STREAMS = 4
"""Chunks that are fetched at once: while one waits for its answer, the others use the rate."""
NIGHT_PAUSE_S = 300.0
NICENESS = 10
"""Of the processes that turn and publish: what is at work when a night begins takes a tenth of a core from it."""
MOST_TOTALS = 12
"""Calls of ka10051 for a session: two markets, three venues, two measures."""


class PlanHistoryOperator(SessionOperator):
    """
    Decide what is rebuilt, and say what it takes before the first call.

    :param start: the first session, ``YYYY-MM-DD`` (templated).
    :param end: the last session (templated).
    :param markets: names of markets (templated); empty for KOSPI and KOSDAQ.
    :param venues: names of venues (templated); empty, or all of them, for those that the host serves.
    :param measures: names of measures (templated); empty for both.
    :param sides: names of sides (templated); empty for all.
    :param stocks: stock codes (templated); None for every stock that is listed now.
    :param replace: whether sessions that are published are rebuilt as well (templated).
    :returns: the key of the plan in the data root.
    """

    template_fields: Sequence[str] = (*SessionOperator.template_fields, *ASKED)

    def __init__(
        self,
        *,
        start: str,
        end: str,
        markets: Sequence[str] | None = None,
        venues: Sequence[str] | None = None,
        measures: Sequence[str] | None = None,
        sides: Sequence[str] | None = None,
        stocks: Sequence[str] | None = None,
        replace: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.start = start
        self.end = end
        self.markets = markets
        self.venues = venues
        self.measures = measures
        self.sides = sides
        self.stocks = stocks
        self.replace = replace

    def execute(self, context: Context) -> str:
        """Plan, tell, keep."""
        from kiwoom_provider.api import ka10059
        from kiwoom_provider.datasets import layout
        from kiwoom_provider.datasets.window import read_window
        from kiwoom_provider.history.day_calls import spent_calls
        from kiwoom_provider.history.history_plan import make_plan
        from kiwoom_provider.krx import KST
        from kiwoom_provider.pipeline.plan import check_served, served_venues

        self.check_conf(context)
        store = self.store()
        with closing(self.hook()) as hook:
            asked = {name: getattr(self, name) for name in ASKED} | {"venues": served_venues(hook, self.venues)}
            now = hook.clock.now()
            plan = make_plan(store, open_calendar(read_window(store)), asked, now, self._calls_a_day())
            check_served(hook, plan.sets)
            spent = spent_calls(store, now.astimezone(KST).date())
            self.log.info("%s", plan.sentence(hook.rate(ka10059.API_ID), spent))
        for note in plan.notes:
            self.log.warning("%s", note)
        self.log.info(
            "Names and markets are those of %s. Delisted stocks have no history: old sessions lack them.",
            plan.stocks_of,
        )
        key = layout.history_plan_key(context["run_id"])
        store.write(key, plan.to_bytes())
        return key

    @staticmethod
    def _calls_a_day() -> int:
        """Return the most calls of a day, over all runs: what the Airflow Variable says, or the package."""
        from kiwoom_provider.history import CALLS_A_DAY
        from kiwoom_provider.history.history_plan import HistoryError

        text = optional_variable("kiwoom_history_calls_a_day", str(CALLS_A_DAY))
        if not text.isdecimal():
            raise HistoryError(f"the Airflow Variable kiwoom_history_calls_a_day is no whole number: {text!r:.60}")
        return int(text)


class HistoryPartsOperator(PlannedOperator):
    """
    List a part of the plan for the tasks that are mapped over it.

    :param part: ``chunks``, ``places`` or ``sessions``.
    :returns: the arguments of each task.
    """

    def __init__(self, *, part: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.part = part

    def execute(self, context: Context) -> list[dict[str, Any]]:  # noqa: ARG002 - Airflow's
        """Read the plan, list the part."""
        plan = read_history_plan(self.store(), self.plan)
        if self.part == "chunks":
            return [{"number": number, "what": chunk.name} for number, chunk in enumerate(plan.chunks)]
        if self.part == "places":
            return [
                {
                    "market": str(market),
                    "venue": str(venue),
                    "block": number,
                    "what": f"{market} · {venue} · to {plan.blocks[number].until}",
                }
                for market, venue, number in plan.places
            ]
        return [{"session_date": day.isoformat()} for day in plan.sessions]


class WaitingOperator(PlannedOperator):
    """Base of the tasks that wait without a worker: for a session's own night, or for the next day's calls."""

    def wait_for_night(self, store: Store, clock: Clock) -> None:
        """
        Wait while a session's own night goes on.

        :raises TaskDeferred: which runs this task again in some minutes.
        """
        from kiwoom_provider.history.night_first import NightGoesFirst

        try:
            self.night_check(store, clock)()
        except NightGoesFirst as goes_on:
            raise self.deferral_for_night(clock, goes_on) from None

    @staticmethod
    def night_check(store: Store, clock: Clock) -> Callable[[], None]:
        """Return what raises :class:`.NightGoesFirst` while a session's own night goes on, by the kept window."""
        from kiwoom_provider.datasets.window import read_window
        from kiwoom_provider.history.night_first import check_no_night

        calendar = open_calendar(read_window(store))
        return lambda: check_no_night(store, calendar, clock.now())

    def deferral_for_night(self, clock: Clock, goes_on: NightGoesFirst) -> TaskDeferred:
        """Return the deferral of a task that a night's session goes before."""
        return self.deferral(clock, NIGHT_PAUSE_S, f"Session {goes_on} is being collected: it goes first")

    def deferral(self, clock: Clock, wait_s: float, why: str) -> TaskDeferred:
        """Return what makes Airflow run this task again after a while, without a worker meanwhile."""
        from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
        from airflow.sdk.exceptions import TaskDeferred

        self.log.info("%s", why)
        real = timedelta(seconds=clock.real_seconds(max(1.0, wait_s)))
        return TaskDeferred(trigger=TimeDeltaTrigger(real), method_name="execute")


class FetchHistoryOperator(WaitingOperator):
    """
    Fetch one chunk of stocks; a retry goes on after the last answer that is stored.

    When the day's calls are made, and while a session's own night goes on, it waits without a worker.

    :param number: of the chunk.
    :param what: what the chunk fetches, for the UI.
    :returns: calls made, answers that were stored already, empty answers.
    """

    def __init__(self, *, number: int, what: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.number = number
        self.what = what

    def execute(self, context: Context, event: object = None) -> dict[str, int]:  # noqa: ARG002 - of the trigger
        """Fetch, unless it is not the time."""
        from dataclasses import asdict

        from kiwoom_provider.history.day_calls import DayIsSpent
        from kiwoom_provider.history.night_first import NightGoesFirst

        store = self.store()
        plan = read_history_plan(store, self.plan)
        with closing(self.hook()) as hook, closing(self._day_calls(store, hook, plan, context["run_id"])) as calls:
            try:
                fetcher = self._fetcher(store, hook, plan, calls, context["run_id"])
                return asdict(fetcher.fetch(plan.chunks[self.number]))
            except NightGoesFirst as goes_on:
                raise self.deferral_for_night(hook.clock, goes_on) from None
            except DayIsSpent as spent:
                wait_s = (spent.goes_on_at - hook.clock.now()).total_seconds()
                raise self.deferral(hook.clock, wait_s, str(spent)) from None

    def _day_calls(self, store: Store, hook: KiwoomHook, plan: HistoryPlan, run_id: str) -> DayCalls:
        from kiwoom_provider.datasets import layout
        from kiwoom_provider.history.day_calls import DayCalls

        def sent() -> int:
            return hook.calls - hook.client.renewals if hook.calls else 0

        owner = f"{layout.run_tag(run_id)}-{self.number}"
        return DayCalls(store, owner, plan.calls_a_day, hook.clock.now, sent)

    def _fetcher(self, store: Store, hook: KiwoomHook, plan: HistoryPlan, calls: DayCalls, run_id: str) -> ChunkFetcher:
        from kiwoom_provider.api import ka10059
        from kiwoom_provider.history import SHARE
        from kiwoom_provider.history.fetch_chunk import ChunkFetcher, Pace
        from kiwoom_provider.history.history_plan import span

        pace = Pace(lambda: hook.rate(ka10059.API_ID), STREAMS)
        later = plan.calls_from(self.number + 1)

        def pause() -> None:
            calls.take()
            pace.wait()

        def time_left(of_chunk: int) -> str:
            left, rate = of_chunk + later, hook.rate(ka10059.API_ID)
            return f"{left:,} calls left of the run" + (f", about {span(left / (rate * SHARE))}" if rate else "")

        may_go_on = self.night_check(store, hook.clock)
        return ChunkFetcher(store, hook, run_id, hook.clock.now, pause, may_go_on, time_left)


class PivotHistoryOperator(WaitingOperator):
    """
    Turn the answers of one market, venue and block into typed sets, a session each.

    :param block: its number.
    :param what: what is turned, for the UI.
    :returns: typed sets and rows written, refused rows by law, stocks without any row.
    """

    def __init__(self, *, market: str, venue: str, block: int, what: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.market = market
        self.venue = venue
        self.block = block
        self.what = what

    def execute(self, context: Context, event: object = None) -> dict[str, Any]:  # noqa: ARG002 - of the trigger
        """Pivot, and name what was refused."""
        from kiwoom_provider.history.pivot import Pivot
        from kiwoom_provider.parameters import Market, Venue

        store = self.store()
        with closing(self.hook()) as hook:
            self.wait_for_night(store, session_clock(hook))
        plan = read_history_plan(store, self.plan)
        place = Market.parse(self.market), Venue.parse(self.venue), self.block
        pivot = Pivot.of(store, plan, place, context["run_id"])
        with low_priority():
            done = pivot.write(plan.blocks[self.block])
        for law, count in done.refused.most_common():
            self.log.warning("%d row(s) refused: %s", count, law)
        self.log.info("%d typed sets, %d rows; %d stocks without any row", done.sets, done.rows, done.silent)
        return {"sets": done.sets, "rows": done.rows, "refused": dict(done.refused), "silent": done.silent}


class PublishHistoryOperator(WaitingOperator):
    """
    Audit and publish one rebuilt session, as a swept night is.

    :returns: rows, bytes, SHA-256 and URL of the published file, counts of rules, URL of the report.
    """

    template_fields: Sequence[str] = (*PlannedOperator.template_fields, "session_date")

    def __init__(self, *, session_date: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.session_date = session_date

    def execute(self, context: Context, event: object = None) -> dict[str, Any]:
        """Examine, audit, report, publish, tell the asset."""
        from datetime import date

        from kiwoom_provider import metrics
        from kiwoom_provider.history.rebuilt_publisher import RebuiltPublisher

        store = self.store()
        history = read_history_plan(store, self.plan)
        plan = history.plan_of(date.fromisoformat(self.session_date))
        publisher = RebuiltPublisher(
            store, plan, context["run_id"], severities=changed_severities(), replace=history.replace
        )
        with closing(self.hook()) as hook:
            clock = hook.clock
            self.wait_for_night(store, clock)
            self._gather_totals(publisher, hook, history.calls_a_day, context["run_id"])
        with low_priority():
            examined = publisher.examine()
            report, report_url = publisher.audit_and_report(examined, clock.now())
            try:
                summary = publisher.publish_and_summarise(examined, report, clock.now())
            finally:
                metrics.count_audit(report.status, len(report.lowered))
        told = summary.to_json()
        for outlet in self.outlets:
            event = context["outlet_events"][outlet]
            event.add_partitions(self.session_date)
            event.extra = {"session_date": self.session_date, **told["published"], "source": "ka10059"}
        return told | {"report": report_url}

    def _gather_totals(self, publisher: RebuiltPublisher, hook: KiwoomHook, calls_a_day: int, run_id: str) -> None:
        """Ask for the market's totals; on a day whose calls are made the coverage is told by stocks alone."""
        from kiwoom_provider.datasets import layout
        from kiwoom_provider.history.day_calls import DayCalls, DayIsSpent, spent_calls
        from kiwoom_provider.krx import KST

        if spent_calls(publisher.store, hook.clock.now().astimezone(KST).date()) + MOST_TOTALS > calls_a_day:
            self.log.warning("The day's calls are made: the market's totals are not asked for")
            return
        owner = f"{layout.run_tag(run_id)}-{self.session_date}"
        with closing(DayCalls(publisher.store, owner, calls_a_day, hook.clock.now)) as calls, suppress(DayIsSpent):
            for _ in range(publisher.gather_totals(hook)):
                calls.take()


@contextmanager
def low_priority() -> Iterator[None]:
    """Leave the processor to others of this machine for the block: a night's tasks, first of all."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    os.nice(NICENESS)
    try:
        yield
    finally:
        with suppress(PermissionError):  # only root may go back; Airflow's process of a task ends with it
            os.setpriority(os.PRIO_PROCESS, 0, before)


def read_history_plan(store: Store, key: str) -> HistoryPlan:
    """
    Read a kept plan.

    :raises DocumentError: when it is damaged.
    """
    from kiwoom_provider.history.history_plan import HistoryPlan

    return HistoryPlan.from_bytes(store.read(key), key)
