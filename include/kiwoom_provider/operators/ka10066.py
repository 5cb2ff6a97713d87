"""Fetch one parameter set of ka10066 (장마감후투자자별매매) for one session."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Any

from kiwoom_provider.links.session import DataLink
from kiwoom_provider.operators.base import PlannedOperator, read_plan
from kiwoom_provider.parameters import ParameterSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from kiwoom_provider.pipeline.plan import Plan


class Ka10066Operator(PlannedOperator):
    """
    Page through ka10066 for one parameter set, keep every page as it came, and write the typed partition.

    A retry goes on after the last page that is stored. In a replay no call is made: the partition is
    rebuilt from the stored pages.

    :param market: ``KOSPI``, ``KOSDAQ`` or ``ALL`` (templated).
    :param venue: ``KRX``, ``NXT`` or ``CONSOLIDATED`` (templated).
    :param measure: ``amount`` (KRW million) or ``quantity`` (shares) (templated).
    :param side: ``net``, ``buy`` or ``sell`` (templated).
    :returns: :class:`kiwoom_provider.pipeline.sweep_summary.SweepSummary` in its JSON-ready form, with the calls of
        ka10059 and ka10051, the refused calls, and the calls a second that are permitted in the end (None: no limit).
    """

    template_fields: Sequence[str] = (*PlannedOperator.template_fields, "market", "venue", "measure", "side")
    operator_extra_links = (DataLink(),)
    ui_color = "#e8f0fe"

    def __init__(
        self,
        *,
        market: str,
        venue: str,
        measure: str,
        side: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.market = market
        self.venue = venue
        self.measure = measure
        self.side = side

    def execute(self, context: Context) -> dict[str, Any]:
        """Fetch or rebuild; bad values are refused by name before any call."""
        from kiwoom_provider.pipeline.plan import Mode

        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # pyarrow's own pool takes 8 MB as it is imported
        parameters = ParameterSet.parse(self.market, self.venue, self.measure, self.side)
        plan = read_plan(self.plan)
        if plan.mode is not Mode.LIVE:
            from kiwoom_provider.clock import SystemClock
            from kiwoom_provider.pipeline.fetch import replay_set

            with plan.errors_by(SystemClock()):
                return replay_set(self.store(), plan.session, parameters).to_json()
        return self._collect(plan, parameters, context["run_id"])

    def _collect(self, plan: Plan, parameters: ParameterSet, run_id: str) -> dict[str, Any]:
        from kiwoom_provider import metrics
        from kiwoom_provider.api import ka10066 as api
        from kiwoom_provider.pipeline.fetch import fetch_set
        from kiwoom_provider.pipeline.plan import check_served

        with closing(self.hook()) as hook, plan.errors_by(hook.clock):
            check_served(hook, [parameters])
            summary = fetch_set(self.store(), hook, hook.clock, plan, parameters, run_id=run_id)
            metrics.count_pages(parameters, pages=summary.calls, rows=summary.rows)
            return summary.to_json() | {"refused": hook.refused, "rate": hook.rate(api.API_ID)}
