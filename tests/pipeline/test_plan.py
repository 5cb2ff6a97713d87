"""Which session a run is about, and whether it may still be fetched."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

import pytest

from kiwoom_provider.api.errors import ProtocolError
from kiwoom_provider.datasets.raw import RawError
from kiwoom_provider.datasets.store import StoreError
from kiwoom_provider.documents import DocumentError
from kiwoom_provider.krx import KST, NotASessionError, SessionDateError, calendar
from kiwoom_provider.parameters import Measure, ParameterError, ParameterSet, Venue, parameter_sets
from kiwoom_provider.pipeline.errors import (
    IncompleteSessionError,
    SessionNotDueError,
    SessionOverError,
    UnprovedSessionError,
)
from kiwoom_provider.pipeline.plan import Mode, Plan, check_served, check_window, make_plan

ONE_SET = {"markets": ["KOSPI"], "venues": ["KRX"], "measures": ["quantity"], "sides": ["net"]}
NET = ParameterSet.parse("KOSPI", "KRX", "quantity", "net")


def plan(store, now, partition_key=None, **params):
    instant = datetime.fromisoformat(now).replace(tzinfo=KST)
    asked = params.pop("session_date", None) or partition_key
    return make_plan(asked, parameter_sets(ONE_SET | params), calendar=calendar(), store=store, now=instant)


@pytest.mark.parametrize(
    ("now", "asked", "key", "expected"),
    [
        ("2026-11-20T21:10", None, None, "2026-11-20"),
        ("2026-11-20T21:10", None, "2026-11-20", "2026-11-20"),
        ("2026-11-20T14:00", None, "2026-11-20", "2026-11-20"),
        ("2026-11-20T14:00", "2026-11-20", None, "2026-11-20"),
        ("2026-11-21T12:00", None, None, "2026-11-20"),
        ("2026-11-23T06:59", None, None, "2026-11-20"),
        ("2026-11-23T06:59", None, "2026-11-20", "2026-11-20"),
        ("2026-10-11T23:00", None, None, "2026-10-08"),
    ],
)
def test_inside_the_window_or_before_it_the_run_is_live(store, now, asked, key, expected):
    assert plan(store, now, key, session_date=asked) == Plan.of(
        calendar(), date.fromisoformat(expected), Mode.LIVE, (NET,)
    )


def test_the_param_stands_above_the_partition_key(store):
    assert plan(store, "2026-11-20T21:20", "2026-11-19", session_date="2026-11-20").session.session_date == date(
        2026, 11, 20
    )


def test_between_two_windows_the_next_one_is_named(store):
    with pytest.raises(
        SessionNotDueError, match="the next window opens at 2026-11-20 21:10 KST for session 2026-11-20"
    ):
        plan(store, "2026-11-20T07:00")


def test_the_future_is_refused(store):
    with pytest.raises(SessionNotDueError, match="session_date 2026-11-23 is in the future: today is 2026-11-20"):
        plan(store, "2026-11-20T21:20", session_date="2026-11-23")


def test_a_closed_day_is_refused_with_the_nearest_sessions(store):
    with pytest.raises(NotASessionError, match="the nearest sessions are 2026-11-20 and 2026-11-23"):
        plan(store, "2026-11-21T21:20", session_date="2026-11-21")


def test_a_day_that_is_none_is_refused(store):
    with pytest.raises(SessionDateError, match="'20261120' is not a day written YYYY-MM-DD"):
        plan(store, "2026-11-20T21:20", session_date="20261120")


def test_past_the_window_without_raw_the_run_is_over(store):
    with pytest.raises(SessionOverError, match=r"its window ended at 2026-11-23 07:00 KST.*its raw is absent"):
        plan(store, "2026-11-23T07:00", "2026-11-20")


def test_past_the_window_a_partial_raw_says_what_is_missing(store, collector):
    collector.collect(NET)
    with pytest.raises(SessionOverError, match=r"partial: 1 of 2 sets are complete .*KOSPI · KRX · quantity · buy"):
        plan(store, "2026-11-23T07:00", "2026-11-20", sides=["net", "buy"])


def test_past_the_window_a_complete_raw_is_replayed(store, collector):
    collector.collect(NET)
    assert plan(store, "2026-11-23T07:00", "2026-11-20").mode is Mode.REPLAY


@pytest.mark.parametrize("now", ["2026-11-20T21:09:59", "2026-11-23T07:00:00"])
def test_a_page_from_outside_the_window_is_refused(now):
    session = calendar().session(date(2026, 11, 20))
    with pytest.raises(SessionOverError, match="from 2026-11-20 21:10 to 2026-11-23 07:00 KST only"):
        check_window(session, datetime.fromisoformat(now).replace(tzinfo=KST))


def test_a_plan_survives_the_way_between_tasks():
    made = Plan.of(calendar(), date(2026, 11, 20), Mode.REPLAY, (NET,))
    assert Plan.from_json(json.loads(json.dumps(made.to_json())), "the plan") == made


def test_a_plan_holds_all_that_a_task_needs_to_know_of_its_session():
    assert Plan.of(calendar(), date(2026, 11, 20), Mode.LIVE, (NET,)).to_json() == {
        "session": {
            "session_date": "2026-11-20",
            "settles_at": "2026-11-20T21:10:00+09:00",
            "alert_at": "2026-11-23T04:00:00+09:00",
            "evidence_at": "2026-11-23T05:20:00+09:00",
            "window_ends_at": "2026-11-23T07:00:00+09:00",
        },
        "session_before": "2026-11-19",
        "mode": "live",
        "sets": [{"market": "KOSPI", "venue": "KRX", "measure": "quantity", "side": "net"}],
        "release": None,
    }


def test_the_first_session_that_the_calendar_knows_has_a_plan():
    made = Plan.of(calendar(), date(2010, 1, 4), Mode.REBUILD, (NET,))

    assert (made.session.key, made.session_before) == ("2010-01-04", date(2010, 1, 3))


@pytest.mark.parametrize(
    ("element", "change"),
    [
        ("mode", {"mode": "fetch"}),
        ("session.settles_at", {"session": {"settles_at": "2026-11-20T21:10:00"}}),
        ("session.session_date", {"session": {"session_date": "2026-11-31"}}),
        ("sets.0.market", {"sets": [{"market": "KOSPY", "venue": "KRX", "measure": "quantity", "side": "net"}]}),
        ("handed", {"handed": {}}),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_the_element(element, change):
    good = Plan.of(calendar(), date(2026, 11, 20), Mode.LIVE, (NET,)).to_json()
    changed = good | change | ({"session": good["session"] | change["session"]} if "session" in change else {})
    with pytest.raises(DocumentError, match=f"the plan cannot be read: {element}: "):
        Plan.from_json(changed, "the plan")


def test_the_sets_with_the_most_stocks_are_fetched_first():
    sets = parameter_sets({"markets": ["KOSPI", "KOSDAQ"], "measures": ["amount"], "sides": ["net"]})

    fetches = Plan.of(calendar(), date(2026, 11, 20), Mode.LIVE, sets).fetches()

    assert [f"{one['market']} {one['venue']}" for one in fetches] == [
        "KOSDAQ KRX",
        "KOSDAQ CONSOLIDATED",
        "KOSDAQ NXT",
        "KOSPI KRX",
        "KOSPI CONSOLIDATED",
        "KOSPI NXT",
    ]


def test_the_first_set_of_what_a_look_takes_for_final_by_others_begins_it():
    sets = parameter_sets({"markets": ["KOSPI", "KOSDAQ"], "measures": ["amount"]})
    plan = Plan.of(calendar(), date(2026, 11, 20), Mode.LIVE, sets)
    begun = [p.label for p in sets if plan.begins_implied(p)]
    assert begun == [
        "KOSPI · CONSOLIDATED · amount · net",
        "KOSDAQ · KRX · amount · net",
        "KOSDAQ · NXT · amount · net",
        "KOSDAQ · CONSOLIDATED · amount · net",
    ]


def test_a_venue_that_the_host_does_not_serve_is_refused_before_any_call():
    class Mock:
        def serves(self, venue):
            return venue is Venue.KRX

    nxt = ParameterSet(NET.market, Venue.NXT, Measure.QUANTITY, NET.side)
    check_served(Mock(), [NET])
    with pytest.raises(ParameterError, match="does not serve NXT"):
        check_served(Mock(), [NET, nxt])


@dataclass
class Standing:
    instant: datetime

    def now(self):
        return self.instant


@pytest.mark.parametrize(
    ("mode", "now", "final"),
    [
        (Mode.LIVE, "2026-11-20T21:09", True),
        (Mode.LIVE, "2026-11-20T21:10", False),
        (Mode.LIVE, "2026-11-23T06:59", False),
        (Mode.LIVE, "2026-11-23T07:00", True),
        (Mode.REPLAY, "2026-11-20T22:00", True),
        (Mode.RELEASE, "2026-11-20T22:00", True),
    ],
)
@pytest.mark.parametrize("kind", [UnprovedSessionError, IncompleteSessionError, ProtocolError, RawError])
def test_what_another_answer_could_cure_is_final_once_none_can_come(mode, now, final, kind):
    made = Plan.of(calendar(), date(2026, 11, 20), mode, (NET,))
    clock = Standing(datetime.fromisoformat(now).replace(tzinfo=KST))
    with pytest.raises(kind) as raised, made.errors_by(clock):
        raise kind("x")
    assert raised.value.is_final is final


def test_a_store_that_is_away_is_waited_for_when_the_window_is_over_too():
    made = Plan.of(calendar(), date(2026, 11, 20), Mode.REPLAY, (NET,))
    clock = Standing(datetime(2026, 11, 24, tzinfo=KST))
    with pytest.raises(StoreError) as raised, made.errors_by(clock):
        raise StoreError("x")
    assert not raised.value.is_final
