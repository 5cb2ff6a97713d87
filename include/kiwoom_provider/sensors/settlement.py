"""Wait, without holding a worker, until the API's data is proved to be the session's."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.sdk import BaseSensorOperator, PokeReturnValue
from airflow.sdk.exceptions import AirflowSensorTimeout, AirflowSkipException, TaskDeferralError

from kiwoom_provider.operators.base import read_plan
from kiwoom_provider.retries import end_dags_test
from kiwoom_provider.triggers.settlement import A_WORKER_LOOKS_AFTER, PokeResult, SettlementPoke, SettlementTrigger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow.sdk import Context

    from kiwoom_provider.pipeline.plan import Plan

SILENCE = timedelta(minutes=15)
"""Beyond the time that the triggerer was given; it is taken for dead then."""


class SettlementSensor(BaseSensorOperator):
    """
    Look every few minutes whether the session has settled. A worker looks first; then the triggerer does.

    Doubt never costs the evidence: when no proof has come by the plan's evidence time, the sweep is taken all
    the same, and the audit keeps it unpublished. A triggerer that does not answer is replaced by a worker,
    which alerts too once the time for it has come.

    :param plan: the plan that ``resolve_session`` returned (templated).
    :param kiwoom_conn_id: the Kiwoom connection (templated).
    :param poke_interval: seconds between looks.
    :param timeout: seconds from its start after which the sensor gives up; by default more than any window.
    :param deferrable: whether looks after the first are the triggerer's.
    :returns: the names of every set to fetch, one ``fetch`` task each; what the looks cost as XCom ``looked``.
    """

    template_fields: Sequence[str] = ("plan", "kiwoom_conn_id")

    def __init__(
        self,
        *,
        plan: Mapping[str, Any],
        kiwoom_conn_id: str = "kiwoom_default",
        poke_interval: float = 300,
        timeout: float = 14 * 86_400,
        deferrable: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(poke_interval=poke_interval, timeout=timeout, **kwargs)
        self.plan = plan
        self.kiwoom_conn_id = kiwoom_conn_id
        self.deferrable = deferrable

    def execute(self, context: Context) -> Any:  # noqa: ANN401 - Airflow's
        """Look once; then wait for the triggerer's looks, or return what to fetch."""
        if not self.deferrable:
            return super().execute(context)
        done = self.poke(context)
        return done.xcom_value if done else self._wait(context)

    def on_kill(self) -> None:
        """End a run of ``airflow dags test``; elsewhere nothing has to be tidied up."""
        end_dags_test()

    def poke(self, context: Context) -> PokeReturnValue:
        """Look once, from this worker."""
        from kiwoom_provider.pipeline.plan import Mode

        plan = read_plan(self.plan)
        if plan.mode is not Mode.LIVE:
            self.log.info("Session %s is replayed from raw: nothing to wait for", plan.session)
            self._count(context, {})
            return PokeReturnValue(is_done=True, xcom_value=plan.fetches())
        seen = self._settlement_poke(context, plan).poke()
        self._count(context, seen.calls)
        self._seen = seen
        done = seen.settled or self._is_evidence_time(plan, seen)
        return PokeReturnValue(is_done=done, xcom_value=plan.fetches() if done else None)

    def look_again(self, context: Context, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as execute
        """Take up what the triggerer's looks ended with."""
        self._count(context, event["calls"])
        return read_plan(self.plan).fetches() if event["settled"] else self.execute(context)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:  # noqa: ANN401 - as execute
        """Go on after the triggerer; where it was silent or failed, a worker looks in its place."""
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except (AirflowSensorTimeout, TaskDeferralError) as error:
            self.log.error("No answer from the triggerer (%s): a worker looks instead. Is one running?", error)  # noqa: TRY400
        done = self.poke(context)
        if done:
            return done.xcom_value
        if self._seen.looked_at >= read_plan(self.plan).session.alert_at:
            _alert(context)
        return self._wait(context)

    def _settlement_poke(self, context: Context, plan: Plan) -> SettlementPoke:
        return SettlementPoke(
            plan=plan,
            run_id=context["run_id"],
            kiwoom_conn_id=self.kiwoom_conn_id,
            poke_interval=self.poke_interval,
        )

    def _wait(self, context: Context) -> NoReturn:
        trigger = SettlementTrigger(
            plan=self.plan,
            run_id=context["run_id"],
            kiwoom_conn_id=self.kiwoom_conn_id,
            poke_interval=self.poke_interval,
            pause_s=self._seen.pause_s,
        )
        answer = timedelta(seconds=self._seen.pause_s) + A_WORKER_LOOKS_AFTER + SILENCE
        self.defer(trigger=trigger, method_name="look_again", timeout=min(answer, self._time_left(context)))

    def _time_left(self, context: Context) -> timedelta:
        """Return what is left of the timeout, in real time, as Airflow counts it from the task's first start on."""
        from kiwoom_provider.clock import SystemClock

        started = context["ti"].start_date
        left = started + timedelta(seconds=self.timeout) - SystemClock().now()
        if left > timedelta():
            return left
        said = f"not settled within {self.timeout:.0f} s: the session is given up, as the sensor's timeout says"
        raise (AirflowSkipException if self.soft_fail else AirflowSensorTimeout)(said)

    def _is_evidence_time(self, plan: Plan, seen: PokeResult) -> bool:
        session = plan.session
        if seen.looked_at < session.evidence_at:
            return False
        self.log.error(
            "No proof by %s that the API serves session %s. The sweep is taken all the same, because the window "
            "ends at %s; it is kept, and published only if its own rows are proved. Read the audit's report.",
            session.evidence_at,
            session.key,
            session.window_ends_at,
        )
        return True

    def _count(self, context: Context, calls: Mapping[str, int]) -> None:
        """Add these calls to those of the looks before."""
        before = context["ti"].xcom_pull(task_ids=self.task_id, key="looked") or {}
        context["ti"].xcom_push("looked", dict(Counter(before) + Counter(calls)))


def _alert(context: Context) -> None:
    """Alert in the triggerer's place: the deadline's own alert is sent from there."""
    from kiwoom_provider.alerts import session_is_late

    run = context["dag_run"]
    described = {
        "dag_id": run.dag_id,
        "dag_run_id": run.run_id,
        "partition_key": run.partition_key,
        "conf": run.conf,
        "state": "waiting for settlement, without a triggerer",
    }
    asyncio.run(session_is_late({"dag_run": described}))
