"""After publication the log says what a person should look at in the calendar, and only that."""

from __future__ import annotations

from datetime import date

import pytest

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.krx import calendar
from kiwoom_provider.operators.investor_trading import QualityCheckOperator


@pytest.fixture
def warnings(tmp_path, monkeypatch):
    """What the operator warns of after publishing a session, given sessions that hold data."""

    def told(session, *stored):
        store = Store.open(tmp_path.as_uri())
        for day in stored:
            store.write(f"ka10066/session_date={day}/market=KOSPI/part-0.parquet", b"")
        operator = QualityCheckOperator(task_id="quality_check", plan={})
        said = []
        monkeypatch.setattr(operator.log, "warning", lambda text, *values: said.append(text % values), raising=False)
        operator._warn_of_calendar(store, calendar().session(session))
        return said

    return told


def test_a_closed_day_that_holds_data_is_named_with_its_reason(warnings):
    (text,) = warnings(date(2026, 3, 10), "2026-02-17", "2026-03-09")

    assert text.startswith("Calendar: 2026-02-17 holds data, but the calendar says closed")


def test_a_difference_from_the_second_calendar_is_told_in_the_weeks_before_it(warnings):
    (text,) = warnings(date(2026, 6, 22))

    assert text.startswith("Calendar: 2026-07-17: exchange_calendars has a session, ours is closed")


def test_a_difference_months_away_is_not_told_every_night(warnings):
    assert warnings(date(2026, 3, 10)) == []
