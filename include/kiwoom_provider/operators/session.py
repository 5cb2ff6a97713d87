"""First task of a session's run: which session, live or replay, which sets."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from kiwoom_provider.krx import Window
from kiwoom_provider.operators.base import SessionOperator, open_calendar

if TYPE_CHECKING:
    from airflow.sdk import Context


class ResolveSessionOperator(SessionOperator):
    """
    Decide which session the run is about, before anything is called or written.

    The session is the param ``session_date``, else the run's partition key, else the session whose
    window is open now.

    :param window: the times of day between which a session may be fetched; no other task is told them.
    :returns: the plan, as :class:`kiwoom_provider.pipeline.plan.Plan` in its JSON-ready form.
    """

    def __init__(self, *, window: Window | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.window = window or Window()
        self.window.check()

    def execute(self, context: Context) -> dict[str, Any]:
        """Make the plan; fail without retries when the session cannot be had."""
        from kiwoom_provider import metrics
        from kiwoom_provider.datasets.window import keep_window
        from kiwoom_provider.pipeline.plan import Mode, check_served, make_plan

        store = self.store()
        with closing(self.hook()) as hook:
            calendar, now = open_calendar(self.window), hook.clock.now()
            metrics.count_audit()
            metrics.gauge_calendar(calendar.rules.known.last, now)
            plan = make_plan(
                context["params"],
                context.get("partition_key"),
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
