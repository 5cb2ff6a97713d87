"""Which failures Airflow tries again."""

from __future__ import annotations

import pytest
from airflow.sdk import RetryAction
from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
from airflow.sdk.execution_time.comms import ErrorResponse

from kiwoom_provider.api.errors import (
    AuthenticationError,
    GarbledError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    StateError,
    TransientError,
    UnsupportedError,
)
from kiwoom_provider.data_root import open_data_root
from kiwoom_provider.datasets.root import DataRootAbsentError, DataRootError
from kiwoom_provider.hooks.kiwoom import KiwoomHook
from kiwoom_provider.retries import RETRY_POLICY
from kiwoom_provider.settings import ConnectionAbsentError, SettingsError
from kiwoom_provider.variables import optional_variable

NO_USE = [
    AuthenticationError,
    DataRootError,
    ProtocolError,
    RejectedError,
    SettingsError,
    StateError,
    UnsupportedError,
]


@pytest.mark.parametrize("kind", [GarbledError, RateLimitedError, TransientError])
def test_what_another_try_can_help_is_tried_again(kind):
    assert RETRY_POLICY.evaluate(kind("x"), 1, 5).action is RetryAction.RETRY


@pytest.mark.parametrize("kind", NO_USE)
def test_what_no_try_can_help_is_not(kind):
    assert RETRY_POLICY.evaluate(kind("x"), 1, 5).action is RetryAction.FAIL


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
