"""The DAG file of the months: it follows every published session."""

from __future__ import annotations

from pathlib import Path

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import PartitionedAssetTimetable


def test_it_follows_the_asset_session_by_session():
    bag = DagBag(Path(__file__).parents[2] / "dags")
    assert bag.import_errors == {}
    dag = bag.dags["investor_trading_monthly"]

    assert isinstance(dag.schedule, PartitionedAssetTimetable)
    assert [task.task_id for task in dag.tasks] == ["make_months"]
    assert dag.params.dump() == {"months": None}
