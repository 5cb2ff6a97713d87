"""The real DAG in real Airflow against the simulator: one worker for all scenarios, one stage for each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from kiwoom_provider.datasets.store import Store
from kiwoom_simulator.server import serve
from lab.nights.stage import Night, Outcome, Worker, environment
from lab.nights.verdicts import PUBLISHED, SIZES, Case, Count, stray_pages

COUNT = Count()
STOCKS = ",".join(f"{market}={count}" for market, count in SIZES.items())


def pytest_terminal_summary(terminalreporter):
    if COUNT.cases:
        terminalreporter.section("session truth")
        terminalreporter.write_line(COUNT.table())
        if path := os.environ.get("SESSION_TRUTH_TABLE"):
            Path(path).write_text(COUNT.table() + "\n")


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory) -> Path:
    """Return an Airflow home with a migrated database, to be copied."""
    home = tmp_path_factory.mktemp("home")
    migrate = [sys.executable, "-m", "airflow", "db", "migrate"]
    subprocess.run(migrate, env=environment(home), check=True, capture_output=True, timeout=300)
    return home


@pytest.fixture(scope="session")
def new_home(empty_home, tmp_path_factory):
    """Return a maker of Airflow homes."""
    return lambda: shutil.copytree(empty_home, tmp_path_factory.mktemp("airflow") / "home")


@pytest.fixture(scope="session")
def worker(new_home):
    made = Worker(new_home())
    yield made
    made.close()


@pytest.fixture(scope="session")
def monday(worker, tmp_path_factory) -> Path:
    """Return a data root in which Monday 2026-11-16 was collected and published, to be copied."""
    folder = tmp_path_factory.mktemp("monday")
    with serve(rate=0, stocks=STOCKS, settle_at="18:10") as simulator:
        night = Night(worker, Store.open((folder / "data").as_uri()), simulator.url, simulator.control, folder)
        night.at("2026-11-16T21:00")
        sides = {"sides": ["net", "buy", "sell"], "venues": ["KRX", "NXT"]}
        assert night.run("2026-11-16", **sides).state == "success"
    return folder / "data"


@pytest.fixture
def case(request) -> Case:
    return Case(request.node.name.removeprefix("test_").replace("_", " "))


@pytest.fixture
def first_night(worker, tmp_path, case):
    """Return a stage where nothing is stored."""
    yield from _stage(worker, tmp_path, case)


@pytest.fixture
def night(worker, tmp_path, case, monday):
    """Return a stage where Monday's session is published; the clock stands at Tuesday, 20:30."""
    shutil.copytree(monday, tmp_path / "data")
    yield from _stage(worker, tmp_path, case)


@pytest.fixture
def otherwise(request, worker, tmp_path, case):
    """Return a stage where nothing is stored and the API answers an open question as the test's parameter says."""
    yield from _stage(worker, tmp_path, case, request.param)


def _stage(worker, folder, case, assume=()):
    with serve(rate=0, stocks=STOCKS, settle_at="18:10", assume=assume) as simulator:
        store = Store.open((folder / "data").as_uri())
        stage = Night(worker, store, simulator.url, simulator.control, folder)
        yield stage.at("2026-11-17T20:30:01")
        closed = frozenset(map(date.fromisoformat, simulator.control.state()["closed_days"]))
        COUNT.check(case, store, closed)
    assert case.wrong == 0
    assert stray_pages(store) == []


@pytest.fixture
def published(case):
    """Return the check that a run published a day."""

    def check(night: Night, outcome: Outcome, day: str) -> None:
        assert outcome.state == "success", outcome.errors
        assert f"{PUBLISHED}/session_date={day}/part-0.parquet" in night.store.list(PUBLISHED)
        assert set(outcome.assets) == {day}
        case.published.append(day)

    return check


@pytest.fixture
def refused(case):
    """Return the check that a run published nothing new, and said why."""

    def check(night: Night, outcome: Outcome, task: str, *words: str) -> None:
        assert outcome.state == "failed", night.store.list(PUBLISHED)
        assert outcome.failed_task == task, outcome.errors
        for text in words:
            assert text in outcome.log
        case.refused.append(words[0])

    return check
