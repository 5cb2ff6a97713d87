"""Wait, without holding a worker, until the API's data is proved to be the session's."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from kiwoom_provider.operators.base import SessionOperator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow.sdk import Context

    from kiwoom_provider.clock import Clock
    from kiwoom_provider.hooks.kiwoom import KiwoomHook
    from kiwoom_provider.krx import Session
    from kiwoom_provider.pipeline.plan import Plan
    from kiwoom_provider.pipeline.settlement import Look


class SettlementSensor(SessionOperator):
    """
    Look every few minutes whether the session has settled; between looks the task is deferred.

    Doubt never costs the evidence: when no proof has come by ``evidence_time``, the sweep is taken all
    the same, and the audit keeps it unpublished.

    :param plan: the plan that ``resolve_session`` returned (templated).
    :param proof: ``dated`` (ka10059's row for the day), ``changed`` (unlike the previous stored
        session) or ``both``.
    :param poke_interval: seconds between looks.
    :param warn_after_s: seconds after the settle time from which every look in vain is a warning.
    :param evidence_time: wall-clock time in KST on the day the window ends.
    :returns: the arguments of every ``fetch`` task.
    """

    template_fields: Sequence[str] = ("plan", "proof")

    def __init__(
        self,
        *,
        plan: Mapping[str, Any],
        proof: str = "both",
        poke_interval: float = 300,
        warn_after_s: float = 2 * 3600,
        evidence_time: time = time(5, 0),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.plan = plan
        self.proof = proof
        self.poke_interval = poke_interval
        self.warn_after_s = warn_after_s
        self.evidence_time = evidence_time

    def execute(self, context: Context, event: Any = None) -> list[dict[str, Any]]:
        """Look once; defer until the next look, or return what to fetch."""
        from kiwoom_provider.pipeline.plan import Mode, Plan

        plan = Plan.from_json(self.plan)
        if plan.mode is Mode.REPLAY:
            self.log.info("Session %s is replayed from raw: nothing to wait for", plan.session_date)
            return plan.fetches({})
        session = self.krx().session(plan.session_date)
        with closing(self.hook()) as hook:
            clock = hook.clock
            if clock.now() < session.settles_at:
                self.log.info("Session %s is not over: waiting until %s", session.key, session.settles_at)
                self._wait(clock, (session.settles_at - clock.now()).total_seconds())
            seen = self._look(hook, plan, context["run_id"])
            self._count(context, hook, seen)
        if seen and (seen.settled or self._is_evidence_time(session, clock)):
            return plan.fetches(seen.reference_stocks)
        if self._is_evidence_time(session, clock):
            return plan.fetches({})
        self._tell(session, clock)
        return self._wait(clock, self.poke_interval)

    def _look(self, hook: KiwoomHook, plan: Plan, run_id: str) -> Look | None:
        """Return what was seen, or None when the API failed for the moment."""
        from kiwoom_provider.api.errors import RateLimitedError, TransientError
        from kiwoom_provider.pipeline.settlement import ProofSetting, keep_first_pages, look

        store = self.store()
        try:
            seen = look(hook, store, plan.session_date, plan.sets, ProofSetting(self.proof))
        except (TransientError, RateLimitedError) as error:
            self.log.warning("The API could not be asked: %s", error)
            return None
        for sentence in seen.seen:
            self.log.info("%s", sentence)
        if seen.settled:
            self.log.info("Session %s has settled", plan.session_date)
            keep_first_pages(store, plan.session_date, run_id, seen, plan.sets)
        return seen

    def _count(self, context: Context, hook: KiwoomHook, seen: Look | None) -> None:
        """Add this look's calls to those of the looks before it."""
        before = context["ti"].xcom_pull(task_ids=self.task_id, key="looked") or {}
        pages = len(seen.seen) if seen else 0
        now = {"calls": pages, "reference_calls": seen.reference_calls if seen else 0, "refused": hook.refused}
        context["ti"].xcom_push("looked", {name: before.get(name, 0) + count for name, count in now.items()})

    def _is_evidence_time(self, session: Session, clock: Clock) -> bool:
        due = datetime.combine(session.window_ends_at.date(), self.evidence_time, session.window_ends_at.tzinfo)
        if clock.now() < due:
            return False
        self.log.error(
            "No proof by %s that the API serves session %s. The sweep is taken all the same, because the window "
            "ends at %s; it is kept and not published. Look at the audit report, then release or leave it.",
            due,
            session.key,
            session.window_ends_at,
        )
        return True

    def _tell(self, session: Session, clock: Clock) -> None:
        late = clock.now() >= session.settles_at + timedelta(seconds=self.warn_after_s)
        tell = self.log.warning if late else self.log.info
        tell(
            "Session %s is not proved yet; next look in %d s. The window ends at %s. If nothing settles, check "
            "Kiwoom's notices and whether the exchange was open: an unknown closed day is added with an override.",
            session.key,
            self.poke_interval,
            session.window_ends_at,
        )

    def _wait(self, clock: Clock, wait_s: float) -> NoReturn:
        from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger

        real = timedelta(seconds=clock.real_seconds(wait_s))
        self.defer(trigger=TimeDeltaTrigger(real), method_name="execute")
