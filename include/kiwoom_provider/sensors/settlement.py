"""Wait, without holding a worker, until the API's data is proved to be the session's."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from kiwoom_provider.operators.base import SessionOperator, read_plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow.sdk import Context

    from kiwoom_provider.clock import Clock
    from kiwoom_provider.hooks.kiwoom import KiwoomHook
    from kiwoom_provider.krx import SessionWindow
    from kiwoom_provider.pipeline.plan import Plan
    from kiwoom_provider.proof.settlement_check import CallCounter


class SettlementSensor(SessionOperator):
    """
    Look every few minutes whether the session has settled; between looks the task is deferred.

    Doubt never costs the evidence: when no proof has come by the plan's evidence time, the sweep is taken all
    the same, and the audit keeps it unpublished.

    :param plan: the plan that ``resolve_session`` returned (templated).
    :param proof: ``dated`` (ka10059's row for the day), ``changed`` (unlike the previous stored
        session) or ``both`` (templated); None takes the Airflow Variable ``kiwoom_proof``, at every look.
    :param poke_interval: seconds between looks.
    :param warn_after_s: seconds after the settle time from which every look in vain is a warning.
    :returns: the names of every set to fetch, one ``fetch`` task each.
    """

    template_fields: Sequence[str] = ("plan", "proof")

    def __init__(
        self,
        *,
        plan: Mapping[str, Any],
        proof: str | None = None,
        poke_interval: float = 300,
        warn_after_s: float = 2 * 3600,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.plan = plan
        self.proof = proof
        self.poke_interval = poke_interval
        self.warn_after_s = warn_after_s

    def execute(self, context: Context, event: object = None) -> list[dict[str, str]]:  # noqa: ARG002 - Airflow's
        """Look once; defer until the next look, or return what to fetch."""
        from kiwoom_provider.pipeline.plan import Mode, check_window

        plan = read_plan(self.plan)
        if plan.mode is Mode.REPLAY:
            self.log.info("Session %s is replayed from raw: nothing to wait for", plan.session)
            return plan.fetches()
        session = plan.session
        with closing(self.hook()) as hook:
            clock = hook.clock
            if clock.now() < session.settles_at:
                self.log.info("Session %s is not over: waiting until %s", session.key, session.settles_at)
                self._wait(clock, (session.settles_at - clock.now()).total_seconds())
            check_window(session, clock.now())
            settled = self._look(context, hook, plan)
        if settled or self._is_evidence_time(session, clock):
            return plan.fetches()
        self._tell(session, clock)
        return self._wait(clock, self._pause_s(session, clock))

    def _look(self, context: Context, hook: KiwoomHook, plan: Plan) -> bool:
        """Look once and say what was seen; what the API does not answer now it may answer at the next look."""
        from kiwoom_provider import metrics
        from kiwoom_provider.api.errors import KiwoomError
        from kiwoom_provider.proof.evidence import EvidenceStore
        from kiwoom_provider.proof.settlement_check import CallCounter, SettlementCheck, keep_first_pages

        store, counted, session = self.store(), CallCounter(hook), plan.session
        evidence = EvidenceStore(store, session.session_date, plan.session_before)
        try:
            seen = SettlementCheck(counted, evidence, self.proof_setting(self.proof)).check(plan.sets)
        except KiwoomError as error:
            if error.is_final:
                raise
            self.log.warning("ka10066 could not be asked: %s", error)
            return False
        finally:
            self._count(context, counted, hook)
            metrics.gauge_published(store, session.settles_at.timetz(), hook.clock.now())
        for sentence in seen.sentences:
            self.log.info("%s", sentence)
        if seen.settled:
            self.log.info("Session %s has settled", session.key)
            keep_first_pages(evidence, session.window_ends_at, context["run_id"], seen, plan.sets)
        return seen.settled

    def _count(self, context: Context, counted: CallCounter, hook: KiwoomHook) -> None:
        """Add this look's calls to those of the looks before it."""
        before = context["ti"].xcom_pull(task_ids=self.task_id, key="looked") or {}
        now = counted.counts() | {"refused": hook.refused}
        context["ti"].xcom_push("looked", {name: before.get(name, 0) + count for name, count in now.items()})

    def _is_evidence_time(self, session: SessionWindow, clock: Clock) -> bool:
        if clock.now() < session.evidence_at:
            return False
        self.log.error(
            "No proof by %s that the API serves session %s. The sweep is taken all the same, because the window "
            "ends at %s; it is kept, and published only if its own rows are proved. Read the audit's report.",
            session.evidence_at,
            session.key,
            session.window_ends_at,
        )
        return True

    def _pause_s(self, session: SessionWindow, clock: Clock) -> float:
        """Return how long to wait: to the next look, and never past the time to take the sweep."""
        return min(self.poke_interval, (session.evidence_at - clock.now()).total_seconds())

    def _tell(self, session: SessionWindow, clock: Clock) -> None:
        late = clock.now() >= session.settles_at + timedelta(seconds=self.warn_after_s)
        tell = self.log.warning if late else self.log.info
        tell(
            "Session %s is not proved yet; next look in %d s. The window ends at %s. If nothing settles, check "
            "Kiwoom's notices and whether the exchange was open: an unknown closed day is added with an override.",
            session.key,
            self._pause_s(session, clock),
            session.window_ends_at,
        )

    def _wait(self, clock: Clock, wait_s: float) -> NoReturn:
        from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger

        real = timedelta(seconds=clock.real_seconds(max(0.0, wait_s)))
        self.defer(trigger=TimeDeltaTrigger(real), method_name="execute")
