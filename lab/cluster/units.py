"""
Processes kept alive, as systemd or Kubernetes would: what dies is swept up whole and started again.

A unit is the leader of a session of its own, so its children are found by the session, and end with it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil
import requests

from lab.cluster.layout import LOGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from lab.cluster.hosts import Host

RESTART_AFTER_S, LOOK_EVERY_S = 1.0, 0.3
STOP_TIMEOUT_S, KILL_TIMEOUT_S = 20, 10
READY_TIMEOUT_S = 240


@dataclass(frozen=True)
class Unit:
    """
    What to run, and where.

    :param environment: the whole of it.
    :param user: whose process it is; None is the caller's.
    """

    name: str
    host: Host
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    log: Path
    user: str | None = None

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, its output added to its log."""
        with self.log.open("ab") as file:
            return subprocess.Popen(
                self.host.enter(*self.command, user=self.user),
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )


class UnitSupervisor:
    """Starts units, restarts those that die, and stops all; safe to use from several threads."""

    def __init__(self) -> None:
        self._units: dict[str, Unit] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._keep, name="supervisor", daemon=True)
        self.restarts = 0

    def start(self, unit: Unit) -> None:
        """Start a unit and keep it."""
        with self._lock:
            self._units[unit.name], self._running[unit.name] = unit, unit.start()
        if not self._watch.is_alive():
            self._watch.start()

    def pid(self, name: str) -> int:
        """Return the process id of a unit's leader."""
        with self._lock:
            return self._running[name].pid

    def kill(self, name: str, wipe: Path | None = None) -> list[int]:
        """
        Kill all processes of a unit at once, as the loss of its container does, and return their ids.

        :param wipe: a folder that is lost with it, before it is started again.
        """
        with self._lock:
            found = signal_session(self.pid(name), signal.SIGKILL)
            if found and wipe:
                shutil.rmtree(wipe)
            return found

    def members(self, name: str) -> list[psutil.Process]:
        """Return all living processes of a unit."""
        return session_members([self.pid(name)])

    def names(self) -> list[str]:
        """Return the names of all units."""
        return list(self._units)

    def stop(self) -> None:
        """Stop all units at once; by force what does not go."""
        self._over.set()
        with self._lock:
            for process in self._running.values():
                process.terminate()
            while self._running:
                _, process = self._running.popitem()
                end_session(process.pid)
                process.wait()

    def _keep(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            with self._lock:
                dead = [name for name, process in self._running.items() if process.poll() is not None]
                for name in dead:
                    self._restart(name)

    def _restart(self, name: str) -> None:
        signal_session(self._running[name].pid, signal.SIGKILL)
        time.sleep(RESTART_AFTER_S)
        self._running[name] = self._units[name].start()
        self.restarts += 1


def session_members(sessions: Iterable[int]) -> list[psutil.Process]:
    """
    Return the living processes of these sessions, and the children of their leaders.

    A task leads a group of its own, never a session; each child of PostgreSQL leads a session.
    """
    wanted, found = set(sessions), []
    for pid in psutil.pids():
        with suppress(OSError, psutil.Error):
            process = psutil.Process(pid)
            belongs = os.getsid(pid) in wanted or process.ppid() in wanted
            if belongs and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def signal_session(session: int, number: int) -> list[int]:
    """Send a signal to every process of a session, and return their ids."""
    found = [process.pid for process in session_members([session])]
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
    return found


def end_session(session: int) -> None:
    """End a session: its leader by request, which has its children to wait for; what is left then by force."""
    with suppress(ProcessLookupError):
        os.kill(session, signal.SIGTERM)
    _await(lambda: session not in {process.pid for process in session_members([session])}, STOP_TIMEOUT_S)
    signal_session(session, signal.SIGKILL)
    _await(lambda: not session_members([session]), KILL_TIMEOUT_S)


def _await(happened: Callable[[], bool], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.1)


def until(name: str, ready: Callable[[], bool], timeout_s: float = READY_TIMEOUT_S) -> None:
    """Wait for a part of the cluster. :raises TimeoutError: naming it and its log."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        with suppress(requests.RequestException):
            if ready():
                return
        time.sleep(0.5)
    raise TimeoutError(f"{name} did not come up; see {LOGS}/{name}.log")
