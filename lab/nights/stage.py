"""A night at the exchange: the simulator, a data root, both clocks, and the DAG in a worker process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from kiwoom_provider.krx import KST, Window
from lab.local.deployment import ROOT, SIMULATOR_KEYS, Target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kiwoom_provider.datasets.store import Store

SETS: dict[str, Any] = {
    "session_date": None,
    "markets": ["KOSPI"],
    "venues": ["KRX"],
    "measures": ["quantity"],
    "sides": ["net", "buy"],
}
"""
What a scenario collects unless it says otherwise: the fewest sets that can disagree.

Every param stands here, since the worker's DAG keeps those of the run before.
"""


def environment(home: Path, zone: str = "UTC") -> dict[str, str]:
    """Return what a process of this deployment needs, beside the scenario's own."""
    settings = {
        "TZ": zone,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__API_AUTH__JWT_SECRET": "long enough to sign with " * 3,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'include'}",
        "PYTHONWARNINGS": "ignore",
        "NO_PROXY": "127.0.0.1,localhost",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "KIWOOM_", "PYTHON"))}
    return kept | settings


class Worker:
    """A process that runs DAGs; one for many scenarios, since Airflow takes seconds to import."""

    module = "lab.nights.worker"

    def __init__(self, home: Path, dags: Path = ROOT / "dags") -> None:
        self.home = home
        started = environment(home) | {"WORKER_LOG": str(home / "worker.log")}
        started["AIRFLOW__CORE__DAGS_FOLDER"] = str(dags)
        self._process: Any = subprocess.Popen(
            [sys.executable, "-m", self.module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=started
        )
        assert self.answer() == "ready"

    def ask(self, **request: Any) -> None:
        """Send a request."""
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """Return the next answer. :raises RuntimeError: with the end of its log, when the process has died."""
        line = self._process.stdout.readline()
        if not line:
            log = (self.home / "worker.log").read_text()[-4000:]
            raise RuntimeError(f"the worker has died:\n{log}")
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


@dataclass(frozen=True)
class Outcome:
    """What became of one run."""

    run_id: str
    state: str
    tasks: dict[str, str]
    assets: list[str]
    log: str = field(repr=False)

    @property
    def errors(self) -> str:
        """The lines of the log that name an error."""
        return "\n".join(line[:400] for line in self.log.splitlines() if "Error" in line)[-3000:]

    @property
    def failed_task(self) -> str | None:
        """The first task that failed."""
        return next((name for name, state in self.tasks.items() if state == "failed"), None)


@dataclass
class Night:
    """
    A scenario's stage. ``url`` and ``control`` are the simulator's.

    :ivar dag_id: the DAG that is run, unless a request names another.
    :ivar proof: the Airflow Variable ``kiwoom_proof``.
    :ivar window: of the DAG; what stands in its file unless a scenario says otherwise.
    :ivar on_wait: told the simulated moment after every wait.
    """

    worker: Worker
    store: Store
    url: str
    control: Any
    folder: Path
    dag_id: str = "ka10066_investor_trading"
    proof: str = "both"
    poke_interval: float = 7200.0
    window: Window = field(default_factory=Window)
    on_wait: Callable[[datetime], object] | None = None
    environ: dict[str, str] = field(default_factory=dict)
    runs: int = 0
    waits: list[datetime] = field(default_factory=list)

    def at(self, moment: str | datetime) -> Night:
        """Set both clocks to a moment in KST, from which they run at real speed."""
        now = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        now = now if now.tzinfo else now.replace(tzinfo=KST)
        self.control.set_clock(now, speed=1)
        self.environ["KIWOOM_DEMO_CLOCK"] = f"{now.isoformat()}@{time.time():.6f}x1"
        return self

    def run(self, partition_key: str | None = None, kind: str = "manual", **params: Any) -> Outcome:
        """Run the DAG once for ``partition_key``, or with ``params``."""
        return self._perform(
            partition_key=partition_key, kind=kind, conf=SETS | params, now=datetime.now(UTC).isoformat()
        )

    def refusal(self, **params: Any) -> str:
        """Ask for a run by hand, and return the words with which Airflow refuses to make it."""
        self.start(partition_key=None, kind="manual", conf=SETS | params, now=datetime.now(UTC).isoformat())
        return str(self.worker.answer()["refused"])

    def release(self, user: str | None = "hana", **params: Any) -> Outcome:
        """Run the DAG that releases, triggered by ``user``."""
        return self._perform(
            dag_id="ka10066_release",
            user=user,
            partition_key=None,
            kind="manual",
            conf=params,
            now=datetime.now(UTC).isoformat(),
        )

    def miss_the_deadline(self, partition_key: str) -> tuple[datetime, str]:
        """Return when the run is late, and what the callback ended with."""
        log = self.start(
            deadline=True, kind="scheduled", partition_key=partition_key, conf={}, now=self.control.now().isoformat()
        )
        answer = self.worker.answer()
        assert "error" not in answer, f"{answer}\n{log.read_text()[-4000:]}"
        return datetime.fromisoformat(answer["due"]), str(answer["events"])

    def clear(self, run_id: str, *tasks: str) -> Outcome:
        """Clear a run, or the named tasks of it and nothing else, and let it run again."""
        return self._perform(clear=run_id, tasks=list(tasks))

    def _perform(self, **request: Any) -> Outcome:
        log = self.start(**request)
        return self.finish(log)

    def start(self, **request: Any) -> Path:
        """Ask the worker for a run, and return its log."""
        self.runs += 1
        log = self.folder / f"run-{self.runs}.log"
        sensor = {"poke_interval": self.poke_interval}
        asked = {"dag_id": self.dag_id, "window": self.window.to_json()} | request
        self.worker.ask(**asked, sensor=sensor, log=str(log), environ=self.variables())
        return log

    def finish(self, log: Path) -> Outcome:
        """Wait for the end of the run, moving the clocks on as often as it waits."""
        while "deferred_s" in (answer := self.worker.answer()):
            self.at(self.control.now() + timedelta(seconds=answer["deferred_s"]))
            self.waits.append(self.control.now())
            if self.on_wait:
                self.on_wait(self.control.now())
            self.worker.ask(environ=self.variables())
        assert "error" not in answer, f"{answer}\n{log.read_text()[-4000:]}"
        return Outcome(**answer, log=log.read_text())

    def variables(self) -> dict[str, str]:
        """Return what the worker finds in its environment: connection, Variables, clock."""
        target = Target(self.url, *SIMULATOR_KEYS, extra={"requests_per_second": "unlimited"})
        return self.environ | {
            "AIRFLOW_CONN_KIWOOM_DEFAULT": target.connection(),
            "AIRFLOW_VAR_KIWOOM_DATA_ROOT": f"file://{self.store.root}",
            "AIRFLOW_VAR_KIWOOM_PROOF": self.proof,
        }
