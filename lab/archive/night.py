"""One night of a simulated archive: the real pipeline over an in-process simulator, without Airflow and HTTP."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

from kiwoom_provider.api.call_source import CallCounter
from kiwoom_provider.api.classification import raise_for_error
from kiwoom_provider.api.page import Page
from kiwoom_provider.api.paginator import iter_pages
from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.published import Release
from kiwoom_provider.parameters import ParameterSet, parameter_sets
from kiwoom_provider.pipeline.errors import SessionError
from kiwoom_provider.pipeline.plan import Mode, Plan
from kiwoom_provider.pipeline.publish import Publisher
from kiwoom_provider.pipeline.refetch import Refetch
from kiwoom_provider.pipeline.sweep import SweepRunner
from kiwoom_provider.proof.evidence import EvidenceStore
from kiwoom_provider.proof.session_proof import ProofSetting
from kiwoom_simulator.faults import Fault
from kiwoom_simulator.options import APP_KEY, SECRET_KEY, Options
from kiwoom_simulator.request import Request
from kiwoom_simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import SessionWindow
    from kiwoom_provider.quality.results import AuditReport

RATE = 5.0
"""Calls a second by Kiwoom's terms; the archive's clock moves on by it."""

SETTLING = timedelta(minutes=41)
LOOKED_AT = timedelta(minutes=40)
"""How long after the audit a person releases a session."""


class Ending(Enum):
    """What becomes of a session: the fault that strikes it."""

    PUBLISHED = ""
    WARNED = "extra-element@ka10066"
    QUARANTINED = "swapped-sides@ka10066:measure=amount,venue=KRX"
    RELEASED = "cell-off@ka10066:market=KOSPI,venue=KRX,measure=amount,side=net"
    MISSING = "nothing ran"
    HALF = "the run died in mid-sweep"
    DAMAGED = "the summary is cut in half"


@dataclass
class Source:
    """The simulator as the hook shows it, on a clock that moves on with every call."""

    simulator: Simulator
    moment: datetime
    call_s: float = 1 / RATE
    token: str = field(default="", repr=False)
    calls: int = 0

    @property
    def waited_s(self) -> float:
        """Seconds spent waiting for the rate, as if an answer came in 40 ms."""
        return self.calls * (1 / RATE - 0.04)

    def now(self) -> datetime:
        """Return the archive's instant, in UTC."""
        return self.moment + timedelta(seconds=self.calls * self.call_s)

    def real_seconds(self, wait_s: float) -> float:
        """Return no wait."""
        return wait_s

    def call(self, api_id: str, path: str, body: Mapping[str, str], *, next_key: str = "", number: int = 1) -> Page:
        """Return one page. :raises KiwoomError: as the answer means."""
        self.calls += 1
        paging = {"cont-yn": "Y", "next-key": next_key} if next_key else {}
        headers = {"api-id": api_id, "authorization": f"Bearer {self._bearer()}"} | paging
        status, told, answered = self._post(path, body, headers)
        more = told.get("cont-yn") == "Y"
        page = Page(api_id, number, body, next_key, status, more, told.get("next-key", ""), answered, self.now(), told)
        raise_for_error(page)
        return page

    def pages(self, api_id: str, path: str, body: Mapping[str, str], *, start: Page | None = None) -> Iterator[Page]:
        """Yield the pages of a set."""
        return iter_pages(partial(self.call, api_id, path, body), start)

    def _bearer(self) -> str:
        if not self.token:
            keys = {"appkey": APP_KEY, "secretkey": SECRET_KEY, "grant_type": "client_credentials"}
            *_, answered = self._post("/oauth2/token", keys, {})
            self.token = json.loads(answered)["token"]
        return self.token

    def _post(self, path: str, body: Mapping[str, str], headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        self.simulator.clock.set(self.now(), 0)
        asked = headers | {"content-type": "application/json;charset=UTF-8", "user-agent": "archive"}
        answer = self.simulator.answer(Request("POST", path, asked, json.dumps(body).encode()), time.monotonic())
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.body


@dataclass(frozen=True)
class ArchivedNight:
    """One session from its settle time to its publication, or to whatever its ending is."""

    store: Store
    session: SessionWindow
    before: SessionWindow
    ending: Ending = Ending.PUBLISHED
    sets: tuple[ParameterSet, ...] = tuple(parameter_sets({}))

    @property
    def proof(self) -> ProofSetting:
        """By change where the session before is published, which asks for nothing; else by dated rows too."""
        known = self.store.exists(layout.published_key(self.before.session_date))
        return ProofSetting.CHANGED if known else ProofSetting.BOTH

    def lay(self, simulator: Simulator, faults: Iterable[Fault] = ()) -> AuditReport | None:
        """Lay the session down, under its ending's fault and others; return its report, if it came so far."""
        if self.ending is Ending.MISSING:
            return None
        source = Source(simulator, self.session.settles_at.astimezone(UTC) + SETTLING, self._call_s())
        run_id = f"scheduled__{self.session.settles_at.astimezone(UTC).isoformat()}"
        simulator.switches.clear()
        if "@" in self.ending.value:
            simulator.switches.add(Fault.parse(self.ending.value))
        for fault in faults:
            simulator.switches.add(fault)
        sets = self.sets[: len(self.sets) // 2] if self.ending is Ending.HALF else self.sets
        fetched = [self._fetch(source, run_id, parameters) for parameters in sets]
        if self.ending is Ending.HALF:
            return None
        report = self._conclude(source, run_id, fetched)
        if self.ending is Ending.RELEASED:
            source.moment += LOOKED_AT
            release = _RELEASE.model_copy(update={"rule_ids": tuple(result.id for result in report.blocking)})
            report = self._conclude(source, run_id.replace("scheduled", "manual"), fetched, release)
        if self.ending is Ending.DAMAGED:
            self._cut_summary()
        return report

    def _fetch(self, source: Source, run_id: str, parameters: ParameterSet) -> dict[str, Any]:
        swept, table = SweepRunner(self.store, source, self.session, run_id, source).collect(parameters)
        asked = CallCounter(source)
        if self.proof is ProofSetting.BOTH:
            evidence = EvidenceStore(self.store, self.session.session_date, self.before.session_date)
            evidence.gather(asked, parameters, table=table)
        return swept.to_json() | {"rate": RATE, "refused": self._count_refused(parameters)} | asked.counts()

    def _call_s(self) -> float:
        """Return how long a call takes: some nights are a little slower than the rate, few are much slower."""
        day = self.session.session_date.toordinal()
        return (1.01 + day * 7 % 10 / 200 + 0.6 * (day % 41 == 0)) / RATE

    def _count_refused(self, parameters: ParameterSet) -> int:
        """Return a refused call on one night in nine, so that the page has something to show."""
        return int(self.session.session_date.toordinal() % 9 == 0 and parameters == self.sets[0])

    def _conclude(
        self, source: Source, run_id: str, fetched: list[dict[str, Any]], release: Release | None = None
    ) -> AuditReport:
        plan = Plan(
            session=self.session,
            session_before=self.before.session_date,
            mode=Mode.RELEASE if release else Mode.LIVE,
            sets=self.sets,
            release=release,
        )
        publisher = Publisher(self.store, plan, run_id, self.proof)
        examined = Refetch(publisher, source, source).improve(publisher.examine())
        at = source.now()
        if release:
            release = release.model_copy(update={"sweeps": examined.session.sweeps()})
            publisher = replace(publisher, plan=plan.model_copy(update={"release": release}))
        report, _ = publisher.audit_and_report(examined, at)
        with suppress(SessionError):
            publisher.publish_and_summarise(examined, report, at, fetched=fetched, calendar_warnings=self._warnings())
        return report

    def _warnings(self) -> list[str]:
        """Return one on a session in thirty, in the words of the cross-check."""
        day = self.session.session_date
        if day.toordinal() % 30:
            return []
        return [
            f"{day}: exchange_calendars is closed, ours has a session. Ours decides. If ours is wrong, add an override."
        ]

    def _cut_summary(self) -> None:
        for key in self.store.list(layout.session_prefix(layout.REPORTS, self.session.session_date)):
            if key.endswith(".summary.json"):
                data = self.store.read(key)
                self.store.write(key, data[: len(data) // 2])


_RELEASE = Release(
    rule_ids=("buy_minus_sell_is_net",),
    reason="One cell of one stock, compared with the exchange's own figure.",
    by="admin",
)


def simulator_of(stocks: Mapping[str, int]) -> Simulator:
    """Return a simulator without limits, for one process."""
    return Simulator(Options.of(stocks=stocks, rate=0, token_life_s=10 * 365 * 86_400.0))
