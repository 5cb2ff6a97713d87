"""Beside the fetching, the log says what a person should look at in the calendar, and only that."""

from __future__ import annotations

from datetime import date

import pytest

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.locale import Message
from kiwoom_provider.operators.calendar import CheckCalendarOperator
from kiwoom_provider.pipeline.plan import Mode, Plan


@pytest.fixture
def warnings(tmp_path, monkeypatch):
    """What the operator warns of for a session, given sessions that hold data."""

    def told(session, *stored):
        store = Store.open(tmp_path.as_uri())
        for day in stored:
            store.write(f"ka10066/session_date={day}/market=KOSPI/part-0.parquet", b"")
        monkeypatch.setenv("AIRFLOW_VAR_KIWOOM_DATA_ROOT", tmp_path.as_uri())
        plan = Plan.of(calendar(), session, Mode.LIVE, ()).to_json()
        operator = CheckCalendarOperator(task_id="check_calendar", plan=plan)
        said = []
        monkeypatch.setattr(operator.log, "warning", lambda text, *values: said.append(text % values), raising=False)
        found = [str(Message.from_json(given, "a warning")) for given in operator.execute({})]
        assert [text for text in said if text.startswith("Calendar: ")] == [f"Calendar: {text}" for text in found]
        return found

    return told


def test_a_closed_day_that_holds_data_is_named_with_its_reason(warnings):
    (text,) = warnings(date(2026, 3, 10), "2026-02-17", "2026-03-09")

    assert text.startswith("2026-02-17 holds data, but the calendar says closed")


def test_a_difference_from_the_second_calendar_is_told_in_the_weeks_before_it(warnings):
    (text,) = warnings(date(2026, 6, 22))

    assert text.startswith("2026-07-17: exchange_calendars has a session, ours is closed")


def test_a_difference_months_away_is_not_told_every_night(warnings):
    assert warnings(date(2026, 3, 10)) == []


@pytest.mark.parametrize(("day", "is_told"), [(date(2027, 9, 30), False), (date(2027, 10, 5), True)])
def test_from_ninety_days_before_its_end_the_calendar_asks_for_a_newer_release(warnings, day, is_told):
    found = [text for text in warnings(day) if text.startswith("The calendar knows the sessions up to 2027-12-31")]

    assert len(found) == is_told


def test_a_cross_check_that_cannot_run_is_a_warning_and_no_failure(monkeypatch):
    monkeypatch.setattr("kiwoom_provider.operators.calendar.open_calendar", lambda: 1 / 0)
    plan = Plan.of(calendar(), date(2026, 11, 20), Mode.LIVE, ()).to_json()

    (text,) = CheckCalendarOperator(task_id="check_calendar", plan=plan).execute({})

    assert text == {
        "id": "the cross-check could not run ({error}): see the log of check_calendar",
        "arguments": {"error": "ZeroDivisionError"},
    }
