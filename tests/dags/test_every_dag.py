"""What holds of each DAG file that is delivered."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.dag_processing.dagbag import DagBag

from kiwoom_provider.alerts import run_failed
from kiwoom_provider.parameters import ParameterError

DAGS = Path(__file__).parents[2] / "dags"
WITHOUT_TIMEOUT = {"ka10059_history": "years of sessions are weeks of calls", "kiwoom_ask_api": "its only task has one"}
BY_HAND = {"kiwoom_ask_api": "who starts it reads its log"}


@pytest.fixture(scope="module")
def dags():
    bag = DagBag(DAGS)
    assert bag.import_errors == {}
    return bag.dags.values()


def test_no_task_runs_without_end(dags):
    assert [task for dag in dags for task in dag.tasks if not task.execution_timeout] == []


def test_no_run_lasts_for_ever_but_where_that_is_meant(dags):
    assert {dag.dag_id for dag in dags if not dag.dagrun_timeout} == {*WITHOUT_TIMEOUT}


def test_a_run_that_fails_is_told_of(dags):
    assert {dag.dag_id for dag in dags if dag.on_failure_callback is not run_failed} == {*BY_HAND}


def test_every_asset_of_ours_has_a_uri_and_a_group(dags):
    assets = {asset for dag in dags for task in dag.tasks for asset in task.outlets}
    assert {(asset.name, asset.uri, asset.group) for asset in assets} == {
        ("investor_trading", "kiwoom://krx/investor_trading", "kiwoom"),
        ("investor_trading_monthly", "kiwoom://krx/investor_trading_monthly", "kiwoom"),
    }


def test_the_first_task_refuses_a_run_that_names_what_is_no_param(dags):
    first = [task for dag in dags for task in dag.roots]
    assert len(first) == 5
    assert [task for task in first if task.conf_names != [*task.dag.params]] == []


def test_it_does_so_before_anything_else(dags):
    run = SimpleNamespace(conf={"starts": "2026-11-20"})
    for task in (task for dag in dags for task in dag.roots):
        with pytest.raises(ParameterError, match="the run's conf names starts; the params are: "):
            task.execute({"dag_run": run})
