"""The sliding second per app key and api-id."""

from __future__ import annotations

import pytest

from kiwoom_simulator.limits import Limiter, Rates

pytestmark = pytest.mark.usefixtures("stopwatch")

RECORDED = "[1700:허용된 API 요청 개수를 초과하였습니다. 유량=2, API ID=ka10066]"


def test_a_window_is_one_second_from_each_admitted_call():
    limiter = Limiter()
    admitted = [limiter.admits("key", "ka10066", 2, at) for at in (0.0, 0.5, 0.75, 0.875, 1.0, 1.25, 1.5)]
    assert admitted == [True, True, False, False, True, False, True]


def test_keys_and_api_ids_have_windows_of_their_own():
    limiter = Limiter()
    calls = [("a", "ka10066"), ("a", "ka10059"), ("b", "ka10066"), ("a", "ka10066")]
    assert [limiter.admits(key, api_id, 1, 0.0) for key, api_id in calls] == [True, True, True, False]


def test_no_quota_admits_everything():
    limiter = Limiter()
    assert all(limiter.admits("key", "ka10066", 0, 0.0) for _ in range(1000))


def test_the_call_over_the_quota_is_answered_429_with_the_recorded_text(start, body):
    api = start(rate=2)
    api.login()
    *_, refused = [api.call(body()) for _ in range(3)]
    assert refused.status_code == 429
    assert refused.json()["return_code"] == 5
    assert refused.json()["return_msg"].endswith(RECORDED)
    assert "Retry-After" not in refused.headers


def test_quotas_are_kept_per_api_id(start, body):
    api = start(rate="0,ka10066=1")
    api.login()
    assert [api.call(body()).status_code for _ in range(2)] == [200, 429]
    assert api.dated("005930", "20261120")


@pytest.mark.parametrize(("later_s", "status"), [(0.99, 429), (1.0, 200)])
def test_a_second_later_the_next_call_is_admitted(start, stopwatch, body, later_s, status):
    api = start(rate=1)
    api.call(body())
    stopwatch.at_s += later_s
    assert api.call(body()).status_code == status


def test_the_token_endpoint_is_limited_too(start):
    api = start(rate="0,au10001=1")
    assert [api.login().status_code for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(("kind", "admitted"), [("live", 5), ("mock", 1)])
def test_the_quota_is_what_the_terms_say_unless_told_otherwise(start, body, kind, admitted):
    api = start(kind=kind, rate=None)
    api.login()
    statuses = [api.call(body()).status_code for _ in range(7)]
    assert statuses.count(200) == admitted


def test_served_and_refused_calls_are_counted_and_their_arrivals_kept(start, body):
    api = start(rate=2)
    api.login()
    for _ in range(5):
        api.call(body())
    counts = api.control.count("ka10066")
    assert (counts.calls, counts.served, counts.refused, counts.failed) == (5, 2, 3, 0)
    arrivals = api.control.arrivals("ka10066")
    assert arrivals == [1000.0] * 5
    assert [entry.outcome for entry in api.control.log("ka10066")] == ["served"] * 2 + ["refused"] * 3


@pytest.mark.parametrize("text", ["-1", "fast", "ka10066=", "1.5", "５"])
def test_a_quota_that_is_no_whole_number_is_refused(text):
    with pytest.raises(ValueError, match="whole number"):
        Rates.parse(text)
