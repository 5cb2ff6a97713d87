# ruff: noqa: ARG001 - fixtures are asked for effect
"""The example of a DAG that follows the asset: a real run publishes, the scheduler's logic starts the follower."""

from __future__ import annotations

import hashlib
import json
import runpy
from datetime import UTC, date, datetime
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from sqlalchemy import select

from dag_files import ROOT, parse_folder
from kiwoom_provider.datasets.reader import read_investor_trading
from kiwoom_simulator.market import DEFAULT_SEED, truth
from kiwoom_simulator.server import serve

SIZES = {"KOSPI": 230, "KOSDAQ": 120}
NOW = "2026-11-20T21:40:00+09:00"
KEYS = ("simulator-app-key", "simulator-secret-key")
SOURCE, FOLLOWER = "ka10066_investor_trading", "top_foreign_net_buys"
CONF = {
    "session_date": "2026-11-20",
    "markets": ["KOSPI"],
    "venues": ["KRX"],
    "measures": ["amount"],
    "sides": ["net", "buy", "sell"],
}
PLAIN = """
from airflow.sdk import DAG, task
from kiwoom_provider.assets import INVESTOR_TRADING

with DAG(dag_id="plain_follower", schedule=[INVESTOR_TRADING], catchup=False):
    task(lambda: None, task_id="follow")()
"""


@pytest.fixture(scope="module")
def deployed(airflow_database, tmp_path_factory):
    """Return both DAGs, known to the scheduler, with a small market behind the connection."""
    folder = tmp_path_factory.mktemp("deployed")
    with (
        serve(
            rate=0, now=NOW, speed=0, stocks=",".join(f"{name}={count}" for name, count in SIZES.items())
        ) as simulator,
        pytest.MonkeyPatch.context() as patch,
    ):
        connection = {
            "conn_type": "kiwoom",
            "host": simulator.url,
            "login": KEYS[0],
            "password": KEYS[1],
            "extra": {"state_dir": str(folder / "state"), "requests_per_second": "unlimited"},
        }
        patch.setenv("AIRFLOW_CONN_KIWOOM_DEFAULT", json.dumps(connection))
        patch.setenv("AIRFLOW_VAR_KIWOOM_DATA_ROOT", (folder / "data").as_uri())
        patch.setenv("KIWOOM_DEMO_CLOCK", f"{NOW}@{datetime.now(UTC).timestamp()}")
        plain = folder / "plain"
        plain.mkdir()
        (plain / "plain_follower.py").write_text(PLAIN)
        yield parse_folder(ROOT / "dags") | parse_folder(ROOT / "docs" / "examples") | parse_folder(plain)


@pytest.fixture(scope="module")
def event(deployed):
    """Run the source DAG whole; return the asset's event."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session

    deployed[SOURCE].deadline = None  # else Airflow takes it for the id of a stored one, as in `airflow dags test`
    run = deployed[SOURCE].test(run_conf=CONF)
    assert run.state == "success"
    with create_session() as session:
        (found,) = session.scalars(select(AssetEvent).where(AssetEvent.source_run_id == run.run_id)).all()
        session.expunge(found)
    return found


@pytest.fixture(scope="module")
def follower_run(deployed, event):
    """Let the scheduler look for partitions that are due, as its loop does."""
    from airflow.jobs.job import Job
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    runs = select(DagRun).where(DagRun.dag_id == FOLLOWER)
    with create_session() as session:
        before = [run.run_id for run in session.scalars(runs)]
        SchedulerJobRunner(Job(), executors=[MagicMock()])._create_dagruns_for_partitioned_asset_dags(session)
    with create_session() as session:
        return session.scalars(runs.where(DagRun.run_id.not_in(before))).all()


def test_a_published_session_is_one_event_with_the_session_as_partition_key(event):
    assert (event.source_dag_id, event.source_task_id, event.partition_key) == (SOURCE, "quality_check", "2026-11-20")


def test_the_event_carries_rows_rules_and_the_files_checksum(event):
    path = event.extra["path"].removeprefix("file://")
    root = path.removesuffix("/investor_trading/session_date=2026-11-20/part-0.parquet")
    assert event.extra["session_date"] == "2026-11-20"
    assert event.extra["sha256"] == hashlib.sha256(Path(path).read_bytes()).hexdigest()
    assert event.extra["rows"] == len(read_investor_trading(root, "2026-11-20", "2026-11-20")) == 230 * 12
    assert event.extra["rules"]["pass"] > 10
    assert {"warn", "fail", "error"} <= set(event.extra["rules"])


def test_the_event_carries_no_credential(event):
    text = json.dumps(event.extra)

    assert [key for key in KEYS if key in text] == []
    assert "@" not in text
    assert set(event.extra) == {"session_date", "rows", "bytes", "sha256", "path", "rules"}


def test_the_scheduler_starts_one_run_of_the_follower_for_that_session(follower_run):
    (run,) = follower_run

    assert (run.partition_key, run.run_type, run.state) == ("2026-11-20", "asset_triggered", "queued")


@pytest.mark.usefixtures("follower_run")
def test_a_plain_schedule_by_the_asset_gets_no_run_and_no_event_in_its_queue():
    """As the documents warn; once Airflow does otherwise, the warning goes."""
    from airflow.models.asset import AssetDagRunQueue
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        queued = select(AssetDagRunQueue).where(AssetDagRunQueue.target_dag_id == "plain_follower")
        assert session.scalars(queued).all() == []
        assert session.scalars(select(DagRun).where(DagRun.dag_id == "plain_follower")).all() == []


def test_the_follower_returns_what_foreigners_bought_most_in_the_market_itself(deployed, follower_run):
    from airflow.models.xcom import XComModel
    from airflow.sdk.definitions.dag import _run_task
    from airflow.utils.session import create_session

    with create_session() as session:
        (ti,) = session.merge(follower_run[0]).get_task_instances(session=session)
        ti.try_number += 1
    result = _run_task(ti=ti, task=deployed[FOLLOWER].task_dict[ti.task_id])
    with create_session() as session:
        (returned,) = session.scalars(
            select(XComModel).where(XComModel.dag_id == FOLLOWER, XComModel.run_id == ti.run_id)
        ).all()

    market = truth(DEFAULT_SEED, date(2026, 11, 20), "KOSPI", "KRX", "amount", "net", sizes=SIZES)
    bought = sorted(zip(market.investors[:, 1].tolist(), market.codes, strict=True), reverse=True)
    assert result.state == "success"
    ranked = XComModel.deserialize_value(returned)
    assert [(row["net_amount"], row["stock_code"]) for row in ranked] == bought[:10]


def test_a_run_without_a_partition_key_says_what_to_do():
    module = runpy.run_path(str(ROOT / "docs/examples/downstream_dag.py"))

    with pytest.raises(ValueError, match="trigger it with a session's, such as 2026-11-20"):
        module["session_of"]({"partition_key": None})
