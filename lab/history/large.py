"""
The history of a whole market against a simulator without a limit: seconds and memory of each stage, and calls.

The stages are the DAG's own, in as many processes as it has tasks at once, without Airflow's own time. Ends with 1
when a bound is missed: 25 minutes, 500 MB in any process, a call for every stock and set and no other.

    python -m lab history large --sessions 100 --venues KRX
"""

from __future__ import annotations

import os
import resource
import time
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.history.fetch_chunk import ChunkFetcher
from kiwoom_provider.history.history_plan import HistoryPlan, make_plan
from kiwoom_provider.history.pivot import Pivot
from kiwoom_provider.history.rebuilt_publisher import RebuiltPublisher
from kiwoom_provider.krx import calendar
from kiwoom_provider.pipeline.fetch_securities import keep_securities
from kiwoom_provider.pipeline.plan import Mode, Plan
from lab.local.deployment import SIMULATOR_KEYS, Target, run_simulator
from lab.measure import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from kiwoom_provider.hooks.kiwoom import KiwoomHook

LAST, RUN = date(2026, 11, 20), "history-large"
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
"""After the three hours of the last session's own night."""
STREAMS, PIVOTS, PUBLISHERS = 4, 2, 2
"""Processes: as many as the DAG has tasks of each stage at once."""
MOST_S, MOST_MB = 25 * 60, 500


def main(arguments: list[str]) -> int:
    """Rebuild, and print a table; return 1 when a bound is missed."""
    parser = ArgumentParser("python -m lab history large", description=__doc__.split("\n\n")[0])
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--venues", nargs="+", default=["KRX"])
    parser.add_argument("--stocks", type=int, default=0, help="in each market; 0: the real size")
    asked = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="kiwoom-history-") as folder, _simulator(asked.stocks, Path(folder)) as url:
        root = _prepare(Path(folder), url)
        days = [one.session_date for one in calendar().sessions(date(2010, 1, 4), LAST)][-asked.sessions :]
        wanted = {"start": str(days[0]), "end": str(days[-1]), "venues": asked.venues}
        return _rebuild(root, wanted)


def _rebuild(root: str, wanted: dict[str, object]) -> int:
    store, began = Store.open(root), time.monotonic()
    plan = make_plan(store, calendar(), wanted, NOW, calls_a_day=10**9)
    key = layout.history_plan_key(RUN)
    store.write(key, plan.to_bytes())
    say(plan.sentence(None))
    stages: list[tuple[str, int, Callable[[str, str, Any], int], Sequence[Any]]] = [
        ("fetch", STREAMS, _fetch, range(len(plan.chunks))),
        ("pivot", PIVOTS, _pivot, plan.places),
        ("publish", PUBLISHERS, _publish, plan.sessions),
    ]
    calls, most_mb = 0, 0.0
    print("| stage | processes | tasks | s | peak MB of a process |\n| --- | ---: | ---: | ---: | ---: |")
    for name, processes, work, parts in stages:
        done, seconds = _in_processes(partial(work, root, key), parts, processes)
        peak = max(mb for _, mb in done)
        calls, most_mb = calls + sum(count for count, _ in done if name == "fetch"), max(most_mb, peak)
        print(f"| {name} | {processes} | {len(parts)} | {seconds:.0f} | {peak:.0f} |", flush=True)
    took_s = time.monotonic() - began
    told = f"{len(plan.sessions)} sessions, {len(plan.stocks)} stocks, {len(plan.sets)} sets: {calls:,} calls"
    print(f"\n{told} of {plan.calls:,} planned, {took_s:.0f} s (< {MOST_S}), {most_mb:.0f} MB (< {MOST_MB})")
    return int(took_s >= MOST_S or most_mb >= MOST_MB or calls != plan.calls)


def _in_processes(
    work: Callable[[Any], int], parts: Sequence[Any], count: int
) -> tuple[list[tuple[int, float]], float]:
    """Do the parts in fresh processes; return what each brought with its process's peak in MB, and the seconds."""
    began = time.monotonic()
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        done = list(pool.map(partial(_measure, work), parts))
    return done, time.monotonic() - began


def _measure(work: Callable[[Any], int], part: object) -> tuple[int, float]:
    return work(part), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _plan(root: str, key: str) -> tuple[Store, HistoryPlan]:
    store = Store.open(root)
    return store, HistoryPlan.from_bytes(store.read(key), key)


def _fetch(root: str, key: str, number: int) -> int:
    store, plan = _plan(root, key)
    with closing(_hook()) as hook:
        return ChunkFetcher(store, hook, RUN, hook.clock.now, _nothing, _nothing).fetch(plan.chunks[number]).calls


def _pivot(root: str, key: str, place: tuple[Any, Any, int]) -> int:
    store, plan = _plan(root, key)
    return Pivot.of(store, plan, place, RUN).write(plan.blocks[place[-1]]).sets


def _publish(root: str, key: str, day: date) -> int:
    store, history = _plan(root, key)
    publisher = RebuiltPublisher(store, history.plan_of(day), RUN)
    with closing(_hook()) as hook:
        publisher.gather_totals(hook)
    examined = publisher.examine()
    report, _ = publisher.audit_and_report(examined, NOW)
    return publisher.publish(examined, report, NOW).rows


def _nothing() -> None:
    """No rate, and no night that goes first."""


def _hook() -> KiwoomHook:
    from kiwoom_provider.hooks.kiwoom import KiwoomHook

    return KiwoomHook()


def _prepare(folder: Path, url: str) -> str:
    """Set the environment of all processes, and keep the securities of the last session."""
    target = Target(url, *SIMULATOR_KEYS, extra={"requests_per_second": "unlimited"})
    os.environ["AIRFLOW_HOME"] = str(folder / "airflow")
    os.environ["AIRFLOW_CONN_KIWOOM_DEFAULT"] = target.connection()
    os.environ["KIWOOM_DEMO_CLOCK"] = f"{NOW.isoformat()}@{time.time()}"
    os.environ["NO_PROXY"] = "127.0.0.1,localhost"
    root = (folder / "data").as_uri()
    with closing(_hook()) as hook:
        keep_securities(hook, Store.open(root), Plan.of(calendar(), LAST, Mode.LIVE, ()), RUN)
    return root


def _simulator(stocks: int, folder: Path) -> AbstractContextManager[str]:
    sizes = ["--stocks", f"KOSPI={stocks},KOSDAQ={stocks}"] if stocks else []
    options = ["--now", NOW.isoformat(), "--speed", "0", "--rate", "0", "--settle-at", "18:10", *sizes]
    return run_simulator(folder / "simulator.log", *options)
