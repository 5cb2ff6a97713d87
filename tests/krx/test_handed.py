"""A session as one task hands it to another: taken as it was given, or refused."""

from __future__ import annotations

from datetime import date, time

import pytest

from kiwoom_provider.krx import Handed, WindowError, calendar

DAY, SETTLES, ENDS = date(2026, 11, 20), time(20, 30), time(7)
GIVEN = {
    "date": "2026-11-20",
    "opens_at": "2026-11-20T09:00:00+09:00",
    "closes_at": "2026-11-20T15:30:00+09:00",
    "settles_at": "2026-11-20T20:30:00+09:00",
    "window_ends_at": "2026-11-23T07:00:00+09:00",
    "before": "2026-11-19",
}


def test_a_friday_is_handed_over_with_its_weekend():
    assert Handed(calendar().session(DAY), date(2026, 11, 19)).to_json() == GIVEN


def test_what_is_taken_is_what_the_calendar_has():
    taken = Handed.from_json(GIVEN, DAY, SETTLES, ENDS)

    assert (taken.session, taken.before) == (calendar().session(DAY), date(2026, 11, 19))


def test_instants_in_another_zone_are_the_same_instants():
    taken = Handed.from_json(GIVEN | {"settles_at": "2026-11-20T11:30:00+00:00"}, DAY, SETTLES, ENDS)

    assert taken.session == calendar().session(DAY)


@pytest.mark.parametrize(
    "fault",
    [
        {"date": "2026-11-19"},
        {"opens_at": "2026-11-19T09:00:00+09:00"},
        {"closes_at": "2026-11-20T08:30:00+09:00"},
        {"closes_at": "2026-11-20T21:00:00+09:00"},
        {"settles_at": "2026-11-19T20:30:00+09:00"},
        {"settles_at": "2026-11-20T20:31:00+09:00"},
        {"window_ends_at": "2026-11-23T08:00:00+09:00"},
        {"window_ends_at": "2026-11-20T07:00:00+09:00"},
        {"window_ends_at": "2026-12-23T07:00:00+09:00"},
        {"before": "2026-11-20"},
    ],
)
def test_a_window_that_is_not_the_sessions_is_refused(fault):
    with pytest.raises(WindowError, match="is not that of session 2026-11-20 from 20:30 to 07:00 KST"):
        Handed.from_json(GIVEN | fault, DAY, SETTLES, ENDS)


@pytest.mark.parametrize(
    "fault",
    [
        {"date": "20261120"},
        {"before": None},
        {"settles_at": "soon"},
        {"settles_at": "2026-11-20T20:30:00"},
        {"opens_at": 9},
    ],
)
def test_a_window_that_cannot_be_read_is_refused(fault):
    with pytest.raises(WindowError, match="handed over for session 2026-11-20 cannot be read"):
        Handed.from_json(GIVEN | fault, DAY, SETTLES, ENDS)


def test_a_window_that_lacks_a_part_is_refused():
    with pytest.raises(WindowError, match="KeyError"):
        Handed.from_json({"date": "2026-11-20"}, DAY, SETTLES, ENDS)
