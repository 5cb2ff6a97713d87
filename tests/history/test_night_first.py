"""A session's own night goes first: the history waits for it, and goes on after it."""

from __future__ import annotations

import os
from datetime import datetime
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import TaskDeferred

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.history.night_first import NightGoesFirst, check_no_night
from kiwoom_provider.krx import calendar
from kiwoom_provider.operators import history

PUBLISHED = "investor_trading/session_date=2026-11-20/part-0.parquet"


class Clock:
    def __init__(self, moment):
        self.moment = datetime.fromisoformat(f"{moment}+09:00")

    def now(self):
        return self.moment

    def real_seconds(self, wait_s):
        return wait_s


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path.as_uri())


@pytest.mark.parametrize("moment", ["2026-11-20T21:10:00", "2026-11-21T00:09:59"])
def test_while_a_session_is_collected_no_call_of_the_history_is_made(store, moment):
    with pytest.raises(NightGoesFirst, match="2026-11-20"):
        check_no_night(store, calendar(), Clock(moment).now())


@pytest.mark.parametrize("moment", ["2026-11-20T21:09:59", "2026-11-21T00:10:00", "2026-11-21T12:00:00"])
def test_outside_of_those_hours_the_history_goes_on(store, moment):
    check_no_night(store, calendar(), Clock(moment).now())


def test_once_the_session_is_published_the_history_goes_on(store):
    store.write(PUBLISHED, b"parquet")
    check_no_night(store, calendar(), Clock("2026-11-20T21:30:00").now())


def test_a_night_is_not_kept_from_its_processor_by_turning_and_publishing(store, monkeypatch):
    clock = Clock("2026-11-20T21:30:00")
    pivot = history.PivotHistoryOperator(
        task_id="pivot", plan="no plan", market="KOSPI", venue="KRX", block=0, what="KOSPI"
    )
    monkeypatch.setattr(type(pivot), "store", lambda _: store)
    monkeypatch.setattr(type(pivot), "hook", lambda _: SimpleNamespace(clock=clock, close=lambda: None))

    with pytest.raises(TaskDeferred):
        pivot.execute({})

    clock.moment = datetime.fromisoformat("2026-11-20T21:09:59+09:00")
    with pytest.raises(FileNotFoundError):  # it goes on, and the plan is not there
        pivot.execute({})


def test_what_is_at_work_when_a_night_begins_leaves_the_processor_to_it():
    before = os.getpriority(os.PRIO_PROCESS, 0)

    with history.low_priority():
        assert os.getpriority(os.PRIO_PROCESS, 0) == min(19, before + 10)
