"""First task of a session's run: which session, live or replay, which sets."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from kiwoom_provider.krx import Window
from kiwoom_provider.operators.base import SessionOperator, open_calendar, session_clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from airflow.sdk import Context

    from kiwoom_provider.hooks.kiwoom import KiwoomHook
    from kiwoom_provider.parameters import ParameterSet


class ResolveSessionOperator(SessionOperator):
    """
    Decide which session the run is about, before anything is called or written.

    :param session_date: the session, ``YYYY-MM-DD`` (templated); empty for the partition key's.
    :param partition_key: the run's partition key (templated); empty for the session whose window is open now.
    :param markets: names of markets (templated); empty for KOSPI and KOSDAQ.
    :param venues: names of venues (templated); empty, or all of them, for those that the host serves.
    :param measures: names of measures (templated); empty for both.
    :param sides: names of sides (templated); empty for all.
    :param window: the times of day between which a session may be fetched; no other task is told them.
    :returns: the plan, as :class:`kiwoom_provider.pipeline.plan.Plan` in its JSON-ready form.
    """

    template_fields: Sequence[str] = (
        *SessionOperator.template_fields,
        "session_date",
        "partition_key",
        "markets",
        "venues",
        "measures",
        "sides",
    )

    def __init__(
        self,
        *,
        session_date: str | None = None,
        partition_key: str | None = None,
        markets: Iterable[str] | None = None,
        venues: Iterable[str] | None = None,
        measures: Iterable[str] | None = None,
        sides: Iterable[str] | None = None,
        window: Window | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.session_date = session_date
        self.partition_key = partition_key
        self.markets = markets
        self.venues = venues
        self.measures = measures
        self.sides = sides
        self.window = window or Window()
        self.window.check()

    def execute(self, context: Context) -> dict[str, Any]:
        """Make the plan; fail without retries when the session cannot be had."""
        from kiwoom_provider import metrics
        from kiwoom_provider.datasets.window import keep_window
        from kiwoom_provider.pipeline.plan import Mode, check_served, make_plan

        self.check_conf(context)
        store = self.store()
        with closing(self.hook()) as hook:
            asked = self.session_date or self.partition_key or None
            calendar, now = open_calendar(self.window), (session_clock(hook) if asked else hook.clock).now()
            metrics.count_audit()
            metrics.gauge_calendar(calendar.rules.known.last, now)
            plan = make_plan(
                asked,
                self._sets(hook),
                calendar=calendar,
                store=store,
                now=now,
            )
            metrics.gauge_published(store, self.window.settle_time, now)
            store.check_writable()
            if plan.mode is Mode.LIVE:
                check_served(hook, plan.sets)
                hook.ensure_token()
        keep_window(store, self.window)
        self.log.info("Session %s, %s, %d parameter sets", plan.session, plan.mode, len(plan.sets))
        return plan.to_json()

    def _sets(self, hook: KiwoomHook) -> list[ParameterSet]:
        from kiwoom_provider.parameters import parameter_sets
        from kiwoom_provider.pipeline.plan import served_venues

        venues = served_venues(hook, self.venues)
        return parameter_sets(
            {"markets": self.markets, "venues": venues, "measures": self.measures, "sides": self.sides}
        )
