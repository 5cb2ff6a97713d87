"""The real DAG in real Airflow with its data root on S3, from an Airflow connection. ``make storage`` runs these."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("airflow.providers.amazon", reason="needs apache-airflow-providers-amazon: run `make storage`")
sys.path.insert(0, str(Path(__file__).parents[1] / "system"))

from stage import SETS as ASKED
from stage import Night, Worker, environment
from verdicts import SIZES, wrong_cells
from wire import Fault

from kiwoom_provider.datasets.store import Store
from kiwoom_simulator.server import serve

DAY = "2026-11-17"
FILE = f"investor_trading/session_date={DAY}/part-0.parquet"
UNFINISHED = ("fetch", "assemble", "quality_check")
STOCKS = ",".join(f"{market}={count}" for market, count in SIZES.items())


class NightOnS3(Night):
    """A night whose data root names an Airflow connection; Airflow keeps a connection's store, so each has its own."""

    connection = ""

    @property
    def connection_id(self):
        return f"store_{self.store.root.rpartition('/')[2]}"

    def variables(self):
        return super().variables() | {
            f"AIRFLOW_CONN_{self.connection_id.upper()}": self.connection,
            "AIRFLOW_VAR_KIWOOM_DATA_ROOT": f"s3://{self.connection_id}@{self.store.root}",
        }


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    made = tmp_path_factory.mktemp("airflow")
    migrate = [sys.executable, "-m", "airflow", "db", "migrate"]
    subprocess.run(migrate, env=environment(made), check=True, capture_output=True, timeout=300)
    return made


@pytest.fixture(scope="module")
def workers(home):
    """Return the worker in service, in a list, so that a test can replace the one that it killed."""
    made = [Worker(home)]
    yield made
    made[0].close()


@pytest.fixture
def simulator():
    with serve(rate=0, stocks=STOCKS) as running:
        yield running


@pytest.fixture
def night(workers, simulator, other, tmp_path, way_in):
    stage = NightOnS3(workers[0], other, simulator.url, simulator.control, tmp_path)
    stage.connection = way_in
    return stage.at(f"{DAY}T21:00")


@pytest.fixture
def way_in(line, server):
    return connection(line.url, server)


def connection(url, server, secret=None):
    extra = {"endpoint_url": url, "region_name": "us-east-1", "config_kwargs": {"retries": {"total_max_attempts": 1}}}
    given = {"login": server.access_key, "password": secret or server.secret_key, "extra": json.dumps(extra)}
    return json.dumps({"conn_type": "aws", **given})


def calls(night):
    return night.control.count("ka10066").calls


def kill(workers, home):
    """Kill the worker, do what the scheduler does with a task that is not heard of, and start another."""
    workers[0]._process.kill()
    workers[0].close()
    with closing(sqlite3.connect(home / "airflow.db")) as database, database:
        database.execute("UPDATE task_instance SET state = 'failed' WHERE state = 'running'")
    workers[0] = Worker(home)


def last_run(home):
    with closing(sqlite3.connect(home / "airflow.db")) as database:
        return database.execute("SELECT run_id FROM dag_run ORDER BY id DESC LIMIT 1").fetchone()[0]


def assert_published_truth(night):
    wrong, cells = wrong_cells(night.store.read(FILE), date.fromisoformat(DAY), frozenset())
    assert wrong == 0
    assert cells > 2000


def replayed_on_disk(night, folder):
    """Copy a night's raw to a file system, replay it there, and return the published bytes."""
    disk = Store.open((folder / "copy").as_uri())
    for key in night.store.list("raw"):
        disk.write(key, night.store.read(key))
    copy = Night(night.worker, disk, night.url, night.control, folder)
    outcome = copy.at("2026-11-20T21:00").run(session_date=DAY)
    assert outcome.state == "success", outcome.errors
    return disk.read(FILE)


def test_a_night_is_published_and_its_raw_gives_the_same_bytes_on_a_file_system(night, tmp_path):
    outcome = night.run(DAY)

    assert outcome.state == "success", outcome.errors
    assert_published_truth(night)
    assert replayed_on_disk(night, tmp_path) == night.store.read(FILE)


def test_what_a_night_of_two_sets_costs_in_requests(night, line):
    assert night.run(DAY).state == "success"

    kinds = dict(line.count())
    assert sum(kinds.values()) <= 100


def test_a_store_that_fails_in_mid_night_costs_only_the_pages_that_were_not_stored(night, line):
    line.rule = lambda kind, key: (
        Fault.FORBIDDEN if kind == "PUT" and "side=buy" in key and "page-0002" in key else None
    )
    failed = night.run(DAY)
    assert failed.failed_task in ("fetch[0]", "fetch[1]")
    assert "cannot write raw/ka10066/" in failed.log
    line.rule = None
    before = calls(night)

    healed = night.clear(failed.run_id, *UNFINISHED)

    assert healed.state == "success", healed.errors
    assert_published_truth(night)
    assert calls(night) - before == 2


def test_a_worker_that_is_killed_in_mid_upload_leaves_a_night_that_goes_on(night, line, workers, home, tmp_path):
    puts = iter(range(100))
    line.rule = lambda kind, key: Fault.STALLED if kind == "PUT" and "page-0002" in key and next(puts) == 0 else None
    night.start(partition_key=DAY, kind="manual", conf=ASKED, now="2026-11-17T12:00:01+00:00")
    assert line.stalled.wait(60)
    kill(workers, home)
    line.rule = None
    night.worker = workers[0]

    outcome = night.at(f"{DAY}T21:10").clear(last_run(home))

    assert outcome.state == "success", outcome.errors
    assert_published_truth(night)
    assert replayed_on_disk(night, tmp_path) == night.store.read(FILE)


@pytest.mark.parametrize("wrong", ["secret", "bucket", "connection"])
def test_a_store_that_cannot_be_written_is_refused_before_any_call(wrong, night, line, server):
    words = {
        "secret": "Check the credentials",
        "bucket": "The specified bucket does not exist",
        "connection": f"The conn_id `{night.connection_id}` isn't defined",
    }
    if wrong == "secret":
        night.connection = connection(line.url, server, secret="a-secret-that-is-wrong")
    elif wrong == "bucket":
        night.store = Store(night.store.fs, f"no-such-bucket/{night.store.root.rpartition('/')[2]}")
    else:
        night.variables = lambda: {k: v for k, v in NightOnS3.variables(night).items() if "AIRFLOW_CONN_STORE" not in k}

    outcome = night.run(DAY)

    assert (outcome.state, outcome.failed_task) == ("failed", "resolve_session")
    assert words[wrong] in outcome.log
    assert (calls(night), night.control.tokens_issued()) == (0, 0)
    assert not any(secret in outcome.log for secret in ("a-secret-that-is-wrong", server.secret_key))


def test_a_store_that_lists_nothing_new_leaves_the_session_unproved_until_it_does(night, line):
    line.hidden_s = 3600
    outcome = night.run(DAY)
    assert outcome.failed_task == "quality_check"
    assert "UnprovedSessionError" in outcome.errors
    assert not night.store.exists(FILE)
    line.hidden_s = 0

    again = night.clear(outcome.run_id)

    assert again.state == "success", again.errors
    assert_published_truth(night)
