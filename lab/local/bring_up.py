"""Bring up an Airflow with the simulator's connection, one thing after the other, until the DAG can run."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import requests

from lab.local import deployment
from lab.local.airflow_api import Access, AirflowApi
from lab.local.components import API_SERVER, WORKERS, Components
from lab.local.deployment import SIMULATOR_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAG_ID = "ka10066_investor_trading"
READY_TIMEOUT_S, SCHEDULING_S = 180, 15


def bring_up(components: Components, access: Access, simulator: str, data: Path) -> AirflowApi:
    """Bring Airflow up; connection and data root are there, for all to see, before anything is scheduled."""
    try:
        components.migrate()
    except subprocess.CalledProcessError:
        sys.exit(f"Airflow's database could not be made; see {components.log('migrate')}")
    components.start(*API_SERVER)
    api = AirflowApi(access)
    _await(components, API_SERVER[0], lambda: _logs_in(api))
    api.put("/connections", "kiwoom_default", _connection(simulator))
    api.put("/variables", "kiwoom_data_root", {"key": "kiwoom_data_root", "value": data.as_uri()})
    started = deployment.now().isoformat()
    for worker in WORKERS:
        components.start(*worker)
    _await(components, "scheduler", lambda: _beats(api, started))
    _await(components, "dag-processor", lambda: _is_parsed(api, started))
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


def _logs_in(api: AirflowApi) -> bool:
    api.log_in()
    return True


def _beats(api: AirflowApi, since: str) -> bool:
    """Tell whether every worker has shown life since this moment, and not only before a restart."""
    health = api.get("/monitor/health")
    beats = [health[name][f"latest_{name}_heartbeat"] for name in ("scheduler", "dag_processor", "triggerer")]
    return all(beat is not None and beat > since for beat in beats)


def _is_parsed(api: AirflowApi, since: str) -> bool:
    """Tell whether the DAG was read since this moment; one that cannot be imported ends it all."""
    for error in api.get("/importErrors")["import_errors"]:
        if error["timestamp"] > since:
            sys.exit(f"Airflow cannot import {error['filename']}:\n\n{error['stack_trace']}")
    return str(api.get(f"/dags/{DAG_ID}")["last_parsed_time"]) > since


def _await(components: Components, name: str, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline and components.dead() is None:
        with suppress(requests.RequestException):
            if ready():
                return
        time.sleep(0.5)
    name = components.dead() or name
    sys.exit(f"Airflow's {name} did not come up; see {components.log(name)}")


def runs_soon(api: AirflowApi, *, by_itself: bool) -> bool:
    """Tell whether a run is under way; inside a session's window the scheduler may make one by itself."""
    deadline = time.monotonic() + (SCHEDULING_S if by_itself else 0)
    while not (found := api.get(f"/dags/{DAG_ID}/dagRuns?state=queued&state=running")["total_entries"]):
        if time.monotonic() >= deadline:
            break
        time.sleep(1)
    return bool(found)
