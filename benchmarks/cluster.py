"""Real Airflow for as long as a block lasts: API server, scheduler with LocalExecutor, DAG processor, triggerer."""

from __future__ import annotations

import json
import secrets
import socket
import sqlite3
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from lab.local import deployment
from lab.local.components import API_SERVER, WORKERS, Components

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

HERE = Path(__file__).parent
START_TIMEOUT_S = 120
TITLE, IDLE = "LocalExecutor", "<idle>"  # of Airflow's worker processes


@dataclass(frozen=True)
class Cluster:
    """A running Airflow on SQLite; times are read from its own database."""

    home: Path
    environment: Mapping[str, str]
    components: Components

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

    def run(self, dag_id: str, conf: Mapping[str, object], timeout_s: float) -> float:
        """
        Let the DAG run once.

        :returns: seconds from the run's start to its end, as Airflow shows them.
        :raises RuntimeError: when the run fails or does not end in time.
        """
        self.start(dag_id, conf)
        return self.finish(dag_id, timeout_s)

    def start(self, dag_id: str, conf: Mapping[str, object]) -> None:
        """Trigger a run."""
        known = "SELECT 1 FROM dag WHERE dag_id = ?"
        self.wait_until(lambda: self.query(known, dag_id), START_TIMEOUT_S)
        self.airflow("dags", "unpause", dag_id)
        self.airflow("dags", "trigger", dag_id, "--conf", json.dumps(conf))

    def finish(self, dag_id: str, timeout_s: float) -> float:
        """Wait for the run's end, and return its seconds."""
        ended = "SELECT run_id, state FROM dag_run WHERE dag_id = ? AND end_date IS NOT NULL ORDER BY end_date"
        self.wait_until(lambda: self.query(ended, dag_id), timeout_s)
        if (state := self.query(ended, dag_id)[0]["state"]) != "success":
            raise RuntimeError(f"the run of {dag_id} ended {state}; its logs are under {self.home}/logs")
        began, end = self.span(dag_id)
        return end - began

    def kill_tasks(self) -> int:
        """
        Kill every process that works on a task, by SIGKILL; return how many tasks that were.

        A worker that waits for work is left alone: it may hold the lock of the executor's queue, and Airflow does
        not get over that.
        """
        scheduler = psutil.Process(self.components.pid("scheduler"))
        workers = [p for p in scheduler.children() if TITLE in (title := " ".join(p.cmdline())) and IDLE not in title]
        for process in [child for worker in workers for child in worker.children(recursive=True)] + workers:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        return len(workers)

    def span(self, dag_id: str) -> tuple[float, float]:
        """Return start and end of the DAG's run, as Airflow shows them, on the machine's monotonic clock."""
        found = self.query(
            "SELECT start_date, end_date FROM dag_run WHERE dag_id = ? AND end_date IS NOT NULL", dag_id
        )[0]
        offset = time.time() - time.monotonic()
        began, end = (datetime.fromisoformat(found[name]).replace(tzinfo=UTC) for name in ("start_date", "end_date"))
        return began.timestamp() - offset, end.timestamp() - offset

    def wait_until(self, is_so: Callable[[], object], timeout_s: float) -> None:
        """Look again and again."""
        deadline = time.monotonic() + timeout_s
        while not is_so():
            if time.monotonic() > deadline:
                raise RuntimeError(f"Airflow did not get there within {timeout_s:.0f} s; its logs are in {self.home}")
            time.sleep(0.25)

    def meter(self) -> list[dict[str, Any]]:
        """Return what the task meter noted."""
        return [json.loads(line) for line in Path(self.environment["BENCH_METER"]).read_text().splitlines()]


@contextmanager
def cluster(environment: Mapping[str, str]) -> Iterator[Cluster]:
    """Start every component on a new database, with the benchmarks' own DAGs beside ours; stop them on leaving."""
    home, port = Path(environment["AIRFLOW_HOME"]), _free_port()
    settings = {**environment, **_settings(home, port)}
    components = Components(settings, home)
    running = Cluster(home, settings, components)
    plugins = home / "plugins"
    plugins.mkdir()
    for source in (*(deployment.ROOT / "plugins").glob("*.py"), HERE / "plugins" / "task_meter.py"):
        (plugins / source.name).symlink_to(source)
    components.migrate()
    try:
        for command in (API_SERVER, *WORKERS):
            components.start(*command)
        running.wait_until(lambda: _answers(port), START_TIMEOUT_S)
        yield running
    finally:
        components.stop()


def _settings(home: Path, port: int) -> dict[str, str]:
    folders = {"dags-folder": deployment.ROOT / "dags", "bench": HERE / "dags", "stock": HERE / "stock_dag"}
    local = "airflow.dag_processing.bundles.local.LocalDagBundle"
    bundles = [{"name": n, "classpath": local, "kwargs": {"path": str(path)}} for n, path in folders.items()]
    return {
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(home / "plugins"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundles),
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",  # no run but those that are triggered here
        **deployment.PROMPT,
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(16),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "BENCH_METER": str(home / "meter.jsonl"),
    }


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
