"""Kills one process of the cluster after the other, at random moments."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from lab.cluster.layout import COMPONENTS, DATABASE, SERVICES, WORKERS

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from lab.cluster.units import UnitSupervisor

TASK, SUPERVISOR, WORKER = "task", "supervisor of a task", "worker"
EMPTIED = {"redis with its data": ("redis", DATABASE / "appendonlydir")}
"""What loses its data with its life: queue, budget and token are gone when it is back."""
OBJECT_STORE = "store"
TARGETS = (TASK, SUPERVISOR, WORKER, *COMPONENTS, *SERVICES, *EMPTIED)
TITLES = {TASK: "airflow worker -- ", SUPERVISOR: "airflow supervisor: "}
"""What Airflow 3.3 writes into the process list."""


@dataclass(frozen=True)
class Kill:
    """
    One kill.

    :param at_s: seconds into the night.
    :param tasks: how many running tasks were hit by it.
    """

    target: str
    at_s: float
    tasks: int


class TargetOrder:
    """Gives targets equally often, in random order."""

    def __init__(self, rng: random.Random, targets: Sequence[str] = TARGETS) -> None:
        self._rng, self._targets, self._left = rng, targets, list[str]()

    def top(self) -> str:
        """Return the next target; it stays on top until :meth:`drop`."""
        if not self._left:
            self._left = self._rng.sample(self._targets, len(self._targets))
        return self._left[-1]

    def drop(self) -> None:
        """Go on to the next."""
        self._left.pop()


@dataclass
class Killer:
    """
    Kills a process every few seconds, up to a number, when called every second.

    A target that has no process at the moment is waited for.

    :param pause_s: shortest and longest time between two kills.
    """

    supervisor: UnitSupervisor
    rng: random.Random
    order: TargetOrder
    wanted: int
    pause_s: tuple[float, float]
    clock: Callable[[], float] = time.monotonic
    done: list[Kill] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._started = self.clock()
        self._due = self._next()

    def __call__(self) -> None:
        """Kill, if it is time and what is to be killed is there."""
        if len(self.done) >= self.wanted or self.clock() < self._due:
            return
        target = self.order.top()
        if (tasks := self._kill(target)) is not None:
            self.order.drop()
            self.done.append(Kill(target, self.clock() - self._started, tasks))
            self._due = self._next()

    def _next(self) -> float:
        return self.clock() + self.rng.uniform(*self.pause_s)

    def _kill(self, target: str) -> int | None:
        """Kill, and return how many tasks were hit; None when there was nothing to kill."""
        if target in TITLES:
            return self._kill_one(TITLES[target])
        return self._kill_worker() if target == WORKER else self._kill_unit(target)

    def _kill_worker(self) -> int | None:
        """Kill a worker that has tasks at work."""
        busy = [host.name for host in WORKERS if self._tasks(host.name)]
        return self._kill_unit(self.rng.choice(busy)) if busy else None

    def _kill_one(self, beginning: str) -> int | None:
        members = [process for host in WORKERS for process in self.supervisor.members(host.name)]
        found = [process for process in members if title(process).startswith(beginning)]
        if not found:
            return None
        self.rng.choice(found).kill()
        return 1

    def _kill_unit(self, name: str) -> int | None:
        """Kill all processes of a component or worker at once, as the loss of its container does."""
        unit, wipe = EMPTIED.get(name, (name, None))
        tasks = self._tasks(unit)
        return tasks if self.supervisor.kill(unit, wipe) else None

    def _tasks(self, name: str) -> int:
        return sum(title(process).startswith(TITLES[TASK]) for process in self.supervisor.members(name))


def title(process: psutil.Process) -> str:
    """Return a process's title, ``""`` when it has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
