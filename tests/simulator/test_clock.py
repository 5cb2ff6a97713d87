"""Which session is served: live fields by the day, investor fields by the settlement."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from kiwoom_simulator.clock import SimulatedClock
from kiwoom_simulator.market import truth

SIZES = {"KOSPI": 230, "KOSDAQ": 120}
PRICE, FLOW = ("cur_prc", "trde_qty"), ("ind_invsr", "frgnr_invsr", "orgn")
NIGHT = datetime(2026, 11, 20, 12, tzinfo=UTC)
WEDNESDAY, THURSDAY, FRIDAY = (f"2026-11-{day}" for day in (18, 19, 20))


def expected(day, venue="KRX"):
    rows = truth(1, date.fromisoformat(day), "KOSPI", venue, "amount", "net", sizes=SIZES).rows()
    return {row["stk_cd"]: row for row in rows}


def session_of(api, names, venue="KRX", *, days=(WEDNESDAY, THURSDAY, FRIDAY)):
    """Return which of the days the served fields are of, or None."""
    rows = {row["stk_cd"][:6]: row for row in api.rows(venue=venue)}
    for day in days:
        truths = expected(day, venue)
        if all(abs(int(rows[code][name])) == abs(truths[code][name]) for code in rows for name in names):
            return day
    return None


@pytest.mark.parametrize(
    ("now", "price", "flow"),
    [
        ("2026-11-20T07:59", THURSDAY, THURSDAY),
        ("2026-11-20T08:25", None, THURSDAY),
        ("2026-11-20T15:59", None, THURSDAY),
        ("2026-11-20T16:05", None, None),  # the regular session's, which is no session's last word
        ("2026-11-20T20:00", FRIDAY, None),
        ("2026-11-20T20:51", FRIDAY, FRIDAY),
        ("2026-11-21T03:00", FRIDAY, FRIDAY),
        ("2026-11-21T12:00", FRIDAY, FRIDAY),
        ("2026-11-23T07:59", FRIDAY, FRIDAY),
    ],
)
def test_one_row_mixes_live_prices_with_settled_investors(start, now, price, flow):
    api = start(now=now)
    assert session_of(api, PRICE) == price
    assert session_of(api, FLOW) == flow


def test_volume_grows_through_the_day(start):
    api = start(now="2026-11-20T10:00")
    morning = sum(int(row["trde_qty"]) for row in api.rows())
    api.control.set_clock("2026-11-20T15:00")
    assert 0 < morning < sum(int(row["trde_qty"]) for row in api.rows())


@pytest.mark.parametrize(
    ("settle_at", "now", "flow"),
    [
        ("never", "2026-11-20T23:00", THURSDAY),
        ("25:30", "2026-11-21T01:29", THURSDAY),
        ("25:30", "2026-11-21T01:31", FRIDAY),
        ("18:10,NXT=21:00", "2026-11-20T20:30", FRIDAY),
        ("18:10,KRX=21:00", "2026-11-20T20:30", THURSDAY),
    ],
)
def test_settlement_is_a_setting(start, settle_at, now, flow):
    assert session_of(start(now=now, settle_at=settle_at), FLOW) == flow


def test_venues_may_settle_at_different_times(start):
    api = start(settle_at="18:10,NXT=never,CONSOLIDATED=22:00")
    assert [session_of(api, FLOW, venue) for venue in ("KRX", "NXT", "CONSOLIDATED")] == [
        FRIDAY,
        THURSDAY,
        THURSDAY,
    ]


def test_the_switch_can_fall_inside_a_sweep(api):
    api.control.settle_after_calls(2)
    truths = {day: expected(day) for day in (THURSDAY, FRIDAY)}
    rows = api.rows()
    for part, day in ((rows[:200], THURSDAY), (rows[200:], FRIDAY)):
        assert all(int(row["orgn"]) == truths[day][row["stk_cd"]]["orgn"] for row in part)


def test_the_count_of_calls_begins_when_it_is_asked_for(api):
    api.rows()
    api.control.settle_after_calls(3)
    assert session_of(api, FLOW) == THURSDAY
    assert session_of(api, FLOW) == FRIDAY


@pytest.mark.parametrize("day", ["2026-11-21", "2026-10-09", "2026-12-25"])
def test_on_a_closed_day_the_last_session_is_served_with_success(start, body, day):
    api = start(now=f"{day}T12:00")
    answer = api.call(body())
    assert (answer.status_code, answer.json()["return_code"]) == (200, 0)
    last = {"2026-11-21": FRIDAY, "2026-10-09": "2026-10-08", "2026-12-25": "2026-12-24"}[day]
    assert session_of(api, FLOW + PRICE, days=(last,)) == last


def test_a_closed_day_that_no_calendar_knows_serves_the_session_before(start):
    api = start(closed_days=FRIDAY)
    assert session_of(api, FLOW + PRICE) == THURSDAY


def test_a_day_can_be_closed_and_opened_while_it_runs(api):
    api.control.close_day(FRIDAY)
    assert api.control.state()["live_session"] == THURSDAY
    api.control.open_day(FRIDAY)
    assert api.control.state()["live_session"] == FRIDAY


def test_the_clock_runs_as_fast_as_told(start):
    api = start(speed=100_000)
    begin = api.control.now()
    api.login()
    assert (api.control.now() - begin).total_seconds() > 50


def test_the_clock_can_be_moved_and_stopped(api):
    api.control.set_clock("2026-11-19T09:00", speed=0)
    api.control.advance(90)
    assert api.control.now().isoformat() == "2026-11-19T09:01:30+09:00"


@pytest.mark.parametrize("text", ["18:1", "noon", "NXT=soon"])
def test_a_settlement_that_cannot_be_read_is_refused(api, text):
    with pytest.raises(ValueError, match="neither HH:MM"):
        api.control.settle(text)


@pytest.mark.parametrize(
    ("start", "speed", "is_real"),
    [(None, 1, True), (None, 2, False), (datetime(2026, 11, 20, 21, tzinfo=UTC), 1, False)],
)
def test_a_clock_that_shows_the_real_time_says_so(start, speed, is_real):
    clock = SimulatedClock(start, speed)
    assert clock.is_real == is_real
    clock.set(speed=1)
    assert not clock.is_real
