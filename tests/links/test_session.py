"""Where the links of a session's tasks lead."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from kiwoom_provider.links.session import AuditReportLink, DataLink, SessionLink

PLAN = {"session": {"session_date": "2026-11-20"}, "mode": "live", "sets": []}


@pytest.fixture
def base_url(monkeypatch):
    return lambda url: monkeypatch.setenv("AIRFLOW__API__BASE_URL", url)


def link(kind, **operator):
    return kind().get_link(SimpleNamespace(**operator), ti_key=None)


def test_a_session_is_shown_within_the_frame_of_airflow(base_url):
    base_url("https://airflow.example.org")
    assert link(SessionLink, plan=PLAN) == "https://airflow.example.org/plugin/kiwoom/kiwoom/sessions/2026-11-20"


def test_a_path_prefix_of_the_deployment_is_kept(base_url):
    base_url("https://example.org/airflow/")
    assert (
        link(SessionLink, plan=PLAN) == "https://example.org/airflow/plugin/kiwoom/airflow/kiwoom/sessions/2026-11-20"
    )


def test_without_a_base_url_the_link_is_relative_to_the_host(monkeypatch):
    monkeypatch.delenv("AIRFLOW__API__BASE_URL", raising=False)
    assert link(SessionLink, plan=PLAN) == "/plugin/kiwoom/kiwoom/sessions/2026-11-20"


def test_the_data_of_a_fetch_are_those_of_its_session(base_url):
    base_url("/")
    assert link(DataLink, plan=PLAN) == "/plugin/kiwoom/kiwoom/sessions/2026-11-20#data"


def test_the_report_is_that_of_the_run(base_url):
    base_url("/")
    found = link(AuditReportLink, plan=PLAN, report_run="20261120T113005.123456Z-0a1b2c3d4e5f")
    assert found == "/plugin/kiwoom/kiwoom/sessions/2026-11-20/runs/20261120T113005.123456Z-0a1b2c3d4e5f/report"


def test_a_check_that_wrote_no_report_has_no_link_to_one():
    assert link(AuditReportLink, plan=PLAN, report_run="") == ""


@pytest.mark.parametrize(
    "operator",
    [{"plan": object()}, {"plan": {}}, {"plan": {"session": {"session_date": "{{ ds }}"}}}, {"plan": None}, {}],
    ids=["unrendered plan", "empty plan", "unrendered date", "no plan", "nothing"],
)
def test_a_task_that_does_not_know_its_session_yet_has_no_link(operator):
    assert link(SessionLink, **operator) == ""
    assert link(DataLink, **operator) == ""
