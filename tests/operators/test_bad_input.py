"""Bad input: one clear message that names the field and the remedy, before any call, nothing written."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from airflow.sdk import RetryAction

from kiwoom_provider.documents import DocumentError
from kiwoom_provider.hooks.kiwoom import KiwoomHook
from kiwoom_provider.krx import calendar
from kiwoom_provider.operators.ka10066 import Ka10066Operator
from kiwoom_provider.operators.session import ResolveSessionOperator
from kiwoom_provider.parameters import ParameterError, parameter_sets
from kiwoom_provider.pipeline.plan import Mode, Plan
from kiwoom_provider.retries import RETRY_POLICY
from kiwoom_simulator.server import serve
from stages import spare_the_pauses

PLAN = Plan.of(calendar(), date(2026, 11, 20), Mode.LIVE, parameter_sets({})).to_json()
NOW = "2026-11-20T21:20:00+09:00"


@pytest.fixture
def simulator():
    with serve(rate=0, now=NOW, speed=0, stocks="KOSPI=60,KOSDAQ=60", settle_at="18:10") as running:
        yield running


@pytest.fixture
def deploy(simulator, tmp_path, monkeypatch):
    """Set up connection and data root, with what a test changes."""

    spare_the_pauses(monkeypatch)

    def set_up(*, data_root=None, **connection):
        described = {
            "conn_type": "kiwoom",
            "host": simulator.url,
            "login": "simulator-app-key",
            "password": "simulator-secret-key",
            "extra": {"state_dir": str(tmp_path / "state"), "requests_per_second": "unlimited"},
        } | connection
        monkeypatch.setenv("AIRFLOW_CONN_KIWOOM_DEFAULT", json.dumps(described))
        root = (tmp_path / "data").as_uri() if data_root is None else data_root
        monkeypatch.setenv("AIRFLOW_VAR_KIWOOM_DATA_ROOT", root)
        if "127.0.0.1" in str(described["host"]):
            monkeypatch.setenv("KIWOOM_DEMO_CLOCK", f"{NOW}@{datetime.now(UTC).timestamp()}")

    return set_up


@dataclass
class Run:
    conf: dict


PARAMS = ("session_date", "markets", "venues", "measures", "sides")


def resolve(**params):
    """Resolve as a run whose conf are the params; a name that is no param stands in the conf alone."""
    known = {name: value for name, value in params.items() if name in PARAMS}
    task = ResolveSessionOperator(task_id="resolve_session", conf_names=PARAMS, **known)
    return task.execute({"run_id": "run-a", "dag_run": Run(params)})


def refused(simulator, tmp_path, *, action=RetryAction.FAIL, **params):
    """
    Return what the task says; no call was made, nothing was written, and Airflow does not try again.

    :param action: unless it does, because what was not found may only be out of reach.
    """
    with pytest.raises(Exception) as raised:  # noqa: PT011 - the caller asserts the words
        resolve(**params)
    assert simulator.control.count("ka10066").calls == 0
    assert [path for path in (tmp_path / "data").rglob("*") if path.is_file()] == []
    assert RETRY_POLICY.evaluate(raised.value, 1, 5).action is action
    return str(raised.value)


def test_good_input_is_a_plan_of_36_sets(deploy):
    deploy()

    plan = resolve()

    assert (plan["session"]["session_date"], plan["mode"], len(plan["sets"])) == ("2026-11-20", "live", 36)


@pytest.mark.parametrize("empty", [None, [], [""], [" ", None]])
def test_an_emptied_box_of_the_form_is_its_default(deploy, empty):
    deploy()

    assert len(resolve(markets=empty, venues=empty, measures=empty, sides=empty)["sets"]) == 36


def test_spaces_around_a_name_do_not_count(deploy):
    deploy()

    assert {one["market"] for one in resolve(markets=[" KOSPI ", ""])["sets"]} == {"KOSPI"}


@pytest.mark.parametrize("asked", [{}, {"venues": ["NXT", "KRX", "CONSOLIDATED"]}], ids=["nobody named", "all"])
def test_where_nobody_chose_venues_they_are_those_that_the_host_serves(deploy, monkeypatch, asked):
    deploy()
    monkeypatch.setattr(KiwoomHook, "serves", lambda _self, venue: venue == "KRX")

    assert {one["venue"] for one in resolve(**asked)["sets"]} == {"KRX"}


def test_in_another_dag_a_runs_conf_may_hold_what_it_likes(deploy):
    deploy()
    task = ResolveSessionOperator(task_id="plan", markets=["KOSDAQ"])

    assert len(task.execute({"run_id": "run-a", "dag_run": Run({"venues": ["XNAS"], "ours": 1})})["sets"]) == 18


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"markets": ["KOSPY"]}, "market 'KOSPY' is not one of: KOSPI, KOSDAQ, ALL"),
        ({"venues": ["NASDAQ"]}, "venue 'NASDAQ' is not one of: KRX, NXT, CONSOLIDATED"),
        ({"measures": ["1"]}, "measure '1' is not one of: amount, quantity"),
        ({"sides": ["long"]}, "side 'long' is not one of: net, buy, sell"),
        ({"sessiondate": "2026-11-19"}, "the run's conf names sessiondate; the params are: session_date, markets"),
        ({"venues": "KRX"}, "venues must be a list"),
        ({"session_date": "2026-11-23"}, "session_date 2026-11-23 is in the future"),
        ({"session_date": "2026-11-21"}, "2026-11-21"),
        ({"session_date": "2026-12-25"}, "2026-12-25"),
        ({"session_date": "20261120"}, "session_date"),
        ({"session_date": "2026-02-30"}, "session_date"),
        ({"session_date": "2031-01-02"}, "2031-01-02"),
    ],
)
def test_a_param_that_cannot_be_is_named(deploy, simulator, tmp_path, params, words):
    deploy()

    assert words in refused(simulator, tmp_path, **params)


def test_a_session_whose_window_is_over_says_that_the_api_no_longer_serves_it(deploy, simulator, tmp_path):
    deploy()

    message = refused(simulator, tmp_path, session_date="2026-11-19")

    assert "session 2026-11-19 can no longer be fetched" in message
    assert "its raw is absent" in message


def test_a_venue_that_the_mock_host_does_not_serve_is_named(deploy, simulator, tmp_path, monkeypatch):
    deploy(host="mockapi.kiwoom.com", extra={})
    monkeypatch.delenv("KIWOOM_DEMO_CLOCK", raising=False)
    monkeypatch.setattr("kiwoom_provider.clock.SystemClock.now", lambda _: datetime(2026, 11, 20, 12, 30, tzinfo=UTC))

    message = refused(simulator, tmp_path, venues=["KRX", "NXT"])

    assert "does not serve NXT" in message
    assert "set venues to KRX" in message


@pytest.mark.parametrize(
    ("connection", "words"),
    [
        ({"login": ""}, "login"),
        ({"password": None}, "password"),
        ({"host": ""}, "host"),
        ({"extra": {"requests_per_secnd": 5}}, "requests_per_secnd"),
        ({"extra": {"requests_per_second": 0}}, "requests_per_second"),
        ({"host": "http://example.com"}, "http://example.com"),
    ],
)
def test_a_half_filled_connection_is_named(deploy, simulator, tmp_path, connection, words):
    deploy(**connection)

    assert words in refused(simulator, tmp_path)


def test_a_connection_that_is_not_there_is_named(deploy, simulator, tmp_path, monkeypatch):
    deploy()
    monkeypatch.delenv("AIRFLOW_CONN_KIWOOM_DEFAULT")

    message = refused(simulator, tmp_path, action=RetryAction.RETRY)

    assert "connection 'kiwoom_default' does not exist" in message


def test_a_wrong_key_is_refused_at_once(deploy, simulator, tmp_path):
    deploy(password="another-secret")

    message = refused(simulator, tmp_path)

    assert "8001" in message or "8002" in message
    assert "another-secret" not in message


def test_a_host_that_cannot_be_reached_is_named_and_tried_again(deploy):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        deploy(host=url)

        with pytest.raises(Exception, match=url) as raised:
            resolve()

    assert RETRY_POLICY.evaluate(raised.value, 1, 5).action is RetryAction.RETRY


@pytest.mark.parametrize(
    ("root", "words"),
    [
        ("", "kiwoom_data_root is not set"),
        ("/var/lib/kiwoom", "is not a URL"),
        ("ftpp://host/x", "unknown scheme 'ftpp'"),
    ],
)
def test_a_data_root_that_is_no_place_is_named(deploy, simulator, tmp_path, root, words):
    deploy(data_root=root)

    assert words in refused(simulator, tmp_path)


def test_a_data_root_that_cannot_be_written_is_named(deploy, tmp_path):
    (tmp_path / "file").write_bytes(b"no folder")
    deploy(data_root=(tmp_path / "file").as_uri())

    with pytest.raises(Exception, match=r"kiwoom_data_root .*/file: .*may be written by the Airflow workers"):
        resolve()


@pytest.mark.parametrize(("field", "value"), [("market", "KOSPY"), ("venue", "X"), ("measure", "2"), ("side", "")])
def test_the_operator_refuses_each_bad_value_by_name(deploy, simulator, field, value):
    deploy()
    good = {"market": "KOSPI", "venue": "KRX", "measure": "amount", "side": "net"}

    with pytest.raises(ParameterError, match=field):
        Ka10066Operator(task_id="fetch", plan=PLAN, **good | {field: value}).execute({"run_id": "run-a"})

    assert simulator.control.counts() == {} or simulator.control.count("ka10066").calls == 0


def test_a_plan_that_cannot_be_read_is_refused_before_any_call(deploy, simulator, tmp_path):
    deploy()
    plan = PLAN | {"mode": "again"}
    fetch = Ka10066Operator(task_id="fetch", plan=plan, market="KOSPI", venue="KRX", measure="amount", side="net")

    with pytest.raises(DocumentError, match="the plan cannot be read: mode") as raised:
        fetch.execute({"run_id": "run-a"})

    assert simulator.control.counts() == {}
    assert not (tmp_path / "data").exists()
    assert raised.value.is_final
