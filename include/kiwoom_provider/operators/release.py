"""First task of a release: which person, by which report, of which sets, in spite of which rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiwoom_provider.operators.base import SessionOperator, open_calendar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from airflow.sdk import Context

    from kiwoom_provider.datasets.published import Release


class ResolveReleaseOperator(SessionOperator):
    """
    Make the plan of a release: publish what is stored, in spite of the rules that a person names.

    :param session_date: the session, ``YYYY-MM-DD`` (templated).
    :param report: name of the audit's report that was looked at, as log and page show it (templated).
    :param rules: ids of exactly the rules that block (templated).
    :param reason: what was looked at, and why the figures are right (templated).
    :returns: the plan, as :class:`kiwoom_provider.pipeline.plan.Plan` in its JSON-ready form.
    """

    template_fields: Sequence[str] = (*SessionOperator.template_fields, "session_date", "report", "rules", "reason")

    def __init__(
        self, *, session_date: str, report: str, rules: Iterable[str] | str, reason: str, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.session_date = session_date
        self.report = report
        self.rules = rules
        self.reason = reason

    def execute(self, context: Context) -> dict[str, Any]:
        """Refuse what is no release before anything is read of the session."""
        from kiwoom_provider.datasets.window import read_window
        from kiwoom_provider.krx import parse_session_date
        from kiwoom_provider.parameters import ParameterSet
        from kiwoom_provider.pipeline.plan import Mode, Plan

        self.check_conf(context)
        day, person = parse_session_date(self.session_date), _person(context)
        store = self.store()
        release = self._release(person)
        sets = [ParameterSet.from_path(path) for path in release.sweeps]
        plan = Plan.of(open_calendar(read_window(store)), day, Mode.RELEASE, sets)
        self.log.warning(
            "%s releases session %s of %d sets by the report %s, in spite of %s: %s",
            release.by,
            plan.session,
            len(sets),
            release.report,
            ", ".join(release.rule_ids),
            release.reason,
        )
        return plan.model_copy(update={"release": release}).to_json()

    def _release(self, person: str) -> Release:
        """
        Return the release, with the sweeps that the report is of.

        :raises ReleaseError: without rules or a reason, or when there is no such report.
        """
        from kiwoom_provider.datasets import layout
        from kiwoom_provider.datasets.published import Release
        from kiwoom_provider.krx import parse_session_date
        from kiwoom_provider.pipeline.summary import read_summary
        from kiwoom_provider.quality.results import ReleaseError
        from kiwoom_provider.quality.rule_settings import parse_release_rules

        rules, report, reason = parse_release_rules(self.rules), str(self.report or "").strip(), str(self.reason or "")
        if not rules or not reason.strip():
            raise ReleaseError("a release names the rules that block, and the reason: what was looked at, and why")
        if not layout.RUN_NAME.fullmatch(report):
            raise ReleaseError(f"report {report!r} is no name of one, such as 20261120T113005.123456Z-0a1b2c3d4e5f")
        prefix = layout.session_prefix(layout.REPORTS, parse_session_date(self.session_date))
        try:
            summary = read_summary(self.store(), f"{prefix}/{report}.{layout.SUMMARY}")
        except FileNotFoundError:
            raise ReleaseError(
                f"session {self.session_date} has no report {report}: take its name from the page"
            ) from None
        return Release(rule_ids=rules, reason=reason.strip(), by=person, report=report, sweeps=summary.sweeps)


def _person(context: Context) -> str:
    """
    Return the user who triggered the run.

    :raises ReleaseError: when no person did.
    """
    from kiwoom_provider.quality.results import ReleaseError

    run = context["dag_run"]
    user = (getattr(run, "triggering_user_name", None) or "").strip()
    if run.run_type != "manual" or not user:
        raise ReleaseError("a release is triggered by hand, by a user who is named: this run is by nobody")
    return user
