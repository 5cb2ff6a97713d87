"""The real DAG in real Airflow, its data root on an object store by an Airflow connection: ``make thorough``."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from datetime import date

import pytest

from ground_truth import SIZES, Truths, wrong_cells
from kiwoom_provider.datasets.store import Store
from kiwoom_simulator.server import serve
from lab.nights.stage import SETS as ASKED
from lab.nights.stage import Night, Worker
from storage.stores import PROVIDER, WRONG_KEY
from storage.wire import Fault

pytestmark = pytest.mark.thorough
DAY = "2026-11-17"
FILE = f"investor_trading/session_date={DAY}/part-0.parquet"
UNFINISHED = ("fetch", "assemble", "quality_check")
ALL = {
    "markets": ["KOSPI", "KOSDAQ"],
    "venues": ["KRX", "NXT", "CONSOLIDATED"],
    "measures": ["amount", "quantity"],
    "sides": ["net", "buy", "sell"],
}
MOST = {"s3": 1090, "abfs": 1270}
STOCKS = ",".join(f"{market}={count}" for market, count in SIZES.items())


class NightOnStore(Night):
    """A night whose data root names an Airflow connection; Airflow keeps a connection's store, so each has its own."""

    kind = connection = ""

    @property
    def connection_id(self):
        return f"store_{self.store.root.rpartition('/')[2]}"

    def variables(self):
        return super().variables() | {
            f"AIRFLOW_CONN_{self.connection_id.upper()}": self.connection,
            "AIRFLOW_VAR_KIWOOM_DATA_ROOT": f"{self.kind}://{self.connection_id}@{self.store.root}",
        }


@pytest.fixture
def _provider(kind):
    """Skip where Airflow cannot open this kind of store, before anything is started."""
    pytest.importorskip(PROVIDER[kind], reason="nights on object stores: make thorough")


@pytest.fixture(scope="module")
def home(new_home):
    return new_home()


@pytest.fixture(scope="module")
def workers(home):
    """Return the worker in service, in a list, so that a test can replace the one that it killed."""
    made = [Worker(home)]
    yield made
    made[0].close()


@pytest.fixture
def simulator():
    with serve(rate=0, stocks=STOCKS, settle_at="18:10") as running:
        yield running


@pytest.fixture
def night(_provider, workers, simulator, theirs, tmp_path, service):
    stage = NightOnStore(workers[0], theirs, simulator.url, simulator.control, tmp_path)
    stage.kind, stage.connection = service.kind, connection(service)
    return stage.at(f"{DAY}T21:20")


def connection(service, key=None):
    """Return the Airflow connection that leads over the wire."""
    once = {"retries": {"total_max_attempts": 1}} if service.kind == "s3" else {}
    return service.server.connection(service.line.url, key, **once)


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
    wrong, cells = wrong_cells(night.store.read(FILE), date.fromisoformat(DAY), Truths())
    assert wrong == 0
    assert cells > 2000


def replayed_on_disk(night, folder):
    """Copy a night's raw to a file system, replay it there, and return the published bytes."""
    disk = Store.open((folder / "copy").as_uri())
    for key in night.store.list("raw"):
        disk.write(key, night.store.read(key))
    copy = Night(night.worker, disk, night.url, night.control, folder)
    outcome = copy.at("2026-11-20T21:20").run(session_date=DAY)
    assert outcome.state == "success", outcome.errors
    return disk.read(FILE)


def test_a_night_is_published_and_its_raw_gives_the_same_bytes_on_a_file_system(night, tmp_path):
    outcome = night.run(DAY)

    assert outcome.state == "success", outcome.errors
    assert_published_truth(night)
    assert replayed_on_disk(night, tmp_path) == night.store.read(FILE)


def test_a_night_of_two_sets_costs_few_requests_and_needs_no_condition_on_any(night, line):
    assert night.run(DAY).state == "success"

    assert line.count().total() <= {"s3": 175, "abfs": 210}[night.kind]
    assert line.conditions == []


def test_what_an_ordinary_night_of_all_36_sets_costs_in_requests(night, line):
    """The table of docs/storage.md, printed with ``-s``: requests by kind, place and answer."""
    with serve(rate=0, stocks="KOSPI=300,KOSDAQ=200", settle_at="18:10") as market:
        night.url, night.control = market.url, market.control
        assert night.at("2026-11-16T21:20").run("2026-11-16", **ALL).state == "success"
        line.requests.clear()
        assert night.at("2026-11-17T21:20").run("2026-11-17", **ALL).state == "success"
    table = [f"{times:5} {kind:6} {status} {at}" for (kind, at, status), times in sorted(places(line, night).items())]
    sys.stdout.write("\n".join(["", f"{night.kind}: {line.count().total()} {dict(line.count())}", *table, ""]))

    assert line.count().total() <= MOST[night.kind]


def places(line, night):
    """Count requests by kind, place under the root without what differs from one to the next, and answer."""
    found = Counter()
    for kind, path, status in line.requests:
        inside = path.partition(night.store.root)[2].strip("/")
        plain = re.sub(r"(=)[^/]*|[0-9a-f]{32}|\d[\w.:+-]*", r"\1*", inside)
        found[kind, plain, status] += 1
    return found


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
def test_a_store_that_cannot_be_written_is_refused_before_any_call(wrong, night, service):
    words = {
        "secret": "Check the credentials",
        "bucket": "The specified",  # bucket, or container, does not exist
        "connection": f"The conn_id `{night.connection_id}` isn't defined",
    }
    if wrong == "secret":
        night.connection = connection(service, key=WRONG_KEY[service.kind])
    elif wrong == "bucket":
        night.store = Store(night.store.fs, f"no-such-bucket/{night.store.root.rpartition('/')[2]}")
    else:
        given = NightOnStore.variables
        night.variables = lambda: {k: v for k, v in given(night).items() if "AIRFLOW_CONN_STORE" not in k}

    outcome = night.run(DAY)

    assert (outcome.state, outcome.failed_task) == ("failed", "resolve_session")
    assert words[wrong] in outcome.log
    assert (calls(night), night.control.tokens_issued()) == (0, 0)
    assert not any(secret in outcome.log for secret in (WRONG_KEY[service.kind], service.server.secret_key))


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
