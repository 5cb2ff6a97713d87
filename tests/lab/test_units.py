from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass

import psutil
import pytest

from lab.cluster import units
from lab.cluster.units import Unit, UnitSupervisor, end_session

PARENT = "sleep 60 & exec sleep 60"


@dataclass(frozen=True)
class Here:
    """This machine, in place of a host in a namespace."""

    def enter(self, *command, user=None):
        assert user is None
        return list(command)


@pytest.fixture
def supervisor(monkeypatch, tmp_path):
    monkeypatch.setattr(units, "RESTART_AFTER_S", 0.0)
    monkeypatch.setattr(units, "LOOK_EVERY_S", 0.02)
    made = UnitSupervisor()
    made.start(Unit("sleeper", Here(), ("sh", "-c", PARENT), dict(os.environ), tmp_path / "log"))
    until(lambda: len(made.members("sleeper")) == 2)
    yield made
    made.stop()


def until(happened):
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_is_killed_is_started_again(supervisor):
    first = supervisor.pid("sleeper")
    os.kill(first, signal.SIGKILL)
    until(lambda: supervisor.pid("sleeper") != first and supervisor.members("sleeper"))
    assert supervisor.restarts == 1


def test_what_a_killed_unit_leaves_behind_is_ended_before_it_is_started_again(supervisor):
    leader, child = sorted(process.pid for process in supervisor.members("sleeper"))
    os.kill(leader, signal.SIGKILL)
    until(lambda: supervisor.pid("sleeper") != leader)
    until(lambda: not psutil.pid_exists(child))


def test_a_kill_takes_the_children_along_that_lead_a_session_of_their_own(supervisor, tmp_path):
    both = "setsid sleep 60 & exec sleep 60"
    supervisor.start(Unit("database", Here(), ("sh", "-c", both), dict(os.environ), tmp_path / "database.log"))
    until(lambda: len(supervisor.members("database")) == 2)
    killed = supervisor.kill("database")
    until(lambda: supervisor.restarts == 1 and len(supervisor.members("database")) == 2)
    assert not set(killed) & {process.pid for process in supervisor.members("database")}


def test_what_is_to_be_lost_with_a_unit_is_gone_before_it_is_started_again(supervisor, tmp_path):
    (tmp_path / "data").mkdir()
    seen = ("sh", "-c", f"ls -d {tmp_path}/data; exec sleep 60")
    supervisor.start(Unit("redis", Here(), seen, dict(os.environ), tmp_path / "redis.log"))
    until(lambda: (tmp_path / "redis.log").read_text() == f"{tmp_path}/data\n")
    supervisor.kill("redis", tmp_path / "data")
    until(lambda: "No such file" in (tmp_path / "redis.log").read_text())


def test_stopping_ends_the_children_too_and_restarts_nothing(supervisor):
    pids = [process.pid for process in supervisor.members("sleeper")]
    supervisor.stop()
    until(lambda: not any(psutil.pid_exists(pid) for pid in pids))
    time.sleep(0.1)
    assert supervisor.restarts == 0


def test_what_does_not_heed_a_request_is_ended_by_force(monkeypatch, tmp_path):
    monkeypatch.setattr(units, "STOP_TIMEOUT_S", 0.2)
    stubborn = ("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done")
    process = Unit("stubborn", Here(), stubborn, dict(os.environ), tmp_path / "log").start()
    until((tmp_path / "log").read_text)
    end_session(process.pid)
    assert process.wait(timeout=60) == -signal.SIGKILL
