"""One night through the cluster: the DAG run from its trigger to its end, and what came of it."""

from __future__ import annotations

import hashlib
import io
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from lab.cluster.layout import DAG_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.cluster.lab import Lab
    from lab.cluster.simulator import Traffic

ENDED = ("success", "failed")
SETTLES, NOT_YET = "18:10", "never"


@dataclass(frozen=True)
class Outcome:
    """
    How a night ended.

    :param digest: of the published rows and their schema, see :func:`rows_digest`; ``""`` when nothing is published.
    :param tasks_by_host: how many task instances ended on each host.
    :param tries: beyond the first, of all task instances.
    :param failed: names of the task instances that failed for good.
    """

    name: str
    state: str
    seconds: float
    digest: str
    traffic: Traffic
    tasks_by_host: dict[str, int]
    tries: int
    failed: tuple[str, ...]


class Night:
    """
    A run of the DAG on a data root of its own; the session settles once the sensor has begun to wait.

    :param name: names run and data root.
    """

    def __init__(self, lab: Lab, name: str) -> None:
        self.name, self._lab = name, lab
        self._settled_s: float | None = None

    def run(self, timeout_s: float, each_second: Callable[[], None] = lambda: None) -> Outcome:
        """Run it to its end, and return how it ended; ``timeout`` is a state too."""
        self._begin()
        started, state = time.monotonic(), "timeout"
        while time.monotonic() - started < timeout_s:
            each_second()
            with suppress(requests.RequestException):  # the API server may be the one that was killed
                self._settle()
                state = self._get("")["state"]
                if state in ENDED:
                    break
            time.sleep(1)
        seconds = time.monotonic() - started
        self._lab.await_health()
        if state not in ENDED:
            state = "timeout"
            self._lab.api.patch(f"/dags/{DAG_ID}/dagRuns/{self.name}", {"state": "failed"})
        return self._outcome(state, seconds)

    def _begin(self) -> None:
        self._lab.await_health()
        variable = {"key": "kiwoom_data_root", "value": f"{self._lab.roots.url}/{self.name}"}
        self._lab.api.put("/variables", "kiwoom_data_root", variable)
        self._lab.simulator.act("settle", text=NOT_YET)
        self._lab.simulator.act("reset-counts")
        body = {"dag_run_id": self.name, "logical_date": None, "partition_key": self._lab.stage.session.key}
        self._lab.api.post(f"/dags/{DAG_ID}/dagRuns", body)

    def _settle(self) -> None:
        """Let the session settle, once the triggerer has the wait."""
        if self._settled_s is None and self._get("/taskInstances/await_settlement")["state"] == "deferred":
            self._lab.simulator.act("settle", text=SETTLES)
            self._settled_s = time.monotonic()

    def _outcome(self, state: str, seconds: float) -> Outcome:
        tasks = self._get("/taskInstances?limit=200")["task_instances"]
        hosts = [task["hostname"] for task in tasks if task["hostname"]]
        return Outcome(
            self.name,
            state,
            seconds,
            rows_digest(self._read_published()),
            self._lab.simulator.traffic(self._settled_s or 0),
            {host: hosts.count(host) for host in sorted(set(hosts))},
            sum(max(0, task["try_number"] - 1) for task in tasks),
            tuple(f"{task['task_id']}[{task['map_index']}]" for task in tasks if task["state"] == "failed"),
        )

    def _read_published(self) -> bytes | None:
        session = f"session_date={self._lab.stage.session.key}"
        return self._lab.roots.read(f"{self.name}/investor_trading/{session}/part-0.parquet")

    def _get(self, path: str) -> dict[str, Any]:
        return self._lab.api.get(f"/dags/{DAG_ID}/dagRuns/{self.name}{path}")


def rows_digest(published: bytes | None) -> str:
    """
    Return the SHA-256 of a published file's bytes, written anew without what names its run.

    The column ``published_at`` is the night's own. The file's metadata names the run, the folders of its sweeps and
    the instants of its proof, which differ from night to night; other rows, order, types and descriptions remain.
    """
    import pyarrow.parquet as pq

    from kiwoom_provider.datasets.parquet import read_table

    if published is None:
        return ""
    table = read_table(published)
    if "published_at" in table.column_names:
        table = table.drop_columns("published_at")
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(None), buffer, compression="zstd")
    return hashlib.sha256(buffer.getvalue()).hexdigest()
