"""A run whose every working process is killed once: what it asks for a second time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from benchmarks.night import DAG_ID, Night, lay_session_before
from lab.measure import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

RATE, LATENCY_MS, KILLED_AFTER = 5, 40, 150
TIMEOUT_S = 900
NOTICING = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",  # default 300: tasks here take seconds, not hours
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",  # default 10
}
"""How soon a killed task is noticed."""


def run(*, quick: bool) -> list[Figure]:
    """Measure for the table: minutes, because the tasks are lost, noticed, and tried again after two minutes."""
    if quick:
        say("left out: it takes minutes")
        return []
    say(f"a run whose tasks are killed after {KILLED_AFTER} calls")
    with Night(RATE, LATENCY_MS, environ=NOTICING).airflow() as (cluster, night):
        lay_session_before(night.data, night.stage.session)
        cluster.start(DAG_ID, night.conf)
        cluster.wait_until(lambda: len(night.calls("ka10066")) >= KILLED_AFTER, TIMEOUT_S)
        killed = cluster.kill_tasks()
        seconds = cluster.finish(DAG_ID, TIMEOUT_S)
        calls = night.calls("ka10066")
    again = _again(calls)
    how = f"SIGKILL to all {killed} working processes after {KILLED_AFTER} calls; the run took {seconds:.0f} s"
    return [
        Figure("killed once: extra calls of a stream, at most", max(again.values(), default=0), "calls", "≤ 1", how),
        Figure("killed once: extra calls in all", len(calls) - 450, "calls", "", f"{len(calls)} calls for 450 pages"),
    ]


def _again(calls: Sequence[dict[str, Any]]) -> Counter[str]:
    """Return by set how many of its pages were asked for more than once."""
    asked = Counter((call["asked"], call["page"]) for call in calls)
    again: Counter[str] = Counter()
    for (name, _), times in asked.items():
        if times > 1:
            again[name] += times - 1
    return again
