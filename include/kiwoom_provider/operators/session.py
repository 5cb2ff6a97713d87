"""First task of a session's run: which session, live or replay, which sets."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from kiwoom_provider.krx import Window
from kiwoom_provider.operators.base import SessionOperator, open_calendar, session_clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
    :param conf_names: the only names that a run's conf may hold, a DAG's ``params``; None lets it hold anything.
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
        conf_names: Iterable[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.session_date = session_date
        self.partition_key = partition_key
        self.markets = markets
        self.venues = venues
        self.measures = measures
        self.sides = sides
        self.conf_names = None if conf_names is None else [*conf_names]
        self.window = window or Window()
        self.window.check()

    def execute(self, context: Context) -> dict[str, Any]:
        """Make the plan; fail without retries when the session cannot be had."""
        from kiwoom_provider import metrics
        from kiwoom_provider.datasets.window import keep_window
        from kiwoom_provider.pipeline.plan import Mode, check_served, make_plan

        if self.conf_names is not None:
            _check_names(context["dag_run"].conf or {}, self.conf_names)
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
        """Return the sets that are asked for; of all venues those that the host serves, as nobody chose one."""
        from kiwoom_provider.parameters import Venue, parameter_sets
        from kiwoom_provider.settings import ConnectionAbsentError

        sets = parameter_sets(
            {"markets": self.markets, "venues": self.venues, "measures": self.measures, "sides": self.sides}
        )
        if {parameters.venue for parameters in sets} != set(Venue):
            return sets
        try:
            return [parameters for parameters in sets if hook.serves(parameters.venue)]
        except ConnectionAbsentError:
            return sets


def _check_names(conf: Mapping[str, Any], params: list[str]) -> None:
    """
    Refuse a run whose conf names what is no param: a misspelt session must not be another one.

    :raises ParameterError: naming it, and every param.
    """
    from kiwoom_provider.parameters import ParameterError

    if unknown := sorted(set(conf) - set(params)):
        raise ParameterError(f"the run's conf names {', '.join(unknown)}; the params are: {', '.join(params)}")
