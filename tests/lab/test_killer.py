from __future__ import annotations

import random
from collections import Counter

import pytest

from lab.cluster.killer import TARGETS, Killer, TargetOrder


def seeded(seed=1):
    return random.Random(seed)  # noqa: S311 - moments, not secrets


class Process:
    def __init__(self, title):
        self.title, self.killed = title, False

    def cmdline(self):
        return [self.title]

    def kill(self):
        self.killed = True


class Workers:
    """A supervisor of two workers whose processes are given; it notes which units are killed, and what is lost."""

    def __init__(self, *processes):
        self.processes, self.killed = processes, []

    def kill(self, unit, wipe):
        self.killed.append((unit, wipe and wipe.name))
        return [1]

    def members(self, name):
        return [process for process in self.processes if name == "worker-1" and not process.killed]


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Always(TargetOrder):
    def __init__(self, target):
        self.target, self.dropped = target, 0

    def top(self):
        return self.target

    def drop(self):
        self.dropped += 1


def killer(supervisor, order, wanted=5, clock=None):
    return Killer(supervisor, seeded(), order, wanted, (4, 12), clock or Clock())


def test_every_target_comes_equally_often():
    order, seen = TargetOrder(seeded()), Counter()
    for _ in range(3 * len(TARGETS)):
        seen[order.top()] += 1
        order.drop()
    assert seen == dict.fromkeys(TARGETS, 3)


def test_the_same_seed_gives_the_same_order():
    one, other = TargetOrder(seeded(7)), TargetOrder(seeded(7))
    for _ in TARGETS:
        assert one.top() == other.top()
        one.drop()
        other.drop()


def test_nothing_is_killed_before_its_time():
    task, clock = Process("airflow worker -- 1"), Clock()
    kill = killer(Workers(task), Always("task"), clock=clock)
    clock.now = 3.9
    kill()
    assert not task.killed


def test_the_process_of_a_task_is_told_by_its_title():
    task, other, clock = Process("airflow worker -- 1"), Process("airflow supervisor: fetch"), Clock()
    kill = killer(Workers(other, task), Always("task"), clock=clock)
    clock.now = 12.0
    kill()
    assert (task.killed, other.killed) == (True, False)
    assert [(done.target, done.at_s, done.tasks) for done in kill.done] == [("task", 12.0, 1)]


def test_a_target_without_a_process_is_waited_for():
    clock, order = Clock(), Always("task")
    kill = killer(Workers(), order, clock=clock)
    clock.now = 60.0
    kill()
    assert (kill.done, order.dropped) == ([], 0)


@pytest.mark.parametrize(
    ("target", "unit", "lost"),
    [("postgres", "postgres", None), ("redis", "redis", None), ("redis with its data", "redis", "appendonlydir")],
)
def test_a_server_keeps_its_data_unless_it_is_to_lose_them(target, unit, lost):
    supervisor, clock = Workers(), Clock()
    kill = killer(supervisor, Always(target), clock=clock)
    clock.now = 12.0
    kill()
    assert supervisor.killed == [(unit, lost)]


def test_it_stops_at_the_wanted_number():
    clock, tasks = Clock(), [Process(f"airflow worker -- {number}") for number in range(4)]
    kill = killer(Workers(*tasks), Always("task"), wanted=2, clock=clock)
    for clock.now in range(0, 200, 20):
        kill()
    assert sum(task.killed for task in tasks) == 2


def test_a_worker_is_killed_only_while_it_has_tasks():
    clock = Clock()
    kill = killer(Workers(Process("[celeryd: celery@worker-1]")), Always("worker"), clock=clock)
    clock.now = 60.0
    kill()
    assert kill.done == []
