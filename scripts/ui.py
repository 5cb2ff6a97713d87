"""
`make ui`: the whole thing in the Airflow UI, with the simulator, until Ctrl-C.

Airflow runs as on a laptop: SQLite, LocalExecutor, simple auth manager. It listens on 127.0.0.1, which
every user of a shared machine can reach, so there is a password. The simulator keeps to the terms of the
live host, 5 calls a second: a session of 36 sets takes about two minutes to watch.
"""

from __future__ import annotations

import json
import secrets
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import deployment
import requests
from airflow_api import Access, AirflowApi
from components import API_SERVER, WORKERS, Components
from deployment import RUN, SIMULATOR_KEYS, Stage
from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Callable

DAG_ID = "ka10066_investor_trading"
PLACE = RUN / "ui"
HOME, DATA, LOGS = PLACE / "airflow", PLACE / "data", PLACE / "logs"
ACCESS, PASSWORDS = PLACE / "access.json", PLACE / "passwords.json"
HOST, USUAL_PORT, USER = "127.0.0.1", 8080, "admin"
READY_TIMEOUT_S, SCHEDULING_S = 180, 15
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TASKS_AT_ONCE = 8  # calls are what a run waits for, and a laptop has few cores


def main() -> int:
    """Serve until told to stop, and return the process's exit status."""
    parser = ArgumentParser("make ui", description="The whole thing in the Airflow UI, with the simulator.")
    parser.add_argument("--trigger", action="store_true", help="start a run at once")
    parser.add_argument("--port", type=int, help=f"of the UI (default: {USUAL_PORT} if it is free, else any)")
    options = parser.parse_args()
    for number in STOPPING:
        signal.signal(number, signal.default_int_handler)
    PLACE.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with FileLock(PLACE / "lock").acquire(timeout=0):
            _serve(options.port or _free_port(), trigger=options.trigger)
    except Timeout:
        sys.exit(f"`make ui` is already running here; its address is in {ACCESS}")
    except KeyboardInterrupt:
        print("Stopped.")
    return 0


def _serve(port: int, *, trigger: bool) -> None:
    stage, anchor = Stage.at(deployment.now()), time.time()
    LOGS.mkdir(exist_ok=True)
    access = Access(f"http://{HOST}:{port}", USER, _password())
    print(f"Starting Airflow and the simulator (their logs: {LOGS}/*.log) ...", flush=True)
    with ExitStack() as stack:
        url = stack.enter_context(deployment.simulator(stage, anchor, LOGS / "simulator.log"))
        environment = _environment(access, port, stage.clock_variable(anchor))
        components = Components(environment, LOGS)
        stack.callback(_stop, components)
        api = _start(components, access, url)
        if trigger and not _runs_soon(api, by_itself=stage.demo_clock is None):
            api.post(f"/dags/{DAG_ID}/dagRuns", {"logical_date": None, "partition_key": stage.session.key})
        access.save(ACCESS)
        stack.callback(ACCESS.unlink, missing_ok=True)
        _say(access, stage)
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
            return trial.getsockname()[1]
    sys.exit(f"no port is free on {HOST}")


def _password() -> str:
    """Return the password, made once; left to itself, Airflow would keep it in a file that all may read."""
    if not PASSWORDS.exists():
        PASSWORDS.touch(mode=0o600)
        PASSWORDS.write_text(json.dumps({USER: secrets.token_urlsafe(9)}))
    return json.loads(PASSWORDS.read_text())[USER]


def _environment(access: Access, port: int, clock: str | None) -> dict[str, str]:
    return deployment.bare_environment(HOME, clock) | {
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


def _start(components: Components, access: Access, simulator: str) -> AirflowApi:
    """Bring Airflow up; connection and data root are there, for all to see, before anything is scheduled."""
    components.migrate()
    components.start(*API_SERVER)
    api = AirflowApi(access)
    _await(components, API_SERVER[0], lambda: api.log_in() or True)
    api.put("/connections", "kiwoom_default", _connection(simulator))
    api.put("/variables", "kiwoom_data_root", {"key": "kiwoom_data_root", "value": DATA.as_uri()})
    started = deployment.now().isoformat()
    for worker in WORKERS:
        components.start(*worker)
    _await(components, "scheduler", lambda: _beats(api, started))
    _await(components, "dag-processor", lambda: api.get(f"/dags/{DAG_ID}")["last_parsed_time"] > started)
    api.patch(f"/dags/{DAG_ID}", {"is_paused": False})
    return api


def _connection(simulator: str) -> dict[str, str | int | None]:
    """Return the connection; its port stands by itself, because Airflow 3.3.2 tests none without a port."""
    app_key, secret_key = SIMULATOR_KEYS
    host, _, port = simulator.rpartition(":")
    return {
        "connection_id": "kiwoom_default",
        "conn_type": "kiwoom",
        "description": "The simulator on this machine",
        "host": host,
        "port": int(port),
        "login": app_key,
        "password": secret_key,
    }


def _beats(api: AirflowApi, since: str) -> bool:
    """Tell whether every worker has shown life since this moment, and not only before a restart."""
    health = api.get("/monitor/health")
    beats = [health[name][f"latest_{name}_heartbeat"] for name in ("scheduler", "dag_processor", "triggerer")]
    return all(beat and beat > since for beat in beats)


def _await(components: Components, name: str, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline and components.dead() is None:
        with suppress(requests.RequestException):
            if ready():
                return
        time.sleep(0.5)
    name = components.dead() or name
    sys.exit(f"Airflow's {name} did not come up; see {components.log(name)}")


def _runs_soon(api: AirflowApi, *, by_itself: bool) -> bool:
    """Tell whether a run is under way; inside a session's window the scheduler may make one by itself."""
    deadline = time.monotonic() + (SCHEDULING_S if by_itself else 0)
    while not (found := api.get(f"/dags/{DAG_ID}/dagRuns?state=queued&state=running")["total_entries"]):
        if time.monotonic() >= deadline:
            break
        time.sleep(1)
    return found > 0


def _say(access: Access, stage: Stage) -> None:
    clock = f", by a clock of its own: {deployment.kst(stage.demo_clock)}" if stage.demo_clock else ""
    print(
        f"""
Airflow    {access.url}/dags/{DAG_ID}
Log in     {access.user}, password {access.password}
Session    {stage.session.key}{clock}
Data       {DATA}
Stop       Ctrl-C
""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
