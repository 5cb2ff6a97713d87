"""What the timetable decides, without a database."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time

import pendulum
import pytest
from airflow.exceptions import AirflowTimetableInvalid, InvalidPartitionKeyError
from airflow.models.backfill import InvalidBackfillDate
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction
from airflow.utils.types import DagRunType

from kiwoom_provider.krx import WindowError
from kiwoom_provider.timetables.krx import KrxSessionTimetable


def kst(text: str) -> pendulum.DateTime:
    """Return an instant as Airflow gives it: a pendulum time in UTC."""
    return pendulum.parse(text, tz="Asia/Seoul").in_timezone("UTC")


def timetable(now: str = "2026-11-20T12:00", **arguments: time) -> KrxSessionTimetable:
    return KrxSessionTimetable(now=lambda: kst(now), **arguments)


def run(day: str, settle_time: str = "21:10") -> DagRunInfo:
    return DagRunInfo(
        run_after=kst(f"{day}T{settle_time}"),
        data_interval=None,
        partition_date=kst(f"{day}T00:00"),
        partition_key=day,
    )


def following(subject, last=None, *, earliest=None, latest=None, catchup=False):
    restriction = TimeRestriction(earliest and kst(earliest), latest and kst(latest), catchup)
    return subject.next_dagrun_info_v2(last_dagrun_info=last, restriction=restriction)


@pytest.mark.parametrize(
    ("now", "key"),
    [
        ("2026-11-20T12:00", "2026-11-20"),
        ("2026-11-20T21:10", "2026-11-20"),
        ("2026-11-20T22:00", "2026-11-20"),
        ("2026-11-22T22:00", "2026-11-20"),
        ("2026-11-23T06:59", "2026-11-20"),
        ("2026-11-23T07:00", "2026-11-23"),
        ("2026-09-24T12:00", "2026-09-23"),
        ("2026-09-28T12:00", "2026-09-28"),
        ("2026-12-31T12:00", "2026-12-30"),
    ],
)
def test_the_first_run_is_of_the_session_that_can_be_fetched_else_of_the_next(now, key):
    assert following(timetable(now)).partition_key == key


def test_a_run_carries_key_date_and_settle_time_of_its_session():
    assert following(timetable()) == run("2026-11-20")


def test_a_run_has_no_data_interval():
    assert following(timetable()).data_interval is None


def test_after_a_run_comes_the_next_session():
    assert following(timetable("2026-11-20T22:00"), run("2026-11-20")) == run("2026-11-23")


def test_after_the_run_before_a_holiday_comes_the_session_after_it():
    assert following(timetable("2026-09-23T22:00"), run("2026-09-23")) == run("2026-09-28")


def test_without_catchup_sessions_whose_window_has_closed_are_passed_over():
    assert following(timetable("2026-11-19T22:00"), run("2026-11-13")) == run("2026-11-19")


def test_without_catchup_a_closed_window_is_not_opened_again():
    assert following(timetable("2026-11-19T12:00"), run("2026-11-13")) == run("2026-11-19")


def test_with_catchup_every_session_gets_its_run():
    assert following(timetable("2026-11-19T22:00"), run("2026-11-13"), catchup=True) == run("2026-11-16")


def test_with_catchup_the_first_run_is_of_the_start_date():
    assert following(timetable(), earliest="2026-11-14", catchup=True) == run("2026-11-16")


def test_with_catchup_and_no_start_date_the_first_run_is_as_without():
    assert following(timetable("2026-11-20T22:00"), catchup=True) == run("2026-11-20")


def test_a_start_date_before_all_that_is_known_starts_at_the_first_known_session():
    assert following(timetable(), earliest="2005-01-01", catchup=True) == run("2010-01-04")


def test_a_start_date_in_the_future_is_waited_for():
    assert following(timetable(), earliest="2026-12-25") == run("2026-12-28")


def test_a_start_date_after_the_settle_time_leaves_that_session_out():
    assert following(timetable("2026-11-20T22:00"), earliest="2026-11-20T21:11") == run("2026-11-23")


def test_after_the_end_date_there_is_no_run():
    assert following(timetable(), latest="2026-11-20T20:29") is None


def test_a_session_that_settles_at_the_end_date_has_its_run():
    assert following(timetable(), latest="2026-11-20T21:10") == run("2026-11-20")


def test_when_the_calendar_ends_there_is_no_run_and_the_log_says_why(caplog):
    assert following(timetable("2027-12-30T22:00"), run("2027-12-30")) is None
    assert "No further run can be scheduled: 2027-12-31 is outside the days that the KRX calendar knows" in caplog.text


def test_a_last_run_known_only_by_its_partition_date_is_enough():
    last = run("2026-11-20")._replace(partition_key=None)
    assert following(timetable("2026-11-20T22:00"), last) == run("2026-11-23")


def test_a_last_run_that_was_due_on_a_later_day_counts_for_its_own_session():
    last = run("2026-11-17")._replace(run_after=kst("2026-11-19T09:00"))
    assert following(timetable(), last, catchup=True) == run("2026-11-18")


def test_a_last_run_known_only_by_its_settle_time_is_enough():
    last = run("2026-11-20")._replace(partition_key=None, partition_date=None)
    assert following(timetable("2026-11-20T22:00"), last) == run("2026-11-23")


def test_the_settle_time_is_an_argument():
    assert following(timetable(settle_time=time(21))) == run("2026-11-20", "21:00")


def test_the_windows_end_is_an_argument():
    assert following(timetable("2026-11-23T06:30", window_end=time(6))) == run("2026-11-23")


def test_a_settle_time_that_cannot_be_right_is_refused_where_the_dag_is_written():
    with pytest.raises(WindowError, match="settle_time 18:00 is too early"):
        KrxSessionTimetable(settle_time=time(18))


def keys(earliest: pendulum.DateTime, latest: pendulum.DateTime) -> list[str | None]:
    return [info.partition_key for info in timetable().iter_partition_dagrun_infos(earliest=earliest, latest=latest)]


def test_a_backfill_has_one_run_for_each_session_with_both_ends():
    assert keys(pendulum.datetime(2026, 9, 22), pendulum.datetime(2026, 9, 29)) == [
        "2026-09-22",
        "2026-09-23",
        "2026-09-28",
        "2026-09-29",
    ]


def test_a_backfill_reads_its_bounds_as_days_in_seoul_whatever_their_zone():
    new_york = "America/New_York"
    found = keys(pendulum.datetime(2026, 11, 19, tz=new_york), pendulum.datetime(2026, 11, 20, tz=new_york))
    assert found == ["2026-11-19", "2026-11-20"]


def test_a_backfill_from_the_middle_of_a_day_leaves_that_day_out():
    assert keys(pendulum.datetime(2026, 11, 19, 0, 1), pendulum.datetime(2026, 11, 20)) == ["2026-11-20"]


def test_a_backfill_over_closed_days_only_is_empty():
    assert keys(pendulum.datetime(2026, 11, 21), pendulum.datetime(2026, 11, 22)) == []


def test_a_backfill_run_waits_for_its_settle_time():
    day = pendulum.datetime(2026, 11, 20)
    assert list(timetable().iter_partition_dagrun_infos(earliest=day, latest=day)) == [run("2026-11-20")]


def test_a_backfill_outside_the_known_days_is_refused_as_airflow_refuses_dates():
    with pytest.raises(InvalidBackfillDate, match="2009-12-31 is outside the days"):
        keys(pendulum.datetime(2009, 12, 31), pendulum.datetime(2010, 1, 4))


def test_a_key_is_the_midnight_of_its_day_in_seoul():
    assert timetable().resolve_partition_date("2026-11-20") == kst("2026-11-20T00:00")


def test_the_date_of_a_key_is_the_date_that_its_run_was_scheduled_with():
    assert timetable().resolve_partition_date("2026-11-20") == following(timetable()).partition_date


def test_no_key_has_no_date():
    assert timetable().resolve_partition_date(None) is None


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("2026-11-21", r"2026-11-21 is not a KRX session \(Saturday\); .* 2026-11-20 and 2026-11-23"),
        ("2026-07-17", r"2026-07-17 is not .* \(Constitution Day\); .* 2026-07-16 and 2026-07-20"),
        ("2026-11-20T00:00:00", "is not a day written YYYY-MM-DD"),
        ("20261120", "is not a day written YYYY-MM-DD"),
        ("KOSPI", "is not a day written YYYY-MM-DD"),
        ("2030-01-02", "outside the days that the KRX calendar knows, 2010-01-01 to 2027-12-31"),
    ],
)
def test_a_key_that_is_no_session_is_refused_and_told_why(key, problem):
    with pytest.raises(InvalidPartitionKeyError, match=problem):
        timetable().resolve_partition_date(key)


def test_a_filters_bounds_are_read_as_time_in_seoul():
    assert timetable().localize_partition_datetime(datetime(2026, 11, 20, 9, 30, tzinfo=UTC)) == kst("2026-11-20T09:30")


def test_a_manual_runs_interval_is_its_moment():
    moment = kst("2026-11-20T12:34:56")
    assert timetable().infer_manual_data_interval(run_after=moment) == DataInterval(moment, moment)


def run_id(run_type: DagRunType, **extra: str) -> str:
    moment = kst("2026-11-20T21:10")
    return timetable().generate_run_id(run_type=run_type, run_after=moment, data_interval=None, **extra)


def test_a_scheduled_runs_id_names_its_session():
    assert re.fullmatch(r"scheduled__2026-11-20__[0-9a-f]{8}", run_id(DagRunType.SCHEDULED, partition_key="2026-11-20"))


def test_a_manual_runs_id_names_its_moment_in_seoul():
    assert re.fullmatch(r"manual__2026-11-20T21:10:00\+09:00__[0-9a-f]{8}", run_id(DagRunType.MANUAL))


def test_two_runs_of_one_session_have_different_ids():
    ids = {run_id(DagRunType.BACKFILL_JOB, partition_key="2026-11-20") for _ in range(50)}
    assert len(ids) == 50


def test_it_survives_serialization_with_its_arguments():
    before = KrxSessionTimetable(settle_time=time(21, 15), window_end=time(6, 30))
    assert before.serialize() == {"settle_time": "21:15:00", "window_end": "06:30:00"}
    after = KrxSessionTimetable.deserialize({"settle_time": "21:15:00", "window_end": "06:30:00"})
    assert (after.settle_time, after.window_end) == (time(21, 15), time(6, 30))


def test_the_ui_shows_when_it_runs():
    assert timetable().summary == "KRX sessions, 21:10 KST"
    assert timetable().description == (
        "Every KRX session at 21:10 KST, to be fetched until 07:00 KST of the next session; "
        "no run on closed days; the partition is the session's day"
    )


def test_a_good_deployment_is_valid(monkeypatch):
    monkeypatch.delenv("KIWOOM_KRX_OVERRIDES", raising=False)
    timetable().validate()


def test_a_bad_override_file_makes_the_dag_invalid_with_the_file(monkeypatch, tmp_path):
    file = tmp_path / "closures.yaml"
    file.write_text("days:\n- {day: 2026-11-21, kind: closed, reason: r, source: s}\n", encoding="utf-8")
    monkeypatch.setenv("KIWOOM_KRX_OVERRIDES", str(file))
    with pytest.raises(AirflowTimetableInvalid, match=r"closures\.yaml: 2026-11-21 is a Saturday"):
        timetable().validate()


def test_a_closure_that_the_deployment_declares_gets_no_run(monkeypatch, tmp_path):
    file = tmp_path / "closures.yaml"
    file.write_text("days:\n- {day: 2026-11-20, kind: closed, reason: r, source: s}\n", encoding="utf-8")
    monkeypatch.setenv("KIWOOM_KRX_OVERRIDES", str(file))
    assert following(timetable(), run("2026-11-19")) == run("2026-11-23")


def test_a_closure_that_the_deployment_declares_keeps_the_window_before_it_open(monkeypatch, tmp_path):
    file = tmp_path / "closures.yaml"
    file.write_text("days:\n- {day: 2026-11-20, kind: closed, reason: r, source: s}\n", encoding="utf-8")
    monkeypatch.setenv("KIWOOM_KRX_OVERRIDES", str(file))
    assert following(timetable("2026-11-20T12:00")) == run("2026-11-19")
