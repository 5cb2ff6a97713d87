"""A night through a real scheduler, against a bare script on the same simulator: the sweep, and the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure
from benchmarks.night import DAG_ID, Night, lay_session_before
from lab.measure import fresh_python, say

if TYPE_CHECKING:
    from collections.abc import Sequence

SWEEP_TARGETS = {5: "≤ 1.03", 1: "≤ 1.03"}
RUN_TARGETS = {(5, 40): "≤ 1.07", (5, 300): "≤ 1.12", (1, 40): "≤ 1.02", (1, 300): "≤ 1.02"}
AFTER_TARGETS = {(5, 40): "≤ 4"}
TIMEOUT_S = 1800


def case(rate: int, latency_ms: int) -> list[Figure]:
    """Measure one rate (calls a second, 0 is no limit) and latency: the floor, then ours."""
    floor_s, floor_calls = floor(rate, latency_ms)
    at = _at(rate, latency_ms)
    say(f"the DAG {at}; the floor took {floor_s:.1f} s")
    with Night(rate, latency_ms).airflow() as (cluster, night):
        lay_session_before(night.data, night.stage.session)
        cluster.run("empty", {}, TIMEOUT_S)  # a scheduler that has been up for a while
        run_s = cluster.run(DAG_ID, night.conf, TIMEOUT_S)
        began, ended = cluster.span(DAG_ID)
        calls, references = night.calls("ka10066"), night.calls("ka10059")
    say(f"it took {run_s:.1f} s")
    sweep_s, ideal_s = span(calls), span(floor_calls)
    to_sweep, to_run, to_end = (
        SWEEP_TARGETS.get(rate, ""),
        RUN_TARGETS.get((rate, latency_ms), ""),
        AFTER_TARGETS.get((rate, latency_ms), ""),
    )
    how = f"{sweep_s:.1f} s from the fan-out's first call to the last, floor {ideal_s:.1f} s for as many"
    before_s, after_s = _first(calls) - began, ended - calls[-1]["arrived_s"]
    return [
        Figure(f"sweep {at}", sweep_s / ideal_s, "×", to_sweep, how),
        Figure(f"whole run {at}", run_s / floor_s, "×", to_run, f"{run_s:.1f} s, floor {floor_s:.1f} s"),
        Figure(f"before the sweep {at}", before_s, "s", "", "from the run's start: resolve, settle, start fetching"),
        Figure(f"after the sweep {at}", after_s, "s", to_end, "to the run's end: last set, assemble, audit"),
        Figure(f"calls {at}", len(calls), "calls", "= 450", f"450 pages; and {len(references)} of ka10059"),
        Figure(f"refused {at}", count_refused(calls), "calls", "= 0"),
    ]


def floor(rate: int, latency_ms: int) -> tuple[float, list[dict[str, Any]]]:
    """Run the bare script; return its seconds and its calls."""
    say(f"the floor {_at(rate, latency_ms)}")
    with Night(rate, latency_ms).simulator() as night:
        place = (night.folder / "data", str(rate), night.stage.session.key)
        done = fresh_python("-m", "benchmarks.floor", night.url, *map(str, place))
        return float(done["seconds"]), night.calls("ka10066")


def refusals() -> list[Figure]:
    """Measure how many calls are refused before a quota below the setting is learned."""
    say("a quota of 3 under a setting of 5")
    with Night(3, 40, setting=5).airflow() as (cluster, night):
        lay_session_before(night.data, night.stage.session)
        cluster.run(DAG_ID, night.conf, TIMEOUT_S)
        calls = night.calls("ka10066")
    how = f"setting 5, quota 3; {len(calls)} calls for 450 pages"
    return [Figure("refused where the quota is below the setting", count_refused(calls), "calls", "≤ 2", how)]


def stock(rate: int, latency_ms: int) -> list[Figure]:
    """Measure the DAG of stock parts."""
    floor_s, floor_calls = floor(rate, latency_ms)
    at = _at(rate, latency_ms)
    say(f"the stock DAG {at}")
    with Night(rate, latency_ms).airflow() as (cluster, night):
        cluster.airflow("pools", "set", "kiwoom", "1", "one at a time")
        cluster.run("empty", {}, TIMEOUT_S)
        run_s = cluster.run("stock", {}, TIMEOUT_S)
        calls = night.calls("ka10066")
    return [
        Figure(f"stock DAG, sweep {at}", span(calls) / span(floor_calls), "×", "", f"{span(calls):.1f} s"),
        Figure(f"stock DAG, whole run {at}", run_s / floor_s, "×", "", f"{run_s:.1f} s, floor {floor_s:.1f} s"),
        Figure(f"stock DAG, refused {at}", count_refused(calls), "calls", "", f"{len(calls)} calls"),
    ]


def count_refused(calls: Sequence[dict[str, Any]]) -> int:
    """Return how many calls were too many."""
    return sum(call["outcome"] == "refused" for call in calls)


def span(calls: Sequence[dict[str, Any]]) -> float:
    """
    Return seconds from the first page that follows another, to the last call, as if for 450 calls.

    First pages that were looked at before the fan-out are left out, here and in the floor alike.
    """
    swept = [call for call in calls if call["arrived_s"] >= _first(calls)]
    return float(swept[-1]["arrived_s"] - swept[0]["arrived_s"]) / (len(swept) - 1) * 449


def _first(calls: Sequence[dict[str, Any]]) -> float:
    """Return when the first page that follows another was asked for, on the machine's monotonic clock."""
    return float(next(call["arrived_s"] for call in calls if call["page"] > 1))


def _at(rate: int, latency_ms: int) -> str:
    return f"at {rate}/s, {latency_ms} ms" if rate else f"without limit, {latency_ms} ms"
