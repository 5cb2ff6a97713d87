"""Who is told of a late session: only a notifier of Airflow's, and the log whatever happens."""

from __future__ import annotations

import asyncio
import json
import logging
from types import SimpleNamespace

import pytest
from airflow.sdk import DAG, BaseNotifier

from kiwoom_provider.alerts import run_failed, session_is_late

CONTEXT = {
    "dag_run": {
        "dag_id": "ka10066_investor_trading",
        "dag_run_id": "scheduled__2026-11-20",
        "partition_key": "2026-11-20",
        "state": "running",
    }
}
MESSAGE = "Session 2026-11-20 is not published: run scheduled__2026-11-20 of ka10066_investor_trading is running."
SENT = []


class Recording(BaseNotifier):
    """Keeps what it is to say."""

    template_fields = ("text",)

    def __init__(self, text):
        super().__init__()
        self.text = text

    def notify(self, context):
        """Keep the text and the message."""
        SENT.append((self.text, context["message"]))


class Failing(BaseNotifier):
    """Cannot be reached."""

    def notify(self, context):  # noqa: ARG002 - Airflow passes it
        """Fail."""
        raise ConnectionError("the chat is away")


def not_a_notifier(**_):
    SENT.append("called")


class AlsoNone:
    """A class, and no notifier."""

    def __init__(self, **_):
        SENT.append("made")


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """Make this file importable by a name of its own, as a deployment's module is."""
    import sys

    monkeypatch.setitem(sys.modules, "alerts_of_a_deployment", sys.modules[__name__])
    SENT.clear()


def late(monkeypatch, chosen):
    monkeypatch.setenv("AIRFLOW_VAR_KIWOOM_NOTIFIER", chosen if isinstance(chosen, str) else json.dumps(chosen))
    return asyncio.run(session_is_late(CONTEXT))


def test_a_notifier_is_told_with_its_templates_rendered(monkeypatch):
    said = late(monkeypatch, {"path": "alerts_of_a_deployment.Recording", "kwargs": {"text": "[{{ message[:7] }}]"}})
    assert said.endswith("(told: alerts_of_a_deployment.Recording)")
    ((text, message),) = SENT
    assert (text, message.startswith(MESSAGE)) == ("[Session]", True)


@pytest.mark.parametrize(
    ("path", "kwargs"),
    [
        ("os.system", {"command": "touch /tmp/nobody"}),
        ("subprocess.Popen", {"args": ["false"]}),
        ("alerts_of_a_deployment.not_a_notifier", {}),
        ("alerts_of_a_deployment.AlsoNone", {"secret": "s3cret"}),
        ("alerts_of_a_deployment.SENT", {}),
    ],
)
def test_whatever_is_no_notifier_is_refused_and_not_called(monkeypatch, caplog, path, kwargs):
    caplog.set_level(logging.ERROR)
    said = late(monkeypatch, {"path": path, "kwargs": kwargs})
    assert said.endswith("(told: the log only)")
    assert SENT == []
    assert MESSAGE in caplog.text
    assert f"names {path}, which is no subclass of airflow.sdk.BaseNotifier: it is not called" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ({"path": "nowhere.Notifier"}, "which the triggerer cannot import"),
        ({"path": "Notifier"}, "which the triggerer cannot import"),
        ({"path": "alerts_of_a_deployment.Gone"}, "which the triggerer cannot import"),
        ({"path": 5}, 'is not {"path"'),
        ({"path": "alerts_of_a_deployment.Recording", "kwargs": ["x"]}, 'is not {"path"'),
        (["alerts_of_a_deployment.Recording"], 'is not {"path"'),
    ],
    ids=["no module", "no package", "no such name", "no text", "no arguments", "a list"],
)
def test_a_variable_that_names_nothing_is_refused_and_the_alert_logged(monkeypatch, caplog, chosen, why):
    caplog.set_level(logging.ERROR)
    assert late(monkeypatch, chosen).endswith("(told: the log only)")
    assert MESSAGE in caplog.text
    assert why in caplog.text


@pytest.mark.parametrize(
    ("chosen", "error"),
    [
        ({"path": "alerts_of_a_deployment.Failing"}, "ConnectionError"),
        ({"path": "alerts_of_a_deployment.Recording", "kwargs": {"tekst": ""}}, "TypeError"),
    ],
    ids=["fails", "wrong arguments"],
)
def test_a_notifier_that_fails_is_not_said_to_be_told(monkeypatch, caplog, chosen, error):
    caplog.set_level(logging.ERROR)
    assert late(monkeypatch, chosen).endswith("(told: the log only)")
    assert MESSAGE in caplog.text
    assert f"{error} could not be told: see the Airflow Variable kiwoom_notifier" in caplog.text


def test_a_variable_without_a_choice_leaves_it_to_the_log(monkeypatch):
    assert late(monkeypatch, "null").endswith("(told: the log)")


def test_a_late_session_names_no_time_that_the_dag_file_may_have_moved(monkeypatch):
    said = late(monkeypatch, "null")
    assert "until its window ends, before the next session." in said
    assert "07:00" not in said


@pytest.mark.parametrize(
    ("run", "named"),
    [
        (
            {"partition_key": "2026-11-20", "conf": {}},
            "Run run-a of ka10066_release for session 2026-11-20 has failed.",
        ),
        (
            {"partition_key": None, "conf": {"session_date": "2026-11-19"}},
            "Run run-a of ka10066_release for session 2026-11-19 has failed.",
        ),
        ({"partition_key": None, "conf": None}, "Run run-a of ka10066_release has failed."),
        (None, "Run run-a of ka10066_release has failed."),
    ],
    ids=["scheduled", "by hand", "of no session", "of which Airflow gives its id alone"],
)
def test_a_run_that_failed_is_told_to_the_notifier_too(monkeypatch, run, named):
    """Airflow's DAG processor gives ``dag_run`` only where it knows the run's last task."""
    chosen = {"path": "alerts_of_a_deployment.Recording", "kwargs": {"text": "{{ run_id }}"}}
    monkeypatch.setenv("AIRFLOW_VAR_KIWOOM_NOTIFIER", json.dumps(chosen))
    context = {"dag": DAG("ka10066_release", schedule=None), "run_id": "run-a", "reason": "task_failure"}

    run_failed(context | ({"dag_run": SimpleNamespace(**run)} if run else {}))

    ((text, message),) = SENT
    assert (text, message.startswith(named)) == ("run-a", True)
