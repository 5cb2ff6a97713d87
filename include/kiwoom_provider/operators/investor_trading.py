"""Last two tasks of a session's run: join the sets, then audit and publish."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

from kiwoom_provider.links.session import AuditReportLink, DataLink, SessionLink
from kiwoom_provider.operators.base import SessionOperator, read_plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow.sdk import Context

    from kiwoom_provider.pipeline.summary import Summary
    from kiwoom_provider.quality.results import Release


class AssembleOperator(SessionOperator):
    """
    See that the session is whole: every set that was asked for, or is published already, is stored and typed.

    :param plan: the plan that ``resolve_session`` returned (templated).
    :returns: the sets that are stored, as people read them: what will be audited and published.
    """

    template_fields: Sequence[str] = ("plan",)
    operator_extra_links = (DataLink(),)

    def __init__(self, *, plan: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.plan = plan

    def execute(self, context: Context) -> list[str]:  # noqa: ARG002 - Airflow's
        """Name what is stored, or what is missing."""
        from kiwoom_provider.pipeline.assemble import stored_sets

        return [parameters.label for parameters in stored_sets(self.store(), read_plan(self.plan))]


class QualityCheckOperator(SessionOperator):
    """
    Audit the session and publish ``investor_trading``, or keep it in quarantine and fail.

    Sets that turn out to be another session's are fetched again while the window is open. The report
    is written before anything is raised. The run's params ``release_rules`` and ``release_reason`` are a
    person's decision to publish in spite of named findings.

    :param plan: the plan that ``resolve_session`` returned (templated).
    :param proof: ``dated``, ``changed`` or ``both``: how the session must be proved (templated); None takes the
        Airflow Variable ``kiwoom_proof``.
    :param severities: rule ids with the severity to use instead of the default, ``block`` or ``warn``:
        a mapping, or JSON text of one (templated); None takes the Airflow Variable ``kiwoom_severities``.
    :returns: rows, bytes, SHA-256 and URL of the published file, counts of rules, URL of the report.
    """

    template_fields: Sequence[str] = ("plan", "proof", "severities")
    operator_extra_links = (AuditReportLink(), SessionLink(), DataLink())

    def __init__(
        self,
        *,
        plan: Mapping[str, Any],
        proof: str | None = None,
        severities: Mapping[str, str] | str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.plan = plan
        self.proof = proof
        self.severities = severities
        self.report_run = ""  # names the report once it is written, for the link to it

    def execute(self, context: Context) -> dict[str, Any]:
        """Examine, fetch stale sets again, audit, report, publish."""
        from kiwoom_provider import metrics
        from kiwoom_provider.datasets import layout
        from kiwoom_provider.pipeline.publish import Publisher
        from kiwoom_provider.pipeline.refetch import Refetch
        from kiwoom_provider.pipeline.summary import summarise, write_summary
        from kiwoom_provider.quality.settings import parse_severities
        from kiwoom_provider.variables import optional_variable

        severities = optional_variable("kiwoom_severities", "{}") if self.severities is None else self.severities
        plan = read_plan(self.plan)
        session = plan.session
        publisher = Publisher(
            self.store(),
            plan,
            context["run_id"],
            self.proof_setting(self.proof),
            parse_severities(severities),
            _release(context),
        )
        with closing(self.hook()) as hook:
            refetch = Refetch(publisher, hook, hook.clock)
            examined = refetch.improve(publisher.examine())
            audited_at = hook.clock.now()
        report = publisher.audit(examined, audited_at)
        try:
            report = publisher.released(report)
        finally:
            report_url = publisher.write_report(report, audited_at)
            self.report_run = layout.run_name(context["run_id"], audited_at)
        self.log.info("Audit of session %s: %s, report %s", session.key, report.status, report_url)
        publisher.write_top(examined, audited_at)
        published = None
        try:
            published = publisher.publish(examined, report, hook.clock.now())
        finally:
            fetched = context["ti"].xcom_pull(task_ids=["fetch"]) or []
            looked = context["ti"].xcom_pull(task_ids="await_settlement", key="looked") or {}
            warnings = context["ti"].xcom_pull(task_ids="check_calendar") or []
            beside = refetch.calls + Counter(looked)
            summary = summarise(plan, report, fetched, beside, published, calendar_warnings=warnings)
            write_summary(publisher.store, plan, summary, audited_at)
            metrics.count_audit(report.status, len(report.lowered))
            metrics.count_restated(refetch.restated["rows"], refetch.restated["compared"])
            metrics.gauge_published(publisher.store, session.settles_at.timetz(), audited_at)
        self._announce(context, session.key, summary)
        return summary.to_json() | {"report": report_url}

    def _announce(self, context: Context, session_key: str, summary: Summary) -> None:
        """Give every outlet asset an event of the session."""
        told = summary.to_json()
        for outlet in self.outlets:
            event = context["outlet_events"][outlet]
            event.add_partitions(session_key)
            event.extra = {"session_date": session_key, **told["published"], "rules": told["rules"]}


def _release(context: Context) -> Release | None:
    """Return the run's release; who asked for it is the user who triggered the run."""
    from kiwoom_provider.quality.results import Release

    params = context["params"]
    from kiwoom_provider.quality.settings import parse_release_rules

    if not (rule_ids := parse_release_rules(params.get("release_rules"))):
        return None
    by = getattr(context.get("dag_run"), "triggering_user_name", None) or ""
    return Release(rule_ids=rule_ids, reason=params.get("release_reason") or "", by=by)
