"""What a real StatsD listener receives from the tasks of a session."""

from __future__ import annotations

import json
import re
import socket
from collections import Counter
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
import yaml
from airflow.sdk.configuration import conf
from airflow.sdk.observability import stats
from airflow.sdk.observability.metrics.stats_utils import get_stats_factory

from kiwoom_provider import metrics
from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.operators.ka10066 import Ka10066Operator
from kiwoom_provider.operators.session import ResolveSessionOperator
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.pipeline.plan import Mode, Plan
from kiwoom_provider.quality.results import Verdict
from kiwoom_simulator.server import serve
from scripts.tables.metrics import sent_metrics

NOW = "2026-11-20T21:20:00+09:00"
SET = {"market": "KOSPI", "venue": "KRX", "measure": "amount", "side": "net"}


@pytest.fixture
def listener(monkeypatch):
    """A StatsD server on this machine, to which a task process would send as Airflow sets it up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(2)
        for name, value in (("ON", "True"), ("HOST", "127.0.0.1"), ("PORT", str(server.getsockname()[1]))):
            monkeypatch.setenv(f"AIRFLOW__METRICS__STATSD_{name}", value)
        names = conf.getboolean("metrics", "legacy_names_on")
        backend = get_stats_factory()()
        stats.initialize(factory=lambda: backend, export_legacy_names=names)
        yield server
        backend.statsd.close()
    monkeypatch.undo()
    stats.initialize(factory=get_stats_factory(), export_legacy_names=names)


@pytest.fixture
def received(listener):
    """Return what has come, summed by name; a last figure tells that nothing is under way any more."""

    def read():
        stats.incr("the.end")
        found = Counter()
        while not (line := listener.recv(1024).decode()).startswith("airflow.the.end"):
            name, _, figure = line.partition(":")
            found.setdefault(name.removeprefix("airflow."), 0)
            found[name.removeprefix("airflow.")] += float(figure.partition("|")[0])
        return found

    return read


@pytest.fixture
def deployed(tmp_path, monkeypatch):
    """A connection to the simulator and a data root."""
    with serve(rate=0, now=NOW, speed=0, stocks="KOSPI=230,KOSDAQ=60", settle_at="18:10") as running:
        connection = {
            "conn_type": "kiwoom",
            "host": running.url,
            "login": "simulator-app-key",
            "password": "simulator-secret-key",
            "extra": {"state_dir": str(tmp_path / "state"), "requests_per_second": "unlimited"},
        }
        monkeypatch.setenv("AIRFLOW_CONN_KIWOOM_DEFAULT", json.dumps(connection))
        monkeypatch.setenv("AIRFLOW_VAR_KIWOOM_DATA_ROOT", (tmp_path / "data").as_uri())
        monkeypatch.setenv("KIWOOM_DEMO_CLOCK", f"{NOW}@{datetime.now(UTC).timestamp()}")
        yield running.control


def fetch():
    plan = Plan.of(calendar(), date(2026, 11, 20), Mode.LIVE, (ParameterSet.parse(*SET.values()),))
    return Ka10066Operator(task_id="fetch", plan=plan.to_json(), **SET).execute({"run_id": "run-a"})


def test_a_fetch_counts_calls_pages_and_rows(deployed, received):
    fetch()

    found = received()
    assert (found["kiwoom.pages"], found["kiwoom.rows"]) == (3, 230)
    assert found["kiwoom.calls"] == sum(each.calls for each in deployed.counts().values())
    assert (found["kiwoom.token.renewals"], found["kiwoom.refused"]) == (1, 0)


def test_a_refused_call_is_counted(deployed, received):
    deployed.fault("limit@ka10066*1")
    fetch()

    assert received()["kiwoom.refused"] == 1


def test_a_fetch_that_fails_counts_its_calls(deployed, received):
    deployed.fault("error=1517@ka10066")
    with pytest.raises(Exception, match="1517"):
        fetch()

    found = received()
    assert found["kiwoom.calls"] == 2
    assert "kiwoom.pages" not in found


def test_the_wait_for_the_budget_is_a_timing_in_milliseconds(listener):
    client = type("Client", (), {"calls": 5, "refused": 1, "renewals": 0, "waited_s": 1.25})

    metrics.count_calls(client, "live")

    lines = [listener.recv(1024).decode() for _ in range(4)]
    assert lines == [
        "airflow.kiwoom.calls:5|c",
        "airflow.kiwoom.refused:1|c",
        "airflow.kiwoom.token.renewals:0|c",
        "airflow.kiwoom.budget.waited:1250.000000|ms",
    ]


@pytest.mark.parametrize("verdict", Verdict)
def test_an_audit_is_counted_by_its_result(verdict, received):
    metrics.count_audit(verdict, lowered=2)

    every = dict.fromkeys(("passed", "warned", "blocked", "released"), 0) | {verdict.value: 1, "lowered": 2}
    assert received() == {f"kiwoom.audit.{name}": count for name, count in every.items()}


def test_the_newest_published_session_is_told_by_its_instant_and_its_age(tmp_path, received):
    store = Store.open(tmp_path.as_uri())
    for day in (date(2026, 11, 18), date(2026, 11, 19)):
        store.write(layout.published_key(day), b"")

    metrics.gauge_published(store, time(21, 10), datetime.fromisoformat("2026-11-20T21:20:00+09:00"))

    settled_at = datetime(2026, 11, 19, 12, 10, tzinfo=UTC).timestamp()
    assert received() == {"kiwoom.published.settled_at": settled_at, "kiwoom.published.age": 87_000}


def test_where_nothing_is_published_no_age_is_told(tmp_path, received):
    metrics.gauge_published(Store.open(tmp_path.as_uri()), time(21, 10), datetime.now(UTC))

    assert received() == {}


def test_restated_rows_are_counted_beside_those_compared(received):
    metrics.count_restated(3, 72)

    assert received() == {"kiwoom.restated.rows": 3, "kiwoom.restated.compared": 72}


@pytest.mark.usefixtures("deployed")
def test_the_first_task_of_a_run_tells_the_age(received, tmp_path):
    Store.open((tmp_path / "data").as_uri()).write(layout.published_key(date(2026, 11, 19)), b"")

    ResolveSessionOperator(task_id="resolve_session").execute({"run_id": "run-a"})

    found = received()
    assert found["kiwoom.published.age"] == pytest.approx(87_000, abs=60)
    audits = {name: count for name, count in found.items() if name.startswith("kiwoom.audit.")}
    assert audits == {f"kiwoom.audit.{name}": 0 for name in ("passed", "warned", "blocked", "released")}
    assert found["kiwoom.calendar.days_left"] == 406  # from 2026-11-20 to 2027-12-31


REPOSITORY = Path(__file__).parents[1]
RULES = yaml.safe_load((REPOSITORY / "deploy/monitoring/prometheus-rules.yaml").read_text("utf-8"))
DASHBOARDS = ("deploy/monitoring/grafana-dashboard.json", "deploy/monitoring/cloudwatch-dashboard.json")


def test_an_alert_looks_at_metrics_that_are_sent_and_says_how_bad_it_is():
    known = {f"airflow_{name.replace('.', '_')}" for name in sent_metrics()}
    rules = [rule for group in RULES["groups"] for rule in group["rules"]]
    assert len(rules) >= 6
    for rule in rules:
        assert set(re.findall(r"airflow_kiwoom_[a-z_]+", rule["expr"])) <= known, rule["alert"]
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert set(rule["annotations"]) == {"summary", "action"}


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_shows_metrics_that_are_sent(name):
    text = (REPOSITORY / name).read_text("utf-8")
    assert json.loads(text)
    shown = {found.removesuffix("_sum") for found in re.findall(r"airflow_(kiwoom_[a-z_]+)", text)}
    assert len(shown) >= 8
    assert shown <= {name.replace(".", "_") for name in sent_metrics()}
