"""Laws that hold for every day and every moment that the calendar knows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kiwoom_provider.krx import KST, calendar

KRX = calendar()
INNER_DAYS = st.dates(date(2010, 1, 5), date(2027, 12, 29))
SESSIONS = INNER_DAYS.filter(KRX.is_session)
MOMENTS = st.datetimes(datetime(2010, 1, 5), datetime(2027, 12, 29), timezones=st.just(UTC))  # noqa: DTZ001


@given(SESSIONS.filter(lambda day: day > date(2010, 1, 4)))
def test_the_session_after_the_one_before_is_the_session_itself(day):
    assert KRX.next(KRX.previous(day).session_date).session_date == day


@given(SESSIONS)
def test_the_session_before_the_one_after_is_the_session_itself(day):
    assert KRX.previous(KRX.next(day).session_date).session_date == day


@given(INNER_DAYS)
def test_no_session_lies_between_a_day_and_its_next(day):
    following = KRX.next(day).session_date
    assert KRX.sessions(day + timedelta(days=1), following) == [KRX.session(following)]


@given(INNER_DAYS)
def test_a_day_either_is_a_session_or_has_a_reason(day):
    assert KRX.is_session(day) == (KRX.closed_reason(day) is None)


@given(SESSIONS)
def test_the_instants_of_a_session_follow_one_another(day):
    session = KRX.session(day)
    assert session.settles_at < session.alert_at < session.evidence_at < session.window_ends_at


@given(SESSIONS)
def test_a_window_ends_before_the_next_session_settles(day):
    assert KRX.session(day).window_ends_at < KRX.next(day).settles_at


@given(MOMENTS)
def test_the_open_window_contains_the_moment(moment):
    session = KRX.window_open_at(moment)
    assert session is None or session.settles_at <= moment < session.window_ends_at


@given(MOMENTS)
def test_a_window_that_contains_the_moment_is_found(moment):
    day = moment.astimezone(KST).date()
    near = KRX.sessions(max(day - timedelta(days=14), date(2010, 1, 1)), day)
    containing = [session for session in near if session.settles_at <= moment < session.window_ends_at]
    assert ([KRX.window_open_at(moment)] if KRX.window_open_at(moment) else []) == containing


@given(MOMENTS)
def test_the_latest_settled_comes_right_before_the_next_to_settle(moment):
    settled, coming = KRX.latest_settled(moment), KRX.next_to_settle(moment)
    assert settled == coming or KRX.next(settled.session_date) == coming
