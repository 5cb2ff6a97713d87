"""Real Airflow for as long as a block lasts: API server, scheduler with LocalExecutor, DAG processor, triggerer."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import deployment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 20


@dataclass(frozen=True)
class Cluster:
    """A running Airflow on SQLite; times are read from its own database."""

    home: Path
    environment: Mapping[str, str]

    def airflow(self, *arguments: str) -> None:
        """Run one Airflow command."""
        command = deployment.airflow(*arguments)
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"airflow {' '.join(arguments)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def query(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """Return the rows of a query on the metadata database."""
        database = sqlite3.connect(f"file:{self.home}/airflow.db?mode=ro", uri=True, timeout=30)
        database.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in database.execute(statement, values)]
        finally:
            database.close()

    def run(self, dag_id: str, conf: Mapping[str, object], timeout_s: float) -> list[dict[str, Any]]:
        """
        Trigger one run, wait for its end, and return its task instances.

        It is triggered while the DAG is paused, so that it comes before any run that the schedule has due.

        :raises RuntimeError: when the run fails or does not end in time.
        """
        self._wait_until(lambda: self.query("SELECT 1 FROM dag WHERE dag_id = ?", dag_id), START_TIMEOUT_S)
        self.airflow("dags", "trigger", dag_id, "--run-id", "bench", "--conf", json.dumps(conf))
        self.airflow("dags", "unpause", dag_id)
        state = "SELECT state FROM dag_run WHERE dag_id = ? AND run_id = 'bench' AND end_date IS NOT NULL"
        self._wait_until(lambda: self.query(state, dag_id), timeout_s)
        if (ended := self.query(state, dag_id)[0]["state"]) != "success":
            raise RuntimeError(f"the run of {dag_id} ended {ended}; its logs are under {self.home}/logs")
        return self.query("SELECT * FROM task_instance WHERE dag_id = ? AND run_id = 'bench'", dag_id)

    def duration_s(self, dag_id: str) -> float:
        """Return the run's length, from its start to its end as Airflow shows them."""
        span = "(julianday(end_date) - julianday(start_date)) * 86400 AS s"
        return float(self.query(f"SELECT {span} FROM dag_run WHERE dag_id = ? AND run_id = 'bench'", dag_id)[0]["s"])  # noqa: S608

    def _wait_until(self, true: Any, timeout_s: float) -> None:  # noqa: ANN401
        deadline = time.monotonic() + timeout_s
        while not true():
            if time.monotonic() > deadline:
                raise RuntimeError(f"Airflow did not get there within {timeout_s:.0f} s; its logs are in {self.home}")
            time.sleep(0.5)


@contextmanager
def cluster(environment: Mapping[str, str]) -> Iterator[Cluster]:
    """Migrate the database of ``AIRFLOW_HOME``, start every component, and stop them on leaving."""
    port = _free_port()
    settings = {
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(16),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(_free_port()),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(_free_port()),
    }
    environment = {**environment, **settings}
    running = Cluster(deployment.Path(environment["AIRFLOW_HOME"]), environment)
    running.airflow("db", "migrate")
    with ExitStack() as stack:
        for name in COMPONENTS:
            stack.enter_context(_component(running, name))
        running._wait_until(lambda: _answers(port), START_TIMEOUT_S)  # noqa: SLF001
        yield running


@contextmanager
def _component(running: Cluster, name: str) -> Iterator[None]:
    with (running.home / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            deployment.airflow(name), env=running.environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the component and whatever it forked; its process group is its own."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            continue


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
