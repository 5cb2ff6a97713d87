"""The cluster as a whole, up and down."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
from filelock import FileLock, Timeout

from lab.cluster import hosts
from lab.cluster.layout import API, DATABASE, HOSTS, LOGS, PLACE, TASK_LOGS
from lab.cluster.packages import install
from lab.cluster.roots import S3, directory, remove_sockets, start_store
from lab.cluster.starting import prepare_dag, stage, start_airflow, start_services, start_simulator
from lab.cluster.units import UnitSupervisor, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.cluster.roots import DataRoots
    from lab.cluster.simulator import Simulator
    from lab.local.airflow_api import AirflowApi
    from lab.local.deployment import Stage

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ORDERLY_S = 10
LOCK = "/run/kiwoom-cluster.lock"  # of the machine, not of a checkout
KEPT = (LOGS, TASK_LOGS)


@dataclass(frozen=True)
class Lab:
    """A cluster that is up."""

    supervisor: UnitSupervisor
    api: AirflowApi
    simulator: Simulator
    stage: Stage
    roots: DataRoots

    def await_health(self) -> None:
        """Wait until Airflow says that all of it is healthy. :raises TimeoutError: when it does not."""
        until("api-server", self._is_healthy)

    def _is_healthy(self) -> bool:
        return all(part["status"] == "healthy" for part in self.api.get("/monitor/health").values())


@contextmanager
def alone() -> Iterator[None]:
    """Hold the one set of names and addresses; Ctrl-C and the other requests to stop end the process in order."""
    if not hosts.is_root():
        sys.exit("The cluster makes network namespaces, which needs root: run this with sudo.")
    for number in STOPPING:
        signal.signal(number, signal.default_int_handler)
    try:
        with FileLock(LOCK).acquire(timeout=0):
            yield
    except Timeout:
        sys.exit("A cluster is up already on this machine, and there is one set of names and addresses.")
    except TimeoutError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


@contextmanager
def cluster(root: str, *simulated: str) -> Iterator[Lab]:
    """
    Bring the cluster up, and down again on leaving, whatever happened.

    :param root: ``file`` or ``s3``.
    :param simulated: options of the simulator.
    :raises SystemExit: when something cannot be installed.
    :raises TimeoutError: when a part does not come up.
    """
    python = install(with_s3=root == S3)
    clear()
    with ExitStack() as stack:
        stack.callback(clear)
        supervisor = UnitSupervisor()
        stack.callback(supervisor.stop)
        yield _up(supervisor, python, root, simulated)


def clear() -> None:
    """End all that runs on the hosts, and remove them and their data; logs stay under ``.run/cluster``."""
    _end([process for host in HOSTS for process in host.processes()])
    hosts.remove(HOSTS)
    remove_sockets()
    if DATABASE.is_symlink():
        shutil.rmtree(DATABASE.resolve(), ignore_errors=True)
        DATABASE.unlink()
    for path in PLACE.glob("*"):
        if path not in KEPT:
            shutil.rmtree(path)


def _end(left: list[psutil.Process]) -> None:
    """End what a run that was killed itself has left; after an orderly one there is nothing."""
    for end in (psutil.Process.terminate, psutil.Process.kill):
        for process in left:
            with suppress(psutil.NoSuchProcess):
                end(process)
        _, left = psutil.wait_procs(left, timeout=ORDERLY_S)


def _up(supervisor: UnitSupervisor, python: Path, root: str, simulated: tuple[str, ...]) -> Lab:
    for folder in KEPT:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    staged, anchor = stage(), time.time()
    hosts.build(HOSTS, API)
    simulator = start_simulator(supervisor, python, staged, anchor, simulated)
    served = start_services(supervisor)
    roots = start_store(supervisor) if root == S3 else directory()
    api, access = start_airflow(supervisor, python, served, staged.clock_variable(anchor))
    prepare_dag(api, served, roots)
    print(f"The cluster is up: {access.url}, user {access.user}, password {access.password}", flush=True)
    return Lab(supervisor, api, simulator, staged, roots)
