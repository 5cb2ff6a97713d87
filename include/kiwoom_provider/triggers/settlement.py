"""One look whether a session has settled, and the trigger that looks again and again without a worker."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from datetime import datetime

    from kiwoom_provider.clock import Clock
    from kiwoom_provider.hooks.kiwoom import KiwoomHook
    from kiwoom_provider.krx import SessionWindow
    from kiwoom_provider.pipeline.plan import Plan

WARN_AFTER = timedelta(hours=2)
"""After the settle time; from then on every look in vain is a warning."""
A_WORKER_LOOKS_AFTER = timedelta(hours=1)
"""Of looks in the triggerer: what goes wrong there, and nobody sees, ends by then."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PokeResult:
    """
    What one look found.

    :param settled: whether the sweep may begin.
    :param looked_at: when, by the deployment's clock.
    :param pause_s: real seconds until the next look.
    :param calls: what it has cost, as :data:`kiwoom_provider.pipeline.summary.CALLS` names it.
    """

    settled: bool
    looked_at: datetime
    pause_s: float
    calls: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SettlementPoke:
    """
    Looks once, from a worker or from the triggerer: both open connection and data root anew each time.

    :param run_id: whose sweeps the first pages become, once the session has settled.
    :param poke_interval: seconds between two looks.
    """

    plan: Plan
    run_id: str
    kiwoom_conn_id: str
    poke_interval: float

    def poke(self) -> PokeResult:
        """
        Look, and say in the log what was seen.

        What the API does not answer now it may answer at the next look.

        :raises SessionOverError: when the window is over.
        :raises KiwoomError: when no later look can go better.
        """
        from kiwoom_provider.hooks.kiwoom import KiwoomHook

        session = self.plan.session
        with closing(KiwoomHook(self.kiwoom_conn_id)) as hook:
            now = hook.clock.now()
            if now < session.settles_at:
                log.info("Session %s is not over: waiting until %s", session.key, session.settles_at)
                return PokeResult(
                    settled=False, looked_at=now, pause_s=self._pause_s(session.settles_at, now, hook.clock)
                )
            settled, calls = self._check(hook)
            now = hook.clock.now()
            until = min(now + timedelta(seconds=self.poke_interval), max(session.evidence_at, now))
            if not settled:
                _tell(session, now, (until - now).total_seconds())
            return PokeResult(
                settled=settled, looked_at=now, pause_s=self._pause_s(until, now, hook.clock), calls=calls
            )

    @staticmethod
    def _pause_s(until: datetime, now: datetime, clock: Clock) -> float:
        return clock.real_seconds(max(0.0, (until - now).total_seconds()))

    def _check(self, hook: KiwoomHook) -> tuple[bool, dict[str, int]]:
        from kiwoom_provider import metrics
        from kiwoom_provider.api.call_source import CallCounter
        from kiwoom_provider.api.errors import KiwoomError
        from kiwoom_provider.data_root import open_data_root
        from kiwoom_provider.operators.base import proof_setting
        from kiwoom_provider.pipeline.plan import check_window
        from kiwoom_provider.proof.evidence import EvidenceStore
        from kiwoom_provider.proof.settlement_check import SettlementCheck, keep_first_pages

        plan, store, counted = self.plan, open_data_root(), CallCounter(hook)
        check_window(plan.session, hook.clock.now())
        metrics.gauge_published(store, plan.session.settles_at.timetz(), hook.clock.now())
        evidence = EvidenceStore(store, plan.session.session_date, plan.session_before)
        try:
            seen = SettlementCheck(counted, evidence, proof_setting()).check(plan.sets)
        except KiwoomError as error:
            if error.is_final:
                raise
            log.warning("ka10066 could not be asked: %s", error)
            return False, counted.counts() | {"refused": hook.refused}
        for sentence in seen.sentences:
            log.info("%s", sentence)
        if seen.settled:
            log.info("Session %s has settled", plan.session.key)
            keep_first_pages(evidence, plan.session.window_ends_at, self.run_id, seen, plan.sets)
        return seen.settled, counted.counts() | {"refused": hook.refused}


def _tell(session: SessionWindow, now: datetime, pause_s: float) -> None:
    tell = log.warning if now >= session.settles_at + WARN_AFTER else log.info
    tell(
        "Session %s is not proved yet; next look in %d s. The window ends at %s. If nothing settles, check "
        "Kiwoom's notices and whether the exchange was open: an unknown closed day is added with an override.",
        session.key,
        pause_s,
        session.window_ends_at,
    )


class SettlementTrigger(BaseTrigger):
    """
    Looks every few minutes, in the triggerer, until the session has settled or a worker has to act.

    :param plan: the plan in its JSON-ready form.
    :param pause_s: real seconds to wait before the first look.
    :ivar sleep: waits for real seconds.
    """

    sleep: Callable[[float], Awaitable[None]] = staticmethod(asyncio.sleep)

    def __init__(
        self,
        *,
        plan: Mapping[str, Any],
        run_id: str,
        kiwoom_conn_id: str,
        poke_interval: float,
        pause_s: float,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow's
        self.plan = dict(plan)
        self.run_id = run_id
        self.kiwoom_conn_id = kiwoom_conn_id
        self.poke_interval = poke_interval
        self.pause_s = pause_s

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and the arguments; no secret is among them."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {
            "plan": self.plan,
            "run_id": self.run_id,
            "kiwoom_conn_id": self.kiwoom_conn_id,
            "poke_interval": self.poke_interval,
            "pause_s": self.pause_s,
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event: whether the session has settled, and what the looks have cost."""
        calls: Counter[str] = Counter()
        settled = False
        try:
            settled = await self._looks(calls)
        except Exception:  # whatever goes wrong here, a worker looks next, and fails with the error where it is final
            log.exception("A look in the triggerer went wrong; a worker looks next")
        yield TriggerEvent({"settled": settled, "calls": dict(calls)})  # type: ignore[no-untyped-call]  # Airflow's

    async def _looks(self, calls: Counter[str]) -> bool:
        from kiwoom_provider.pipeline.plan import Plan

        plan = Plan.from_json(self.plan, "the plan")
        one = SettlementPoke(plan, self.run_id, self.kiwoom_conn_id, self.poke_interval)
        pause_s, first = self.pause_s, None
        while True:
            await self.sleep(pause_s)
            seen = await asyncio.to_thread(one.poke)
            calls.update(seen.calls)
            first = first or seen.looked_at
            over = seen.looked_at >= min(first + A_WORKER_LOOKS_AFTER, plan.session.evidence_at)
            if seen.settled or over:
                return seen.settled
            pause_s = seen.pause_s
