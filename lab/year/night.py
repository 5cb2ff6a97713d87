"""
One healthy night by the real stages, from the settle time to publication, without Airflow and HTTP.

As in the DAG: looks until the session has settled, a sweep and dated rows for each set, the securities master, then
examination, refetch, audit and publication; what fails is tried again until the window ends, with growing pauses. The
clock is the night's own, so a night of waiting takes no time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

from kiwoom_provider.api.call_source import CallCounter
from kiwoom_provider.api.errors import KiwoomError
from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.parameters import ParameterSet, parameter_sets
from kiwoom_provider.pipeline.assemble import stored_sets
from kiwoom_provider.pipeline.fetch import fetch_set
from kiwoom_provider.pipeline.fetch_securities import keep_securities
from kiwoom_provider.pipeline.plan import Mode, Plan
from kiwoom_provider.pipeline.publish import Publisher
from kiwoom_provider.pipeline.refetch import Refetch
from kiwoom_provider.proof.session_proof import ProofSetting
from kiwoom_provider.proof.settlement_check import SettlementCheck, keep_first_pages
from lab.archive.night import RATE, Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import SessionWindow
    from kiwoom_provider.quality.results import AuditReport
    from kiwoom_simulator.simulator import Simulator

FIRST_PAUSE = timedelta(seconds=30)

T = TypeVar("T")


@dataclass
class PlayedNight:
    """
    A session's night, played once.

    :param call_s: seconds that a call takes.
    :param look_every: how often settlement is looked for.
    :param longest_pause: before a task is tried again.
    :ivar report: the newest audit's.
    :ivar failures: what was tried again, or ended the night, oldest first.
    """

    store: Store
    session: SessionWindow
    before: SessionWindow
    simulator: Simulator
    sets: tuple[ParameterSet, ...] = tuple(parameter_sets({}))
    call_s: float = 1 / RATE
    look_every: timedelta = timedelta(minutes=5)
    longest_pause: timedelta = timedelta(minutes=10)
    report: AuditReport | None = None
    failures: list[str] = field(default_factory=list)

    def play(self) -> datetime | None:
        """Return when the session was published; None when it was not."""
        source = Source(self.simulator, self.session.settles_at.astimezone(UTC), self.call_s)
        try:
            self._await_settlement(source)
            fetches = [ParameterSet.parse(**names) for names in self._plan.fetches()]
            fetched = [self._until_it_works(source, partial(self._fetch, source, p)) for p in fetches]
            self._until_it_works(source, partial(stored_sets, self.store, self._plan))
            keep_securities(source, self.store, self._plan, self._run_id)
            self._until_it_works(source, partial(self._publish, source, fetched))
        except KiwoomProviderError:
            return None
        return source.now()

    @cached_property
    def _plan(self) -> Plan:
        return Plan(session=self.session, session_before=self.before.session_date, mode=Mode.LIVE, sets=self.sets)

    @cached_property
    def _publisher(self) -> Publisher:
        return Publisher(self.store, self._plan, self._run_id, ProofSetting.BOTH)

    @property
    def _run_id(self) -> str:
        return f"scheduled__{self.session.settles_at.astimezone(UTC).isoformat()}"

    def _await_settlement(self, source: Source) -> None:
        while source.now() < self.session.evidence_at:
            if self._has_settled(source):
                return
            source.moment += self.look_every

    def _has_settled(self, source: Source) -> bool:
        evidence = self._publisher.evidence
        try:
            seen = SettlementCheck(CallCounter(source), evidence, ProofSetting.BOTH).check(self.sets)
        except KiwoomError as error:
            if error.is_final:
                raise
            return False
        if seen.settled:
            keep_first_pages(evidence, self.session.window_ends_at, self._run_id, seen, self.sets)
        return seen.settled

    def _until_it_works(self, source: Source, task: Callable[[], T]) -> T:
        """Do what Airflow does with a task: try again what is not final, after half a minute to ten."""
        pause = FIRST_PAUSE
        while True:
            try:
                with self._plan.errors_by(source):
                    return task()
            except KiwoomProviderError as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                if error.is_final:
                    raise
            source.moment += pause
            pause = min(2 * pause, self.longest_pause)

    def _fetch(self, source: Source, parameters: ParameterSet) -> dict[str, Any]:
        summary = fetch_set(self.store, source, source, self._plan, parameters, run_id=self._run_id)
        return summary.to_json() | {"rate": RATE}

    def _publish(self, source: Source, fetched: list[dict[str, Any]]) -> None:
        publisher, at = self._publisher, source.now
        publisher.__dict__.pop("blocked_before", None)  # every try is a process of its own
        found = Refetch(publisher, source, source).improve(publisher.examine())
        examined = publisher.withhold(found, at())
        self.report, _ = publisher.audit_and_report(examined, at())
        publisher.publish_and_summarise(examined, self.report, at(), fetched=fetched)
