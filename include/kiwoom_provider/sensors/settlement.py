"""Wait, without holding a worker, until the API's data is proved to be the session's."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from kiwoom_provider.krx.errors import WindowError
from kiwoom_provider.operators.base import SessionOperator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow.sdk import Context

    from kiwoom_provider.clock import Clock
    from kiwoom_provider.hooks.kiwoom import KiwoomHook
    from kiwoom_provider.krx import Handed, Session
    from kiwoom_provider.pipeline.plan import Plan
    from kiwoom_provider.pipeline.settlement import Counted


class SettlementSensor(SessionOperator):
    """
    Look every few minutes whether the session has settled; between looks the task is deferred.

    Doubt never costs the evidence: when no proof has come by ``evidence_time``, the sweep is taken all
    the same, and the audit keeps it unpublished.

    :param plan: the plan that ``resolve_session`` returned (templated).
    :param proof: ``dated`` (ka10059's row for the day), ``changed`` (unlike the previous stored
        session) or ``both`` (templated); None takes the Airflow Variable ``kiwoom_proof``, at every look.
    :param poke_interval: seconds between looks.
    :param warn_after_s: seconds after the settle time from which every look in vain is a warning.
    :param evidence_time: time of day in KST, on the day that the window ends and before it does.
    :returns: the arguments of every ``fetch`` task.
    :raises WindowError: when the sweep could not be taken before the window ends.
    """

    template_fields: Sequence[str] = ("plan", "proof")

    def __init__(
        self,
        *,
        plan: Mapping[str, Any],
        proof: str | None = None,
        poke_interval: float = 300,
        warn_after_s: float = 2 * 3600,
        evidence_time: time = time(5, 0),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if evidence_time >= self.window_end:
            raise WindowError(
                f"evidence_time {evidence_time:%H:%M} is not before window_end {self.window_end:%H:%M}: "
                "the sweep has to be taken while the API still serves the session"
            )
        self.plan = plan
        self.proof = proof
        self.poke_interval = poke_interval
        self.warn_after_s = warn_after_s
        self.evidence_time = evidence_time

    def execute(self, context: Context, event: object = None) -> list[dict[str, Any]]:  # noqa: ARG002 - Airflow's
        """Look once; defer until the next look, or return what to fetch."""
        from kiwoom_provider.pipeline.plan import Mode, Plan, check_window

        plan = Plan.from_json(self.plan)
        known = self.known(plan.session_date)
        if plan.mode is Mode.REPLAY:
            self.log.info("Session %s is replayed from raw: nothing to wait for", plan.session_date)
            return plan.fetches(known)
        session = known.session
        with closing(self.hook()) as hook:
            clock = hook.clock
            if clock.now() < session.settles_at:
                self.log.info("Session %s is not over: waiting until %s", session.key, session.settles_at)
                self._wait(clock, (session.settles_at - clock.now()).total_seconds())
            check_window(session, clock.now())
            settled = self._look(context, hook, plan, known)
        if settled or self._is_evidence_time(session, clock):
            return plan.fetches(known)
        self._tell(session, clock)
        return self._wait(clock, self._pause_s(session, clock))

    def _look(self, context: Context, hook: KiwoomHook, plan: Plan, known: Handed) -> bool:
        """Look once and say what was seen; what the API does not answer now it may answer at the next look."""
        from kiwoom_provider import metrics
        from kiwoom_provider.api.errors import KiwoomError
        from kiwoom_provider.pipeline.settlement import Counted, Looker, keep_first_pages

        store, counted, session = self.store(), Counted(hook), known.session
        looker = Looker(counted, store, session, known.before, self.proof_setting(self.proof))
        try:
            seen = looker.look(plan.sets)
        except KiwoomError as error:
            if error.is_final:
                raise
            self.log.warning("ka10066 could not be asked: %s", error)
            return False
        finally:
            self._count(context, counted, hook)
            metrics.newest_published(store, self.settle_time, hook.clock.now())
        for sentence in seen.seen:
            self.log.info("%s", sentence)
        if seen.settled:
            self.log.info("Session %s has settled", session.key)
            keep_first_pages(store, session, context["run_id"], seen, plan.sets)
        return seen.settled

    def _count(self, context: Context, counted: Counted, hook: KiwoomHook) -> None:
        """Add this look's calls to those of the looks before it."""
        from kiwoom_provider.pipeline.settlement import calls_of

        before = context["ti"].xcom_pull(task_ids=self.task_id, key="looked") or {}
        now = calls_of(counted) | {"refused": hook.refused}
        context["ti"].xcom_push("looked", {name: before.get(name, 0) + count for name, count in now.items()})

    def _evidence_due(self, session: Session) -> datetime:
        return datetime.combine(session.window_ends_at.date(), self.evidence_time, session.window_ends_at.tzinfo)

    def _is_evidence_time(self, session: Session, clock: Clock) -> bool:
        due = self._evidence_due(session)
        if clock.now() < due:
            return False
        self.log.error(
            "No proof by %s that the API serves session %s. The sweep is taken all the same, because the window "
            "ends at %s; it is kept, and published only if its own rows are proved. Read the audit's report.",
            due,
            session.key,
            session.window_ends_at,
        )
        return True

    def _pause_s(self, session: Session, clock: Clock) -> float:
        """Return how long to wait: to the next look, and never past the time to take the sweep."""
        return min(self.poke_interval, (self._evidence_due(session) - clock.now()).total_seconds())

    def _tell(self, session: Session, clock: Clock) -> None:
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
