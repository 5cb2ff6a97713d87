"""The DAG file: what the contract fixes, and that parsing it stays light."""

from __future__ import annotations

import json
import subprocess
import sys
from copy import deepcopy
from datetime import time, timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import ParamValidationError

from kiwoom_provider.dag_docs import night_doc
from kiwoom_provider.deadline import SessionDeadline, session_deadlines
from kiwoom_provider.krx import Window

DAGS = Path(__file__).parents[2] / "dags"


@pytest.fixture(scope="module")
def dag():
    bag = DagBag(DAGS)
    assert bag.import_errors == {}
    return bag.dags["ka10066_investor_trading"]


def test_the_dags_own_page_has_the_times_of_its_window(dag):
    assert "at 21:10 KST" in dag.doc_md
    assert "until 07:00 KST of the next session" in dag.doc_md
    moved = night_doc(Window(settle_time=time(22), window_end=time(6, 30)))
    assert "at 22:00 KST" in moved
    assert "until 06:30 KST of the next session" in moved


def test_the_tasks_stand_in_the_order_of_the_design(dag):
    assert [task.task_id for task in dag.topological_sort()] == [
        "resolve_session",
        "await_settlement",
        "fetch",
        "check_calendar",
        "assemble",
        "quality_check",
    ]


def test_fetch_is_mapped_and_named_by_what_it_fetches(dag):
    fetch = dag.task_dict["fetch"]

    assert fetch.is_mapped
    assert fetch.operator_class.__name__ == "Ka10066Operator"
    assert fetch.map_index_template == "{{ task.market }} · {{ task.venue }} · {{ task.measure }} · {{ task.side }}"


def test_by_default_a_session_is_36_sets_and_no_date(dag):
    assert dag.params.dump() == {
        "session_date": None,
        "markets": ["KOSPI", "KOSDAQ"],
        "venues": ["KRX", "NXT", "CONSOLIDATED"],
        "measures": ["amount", "quantity"],
        "sides": ["net", "buy", "sell"],
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("markets", ["KOSPY"]),
        ("venues", "KRX"),
        ("measures", ["won"]),
        ("sides", [""]),
        ("session_date", "20261120"),
    ],
)
def test_a_param_that_is_no_choice_is_refused_by_the_form(dag, name, value):
    params = deepcopy(dag.params)

    with pytest.raises(ParamValidationError):
        params[name] = value


def test_the_published_asset_is_the_last_tasks_outlet(dag):
    assert [outlet.name for outlet in dag.task_dict["quality_check"].outlets] == ["investor_trading"]


def test_the_asset_has_a_uri_and_a_group_and_no_other_stands_beside_it(dag):
    (asset,) = dag.task_dict["quality_check"].outlets
    assert (asset.uri, asset.group) == ("kiwoom://krx/investor_trading", "kiwoom")
    assert [asset for task in dag.tasks for asset in (*task.inlets, *task.outlets)] == [asset]


def test_a_run_and_its_tasks_may_take_as_long_as_the_longest_window(dag):
    assert dag.dagrun_timeout == timedelta(days=14)
    assert dag.task_dict["await_settlement"].timeout == 14 * 86_400
    assert all(task.execution_timeout for task in dag.tasks)


def test_a_session_that_does_not_settle_leaves_room_for_others(dag):
    assert dag.max_active_runs == 4


def test_a_session_is_late_at_a_time_of_day_of_the_window(dag):
    (deadline,) = dag.deadline
    assert isinstance(deadline.reference, SessionDeadline)
    assert deadline.reference.window.alert_time is None
    assert deadline.interval == timedelta()


def test_what_refuses_a_run_by_hand_knows_the_params_and_survives_the_database(dag):
    (deadline,) = dag.deadline
    stored = deadline.reference.serialize_reference()
    names = ("session_date", "markets", "venues", "measures", "sides")

    assert SessionDeadline.deserialize_reference(stored).params == names
    del stored["params"]  # as an earlier release stored it
    assert SessionDeadline.deserialize_reference(stored).params == ()


def test_in_airflow_dags_test_there_is_no_deadline():
    assert session_deadlines(Window(), arguments=["airflow", "dags", "test", "ka10066_investor_trading"]) == []
    assert len(session_deadlines(Window(), arguments=["airflow", "dag-processor"])) == 1


def test_every_task_is_documented(dag):
    assert all(task.doc_md for task in dag.tasks)
    assert "When it fails" in dag.doc_md


def test_parsing_pulls_nothing_heavy():
    code = (
        "import runpy, sys, json; import airflow.sdk; before = set(sys.modules);"
        f"runpy.run_path({str(DAGS / 'ka10066_investor_trading.py')!r});"
        "print(json.dumps(sorted({m.split('.')[0] for m in set(sys.modules) - before})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    pulled = set(json.loads(done.stdout.splitlines()[-1]))

    assert pulled & {"pandas", "pyarrow", "numpy", "holidays", "exchange_calendars", "requests"} == set()
