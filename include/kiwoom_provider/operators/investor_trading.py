"""Last two tasks of a session's run: join the sets, then audit and publish."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from kiwoom_provider.operators.base import SessionOperator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow.sdk import Context

    from kiwoom_provider.hooks.kiwoom import KiwoomHook
    from kiwoom_provider.pipeline.publish import Examination, Publisher


class AssembleOperator(SessionOperator):
    """
    Join the session's typed sets into a candidate, kept in quarantine until it is audited.

    :param plan: the plan that ``resolve_session`` returned (templated).
    :returns: rows, sets, bytes and URL of the candidate.
    """

    template_fields: Sequence[str] = ("plan",)

    def __init__(self, *, plan: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.plan = plan

    def execute(self, context: Context) -> dict[str, Any]:
        """Write the candidate."""
        from kiwoom_provider.pipeline.assemble import assemble
        from kiwoom_provider.pipeline.plan import Plan

        return assemble(self.store(), Plan.from_json(self.plan), context["run_id"])


class QualityCheckOperator(SessionOperator):
    """
    Audit the session and publish ``investor_trading``, or keep the candidate in quarantine and fail.

    Sets that turn out to be another session's are fetched again while the window is open. The report
    is written before anything is raised.

    :param plan: the plan that ``resolve_session`` returned (templated).
    :param proof: ``dated``, ``changed`` or ``both``: how the session must be proved.
    :param severities: rule ids with the severity to use instead of the default, ``block`` or ``warn``.
    :returns: rows, bytes, SHA-256 and URL of the published file, counts of rules, URL of the report.
    """

    template_fields: Sequence[str] = ("plan", "proof", "severities")

    def __init__(
        self,
        *,
        plan: Mapping[str, Any],
        proof: str = "both",
        severities: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.plan = plan
        self.proof = proof
        self.severities = severities or {}

    def execute(self, context: Context) -> dict[str, Any]:
        """Examine, fetch stale sets again, audit, report, publish."""
        from kiwoom_provider.pipeline.plan import Plan
        from kiwoom_provider.pipeline.publish import Publisher
        from kiwoom_provider.pipeline.settlement import ProofSetting
        from kiwoom_provider.pipeline.summary import summarise, write_summary

        plan = Plan.from_json(self.plan)
        session = self.krx().session(plan.session_date)
        publisher = Publisher(self.store(), plan, session, context["run_id"], ProofSetting(self.proof), self.severities)
        with closing(self.hook()) as hook:
            examined = self._examine(publisher, hook)
            audited_at = hook.clock.now()
        report = publisher.audit(examined, audited_at)
        report_url = publisher.write_report(report, audited_at)
        self.log.info("Audit of session %s: %s, report %s", session.key, report.status, report_url)
        published = None
        try:
            published = publisher.publish(examined, report)
        finally:
            fetched = context["ti"].xcom_pull(task_ids="fetch") or []
            looked = context["ti"].xcom_pull(task_ids="await_settlement", key="looked") or {}
            summary = summarise(plan, report, fetched, looked, published)
            write_summary(publisher.store, plan, summary, audited_at)
        self._announce(context, session.key, summary)
        return summary | {"report": report_url}

    def _announce(self, context: Context, session_key: str, summary: Mapping[str, Any]) -> None:
        """Give every outlet asset an event of the session."""
        for outlet in self.outlets:
            event = context["outlet_events"][outlet]
            event.add_partitions(session_key)
            event.extra = {"session_date": session_key, **summary["published"], "rules": summary["rules"]}

    def _examine(self, publisher: Publisher, hook: KiwoomHook) -> Examination:
        """Look at what is stored; while the window is open, fetch once more what is another session's."""
        from kiwoom_provider.pipeline.references import fetch_quietly
        from kiwoom_provider.pipeline.sweep import Collector

        examined = publisher.examine()
        clock, session = hook.clock, publisher.session
        if not examined.stale or not publisher.can_fetch(clock.now()):
            return examined
        collector = Collector(publisher.store, hook, session, publisher.run_id, clock)
        for parameters in examined.stale:
            self.log.warning("%s is another session's, wholly or in part: fetching it again", parameters.label)
            collector.collect(parameters, anew=True)
            fetch_quietly(hook, publisher.store, session.date, parameters, examined.reference_stocks(parameters))
        return publisher.examine()
