"""A night beside a running history, against the same night alone: the real DAGs in real Airflow, in turn."""

from __future__ import annotations

import os
import shutil
import time
from datetime import UTC, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure
from benchmarks.night import DAG_ID, Night, lay_session_before
from benchmarks.sweep import count_refused
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.history.estimate import HISTORY_DAG_ID
from kiwoom_provider.krx import calendar
from kiwoom_simulator.options import Options
from kiwoom_simulator.simulator import Simulator
from lab.archive.night import Source
from lab.history.rebuild import fetch, keep_master, plan_of
from lab.local.deployment import Stage, now
from lab.measure import say

if TYPE_CHECKING:
    from benchmarks.cluster import Cluster
    from benchmarks.night import Staged
    from kiwoom_provider.krx import SessionWindow

RATE, LATENCY_MS = 5, 40
LEAD = timedelta(minutes=2, seconds=30)
"""From the start of Airflow to the settle time: the history is at work by then."""
SESSIONS, STOCKS = 100, 300
"""Of the history whose answers are stored already: what is left of it is the processor's work."""
TIMEOUT_S = 900
COUNTED = "SELECT count(*) AS tasks FROM task_instance WHERE dag_id = ? AND task_id = ? AND state = ?"


def run(*, quick: bool) -> list[Figure]:
    """Play three nights: alone, while a history fetches, and while one publishes; a quarter of an hour."""
    session = Stage.at(now()).session
    sessions = calendar().sessions(session.session_date - timedelta(days=200), session.session_date)
    days = [one.session_date for one in sessions]
    span = {"start": str(days[-SESSIONS - 2]), "end": str(days[-3]), "venues": ["KRX"]}
    with TemporaryDirectory(prefix="kiwoom-bench-") as folder:
        codes = _prepare(Path(folder), session, span, 30 if quick else STOCKS)
        alone_s = _night(Path(folder), "alone")[0]
        figures = [Figure(f"a night alone at {RATE}/s", alone_s, "s", "", "whole run, as Airflow shows it")]
        for task, conf in {"fetch": span, "publish": span | {"stocks": codes}}.items():
            beside_s, working, over = _night(Path(folder), task, conf)
            how = f"{beside_s:.1f} s; {working} {task} tasks of a history at work when the night began"
            name = f"a night beside a history that is at {task}"
            figures.append(Figure(name, beside_s / alone_s, "×", "≤ 1.05", how))
            figures.append(Figure(f"refused, {name}", over, "calls", "= 0", "of both, history and night"))
    return figures


def _prepare(data: Path, session: SessionWindow, span: dict[str, Any], stocks: int) -> list[str]:
    """Store the session before, the securities, and the answers for some stocks; return these stocks."""
    say(f"storing the session before, and the answers of {SESSIONS} sessions for {stocks} stocks")
    lay_session_before(data, session)
    store, before = Store.open(data.as_uri()), calendar().previous(session.session_date)
    simulator = Simulator(Options.of(rate=0, token_life_s=1e9))
    source = Source(simulator, before.window_ends_at.astimezone(UTC), 0.0)
    keep_master(store, source, before.session_date)
    whole = plan_of(store, span["start"], span["end"], source.now(), venues=span["venues"])
    codes = [stock.code for stock in whole.stocks][:: len(whole.stocks) // stocks][:stocks]
    sync, os.fsync = os.fsync, lambda _: None  # type: ignore[assignment]  # what is laid need not survive a power cut
    try:
        fetch(store, source, plan_of(store, now=source.now(), stocks=codes, **span), source.now())
    finally:
        os.fsync = sync
    return codes


def _night(prepared: Path, task: str, conf: dict[str, Any] | None = None) -> tuple[float, int, int]:
    """Let a night run from its settle time on; return its seconds, the history's tasks as it began, refused calls."""
    say(f"a night, {task}")
    with Night(RATE, LATENCY_MS, lead=LEAD).simulator() as staged:
        shutil.copytree(prepared, staged.data)
        with staged.cluster() as cluster:
            if conf is None:
                cluster.run("empty", {}, TIMEOUT_S)
            else:
                cluster.start(HISTORY_DAG_ID, conf)
                cluster.wait_until(lambda: _working(cluster, task), TIMEOUT_S)
            _await_settle_time(staged)
            working = _working(cluster, task) if conf else 0
            if conf and not working:
                raise RuntimeError(f"no {task} task of the history was at work as the night began")
            took_s = cluster.run(DAG_ID, staged.conf, TIMEOUT_S)
            return took_s, working, sum(count_refused(staged.calls(api_id)) for api_id in ("ka10059", "ka10066"))


def _working(cluster: Cluster, task: str) -> int:
    return int(cluster.query(COUNTED, HISTORY_DAG_ID, task, "running")[0]["tasks"])


def _await_settle_time(night: Staged) -> None:
    """
    Wait until the night's own clock shows the settle time.

    :raises RuntimeError: when it is long past: the history waits by then, and nothing is measured.
    """
    since_s = time.time() - night.anchor - LEAD.total_seconds()
    if since_s > 0:
        raise RuntimeError(f"everything was ready {since_s:.0f} s after the settle time: the machine is too busy")
    time.sleep(-since_s)
