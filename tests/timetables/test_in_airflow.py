# ruff: noqa: ARG001 - Airflow is imported once it knows its database; fixtures are asked for effect
"""The timetable in Airflow's own hands: DAG processor, scheduler, backfill, API, ``dag.test``."""

from __future__ import annotations

from datetime import datetime, time
from importlib.metadata import version
from unittest.mock import MagicMock

import pendulum
import pytest
from packaging.version import Version
from sqlalchemy import select

from kiwoom_provider.krx import KST
from kiwoom_provider.timetables import krx as module
from kiwoom_provider.timetables.krx import KrxSessionTimetable

FRIDAY_NIGHT = datetime(2026, 11, 20, 22, 0, tzinfo=KST)


@pytest.fixture
def friday_night(monkeypatch):
    monkeypatch.setattr(module, "utcnow", lambda: FRIDAY_NIGHT)


@pytest.fixture
def session(airflow_database):
    from airflow.utils.session import create_session

    with create_session() as opened:
        yield opened


def runs(session, dag_id: str) -> list:
    from airflow.models.dagrun import DagRun

    return list(session.scalars(select(DagRun).where(DagRun.dag_id == dag_id).order_by(DagRun.partition_date)))


def stored_model(session, dag_id: str):
    from airflow.models.dag import DagModel

    return session.get(DagModel, dag_id)


def schedule(session, dag_id: str) -> None:
    """Let the scheduler create the run that is due, as its loop does."""
    from airflow.jobs.job import Job
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner

    runner = SchedulerJobRunner(Job(), executors=[MagicMock()])
    runner._create_dag_runs([stored_model(session, dag_id)], session)
    session.flush()


def test_the_plugin_registers_the_timetable_under_its_own_path(airflow_database):
    from airflow import plugins_manager

    registered = plugins_manager.get_timetables_plugins()
    assert registered["kiwoom_provider.timetables.krx.KrxSessionTimetable"] is KrxSessionTimetable


def test_a_parsed_dag_comes_back_from_the_database_with_its_timetable(bagged, session):
    from airflow.models.serialized_dag import SerializedDagModel

    bag = bagged("round_trip", "settle_time=datetime.time(21), window_end=datetime.time(6)")
    assert bag.import_errors == {}
    stored = SerializedDagModel.get_dag("round_trip", session=session).timetable
    assert isinstance(stored, KrxSessionTimetable)
    assert (stored.settle_time, stored.window_end) == (time(21), time(6))


def test_the_list_of_dags_shows_when_it_runs(bagged, session):
    bagged("shown")
    model = stored_model(session, "shown")
    assert model.timetable_summary == "KRX sessions, 21:10 KST"
    assert model.timetable_description.startswith("Every KRX session at 21:10 KST")


def test_a_wrong_settle_time_is_an_import_error_of_the_dag(bagged):
    bag = bagged("too_early", "settle_time=datetime.time(18)")
    (error,) = bag.import_errors.values()
    assert "settle_time 18:00 is too early" in error


def test_a_bad_override_file_is_an_import_error_that_names_the_entry(bagged, monkeypatch, tmp_path):
    file = tmp_path / "closures.yaml"
    file.write_text("days:\n- {day: 2026-11-20, kind: shut, reason: r, source: s}\n", encoding="utf-8")
    monkeypatch.setenv("KIWOOM_KRX_OVERRIDES", str(file))
    (error,) = bagged("bad_overrides").import_errors.values()
    assert f"{file}: days.0.kind: Input should be 'closed' or 'open'" in error


def test_the_processor_sets_the_next_run_to_tonights_session(bagged, session, friday_night):
    bagged("next_run")
    model = stored_model(session, "next_run")
    assert model.next_dagrun_partition_key == "2026-11-20"
    assert model.next_dagrun_create_after == datetime(2026, 11, 20, 21, 10, tzinfo=KST)
    assert model.next_dagrun_partition_date == datetime(2026, 11, 20, tzinfo=KST)


def test_the_scheduler_creates_the_run_of_the_session(bagged, session, friday_night):
    bagged("scheduled")
    schedule(session, "scheduled")
    (run,) = runs(session, "scheduled")
    assert (run.partition_key, run.run_type, run.logical_date) == ("2026-11-20", "scheduled", None)
    assert run.run_id.startswith("scheduled__2026-11-20__")


def test_after_its_run_the_scheduler_waits_for_the_next_session(bagged, session, friday_night):
    bagged("moves_on")
    schedule(session, "moves_on")
    model = stored_model(session, "moves_on")
    assert model.next_dagrun_partition_key == "2026-11-23"
    assert model.next_dagrun_create_after == datetime(2026, 11, 23, 21, 10, tzinfo=KST)


def test_parsing_the_dag_again_does_not_schedule_a_session_twice(bagged, session, friday_night):
    bagged("parsed_twice")
    schedule(session, "parsed_twice")
    session.commit()
    bagged("parsed_twice")
    session.expire_all()
    assert stored_model(session, "parsed_twice").next_dagrun_partition_key == "2026-11-23"


def test_with_catchup_the_scheduler_goes_through_the_sessions_one_by_one(bagged, session, friday_night):
    start = "start_date=datetime.datetime(2026, 9, 22, tzinfo=datetime.UTC)"
    bagged("caught_up", catchup=True, more=start)
    for _ in range(3):
        schedule(session, "caught_up")
    assert [run.partition_key for run in runs(session, "caught_up")] == [
        "2026-09-22",
        "2026-09-23",
        "2026-09-28",
    ]


def backfill(dag_id: str, first: pendulum.DateTime, last: pendulum.DateTime, **more):
    from airflow.models.backfill import _create_backfill

    return _create_backfill(
        dag_id=dag_id,
        from_date=first,
        to_date=last,
        max_active_runs=5,
        reverse=False,
        dag_run_conf={},
        triggering_user_name="tester",
        **more,
    )


def test_a_backfill_creates_one_run_for_each_session(bagged, session):
    bagged("backfilled")
    backfill("backfilled", pendulum.datetime(2026, 9, 22), pendulum.datetime(2026, 9, 29))
    found = runs(session, "backfilled")
    assert [run.partition_key for run in found] == ["2026-09-22", "2026-09-23", "2026-09-28", "2026-09-29"]
    assert found[0].run_id.startswith("backfill__2026-09-22__")


def test_a_backfill_leaves_a_session_alone_that_has_its_run(bagged, session, friday_night):
    bagged("partly_there")
    schedule(session, "partly_there")
    session.commit()
    backfill("partly_there", pendulum.datetime(2026, 11, 19), pendulum.datetime(2026, 11, 20))
    assert [(run.partition_key, run.run_type) for run in runs(session, "partly_there")] == [
        ("2026-11-19", "backfill"),
        ("2026-11-20", "scheduled"),
    ]


def test_a_backfill_of_the_past_does_not_move_the_schedule_back(bagged, session, friday_night):
    bagged("backfill_then_parse")
    backfill("backfill_then_parse", pendulum.datetime(2026, 11, 9), pendulum.datetime(2026, 11, 13))
    bagged("backfill_then_parse")
    assert stored_model(session, "backfill_then_parse").next_dagrun_partition_key == "2026-11-20"


@pytest.fixture(scope="module")
def api(airflow_database):
    """Airflow's API server in this process, with a token of the simple auth manager."""
    from airflow.api_fastapi.app import create_app, purge_cached_app
    from fastapi.testclient import TestClient

    purge_cached_app()
    with TestClient(create_app(apps="core")) as client:
        token = client.get("/auth/token").json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client
    purge_cached_app()


def trigger(api, dag_id: str, key: str | None):
    return api.post(f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None, "partition_key": key})


def test_the_api_triggers_a_session_by_its_partition_key(bagged, api):
    bagged("by_key")
    answer = trigger(api, "by_key", "2026-11-19")
    assert answer.status_code == 200
    assert answer.json()["partition_key"] == "2026-11-19"
    assert pendulum.parse(answer.json()["partition_date"]) == datetime(2026, 11, 19, tzinfo=KST)


def test_the_api_refuses_a_closed_day_and_names_the_nearest_sessions(bagged, api):
    bagged("closed_day")
    answer = trigger(api, "closed_day", "2026-11-21")
    assert answer.status_code == 400
    assert "the nearest sessions are 2026-11-20 and 2026-11-23" in answer.json()["detail"]


def test_the_api_triggers_a_run_without_a_key(bagged, api):
    bagged("no_key")
    answer = trigger(api, "no_key", None)
    assert answer.status_code == 200
    assert answer.json()["partition_key"] is None


def test_the_api_backfills_the_sessions_of_a_span(bagged, api):
    bagged("api_backfill")
    body = {"dag_id": "api_backfill", "from_date": "2026-09-23T00:00:00Z", "to_date": "2026-09-28T00:00:00Z"}
    dry = api.post("/api/v2/backfills/dry_run", json=body)
    assert [run["partition_key"] for run in dry.json()["backfills"]] == ["2026-09-23", "2026-09-28"]


def test_the_api_says_why_it_cannot_backfill_unknown_days(bagged, api):
    bagged("unknown_days")
    body = {"dag_id": "unknown_days", "from_date": "2009-12-30T00:00:00Z", "to_date": "2010-01-04T00:00:00Z"}
    answer = api.post("/api/v2/backfills", json=body)
    assert answer.status_code == 422
    assert "2009-12-30 is outside the days that the KRX calendar knows" in answer.json()["detail"]


@pytest.mark.skipif(
    Version(version("apache-airflow")) < Version("3.3.1"), reason="the API's filter by day: Airflow 3.3.1"
)
def test_the_api_filters_runs_by_days_in_seoul(bagged, api):
    bagged("filtered")
    for key in ("2026-11-18", "2026-11-19", "2026-11-20"):
        trigger(api, "filtered", key)
    answer = api.get(
        "/api/v2/dags/filtered/dagRuns",
        params={"partition_date_gte": "2026-11-19", "partition_date_lte": "2026-11-19"},
    )
    assert [run["partition_key"] for run in answer.json()["dag_runs"]] == ["2026-11-19"]


def test_the_ui_calendar_plans_the_coming_sessions(bagged, api, session, friday_night):
    bagged("planned")
    schedule(session, "planned")
    session.commit()
    answer = api.get("/ui/calendar/planned", params={"granularity": "daily"})
    planned = [entry["date"][:10] for entry in answer.json()["dag_runs"] if entry["state"] == "planned"]
    assert len(planned) == 27


def test_a_dag_can_be_tested_by_hand(bagged, session):
    run = bagged("by_hand").dags["by_hand"].test()
    assert (run.state, run.partition_key) == ("success", None)
