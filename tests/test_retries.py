"""Which failures Airflow tries again."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, RetryAction
from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
from airflow.sdk.execution_time.comms import ErrorResponse
from airflow.serialization.serialized_objects import DagSerialization

import kiwoom_provider
from kiwoom_provider.api.classification import raise_for_error
from kiwoom_provider.api.errors import (
    AuthenticationError,
    GarbledError,
    KiwoomError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    TransientError,
    UnsupportedError,
)
from kiwoom_provider.api.page import Page
from kiwoom_provider.clock import ClockError
from kiwoom_provider.data_root import open_data_root
from kiwoom_provider.datasets.root import DataRootAbsentError, DataRootError
from kiwoom_provider.datasets.store import StoreError
from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.hooks.kiwoom import KiwoomHook
from kiwoom_provider.krx.errors import CalendarError
from kiwoom_provider.operators.base import optional_variable
from kiwoom_provider.parameters import ParameterError
from kiwoom_provider.pipeline.errors import (
    DisprovedSessionError,
    IncompleteSessionError,
    SessionOverError,
    UnprovedSessionError,
)
from kiwoom_provider.quality.results import ReleaseError
from kiwoom_provider.quality.rule_settings import SettingError
from kiwoom_provider.retries import RETRY_ARGUMENTS, RETRY_POLICY, is_dags_test
from kiwoom_provider.settings import ConnectionAbsentError, SettingsError
from kiwoom_provider.shared_state.base import StateError

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PASSING = [
    DisprovedSessionError,
    DataRootAbsentError,
    ConnectionAbsentError,
    GarbledError,
    IncompleteSessionError,
    ProtocolError,
    RateLimitedError,
    StateError,
    StoreError,
    TransientError,
    UnprovedSessionError,
]
FINAL = [
    AuthenticationError,
    CalendarError,
    ClockError,
    DataRootError,
    ParameterError,
    RejectedError,
    ReleaseError,
    SessionOverError,
    SettingsError,
    SettingError,
    UnsupportedError,
]


def decision(error):
    return RETRY_POLICY.evaluate(error, 1, 5).action


@pytest.mark.parametrize("kind", PASSING)
def test_what_another_try_can_help_is_tried_again(kind):
    assert decision(kind("x")) is RetryAction.RETRY


@pytest.mark.parametrize("kind", [DataRootAbsentError, ConnectionAbsentError])
def test_what_is_not_set_is_final_where_no_api_server_can_be_away(monkeypatch, kind):
    monkeypatch.setattr("kiwoom_provider.retries.is_dags_test", lambda: True)
    assert decision(kind("x")) is RetryAction.FAIL
    assert decision(TransientError("x")) is RetryAction.RETRY


def test_an_error_says_itself_that_it_is_final_without_an_api_server(monkeypatch):
    class NotSetError(KiwoomProviderError):
        is_final_without_server = True

    assert decision(NotSetError("x")) is RetryAction.RETRY
    monkeypatch.setattr("kiwoom_provider.retries.is_dags_test", lambda: True)
    assert decision(NotSetError("x")) is RetryAction.FAIL


def test_only_airflow_dags_test_is_a_test_run():
    assert is_dags_test(["/opt/bin/airflow", "dags", "test", "ka10066_investor_trading"])
    assert not is_dags_test(["/opt/bin/airflow", "dags", "trigger", "ka10066_investor_trading"])
    assert not is_dags_test(["/opt/bin/airflow"])


@pytest.mark.parametrize("kind", FINAL)
def test_what_no_try_can_help_is_not(kind):
    assert decision(kind("x")) is RetryAction.FAIL


@pytest.mark.parametrize("error", [OSError("gone"), TypeError("x"), KeyError("x"), ExceptionGroup("x", [OSError()])])
def test_what_the_package_does_not_know_is_tried_again(error):
    assert decision(error) is RetryAction.RETRY


def test_every_error_of_the_package_knows_whether_it_is_final():
    files = Path(kiwoom_provider.__file__).parent.rglob("*.py")
    classes = [node for path in files for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    bases = {
        node.name: [base.id for base in node.bases if isinstance(base, ast.Name)]
        for node in classes
        if isinstance(node, ast.ClassDef)
    }
    errors = [name for name in bases if name.endswith("Error") and name != "KiwoomProviderError"]
    assert len(errors) > 35
    assert [name for name in errors if not knows(name, bases)] == []


def knows(name, bases):
    return name == "KiwoomProviderError" or any(knows(base, bases) for base in bases.get(name, ()))


HTML = b"<html><body>403</body></html>"


@pytest.mark.parametrize(
    ("status", "body", "action"),
    [
        (403, HTML, RetryAction.RETRY),
        (404, HTML, RetryAction.RETRY),
        (400, HTML, RetryAction.RETRY),
        (302, HTML, RetryAction.RETRY),
        (200, HTML, RetryAction.RETRY),
        (403, b'{"message": "Forbidden"}', RetryAction.RETRY),
        (200, b'{"return_code": 20, "return_msg": "no data"}', RetryAction.RETRY),
        (200, b'{"return_code": 3, "return_msg": "[8005:x]"}', RetryAction.RETRY),
        (200, b'{"return_code": 9, "return_msg": "[9999:x]"}', RetryAction.RETRY),
        (200, b'{"return_code": 20, "return_msg": "[8104:x]"}', RetryAction.FAIL),
        (200, b'{"return_code": 3, "return_msg": "[8050:x]"}', RetryAction.FAIL),
        (200, b'{"return_code": 2, "return_msg": "[8030:x]"}', RetryAction.FAIL),
        (200, b'{"return_code": 1, "return_msg": "[1504:x]"}', RetryAction.FAIL),
    ],
)
def test_an_answer_is_tried_again_unless_it_says_that_nothing_helps(status, body, action):
    page = Page("ka10066", 1, {}, "", status, cont_yn=False, next_key="", body=body, fetched_at=NOON)
    with pytest.raises(KiwoomError) as raised:
        raise_for_error(page)
    assert decision(raised.value) is action


def test_the_pauses_outlast_the_longest_window():
    """Thursday 2 to Friday 10 October 2025: 20:30 to 07:00."""
    pauses = [min(timedelta(seconds=30 * 2**n), timedelta(minutes=10)) for n in range(10)]
    least = sum(pauses, timedelta()) + (RETRY_ARGUMENTS["retries"] - 10) * timedelta(minutes=10)
    assert RETRY_ARGUMENTS["retry_delay"] == pauses[0]
    assert RETRY_ARGUMENTS["max_retry_delay"] == pauses[-1]
    assert least > datetime(2025, 10, 10, 7) - datetime(2025, 10, 2, 20, 30)  # noqa: DTZ001


def test_airflow_keeps_the_policy_of_plain_and_mapped_tasks():
    with DAG("retried", schedule=None) as dag:
        plain = EmptyOperator(task_id="plain", **RETRY_ARGUMENTS)
        mapped = EmptyOperator.partial(task_id="mapped", **RETRY_ARGUMENTS).expand(params=[{}, {}])
    stored = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    for task in (plain, mapped):
        assert task.retry_policy is RETRY_POLICY
        assert stored.get_task(task.task_id).has_retry_policy
        assert stored.get_task(task.task_id).max_retry_delay == timedelta(minutes=10)
        assert stored.get_task(task.task_id).retry_exponential_backoff == 2


def test_a_connection_that_is_not_found_is_looked_for_again():
    """A task is told 'not found' as well while Airflow's API server is away: seen when it was killed."""
    with pytest.raises(ConnectionAbsentError, match="'no_such' does not exist") as raised:
        KiwoomHook("no_such").call("ka10066", "/api/dostk/mrkcond", {})
    assert RETRY_POLICY.evaluate(raised.value, 1, 5).action is RetryAction.RETRY


def test_a_data_root_variable_that_is_not_found_is_looked_for_again(monkeypatch):
    monkeypatch.setattr("airflow.sdk.Variable.get", lambda _key, **given: given["default"])
    with pytest.raises(DataRootAbsentError, match="kiwoom_data_root is not set") as raised:
        open_data_root()
    assert RETRY_POLICY.evaluate(raised.value, 1, 5).action is RetryAction.RETRY


def test_a_storage_connection_that_is_not_found_is_looked_for_again(monkeypatch):
    monkeypatch.setattr("airflow.sdk.Variable.get", lambda _key, **_: "s3://no_such@bucket/kiwoom")
    with pytest.raises(DataRootAbsentError, match="no_such") as raised:
        open_data_root()
    assert RETRY_POLICY.evaluate(raised.value, 1, 5).action is RetryAction.RETRY


def test_a_setting_is_not_taken_for_absent_while_nobody_can_be_asked(monkeypatch):
    away = AirflowRuntimeError(ErrorResponse(error=ErrorType.API_SERVER_ERROR))

    def keys(**_):
        raise away

    monkeypatch.setattr("airflow.sdk.Variable.get", lambda _key, **given: given["default"])
    monkeypatch.setattr("airflow.sdk.Variable.keys", keys)
    with pytest.raises(AirflowRuntimeError) as raised:
        optional_variable("kiwoom_severities", "{}")
    assert RETRY_POLICY.evaluate(raised.value, 1, 5).action is RetryAction.RETRY


def test_a_setting_that_was_missed_once_is_read_again(monkeypatch):
    answers = iter([None, '{"universe_drop": "block"}'])
    monkeypatch.setattr("airflow.sdk.Variable.get", lambda _key, **_: next(answers))
    monkeypatch.setattr("airflow.sdk.Variable.keys", lambda prefix: [prefix])
    assert optional_variable("kiwoom_severities", "{}") == '{"universe_drop": "block"}'


def test_a_setting_that_is_not_there_has_its_default(monkeypatch):
    monkeypatch.setattr("airflow.sdk.Variable.get", lambda _key, **given: given["default"])
    monkeypatch.setattr("airflow.sdk.Variable.keys", lambda prefix: [f"{prefix}_of_another"])
    assert optional_variable("kiwoom_severities", "{}") == "{}"
