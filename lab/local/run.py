"""`make run`: collect one session with the real DAG in real Airflow, then say what came of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from argparse import ArgumentParser
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, TextIO

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import parameter_sets
from kiwoom_provider.pipeline.summary import read_summaries
from lab.local import deployment
from lab.local.deployment import RUN, SIMULATOR_KEYS, Stage, Target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from kiwoom_provider.pipeline.summary import Summary

DAG_ID = "ka10066_investor_trading"
FETCHED = re.compile(r"pages fetched")
RETRYING = re.compile(r"No tasks to run\. unrunnable tasks: .*up_for_retry")


def main(arguments: list[str]) -> int:
    """Run one session and return the process's exit status."""
    ArgumentParser("make run", description=__doc__).parse_args(arguments)
    home, data, log = RUN / "airflow", RUN / "data", RUN / "run.log"
    home.mkdir(parents=True, exist_ok=True)
    stage, anchor = Stage.at(deployment.now()), time.time()
    real = deployment.real_target(dict(os.environ))
    if real and stage.demo_clock:
        due = f"The next window opens at {deployment.kst(_next_window(stage))}."
        sys.exit(f"The real host can be asked only inside a session's window, and none is open now. {due}")
    _say_what(stage, real, log)
    place = (
        nullcontext(real.host) if real else deployment.simulator(stage, anchor, RUN / "simulator.log", "--rate", "0")
    )
    with place as host:
        target = real or Target(host, *SIMULATOR_KEYS, extra={"requests_per_second": "unlimited"})
        environment = deployment.airflow_environment(home, data, target, stage.clock_variable(anchor))
        started = time.monotonic()
        status = _run(environment, _conf(stage, real), log, patient=real is not None)
    return _tell(data, stage, log, status, time.monotonic() - started)


def _next_window(stage: Stage) -> datetime:
    return calendar().next(stage.session.session_date).settles_at


def _say_what(stage: Stage, real: Target | None, log: Path) -> None:
    host = real.host if real else "the simulator on this machine"
    print(f"Session {stage.session.key} from {host}; the full log is {log}", flush=True)
    if stage.demo_clock:
        start = deployment.kst(stage.demo_clock)
        print(f"No session's window is open now, so this demonstration brings its own clock: {start}", flush=True)


def _conf(stage: Stage, real: Target | None) -> dict[str, Any]:
    """Return the run's params: all sets, but for the mock host, which serves KRX only."""
    conf: dict[str, Any] = {"session_date": stage.session.key}
    return conf | {"venues": ["KRX"]} if real and "mock" in real.host else conf


def _run(environment: Mapping[str, str], conf: Mapping[str, Any], log: Path, *, patient: bool) -> int:
    with log.open("w") as file:
        subprocess.run(deployment.airflow("db", "migrate"), env=environment, stdout=file, stderr=file, check=True)
    command = deployment.airflow("dags", "test", DAG_ID, "--conf", json.dumps(conf))
    with (
        log.open("a") as file,
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        _follow(process, file, len(parameter_sets(conf)), patient=patient)
    return process.returncode


def _follow(process: subprocess.Popen[str], file: TextIO, sets: int, *, patient: bool) -> None:
    """Copy the log to its file, and say how far the run is. Only a real host is worth waiting for."""
    done, waiting = 0, False
    for line in process.stdout or ():
        file.write(line)
        if FETCHED.search(line):
            done += 1
            _say_progress(done, sets)
        elif not waiting and RETRYING.search(line):
            waiting = True
            if not patient:
                process.terminate()
            else:
                print("A task failed and is tried again in two minutes; the reason is in the log.", flush=True)


def _say_progress(done: int, sets: int) -> None:
    last = done == sets
    if sys.stdout.isatty():
        print(f"\rFetched {done} of {sets} sets", end="\n" if last else "", flush=True)
    elif last or done % 12 == 0:
        print(f"Fetched {done} of {sets} sets", flush=True)


def _tell(data: Path, stage: Stage, log: Path, status: int, seconds: float) -> int:
    store = Store.open(data.as_uri())
    found = read_summaries(store, f"quality/session_date={stage.session.key}")
    if status or not found or not found[-1].published:
        print(f"\nThe run failed after {seconds:.0f} s and published nothing new. The last errors of {log}:\n")
        print("\n".join(_errors(log)))
        return status or 1
    _print_summary(found[-1], data, seconds)
    return 0


def _errors(log: Path) -> list[str]:
    marked = re.compile(r"Error|\[error|failed", re.IGNORECASE)
    return [line for line in log.read_text().splitlines() if marked.search(line)][-12:]


def _print_summary(summary: Summary, data: Path, seconds: float) -> None:
    published = summary.published
    assert published is not None
    rules = ", ".join(f"{count} {name}" for name, count in summary.rules.items() if count)
    path = published.path.removeprefix("file://")
    beside = f"{summary.reference_calls} of ka10059, {summary.total_calls} of ka10051"
    print(
        f"""
Session    {summary.session_date} ({summary.mode})
Sets       {summary.sets}, {summary.rows:,} rows in {summary.pages} pages
Calls      {summary.calls} of ka10066, {beside}, {summary.refused} refused
Time       {seconds:.1f} s
Proof      {summary.proof.outcome}: {"; ".join(map(str, summary.proof.how))}
Audit      {summary.audit} ({rules})
Published  {published.rows:,} rows, {published.bytes:,} bytes
           {path}
Files      {data}

Open it with pandas:

    import pandas as pd
    df = pd.read_parquet("{path}")
"""
    )
