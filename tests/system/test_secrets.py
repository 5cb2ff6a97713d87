"""
After nights of failures, retries, a refused audit and a release: no key, secret or token anywhere but where it belongs.

It belongs in the environment of the processes (``AIRFLOW_CONN_…``) or the encrypted connection row, and encrypted
in the token store.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import zlib
from base64 import b64encode
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kiwoom_provider.quality.results import AuditReport
from kiwoom_simulator.server import serve
from lab.faults.night import STOCKS, TroubledNight, stage
from system.leaks import Arguments, SecretForms, forms, in_database, in_files, rows_of

APP_KEY = "q7Rk/0pT+Zs2=vYhLw9Xn4Bd6"
SECRET_KEY = "m3Jc/8uG+Ea1=tKoPf5Wi7Sy2"
WRONG_SECRET = "n4Kd/9vH+Fb2=uLpQg6Xj8Tz3"
REDIS_PASSWORD = "k9Wf/3xU+Hd7=bMtRj8Yl5Vc1"
WRONG_PASSWORD = "p5Xg/4yT+Je9=cNsQk7Zm6Wd2"
CANARY = "b6Zt/2yC+Nm8=rDqHs1Ve9Ga5"
TODAY = "2026-11-17"
DATABASE = "home/airflow.db"
REPORT = re.compile(r"Z-[0-9a-f]{12}\.json$")


@dataclass(frozen=True)
class Aftermath:
    """``folder`` holds ``home`` (Airflow's) and ``night`` (data root, logs of the runs, shared state)."""

    folder: Path
    tokens: tuple[str, ...]
    arguments: Arguments
    outcomes: dict[str, str]

    @property
    def wanted(self) -> SecretForms:
        return SecretForms([APP_KEY, SECRET_KEY, WRONG_SECRET, REDIS_PASSWORD, WRONG_PASSWORD, *self.tokens])


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory):
    """Start a Redis that wants the password; it stands in a file of its own, outside of what is looked at."""
    if (redis := shutil.which("redis-server")) is None:
        pytest.skip("redis-server: apt-get install redis-server")
    place = tmp_path_factory.mktemp("redis")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = place / "redis.conf"
    settings.write_text(f'bind 127.0.0.1\nport {port}\nrequirepass {REDIS_PASSWORD}\nsave ""\ndir {place}\n')
    server = subprocess.Popen([redis, str(settings)], stdout=subprocess.PIPE, text=True)
    while "Ready to accept connections" not in server.stdout.readline():
        assert server.poll() is None
    yield port
    server.terminate()
    server.wait(timeout=10)
    server.stdout.close()


@pytest.fixture(scope="module")
def aftermath(matrix, redis_port) -> Aftermath:
    folder = matrix.worker.home.parent
    options = {"rate": 0, "stocks": STOCKS, "settle_at": "18:10", "app_key": APP_KEY, "secret_key": SECRET_KEY}
    with serve(**options) as simulator, Arguments() as arguments:
        night = stage(matrix.worker, folder / "night", matrix.monday, simulator)
        night.app_key, night.secret_key = APP_KEY, SECRET_KEY
        outcomes = _live(night, redis_port)
        return Aftermath(folder, tuple(simulator.control.tokens()), arguments, outcomes)


def _share_state(night: TroubledNight, port: int, password: str) -> None:
    """Have token and rate in Redis, by an Airflow connection with this password."""
    redis = {"conn_type": "redis", "host": "127.0.0.1", "port": port, "password": password}
    own = type(night).variables
    night.variables = lambda: own(night) | {"AIRFLOW_CONN_KIWOOM_REDIS": json.dumps(redis)}
    night.extra = night.extra | {"redis_conn_id": "kiwoom_redis"}


def _live(night: TroubledNight, redis_port: int) -> dict[str, str]:
    """Let everything go wrong that may show a secret; return how each run ended."""
    told = {}
    _share_state(night, redis_port, WRONG_PASSWORD)
    told["wrong password of Redis"] = night.tonight().state
    _share_state(night, redis_port, REDIS_PASSWORD)
    night.secret_key = WRONG_SECRET
    told["wrong secret"] = night.tonight().state
    night.secret_key = SECRET_KEY
    for fault in ("reset@ka10066:page=2*7", "http=503@ka10059*6", "dead-tokens@ka10066:page=3*1", "html@au10001*1"):
        night.control.fault(fault)
    night.control.fault("error=1517@ka10066:side=sell")
    told["faults"] = night.at(f"{TODAY}T21:25").run(TODAY).state
    told["rejected"] = night.run(TODAY, sides=["sell"]).state
    night.control.clear_faults()
    night.control.kill_tokens()
    night.control.fault("zero-prices@ka10066:side=buy")  # fetched again, it is blocked for good
    told["audit"] = night.at(f"{TODAY}T21:45").run(TODAY).state
    reason = "the odd cell is known"
    told["release"] = night.release(session_date=TODAY, reason=reason, **_blocking(night)).state
    return told


def _blocking(night: TroubledNight) -> dict[str, object]:
    """Return the name and the blocking rules of the last report, which a person would read."""
    reports = [key for key in night.store.list(f"quality/session_date={TODAY}") if REPORT.search(key)]
    report = AuditReport.from_bytes(night.store.read(reports[-1]), reports[-1])
    name = reports[-1].rpartition("/")[2].removesuffix(".json")
    return {"report": name, "rules": [result.id for result in report.blocking]}


# What is looked at is there, and went as it was meant to


def test_the_nights_failed_and_ended_as_they_were_meant_to(aftermath):
    ends = {
        "wrong password of Redis": "failed",
        "wrong secret": "failed",
        "faults": "success",
        "rejected": "failed",
        "audit": "failed",
    }
    assert aftermath.outcomes == ends | {"release": "success"}
    assert len(aftermath.tokens) >= 3


@pytest.mark.parametrize("table", ["xcom", "rendered_task_instance_fields", "task_instance", "task_instance_history"])
def test_the_database_has_rows_to_look_at(aftermath, table):
    assert rows_of(aftermath.folder / DATABASE, table) > 0


def test_the_logs_the_reports_and_the_raw_pages_are_there(aftermath):
    names = [path.name for path in aftermath.folder.rglob("*") if path.is_file()]
    for suffix, least in ((".log", 5), (".html", 4), (".json.gz", 20), (".parquet", 5), ("summary.json", 3)):
        assert sum(name.endswith(suffix) for name in names) >= least, suffix


def test_the_arguments_of_the_worker_were_seen(aftermath):
    assert any(b"lab.faults.player" in line for line in aftermath.arguments.seen)


# Nothing is found


def test_no_file_holds_a_secret(aftermath):
    assert in_files(aftermath.folder, aftermath.wanted) == []


def test_no_column_of_the_database_holds_a_secret(aftermath):
    assert in_database(aftermath.folder / DATABASE, aftermath.wanted) == []


def test_no_process_was_given_a_secret_as_an_argument(aftermath):
    assert aftermath.arguments.holding(aftermath.wanted) == []


# What is there would be found


@pytest.fixture
def canary() -> SecretForms:
    return SecretForms([CANARY])


WRITTEN = {
    "as it is": CANARY,
    "URL-encoded": quote(CANARY, safe=""),
    "in base64": b64encode(CANARY.encode()).decode(),
    "in base64, behind one byte": b64encode(b":" + CANARY.encode()).decode(),
    "in base64, between others": b64encode(b"k:" + CANARY.encode() + b":z").decode(),
    "escaped for JSON": CANARY.replace("/", "\\/"),
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN.keys())
def test_a_canary_in_a_log_is_found_however_it_is_written(tmp_path, canary, text):
    (tmp_path / "run.log").write_text(f"a line\nauthorization: {text}!\n")
    assert in_files(tmp_path, canary) == ["run.log"]


def test_a_secret_that_was_not_planted_is_not_found(tmp_path, canary):
    (tmp_path / "run.log").write_text(" ".join(form.decode() for form in forms(APP_KEY)))
    assert in_files(tmp_path, canary) == []


def test_a_canary_in_a_stored_page_is_found(tmp_path, canary):
    (tmp_path / "page-0001.json.gz").write_bytes(gzip.compress(f'{{"headers": "{CANARY}"}}'.encode()))
    assert in_files(tmp_path, canary) == ["page-0001.json.gz"]


@pytest.mark.parametrize("place", ["metadata", "cell"])
def test_a_canary_in_a_published_file_is_found(tmp_path, canary, place):
    table = pa.table({"stock_name": ["삼성전자"] * 500 + [CANARY if place == "cell" else "NAVER"]})
    table = table.replace_schema_metadata({"kiwoom.proof": CANARY} if place == "metadata" else {})
    pq.write_table(table, tmp_path / "part-0.parquet", compression="zstd")
    assert in_files(tmp_path, canary) == ["part-0.parquet"]


PLANTS = {
    "xcom.value": "UPDATE xcom SET value = ?",
    "rendered_task_instance_fields.rendered_fields": "UPDATE rendered_task_instance_fields SET rendered_fields = ?",
    "task_instance.next_kwargs": "UPDATE task_instance SET next_kwargs = ?",
    "dag_run.conf": "UPDATE dag_run SET conf = ?",
    "log.extra": "INSERT INTO log (event, extra) VALUES ('canary', ?)",
    "serialized_dag.data_compressed": "UPDATE serialized_dag SET data_compressed = ?",
}


@pytest.mark.parametrize("column", PLANTS)
def test_a_canary_in_a_column_is_found(aftermath, tmp_path, canary, column):
    copy = shutil.copy(aftermath.folder / DATABASE, tmp_path / "airflow.db")
    text = f'{{"token": "{CANARY}"}}'
    with closing(sqlite3.connect(copy)) as database, database:
        database.execute(PLANTS[column], [zlib.compress(text.encode()) if "compressed" in column else text])
    assert in_database(Path(copy), canary) == [column]


def test_a_canary_in_the_arguments_of_a_process_is_found(canary):
    with Arguments() as arguments:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(1)", f"--secret={CANARY}"], check=True)
    assert len(arguments.holding(canary)) == 1
