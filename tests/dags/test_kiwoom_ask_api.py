"""The DAG that asks the API, and its task."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiwoom_provider.ask import inquiry, questions
from kiwoom_provider.operators.ask import AskOperator, NotAsAssumedError
from kiwoom_simulator.server import serve

NIGHT = "2026-11-20T21:30:00+09:00"


@pytest.fixture
def ask(tmp_path, monkeypatch):
    monkeypatch.setattr(inquiry, "at_one_a_second", lambda settings: replace(settings, requests_per_second=None))
    monkeypatch.setattr(questions, "PAUSE", timedelta(0))

    def run(**options):
        with serve(now=NIGHT, rate=0, speed=0, stocks="KOSPI=130,KOSDAQ=110", **options) as running:
            connection = {
                "conn_type": "kiwoom",
                "host": running.url,
                "login": "simulator-app-key",
                "password": "simulator-secret-key",
                "extra": {"state_dir": str(tmp_path / "state")},
            }
            monkeypatch.setenv("AIRFLOW_CONN_KIWOOM_TRIAL", json.dumps(connection))
            monkeypatch.setenv("KIWOOM_DEMO_CLOCK", f"{NIGHT}@{time.time()}")
            return AskOperator(task_id="ask", kiwoom_conn_id="kiwoom_trial").execute({})

    return run


def test_the_report_stands_in_the_log_and_is_returned(ask, caplog):
    with caplog.at_level("INFO"):
        report = ask()
    assert "| assumption | state | seen | what to do |" in caplog.text
    assert json.loads(json.dumps(report))["findings"]


def test_the_task_fails_at_once_when_something_is_not_handled(ask, caplog):
    with caplog.at_level("INFO"), pytest.raises(NotAsAssumedError, match="do not go live") as caught:
        ask(fault="missing-element=natn@ka10066")
    assert caught.value.is_final
    assert "not handled" in caplog.text


def test_the_dag_has_one_task_that_takes_the_connection():
    from airflow.dag_processing.dagbag import DagBag

    path = Path(__file__).parents[2] / "dags" / "kiwoom_ask_api.py"
    bag = DagBag(path)
    assert bag.import_errors == {}
    dag = bag.dags["kiwoom_ask_api"]
    assert dag.task_ids == ["ask"]
    assert dag.get_task("ask").kiwoom_conn_id == "{{ params.kiwoom_conn_id }}"
