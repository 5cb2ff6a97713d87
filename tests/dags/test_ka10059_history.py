"""The DAG file of the history: what the contract fixes."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from runpy import run_path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import ParamValidationError

from kiwoom_provider import dag_docs

DAGS = Path(__file__).parents[2] / "dags"


@pytest.fixture(scope="module")
def dag():
    bag = DagBag(DAGS)
    assert bag.import_errors == {}
    return bag.dags["ka10059_history"]


def test_its_params_are_those_of_the_design(dag):
    assert dag.params.dump() == {
        "start": None,
        "end": None,
        "markets": ["KOSPI", "KOSDAQ"],
        "venues": ["KRX", "NXT", "CONSOLIDATED"],
        "measures": ["amount", "quantity"],
        "sides": ["net", "buy", "sell"],
        "stocks": None,
        "replace": False,
    }


def test_its_text_takes_its_figures_from_the_constants(monkeypatch):
    monkeypatch.setattr("kiwoom_provider.history.CALLS_A_DAY", 12_345)
    monkeypatch.setattr("kiwoom_provider.history.SHARE", 0.5)
    monkeypatch.setattr("kiwoom_provider.history.NXT_SINCE", date(2025, 3, 5))
    monkeypatch.setattr("kiwoom_provider.history.AFTER_MARKET_SINCE", date(2026, 9, 15))
    told = run_path(dag_docs.__file__)["HISTORY_DOC"]

    assert "50% of the\nrate and to 12,345 calls a day" in told
    assert "The close since 2026-09-15 is" in told
    assert "Before 2025-03-05 there was no\nNXT" in told


def test_the_stages_follow_each_other_and_are_mapped(dag):
    mapped = {task.task_id for task in dag.tasks if task.is_mapped}

    assert mapped == {"fetch", "pivot", "publish"}
    assert dag.task_dict["pivot"].upstream_task_ids >= {"fetch"}
    assert dag.task_dict["publish"].upstream_task_ids >= {"pivot"}
    assert [outlet.name for outlet in dag.task_dict["publish"].partial_kwargs["outlets"]] == ["investor_trading"]


def test_it_runs_only_when_it_is_asked_to_and_once_at_a_time(dag):
    assert dag.schedule is None
    assert dag.max_active_runs == 1


def test_a_host_that_is_away_for_a_weekend_costs_no_run_and_one_that_stays_away_is_told(dag):
    kept = [task.partial_kwargs if task.is_mapped else vars(task) for task in dag.tasks]

    assert {(task["retries"], task["max_retry_delay"]) for task in kept} == {(450, timedelta(minutes=10))}


@pytest.mark.parametrize(
    ("name", "value"), [("markets", ["ALL"]), ("stocks", ["5930"]), ("replace", "yes"), ("start", 20261120)]
)
def test_a_param_that_is_no_choice_is_refused_by_the_form(dag, name, value):
    params = deepcopy(dag.params)

    with pytest.raises(ParamValidationError):
        params[name] = value
