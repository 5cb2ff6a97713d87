"""A small market on the simulator, the real hook to it, and a store: stages without Airflow's tasks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from kiwoom_provider.api import retrying_transport
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.hooks.kiwoom import KiwoomHook
from kiwoom_provider.krx import calendar
from kiwoom_provider.pipeline.sweep import SweepRunner
from kiwoom_simulator.server import serve

SESSION = date(2026, 11, 20)
AFTER_SETTLEMENT = "2026-11-20T21:20:00+09:00"
STOCKS = "KOSPI=230,KOSDAQ=120"


@dataclass
class StandingClock:
    """A clock that shows what the test says."""

    instant: datetime = datetime(2026, 11, 20, 12, 20, tzinfo=UTC)

    def now(self):
        return self.instant

    def real_seconds(self, _wait_s):
        return 0.0


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
def store(tmp_path):
    return Store.open((tmp_path / "data").as_uri())


@pytest.fixture
def simulator():
    with serve(rate=0, now=AFTER_SETTLEMENT, speed=0, stocks=STOCKS, settle_at="18:10") as running:
        yield running.control, running.url


@pytest.fixture
def control(simulator):
    return simulator[0]


@pytest.fixture
def hook(simulator, tmp_path, monkeypatch):
    """The real hook, living by the session's clock."""
    made = hook_at(AFTER_SETTLEMENT, simulator[1], tmp_path, monkeypatch)
    yield made
    made.close()


def spare_the_pauses(monkeypatch):
    """Let a call be tried again at once."""
    for name in ("FIRST_PAUSE_S", "LONGEST_PAUSE_S"):
        monkeypatch.setattr(retrying_transport, name, 0.001)


def hook_at(moment, url, folder, monkeypatch):
    """Return the real hook to a simulator, its clock begun at ``moment``."""
    spare_the_pauses(monkeypatch)
    monkeypatch.setenv("AIRFLOW_HOME", str(folder / "airflow"))
    monkeypatch.setenv("KIWOOM_DEMO_CLOCK", f"{moment}@{datetime.now(UTC).timestamp()}")
    connection = {
        "conn_type": "kiwoom",
        "host": url,
        "login": "simulator-app-key",
        "password": "simulator-secret-key",
        "extra": {"requests_per_second": "unlimited"},
    }
    monkeypatch.setenv("AIRFLOW_CONN_KIWOOM_DEFAULT", json.dumps(connection))
    return KiwoomHook()


@pytest.fixture
def collector(store, hook, clock):
    return SweepRunner(store, hook, calendar().session(SESSION), "run-a", clock)
