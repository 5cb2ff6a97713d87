"""
`make ui`: the whole thing in the Airflow UI, with the simulator, until Ctrl-C.

Airflow runs as on a laptop: SQLite, LocalExecutor, simple auth manager. It listens on 127.0.0.1, which
every user of a shared machine can reach, so there is a password. The simulator keeps to the terms of the
live host, 5 calls a second: a session of 36 sets takes about two minutes to watch.
"""

from __future__ import annotations

import json
import secrets
import shutil
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from kiwoom_provider.krx import calendar
from lab.archive.archive import Archive, sessions_until
from lab.local import deployment
from lab.local.airflow_api import Access
from lab.local.bring_up import DAG_ID, bring_up, runs_soon
from lab.local.components import Components
from lab.local.deployment import RUN, Stage

if TYPE_CHECKING:
    from pathlib import Path

PLACE = RUN / "ui"
HOME, DATA, LOGS = PLACE / "airflow", PLACE / "data", PLACE / "logs"
ACCESS, PASSWORDS = PLACE / "access.json", PLACE / "passwords.json"
HOST, USUAL_PORT, USER = "127.0.0.1", 8080, "admin"
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
YEAR, HISTORY_STOCKS = 250, 40
TASKS_AT_ONCE = 8  # calls are what a run waits for, and a laptop has few cores


def main(arguments: list[str]) -> int:
    """Serve until told to stop, and return the process's exit status."""
    parser = ArgumentParser(
        "make ui", description=__doc__, epilog="Anything else goes to the simulator.", allow_abbrev=False
    )
    parser.add_argument("--trigger", action="store_true", help="start a run at once")
    parser.add_argument(
        "--history",
        type=int,
        nargs="?",
        const=YEAR,
        default=0,
        metavar="SESSIONS",
        help=f"begin with that many sessions of {HISTORY_STOCKS} stocks a market, failures among them ({YEAR})",
    )
    parser.add_argument("--port", type=int, help=f"of the UI (default: {USUAL_PORT} if it is free, else any)")
    options, simulated = parser.parse_known_args(arguments)
    for number in STOPPING:
        signal.signal(number, signal.default_int_handler)
    PLACE.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with FileLock(PLACE / "lock").acquire(timeout=0):
            data = _history(options.history) if options.history else DATA
            listed = ["--stocks", ",".join(f"{market}={HISTORY_STOCKS}" for market in ("KOSPI", "KOSDAQ"))]
            simulated += listed if options.history else []
            _serve(options.port or _free_port(), simulated, data, trigger=options.trigger)
    except Timeout:
        sys.exit(f"`make ui` is already running here; its address is in {ACCESS}")
    except KeyboardInterrupt:
        print("Stopped.")
    return 0


def _history(sessions: int) -> Path:
    """Return a data root that holds the sessions before the one on stage; they are laid once."""
    root, whole = PLACE / "history", PLACE / "history.laid"
    if not whole.exists():
        shutil.rmtree(root, ignore_errors=True)
        print(f"Laying {sessions} simulated sessions ...", flush=True)
        last = calendar().previous(Stage.at(deployment.now()).session.session_date)
        Archive(root, stocks=HISTORY_STOCKS).lay(sessions_until(last.session_date, sessions))
        whole.touch()
    return root


def _serve(port: int, simulated: list[str], data: Path, *, trigger: bool) -> None:
    stage, anchor = Stage.at(deployment.now()), time.time()
    LOGS.mkdir(exist_ok=True)
    access = Access(f"http://{HOST}:{port}", USER, _password())
    print(f"Starting Airflow and the simulator (their logs: {LOGS}/*.log) ...", flush=True)
    with ExitStack() as stack:
        url = stack.enter_context(deployment.simulator(stage, anchor, LOGS / "simulator.log", *simulated))
        environment = _environment(access, port, stage.clock_variable(anchor))
        components = Components(environment, LOGS)
        stack.callback(_stop, components)
        api = bring_up(components, access, url, data)
        if trigger and not runs_soon(api, by_itself=stage.demo_clock is None):
            api.post(f"/dags/{DAG_ID}/dagRuns", {"logical_date": None, "partition_key": stage.session.key})
        access.save(ACCESS)
        stack.callback(ACCESS.unlink, missing_ok=True)
        _say(access, stage, data)
        while (name := components.dead()) is None:
            time.sleep(1)
        sys.exit(f"Airflow's {name} has ended by itself; see {components.log(name)}")


def _stop(components: Components) -> None:
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    print("\nStopping ...", flush=True)
    components.stop()


def _free_port() -> int:
    for port in (USUAL_PORT, 0):
        with socket.socket() as trial, suppress(OSError):
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((HOST, port))
            return int(trial.getsockname()[1])
    sys.exit(f"no port is free on {HOST}")


def _password() -> str:
    """Return the password, made once; left to itself, Airflow would keep it in a file that all may read."""
    if not PASSWORDS.exists():
        PASSWORDS.touch(mode=0o600)
        PASSWORDS.write_text(json.dumps({USER: secrets.token_urlsafe(9)}))
    return str(json.loads(PASSWORDS.read_text())[USER])


def _environment(access: Access, port: int, clock: str | None) -> dict[str, str]:
    return (
        deployment.bare_environment(HOME, clock)
        | deployment.PROMPT
        | {
            "AIRFLOW__API__HOST": HOST,
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__BASE_URL": access.url,
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),  # of Airflow's own, PyJWT finds it short
            "AIRFLOW__API__INSTANCE_NAME": "Kiwoom · simulator",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": str(TASKS_AT_ONCE),
            "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(PASSWORDS),
        }
    )


def _say(access: Access, stage: Stage, data: Path) -> None:
    clock = ""
    if stage.demo_clock:
        opens = deployment.kst(calendar().next(stage.session.session_date).settles_at)
        clock = f", by a clock of its own: {deployment.kst(stage.demo_clock)}. Start anew after {opens}"
    print(
        f"""
Airflow    {access.url}/dags/{DAG_ID}
Page       {access.url}/plugin/kiwoom
Log in     {access.user}, password {access.password}
Session    {stage.session.key}{clock}
Data       {data}
Stop       Ctrl-C
""",
        flush=True,
    )
