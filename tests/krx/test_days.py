"""Closed days and sessions, against the truth table that people checked in November 2026."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kiwoom_provider.krx import NotASessionError, OutOfRangeError

CLOSED_WEEKDAYS = {
    2025: "01-01 01-27 01-28 01-29 01-30 03-03 05-01 05-05 05-06 06-03 06-06 08-15 10-03 10-06 10-07 10-08 "
    "10-09 12-25 12-31",
    2026: "01-01 02-16 02-17 02-18 03-02 05-01 05-05 05-25 06-03 07-17 08-17 09-24 09-25 10-05 10-09 12-25 12-31",
    2027: "01-01 02-08 02-09 03-01 05-03 05-05 05-13 07-19 08-16 09-14 09-15 09-16 10-04 10-11 12-27 12-31",
}


@pytest.mark.parametrize("year", CLOSED_WEEKDAYS)
def test_the_closed_weekdays_of_a_year_are_those_of_the_exchange(krx, year):
    every = (date(year, 1, 1) + timedelta(days=number) for number in range(365))
    closed = [f"{day:%m-%d}" for day in every if day.weekday() < 5 and not krx.is_session(day)]
    assert closed == CLOSED_WEEKDAYS[year].split()


@pytest.mark.parametrize(
    ("year", "count"),
    [
        (2010, 251), (2011, 248), (2012, 248), (2013, 247), (2014, 245), (2015, 248), (2016, 246), (2017, 243),
        (2018, 244), (2019, 246), (2024, 244), (2025, 242), (2026, 244), (2027, 245),
    ],
)  # fmt: skip
def test_a_year_has_as_many_sessions_as_the_exchange_held(krx, year, count):
    assert len(krx.sessions(date(year, 1, 1), date(year, 12, 31))) == count


@pytest.mark.parametrize(
    "day",
    [
        date(2010, 5, 21),
        date(2012, 4, 11),
        date(2015, 8, 14),
        date(2016, 5, 6),
        date(2017, 10, 2),
        date(2018, 5, 7),
        date(2024, 10, 1),
        date(2025, 1, 27),
        date(2025, 6, 3),
        date(2025, 12, 31),
        date(2026, 6, 3),
        date(2026, 7, 17),
        date(2027, 5, 3),
        date(2027, 7, 19),
    ],
)
def test_a_day_that_public_calendars_dispute_is_closed(krx, day):
    assert not krx.is_session(day)


def test_no_weekend_day_is_a_session(krx):
    assert not any(
        session.session_date.weekday() >= 5 for session in krx.sessions(date(2010, 1, 1), date(2027, 12, 31))
    )


def test_a_holiday_gives_its_name_as_the_reason(krx):
    assert krx.closed_reason(date(2026, 7, 17)) == "Constitution Day"


def test_a_weekend_gives_the_day_of_the_week_as_the_reason(krx):
    assert krx.closed_reason(date(2026, 11, 21)) == "Saturday"


def test_a_session_has_no_reason_to_be_closed(krx):
    assert krx.closed_reason(date(2026, 11, 20)) is None


def test_a_closed_day_is_refused_with_the_nearest_sessions(krx):
    with pytest.raises(NotASessionError) as caught:
        krx.session(date(2026, 9, 24))
    assert "2026-09-24 is not a KRX session" in str(caught.value)
    assert "the nearest sessions are 2026-09-23 and 2026-09-28" in str(caught.value)


def test_a_closed_day_at_the_edge_of_the_known_days_names_the_one_session_that_is_near(krx):
    with pytest.raises(NotASessionError) as caught:
        krx.session(date(2027, 12, 31))
    assert (caught.value.previous, caught.value.following) == (date(2027, 12, 30), None)
    assert str(caught.value).endswith("the nearest session is 2027-12-30")


@pytest.mark.parametrize("day", [date(2009, 12, 31), date(2028, 1, 1)])
@pytest.mark.parametrize("question", ["is_session", "session", "previous", "next", "closed_reason"])
def test_a_day_outside_the_known_range_is_an_error(krx, question, day):
    with pytest.raises(OutOfRangeError, match=f"{day} is outside .* 2010-01-01 to 2027-12-31"):
        getattr(krx, question)(day)


@pytest.mark.parametrize(
    ("start", "end"),
    [(date(2009, 12, 31), date(2010, 1, 31)), (date(2027, 12, 1), date(2028, 1, 1))],
)
def test_a_span_that_leaves_the_known_range_is_an_error(krx, start, end):
    with pytest.raises(OutOfRangeError):
        krx.sessions(start, end)


def test_before_the_first_known_session_there_is_none(krx):
    with pytest.raises(OutOfRangeError):
        krx.previous(date(2010, 1, 4))


def test_the_day_before_is_the_session_before_and_of_the_first_known_one_a_day_without_data(krx):
    assert krx.day_before(date(2026, 11, 23)) == date(2026, 11, 20)
    assert krx.day_before(date(2010, 1, 4)) == date(2010, 1, 3)


def test_after_the_last_known_session_there_is_none(krx):
    with pytest.raises(OutOfRangeError):
        krx.next(date(2027, 12, 30))


def test_next_skips_the_chuseok_holidays(krx):
    assert krx.next(date(2026, 9, 23)).key == "2026-09-28"


def test_previous_skips_a_weekend(krx):
    assert krx.previous(date(2026, 11, 23)).key == "2026-11-20"


def test_previous_and_next_of_a_closed_day_are_its_neighbours(krx):
    day = date(2026, 11, 21)
    assert (krx.previous(day).key, krx.next(day).key) == ("2026-11-20", "2026-11-23")


def test_a_span_gives_its_sessions_with_both_ends(krx):
    found = krx.sessions(date(2026, 11, 16), date(2026, 11, 23))
    assert [str(session) for session in found] == [
        "2026-11-16",
        "2026-11-17",
        "2026-11-18",
        "2026-11-19",
        "2026-11-20",
        "2026-11-23",
    ]


def test_a_span_that_ends_before_it_starts_is_empty(krx):
    assert krx.sessions(date(2026, 11, 20), date(2026, 11, 16)) == []
