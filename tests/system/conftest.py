"""The real DAG in real Airflow against the simulator: one worker for all scenarios, one stage for each."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from ground_truth import PUBLISHED, SIZES, Case, Count, Truths, stray_pages
from kiwoom_provider.datasets.store import Store
from kiwoom_simulator.server import serve
from lab.nights.stage import ROOT, Night, Outcome, Worker

COUNT = Count()
STOCKS = ",".join(f"{market}={count}" for market, count in SIZES.items())

THOROUGH = {
    "after_the_close_but_unsettled_the_run_waits",
    "the_summary_counts_every_call_that_waiting_and_fetching_took",
    "all_36_sets",
    "never_settled_equals_the_previous_session",
    "the_sibling_is_unreachable_all_night[dated]",
    "the_sibling_is_unreachable_all_night_and_change_is_enough_by_setting",
    "a_proof_setting_changed_during_the_night_counts_from_the_next_look",
    "the_sibling_breaks_its_spec_all_night",
    "a_host_without_the_sibling_is_proved_by_change[error=0/20@ka10059]",
    "a_host_without_the_sibling_on_the_first_night",
    "a_host_without_the_sibling_is_not_believed_by_the_dated_setting",
    "the_sibling_settles_and_the_sheet_does_not",
    "a_sheet_that_breaks_its_spec_all_night_is_kept_as_it_came",
    "on_a_weekend_the_run_takes_fridays_session",
    "a_holiday_known_to_the_calendar_is_refused_when_the_run_is_asked_for",
    "on_a_known_holiday_the_run_takes_the_session_before",
    "a_holiday_known_to_nobody_on_the_first_night",
    "a_holiday_known_to_nobody_with_proof_by_change",
    "the_first_session_of_the_year",
    "a_session_in_the_future_is_refused",
    "after_a_gap_without_the_sibling_a_change_shows_nothing[both]",
    "after_an_unproved_session_a_change_shows_nothing",
    "an_unproved_raw_stays_unproved_in_a_replay",
    "past_the_window_without_raw",
    "waiting_cleared_on_the_next_night_files_nothing_under_the_old_day",
    "yesterdays_run_without_a_day_cleared_tonight_takes_tonights_session",
    "a_backfill_of_last_week_without_raw",
    "two_runs_of_one_session_at_once",
    "the_machines_zone_changes_nothing",  # `make test` runs the wheel's night in New York
}
"""Nights that differ from another one in a detail: `make thorough` plays them."""
MANY = ("a_switch_in_mid_sweep", "one_stale_page_of_one_set", "a_page_that_stays_stale")
"""Of these, the first of each is played by `make test`, the others by `make thorough`."""


def pytest_collection_modifyitems(items):
    played = set()
    for item in items:
        name = item.name.removeprefix("test_")
        kind = next((kind for kind in MANY if name.startswith(kind)), None)
        if name in THOROUGH or kind in played:
            item.add_marker(pytest.mark.thorough)
        played.add(kind or name)


def pytest_terminal_summary(terminalreporter):
    if COUNT.cases:
        terminalreporter.section("session truth")
        terminalreporter.write_line(COUNT.table())
        if path := os.environ.get("SESSION_TRUTH_TABLE"):
            Path(path).write_text(COUNT.table() + "\n")


@pytest.fixture(scope="session")
def worker(new_home, tmp_path_factory):
    """Return the one process that runs the package's DAGs, and that of somebody else."""
    dags = tmp_path_factory.mktemp("deployment") / "dags"
    shutil.copytree(ROOT / "dags", dags)
    shutil.copy(ROOT / "docs" / "examples" / "night_in_a_group_dag.py", dags)
    made = Worker(new_home(), dags)
    yield made
    made.close()


@pytest.fixture(scope="session")
def monday(worker, tmp_path_factory) -> Path:
    """Return a data root in which Monday 2026-11-16 was collected and published, to be copied."""
    folder = tmp_path_factory.mktemp("monday")
    with serve(rate=0, stocks=STOCKS, settle_at="18:10") as simulator:
        night = Night(worker, Store.open((folder / "data").as_uri()), simulator.url, simulator.control, folder)
        night.at("2026-11-16T21:20")
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
    """Return a stage where Monday's session is published; the clock stands at Tuesday, 21:10."""
    shutil.copytree(monday, tmp_path / "data")
    yield from _stage(worker, tmp_path, case)


@pytest.fixture
def otherwise(request, worker, tmp_path, case):
    """Return a stage where nothing is stored and the API answers an open question as the test's parameter says."""
    yield from _stage(worker, tmp_path, case, request.param.split())


def _stage(worker, folder, case, assume=()):
    with serve(rate=0, stocks=STOCKS, settle_at="18:10", assume=assume) as simulator:
        store = Store.open((folder / "data").as_uri())
        stage = Night(worker, store, simulator.url, simulator.control, folder)
        yield stage.at("2026-11-17T21:10:01")
        closed = frozenset(map(date.fromisoformat, simulator.control.state()["closed_days"]))
        COUNT.check(case, store, Truths(closed, tuple(assume)))
    assert case.wrong == 0
    assert stray_pages(store, stage.window) == []


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
