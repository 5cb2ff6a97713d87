"""A simulated archive may begin before the days that the package speaks for, and nothing else may."""

from __future__ import annotations

from datetime import date

import pytest

from kiwoom_provider.krx import OutOfRangeError, calendar
from lab.archive.archive import sessions_until
from lab.archive.early_days import known_from


@pytest.fixture
def _from_december_2019():
    with known_from(date(2019, 12, 1)):
        yield


@pytest.mark.usefixtures("_from_december_2019")
def test_a_calendar_that_begins_earlier_knows_the_sessions_before_2020():
    assert [session.key for session in sessions_until(date(2020, 1, 2), 3)] == [
        "2019-12-27",
        "2019-12-30",
        "2020-01-02",
    ]


@pytest.mark.usefixtures("_from_december_2019")
@pytest.mark.parametrize("day", [date(2019, 11, 29), date(2028, 1, 3)])
def test_days_outside_are_refused_as_before(day):
    with pytest.raises(OutOfRangeError):
        calendar().session(day)


def test_afterwards_the_package_knows_no_more_than_it_ships():
    with known_from(date(2019, 12, 1)):
        assert calendar().is_session(date(2019, 12, 27))
    with pytest.raises(OutOfRangeError):
        calendar().is_session(date(2019, 12, 27))


def test_a_later_first_day_takes_nothing_away():
    with known_from(date.max):
        assert calendar().rules.known.first == date(2020, 1, 1)
