"""Opening and closing times, and the odd days among them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from kiwoom_provider.krx import KST

CSAT_DAYS = [
    date(2020, 12, 3),
    date(2021, 11, 18),
    date(2022, 11, 17),
    date(2023, 11, 16),
    date(2024, 11, 14),
    date(2025, 11, 13),
    date(2026, 11, 19),
    date(2027, 11, 18),
]
FIRST_SESSIONS = [
    date(2020, 1, 2),
    date(2021, 1, 4),
    date(2022, 1, 3),
    date(2023, 1, 2),
    date(2024, 1, 2),
    date(2025, 1, 2),
    date(2026, 1, 2),
    date(2027, 1, 4),
]


def hours(session):
    return session.opens_at.time(), session.closes_at.time()


@pytest.mark.parametrize("day", CSAT_DAYS)
def test_on_csat_day_the_session_is_an_hour_later(krx, day):
    assert hours(krx.session(day)) == (time(10), time(16, 30))


@pytest.mark.parametrize("day", CSAT_DAYS)
def test_on_csat_day_the_session_says_why_its_hours_are_odd(krx, day):
    assert krx.session(day).note == "CSAT day"


@pytest.mark.parametrize("day", FIRST_SESSIONS)
def test_the_first_session_of_a_year_opens_an_hour_later(krx, day):
    assert hours(krx.session(day)) == (time(10), time(15, 30))


@pytest.mark.parametrize("day", FIRST_SESSIONS)
def test_the_day_with_the_odd_opening_is_the_first_session_of_its_year(krx, day):
    assert krx.sessions(date(day.year, 1, 1), date(day.year, 1, 31))[0].date == day


def test_every_other_session_has_regular_hours(krx):
    odd = {*CSAT_DAYS, *FIRST_SESSIONS}
    sessions = krx.sessions(date(2020, 1, 1), date(2027, 12, 31))
    assert {hours(session) for session in sessions if session.date not in odd} == {(time(9), time(15, 30))}


def test_a_regular_session_has_no_note(krx):
    assert krx.session(date(2026, 11, 20)).note == ""


def test_a_session_gives_its_instants_in_kst(krx):
    session = krx.session(date(2026, 11, 20))
    instants = (session.opens_at, session.closes_at, session.settles_at, session.window_ends_at)
    assert instants == (
        datetime(2026, 11, 20, 9, 0, tzinfo=KST),
        datetime(2026, 11, 20, 15, 30, tzinfo=KST),
        datetime(2026, 11, 20, 20, 30, tzinfo=KST),
        datetime(2026, 11, 23, 7, 0, tzinfo=KST),
    )


def test_a_session_gives_its_instants_in_utc(krx):
    session = krx.session(date(2026, 11, 20)).in_utc()
    texts = [
        instant.isoformat()
        for instant in (session.opens_at, session.closes_at, session.settles_at, session.window_ends_at)
    ]
    assert texts == [
        "2026-11-20T00:00:00+00:00",
        "2026-11-20T06:30:00+00:00",
        "2026-11-20T11:30:00+00:00",
        "2026-11-22T22:00:00+00:00",
    ]
    assert session.opens_at.tzinfo is UTC


def test_the_key_of_a_session_is_its_iso_date(krx):
    assert krx.session(date(2026, 11, 20)).key == "2026-11-20"
