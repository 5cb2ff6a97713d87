"""Last two tasks of a session's run: join the sets, then audit and publish."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

from kiwoom_provider.links.session import AuditReportLink, DataLink, SessionLink
from kiwoom_provider.operators.base import (
    PlannedOperator,
    changed_severities,
    proof_setting,
    read_plan,
    session_clock,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Context

    from kiwoom_provider.clock import Clock
    from kiwoom_provider.hooks.kiwoom import KiwoomHook
    from kiwoom_provider.pipeline.publish import Publisher
    from kiwoom_provider.pipeline.summary import PublishedFile, Summary
    from kiwoom_provider.quality.results import RuleResult


class AssembleOperator(PlannedOperator):
    """
    See that the session is whole: every set that was asked for, or is published already, is stored and typed.

    The securities master is asked for here, as near the sweep as can be; without it the night goes on.

    :returns: the sets that are stored, as people read them: what will be audited and published.
    """

    operator_extra_links = (DataLink(),)

    def execute(self, context: Context) -> list[str]:
        """Name what is stored, or what is missing."""
        from kiwoom_provider.pipeline.assemble import stored_sets
        from kiwoom_provider.pipeline.fetch_securities import keep_securities

        plan, store = read_plan(self.plan), self.store()
        with closing(self.hook()) as hook:
            clock = session_clock(hook)
            with plan.errors_by(clock):
                sets = stored_sets(store, plan)
            if plan.can_fetch(clock.now()):
                keep_securities(hook, store, plan, context["run_id"])
        return [parameters.label for parameters in sets]


class QualityCheckOperator(PlannedOperator):
    """
    Audit the session and publish ``investor_trading``, or keep it in quarantine and fail.

    Sets that are not, or not wholly, the session's are fetched again while the window is open, and a session that
    was blocked once is fetched again as a whole. The report is written before anything is raised.

    :param fetched: what every ``fetch`` task returned (templated).
    :param looked: the calls that waiting for settlement took (templated).
    :param calendar_warnings: what ``check_calendar`` returned (templated).
    :returns: the run's summary with the URL of the report.
    """

    template_fields: Sequence[str] = (
        *PlannedOperator.template_fields,
        "fetched",
        "looked",
        "calendar_warnings",
    )
    operator_extra_links = (AuditReportLink(), SessionLink(), DataLink())

    def __init__(
        self,
        *,
        fetched: Sequence[Mapping[str, Any]] = (),
        looked: Mapping[str, int] | None = None,
        calendar_warnings: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.fetched = fetched
        self.looked = looked
        self.calendar_warnings = calendar_warnings
        self.report_run = ""  # names the report once it is written, for the link to it
        self.published: PublishedFile | None = None
        self.results: Sequence[RuleResult] = ()  # both for OpenLineage

    def execute(self, context: Context) -> dict[str, Any]:
        """Examine, fetch again what is not the session's, audit, report, publish."""
        from kiwoom_provider.pipeline.publish import Publisher

        plan = read_plan(self.plan)
        publisher = Publisher(self.store(), plan, context["run_id"], proof_setting(), changed_severities())
        with closing(self.hook()) as hook:
            clock = session_clock(hook)
            with plan.errors_by(clock):
                summary, report_url = self._publish(publisher, hook, clock)
        self._announce(context, plan.session.key, summary)
        return summary.to_json() | {"report": report_url}

    def _publish(self, publisher: Publisher, hook: KiwoomHook, clock: Clock) -> tuple[Summary, str]:
        from kiwoom_provider import metrics
        from kiwoom_provider.datasets import layout
        from kiwoom_provider.pipeline.refetch import Refetch

        refetch = Refetch(publisher, hook, clock)
        found = refetch.improve(publisher.examine())
        audited_at = clock.now()
        examined = publisher.withhold(found, audited_at)
        try:
            report, report_url = publisher.audit_and_report(examined, audited_at)
        finally:
            self.report_run = layout.run_name(publisher.run_id, audited_at)
        try:
            summary = publisher.publish_and_summarise(
                examined,
                report,
                clock.now(),
                fetched=self.fetched[:],
                beside=refetch.calls + Counter(self.looked or {}),
                calendar_warnings=self.calendar_warnings or (),
            )
        finally:
            metrics.count_audit(report.status, len(report.lowered))
            metrics.count_restated(refetch.restated["rows"], refetch.restated["compared"])
            metrics.gauge_published(publisher.store, publisher.session.settles_at.timetz(), audited_at)
        self.published, self.results = summary.published, report.results
        return summary, report_url

    def get_openlineage_facets_on_complete(self, task_instance: object) -> OperatorLineage | None:  # noqa: ARG002 - its
        """Tell OpenLineage, which alone calls this, of the rows that were published and of every rule of the audit."""
        from kiwoom_provider.lineage import published_lineage

        return published_lineage(self.published, self.results) if self.published else None

    def _announce(self, context: Context, session_key: str, summary: Summary) -> None:
        """Give every outlet asset an event of the session."""
        told = summary.to_json()
        named = {name: told[name] for name in ("rules", "withheld", "release", "lowered") if told[name]}
        for outlet in self.outlets:
            event = context["outlet_events"][outlet]
            event.add_partitions(session_key)
            event.extra = {"session_date": session_key, **told["published"], **named}
