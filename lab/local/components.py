"""
The processes of a small Airflow: started one by one, watched, and stopped without leaving any behind.

They are those of ``airflow standalone``, which cannot be used as it is: its log servers listen on every
interface, and SIGTERM ends it without its children.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from lab.local.deployment import airflow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

API_SERVER = ("api-server",)
WORKERS = (("scheduler", "--skip-serve-logs"), ("dag-processor",), ("triggerer", "--skip-serve-logs"))
STOP_TIMEOUT_S, SERVER_STOP_TIMEOUT_S = 15, 3


class Components:
    """
    Airflow's processes, each the leader of a session of its own, so that all its descendants are found.

    :param environment: of every process.
    :param logs: directory for one log file a component.
    """

    def __init__(self, environment: Mapping[str, str], logs: Path) -> None:
        self._environment, self._logs = environment, logs
        self._started: dict[str, subprocess.Popen[bytes]] = {}

    def migrate(self) -> None:
        """Make the metadata database, or bring it up to date. :raises CalledProcessError: when that fails."""
        with self.log("migrate").open("w") as file:
            command = airflow("db", "migrate")
            subprocess.run(command, env=self._environment, stdout=file, stderr=file, check=True)

    def start(self, name: str, *options: str) -> None:
        """Start ``airflow <name> <options>``."""
        with self.log(name).open("w") as file:
            self._started[name] = subprocess.Popen(
                airflow(name, *options),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    def pid(self, name: str) -> int:
        """Return a component's process id."""
        return self._started[name].pid

    def log(self, name: str) -> Path:
        """Return the place of a component's log."""
        return self._logs / f"{name}.log"

    def dead(self) -> str | None:
        """Return the name of a component that has ended by itself, if any has."""
        return next((name for name, process in self._started.items() if process.poll() is not None), None)

    def stop(self) -> None:
        """End everything that was started; the API server last, since running tasks still report to it."""
        leaders = {name: process.pid for name, process in self._started.items()}
        _end([pid for name, pid in leaders.items() if name != API_SERVER[0]], STOP_TIMEOUT_S)
        _end(list(leaders.values()), SERVER_STOP_TIMEOUT_S)
        for process in self._started.values():
            process.wait()


def _end(sessions: list[int], wait_s: float) -> None:
    """End all processes of these sessions: by request, then by force."""
    for number, patience_s in ((signal.SIGTERM, wait_s), (signal.SIGKILL, STOP_TIMEOUT_S)):
        deadline = time.monotonic() + patience_s
        for pid in _members(sessions):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        while any(_members(sessions)) and time.monotonic() < deadline:
            time.sleep(0.2)


def _members(sessions: list[int]) -> Iterator[int]:
    """Yield every living process of these sessions; a task leads a group of its own, never a session."""
    for process in psutil.process_iter():
        with suppress(OSError, psutil.Error):
            if os.getsid(process.pid) in sessions and process.status() != psutil.STATUS_ZOMBIE:
                yield process.pid
