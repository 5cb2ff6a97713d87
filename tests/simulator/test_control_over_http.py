"""The control of a simulator in another process."""

from __future__ import annotations

import pytest


def post(api, action, **arguments):
    return api.http.post(f"{api.url}/_simulator/{action}", json=arguments, timeout=60)


@pytest.mark.parametrize(
    ("action", "arguments", "name", "value"),
    [
        ("clock", {"now": "2026-11-19T10:00", "speed": 0}, "now", "2026-11-19T10:00:00+09:00"),
        ("advance", {"seconds": 60}, "now", "2026-11-20T21:01:00+09:00"),
        ("settle", {"text": "18:10,NXT=never"}, "settlement", "18:10,NXT=never"),
        ("settle-after-calls", {"calls": 20}, "settlement", "after=20"),
        ("close-day", {"day": "2026-11-20"}, "live_session", "2026-11-19"),
        ("fault", {"fault": "hang@au10001*1"}, "faults", {"hang@au10001*1": 0}),
        ("scenario", {"name": "maintenance"}, "faults", {"html": 0}),
        ("rate", {"text": "5,ka10066=1"}, "rate", "5,ka10066=1"),
        ("latency", {"milliseconds": 40}, "latency_ms", 40.0),
    ],
)
def test_an_action_is_answered_with_the_state_that_it_made(api, action, arguments, name, value):
    answer = post(api, action, **arguments)
    assert answer.status_code == 200
    assert answer.json()[name] == value


def test_tokens_can_be_killed_and_counters_reset(api, body):
    api.call(body())
    state = post(api, "kill-tokens").json()
    assert state["counts"]["ka10066"] == {"calls": 1, "served": 1, "refused": 0, "failed": 0}
    assert api.call(body()).json()["return_code"] == 3
    assert post(api, "reset-counts").json()["counts"] == {}


def test_the_log_can_be_read_by_api_id(api, body):
    api.call(body(side="buy"))
    log = api.http.get(f"{api.url}/_simulator/log?api_id=ka10066", timeout=60).json()
    assert [(entry["asked"], entry["status"], entry["rows"]) for entry in log] == [("KOSPI KRX amount buy", 200, 100)]


def test_control_calls_are_not_counted(api):
    api.http.get(f"{api.url}/_simulator/state", timeout=60)
    assert api.control.counts() == {}


@pytest.mark.parametrize(
    ("action", "arguments", "status"),
    [
        ("explode", {}, 404),
        ("settle", {"text": "soon"}, 400),
        ("fault", {"fault": "x"}, 400),
        ("event", {"event": "explode@2026-11-20"}, 400),
        ("clock", {"hour": 3}, 400),
    ],
)
def test_a_wrong_action_is_refused_with_a_reason(api, action, arguments, status):
    answer = post(api, action, **arguments)
    assert answer.status_code == status
    assert answer.json()["error"]
