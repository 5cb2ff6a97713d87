"""The window in which a session's data may be fetched."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from kiwoom_provider.krx import KST, CalendarError, OutOfRangeError, Window, WindowError, calendar


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


@pytest.mark.parametrize(
    ("now", "session"),
    [
        ("2026-11-20T21:09:59.999999", None),
        ("2026-11-20T21:10:00", "2026-11-20"),
        ("2026-11-21T03:00:00", "2026-11-20"),
        ("2026-11-22T12:00:00", "2026-11-20"),
        ("2026-11-23T06:59:59.999999", "2026-11-20"),
        ("2026-11-23T07:00:00", None),
        ("2026-11-23T12:00:00", None),
        ("2026-11-23T21:10:00", "2026-11-23"),
        ("2026-11-24T06:59:59", "2026-11-23"),
        ("2026-09-23T21:20:00", "2026-09-23"),
        ("2026-09-27T21:20:00", "2026-09-23"),
        ("2026-09-28T07:00:00", None),
        ("2026-11-19T21:10:00", "2026-11-19"),
        ("2026-12-31T21:20:00", "2026-12-30"),
        ("2027-01-04T06:59:00", "2026-12-30"),
    ],
)
def test_the_window_is_open_from_settlement_until_the_morning_of_the_next_session(krx, now, session):
    found = krx.window_open_at(at(now))
    assert (found.key if found else None) == session


@pytest.mark.parametrize(
    ("now", "session"),
    [
        ("2026-11-20T21:09:59", "2026-11-19"),
        ("2026-11-20T21:10:00", "2026-11-20"),
        ("2026-11-22T23:00:00", "2026-11-20"),
        ("2026-11-23T12:00:00", "2026-11-20"),
    ],
)
def test_the_latest_settled_session_changes_at_the_settle_time(krx, now, session):
    assert krx.latest_settled(at(now)).key == session


@pytest.mark.parametrize(
    ("moment", "session"),
    [
        ("2026-11-20T21:10:00", "2026-11-20"),
        ("2026-11-20T21:10:00.000001", "2026-11-23"),
        ("2026-11-21T00:00:00", "2026-11-23"),
        ("2026-11-20T00:00:00", "2026-11-20"),
    ],
)
def test_the_next_session_to_settle_includes_one_that_settles_at_that_very_moment(krx, moment, session):
    assert krx.next_to_settle(at(moment)).key == session


def test_the_zone_of_now_does_not_matter(krx):
    assert krx.window_open_at(datetime(2026, 11, 20, 12, 10, tzinfo=UTC)).key == "2026-11-20"


@pytest.mark.parametrize("question", ["window_open_at", "latest_settled", "next_to_settle"])
def test_a_moment_without_zone_is_refused(krx, question):
    with pytest.raises(CalendarError, match="has no zone"):
        getattr(krx, question)(datetime(2026, 11, 20, 21, 0))  # noqa: DTZ001 - the fault under test


@pytest.mark.parametrize("now", ["2010-01-04T21:09:59", "2028-01-01T21:10:00"])
def test_no_session_is_guessed_outside_the_known_range(krx, now):
    with pytest.raises(OutOfRangeError):
        krx.window_open_at(at(now))


def test_the_last_known_session_can_still_be_fetched_after_midnight(krx):
    assert krx.window_open_at(at("2028-01-01T06:59:00")).key == "2027-12-30"


def test_the_last_known_session_is_not_fetched_when_the_next_one_may_have_begun(krx):
    assert krx.window_open_at(at("2028-01-01T07:00:00")) is None


def test_the_settle_time_is_an_argument():
    late = calendar(Window(settle_time=time(22)))
    assert late.window_open_at(at("2026-11-20T21:59:59")) is None
    assert late.window_open_at(at("2026-11-20T22:00:00")).key == "2026-11-20"


def test_the_windows_end_is_an_argument():
    short = calendar(Window(window_end=time(6)))
    assert short.session(date(2026, 11, 20)).window_ends_at == at("2026-11-23T06:00:00")


def test_settling_at_the_venues_close_is_allowed():
    assert calendar(Window(settle_time=time(20))).session(date(2026, 11, 20)).settles_at == at("2026-11-20T20:00:00")


def test_a_window_that_ends_as_the_next_venue_opens_is_allowed():
    session = calendar(Window(window_end=time(8))).session(date(2026, 11, 20))
    assert session.window_ends_at == at("2026-11-23T08:00:00")


def test_a_settle_time_before_the_venues_close_is_refused():
    with pytest.raises(WindowError, match=r"settle_time 19:59 is too early: venues trade to 20:00 KST"):
        calendar(Window(settle_time=time(19, 59)))


def test_a_window_that_reaches_into_the_next_sessions_trading_is_refused():
    with pytest.raises(WindowError, match=r"window_end 08:01 is too late: .* begins at 08:00 KST"):
        calendar(Window(window_end=time(8, 1)))


@pytest.mark.parametrize("name", ["settle_time", "alert_time", "evidence_time", "window_end"])
def test_a_time_of_day_with_a_zone_is_refused(name):
    with pytest.raises(WindowError, match=rf"{name} 06:00:00\+00:00 must be without a zone"):
        calendar(Window(**{name: time(6, tzinfo=UTC)}))


def test_a_time_of_day_that_is_none_is_refused():
    with pytest.raises(ValueError, match="settle_time"):
        Window(settle_time="half past eight")


def test_the_last_resort_is_100_minutes_before_the_windows_end_unless_it_is_said():
    assert calendar(Window(window_end=time(6))).session(date(2026, 11, 20)).evidence_at == at("2026-11-23T04:20:00")
    said = calendar(Window(evidence_time=time(5, 30)))
    assert said.session(date(2026, 11, 20)).evidence_at == at("2026-11-23T05:30:00")


def test_the_last_resort_does_not_start_into_the_maintenance_of_the_hosts(krx):
    sessions = krx.sessions(date(2010, 1, 1), date(2027, 12, 29))
    assert {(found.evidence_at.weekday() < 5, found.evidence_at.time()) for found in sessions} == {(True, time(5, 20))}


def test_a_session_is_late_three_hours_before_the_windows_end_unless_it_is_said():
    assert calendar().session(date(2026, 11, 20)).alert_at == at("2026-11-23T04:00:00")
    assert calendar(Window(alert_time=time(3))).session(date(2026, 11, 20)).alert_at == at("2026-11-23T03:00:00")


def test_a_last_resort_that_is_not_before_the_windows_end_is_refused():
    with pytest.raises(WindowError, match="evidence_time 07:00 is not before window_end 07:00"):
        calendar(Window(evidence_time=time(7)))


def test_a_session_gives_its_instants_in_kst(krx):
    session = krx.session(date(2026, 11, 20))
    assert (session.settles_at, session.window_ends_at) == (
        datetime(2026, 11, 20, 21, 10, tzinfo=KST),
        datetime(2026, 11, 23, 7, 0, tzinfo=KST),
    )


def test_the_key_of_a_session_is_its_iso_date(krx):
    assert krx.session(date(2026, 11, 20)).key == "2026-11-20"
