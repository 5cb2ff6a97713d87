"""One night as the benchmarks stage it: simulator, connection, clock and, where asked for, Airflow."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import requests

from benchmarks.cluster import Cluster, cluster
from benchmarks.floor import Script
from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import parameter_sets
from kiwoom_provider.pipeline.assemble import SessionTables
from kiwoom_provider.pipeline.plan import Mode, Plan
from lab.local import deployment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import timedelta

    from kiwoom_provider.krx import SessionWindow

DAG_ID = "ka10066_investor_trading"


@dataclass(frozen=True)
class Night:
    """
    The conditions of a night.

    :param rate: calls a second that the server permits, and that the connection is set to; 0 is no limit.
    :param latency_ms: how long every answer waits.
    :param setting: the connection's rate where it differs from the server's.
    :param environ: further settings of Airflow.
    :param lead: how long before the settle time its clock begins; None begins within the window.
    """

    rate: int
    latency_ms: int
    setting: float | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    lead: timedelta | None = None

    @contextmanager
    def simulator(self) -> Iterator[Staged]:
        """Start a simulator of that night, in a folder of its own."""
        stage, anchor = deployment.Stage.at(deployment.now()), time.time()
        if self.lead is not None:
            stage = replace(stage, demo_clock=stage.session.settles_at - self.lead)
        options = ("--rate", str(self.rate), "--latency-ms", str(self.latency_ms))
        with TemporaryDirectory(prefix="kiwoom-bench-") as folder:
            place = Path(folder)
            with deployment.simulator(stage, anchor, place / "simulator.log", *options) as url:
                yield Staged(self, stage, anchor, url, place)

    @contextmanager
    def airflow(self) -> Iterator[tuple[Cluster, Staged]]:
        """Start Airflow too."""
        with self.simulator() as night, night.cluster() as running:
            yield running, night


def lay_session_before(folder: Path, session: SessionWindow) -> None:
    """
    Store and publish the session before, as on any night but the first.

    Without it nothing can be told from a difference, and a dated row is asked for on every page.
    """
    from kiwoom_simulator.server import serve

    before = calendar().previous(session.session_date)
    store = Store.open(folder.as_uri())
    with serve(rate=0, now=f"{before.key}T21:20", speed=0) as simulator:
        script = Script(simulator.url, store, before, 0)
        with ThreadPoolExecutor(2) as streams:
            list(streams.map(script.fetch, parameter_sets({})))
    plan = Plan.of(calendar(), before.session_date, Mode.REPLAY, parameter_sets({}))
    _, data = SessionTables.read(store, plan).encode()
    store.write(layout.published_key(before.session_date), data)


@dataclass(frozen=True)
class Staged:
    """A night that has been set up."""

    night: Night
    stage: deployment.Stage
    anchor: float
    url: str
    folder: Path

    @property
    def data(self) -> Path:
        """The data root."""
        return self.folder / "data"

    @property
    def conf(self) -> dict[str, Any]:
        """The run's configuration: the session, whatever the real clock says."""
        return {"session_date": self.stage.session.key}

    def cluster(self) -> AbstractContextManager[Cluster]:
        """Start Airflow."""
        return cluster(self.environment())

    def environment(self) -> dict[str, str]:
        """Return the environment of Airflow's processes; compiled modules are kept, as in any deployment."""
        rate = self.night.setting or self.night.rate or "unlimited"
        target = deployment.Target(self.url, *deployment.SIMULATOR_KEYS, extra={"requests_per_second": rate})
        clock = self.stage.clock_variable(self.anchor)
        environment = deployment.airflow_environment(self.folder / "airflow", self.data, target, clock)
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        (self.folder / "stock").mkdir(exist_ok=True)
        stock = {
            "AIRFLOW_CONN_STOCK_HTTP": self.url,
            "BENCH_RATE": str(self.night.rate),
            "BENCH_STOCK": str(self.folder / "stock"),
        }
        return {**environment, **stock, **self.night.environ}

    def calls(self, api_id: str) -> list[dict[str, Any]]:
        """Return the simulator's log of an api-id, oldest first."""
        return list(requests.get(f"{self.url}/_simulator/log", {"api_id": api_id}, timeout=30).json())
