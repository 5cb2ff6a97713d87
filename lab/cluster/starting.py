"""Start the cluster's parts, one after the other, each once the ones that it needs are there."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kiwoom_provider.krx import calendar
from lab.cluster import services
from lab.cluster.airflow_settings import USER, Cluster, passwords_file
from lab.cluster.hosts import API_LOOPBACK
from lab.cluster.layout import (
    API,
    CELERY,
    COMPONENTS,
    CONTROL,
    DAG_ID,
    DATABASE,
    LOGS,
    PLACE,
    SIMULATOR_PORT,
    TASK_LOGS,
    WORKERS,
)
from lab.cluster.simulator import Simulator
from lab.cluster.units import Unit, UnitSupervisor, until
from lab.local import deployment
from lab.local.airflow_api import Access, AirflowApi
from lab.local.deployment import SIMULATOR_KEYS, Stage

if TYPE_CHECKING:
    from pathlib import Path

    from lab.cluster.roots import DataRoots

BY_ITSELF_S = 25


def stage() -> Stage:
    """Return the latest session, and a clock ten minutes into its window, whatever the time is."""
    session = calendar().latest_settled(deployment.now())
    return Stage(session, session.settles_at + timedelta(minutes=10))


def start_services(supervisor: UnitSupervisor) -> services.Services:
    """Start PostgreSQL and Redis on an empty database."""
    served = services.Services(CONTROL, secrets.token_urlsafe(16))
    place = services.make_database(served)
    DATABASE.symlink_to(place)
    supervisor.start(services.postgres(served, place, LOGS / "postgres.log"))
    supervisor.start(services.redis(served, place, LOGS / "redis.log"))
    services.await_services(served)
    return served


def start_simulator(
    supervisor: UnitSupervisor, python: Path, staged: Stage, anchor: float, options: tuple[str, ...]
) -> Simulator:
    """Start the simulator with the cluster's clock."""
    now = (staged.demo_clock or deployment.now()) + timedelta(seconds=time.time() - anchor)
    place = ("--host", "0.0.0.0", "--port", str(SIMULATOR_PORT))  # noqa: S104 - of its own host
    command = (str(python), "-m", "kiwoom_simulator", *place, "--now", now.isoformat(), *options)
    supervisor.start(Unit("simulator", API, command, {"PATH": "/usr/bin:/bin"}, LOGS / "simulator.log"))
    simulator = Simulator(f"http://{API.address}:{SIMULATOR_PORT}")
    until("simulator", simulator.answers)
    return simulator


def start_airflow(
    supervisor: UnitSupervisor, python: Path, served: services.Services, clock: str | None
) -> tuple[AirflowApi, Access]:
    """Migrate the database, then start everything; the API server first, since all report to it."""
    keys = deployment.fernet_key(PLACE / "keys"), secrets.token_urlsafe(64)
    shared = Cluster(served, TASK_LOGS, clock, *keys)
    access = Access(shared.api_url, USER, secrets.token_urlsafe(9))
    environment = shared.environment(PLACE / CONTROL.name)
    passwords = passwords_file(PLACE / CONTROL.name, access.password)
    environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"] = str(passwords)
    airflow = (str(python), "-m", "airflow")
    _migrate(airflow, environment)
    for name in COMPONENTS:
        supervisor.start(Unit(name, CONTROL, (*airflow, name), environment, LOGS / f"{name}.log"))
    for host in WORKERS:
        own = shared.environment(PLACE / host.name)
        supervisor.start(Unit(host.name, host, (*airflow, *CELERY), own, LOGS / f"{host.name}.log"))
    api = AirflowApi(access)
    until("api-server", lambda: _logs_in(api))
    return api, access


def _migrate(airflow: tuple[str, ...], environment: dict[str, str]) -> None:
    log = LOGS / "migrate.log"
    with log.open("wb") as file:
        command = CONTROL.enter(*airflow, "db", "migrate")
        if subprocess.run(command, env=environment, stdout=file, stderr=file, check=False).returncode:
            sys.exit(f"Airflow's database could not be made; see {log}")


def _logs_in(api: AirflowApi) -> bool:
    api.log_in()
    return True


def prepare_dag(api: AirflowApi, served: services.Services, roots: DataRoots) -> None:
    """Store the connections, unpause the DAG once it is there, and dismiss the run that the schedule makes."""
    app_key, secret_key = SIMULATOR_KEYS
    connection = {
        "connection_id": "kiwoom_default",
        "conn_type": "kiwoom",
        "host": f"http://{API_LOOPBACK}",
        "port": SIMULATOR_PORT,
        "login": app_key,
        "password": secret_key,
        "extra": '{"redis_conn_id": "kiwoom_redis", "allow_plain_http": true}',
    }
    redis = {
        "connection_id": "kiwoom_redis",
        "conn_type": "redis",
        "host": served.host.address,
        "port": services.REDIS_PORT,
        "password": served.password,
        "extra": f'{{"db": {services.BUDGET_DATABASE}}}',
    }
    connections: tuple[dict[str, Any] | None, ...] = (redis, connection, roots.connection)
    for each in filter(None, connections):
        api.put("/connections", each["connection_id"], each)
    until("dag-processor", lambda: api.get(f"/dags/{DAG_ID}")["dag_id"] == DAG_ID)
    api.patch(f"/dags/{DAG_ID}", {"is_paused": False})
    runs = f"/dags/{DAG_ID}/dagRuns"
    with suppress(TimeoutError):
        until("scheduler", lambda: api.get(runs)["total_entries"] > 0, BY_ITSELF_S)
    for run in api.get(runs)["dag_runs"]:
        api.patch(f"{runs}/{run['dag_run_id']}", {"state": "failed"})
