"""A fetch task's memory in real Airflow, against an empty task in the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from benchmarks.night import DAG_ID, Night
from lab.measure import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

LARGEST = {"markets": ["KOSDAQ"], "venues": ["KRX"], "measures": ["amount"], "sides": ["net"]}


def run(*, quick: bool) -> list[Figure]:  # noqa: ARG001
    """Measure for the table."""
    say("starting Airflow for one empty task and one fetch")
    with Night(rate=0, latency_ms=0).airflow() as (cluster, night):
        cluster.run("empty", {}, 120)
        cluster.run(DAG_ID, night.conf | LARGEST, 120)
        empty, fetch = (_of(cluster.meter(), task_id) for task_id in ("nothing", "fetch"))
    above, private = (fetch[name] - empty[name] for name in ("peak_mb", "private_mb"))
    how = (
        "peak resident set of the task's own process under LocalExecutor, the largest set, above that of an empty task"
    )
    return [
        Figure("memory of a fetch task", above, "MB", "≤ 80", how),
        Figure("of it private", private, "MB", "", "without pages of shared libraries, which all tasks have in common"),
        Figure(
            "CPU of a fetch task", fetch["cpu_s"] - empty["cpu_s"], "s", "", "above an empty task, imports included"
        ),
    ]


def _of(noted: Sequence[Mapping[str, Any]], task_id: str) -> Mapping[str, Any]:
    return next(line for line in noted if (line["task_id"], line["moment"]) == (task_id, "success"))
