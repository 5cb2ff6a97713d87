"""A day has no more calls than it may, whichever runs and tasks make them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.history.day_calls import DayCalls, DayIsSpent, spent_calls

FRIDAY = date(2026, 11, 20)
FOLDER = "raw/ka10059_history/calls/day=2026-11-20"


class Clock:
    def __init__(self, moment):
        self.moment = datetime.fromisoformat(moment)

    def now(self):
        return self.moment


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path.as_uri())


def task(store, owner, most, clock=None):
    return DayCalls(store, owner, most, (clock or Clock("2026-11-20T09:00:00+09:00")).now)


def take(calls, count):
    for _ in range(count):
        calls.take()


def test_the_calls_of_two_runs_of_a_day_are_counted_together(store):
    first = task(store, "run-a-0", 200)
    take(first, 150)
    first.close()
    second = task(store, "run-b-0", 200)
    take(second, 50)

    with pytest.raises(DayIsSpent, match=r"the calls of 2026-11-20 are made; it goes on at 2026-11-21 00:00 KST"):
        second.take()
    assert spent_calls(store, FRIDAY) == 200


def test_the_day_is_the_one_in_korea_and_the_next_has_its_own_calls(store):
    clock = Clock("2026-11-20T23:59:59+09:00")
    calls = task(store, "run-a-0", 10, clock)
    take(calls, 10)
    clock.moment = datetime.fromisoformat("2026-11-20T15:00:00+00:00")

    take(calls, 10)

    assert (spent_calls(store, FRIDAY), spent_calls(store, date(2026, 11, 21))) == (10, 10)


def test_what_was_reserved_and_not_made_is_given_back(store):
    calls = task(store, "run-a-0", 20_000)
    take(calls, 130)
    assert spent_calls(store, FRIDAY) == 240

    calls.close()

    assert spent_calls(store, FRIDAY) == 130


def test_a_task_without_a_call_costs_nothing(store):
    task(store, "run-a-0", 10).close()

    assert store.list(FOLDER) == []


def test_a_task_that_was_killed_has_counted_too_many_and_never_too_few(store):
    take(task(store, "run-a-0", 20_000), 7)

    assert spent_calls(store, FRIDAY) == 120


def test_two_tasks_that_reserve_at_the_same_moment_never_go_beyond_the_day(store, monkeypatch):
    """The other's reservation becomes visible between the look and the write."""
    calls = task(store, "run-a-0", 100)
    real = Store.write

    def write(place, key, data):
        real(place, f"{FOLDER}/run-b-0-20261120T000000.000000Z.60", b"60 calls\n")
        real(place, key, data)

    monkeypatch.setattr(Store, "write", write)
    with pytest.raises(DayIsSpent):
        calls.take()

    assert spent_calls(store, FRIDAY) == 60


def test_a_name_that_says_no_number_counts_nothing(store):
    store.write(f"{FOLDER}/stray.txt", b"")

    assert spent_calls(store, FRIDAY) == 0


def test_a_call_that_is_repeated_counts_each_time_also_the_last_that_fails(store):
    attempts = []
    calls = DayCalls(store, "run-a-0", 200, Clock("2026-11-20T09:00:00+09:00").now, lambda: len(attempts))
    calls.take()
    attempts.extend([1] * 3)
    calls.take()
    attempts.extend([1] * 150)
    calls.close()

    assert spent_calls(store, FRIDAY) == 153


def test_a_host_that_refuses_every_call_is_asked_no_more_than_a_day_may(store):
    attempts = []
    for task_number in range(5):
        calls = DayCalls(store, f"run-{task_number}", 30, Clock("2026-11-20T09:00:00+09:00").now, lambda: len(attempts))
        attempts.clear()
        try:
            calls.take()
        except DayIsSpent:
            break
        attempts.extend([1] * 12)
        calls.close()

    assert (task_number, spent_calls(store, FRIDAY)) == (3, 36)
