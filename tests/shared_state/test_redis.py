"""Token and rate of several hosts, on a real Redis server that this test starts and stops."""

import json
import time

import pytest

from kiwoom_provider.shared_state.base import StateError, StateUnreachableError
from kiwoom_provider.shared_state.quota import Latency, Quota
from kiwoom_provider.shared_state.rate_limiter import RateLimiter
from kiwoom_simulator.server import serve

pytest.importorskip("redis", reason="the redis package is not installed")


@pytest.fixture
def make_state(redis_url, tmp_path):
    from kiwoom_provider.shared_state.redis import RedisState

    made = []

    def make(url=redis_url):
        made.append(RedisState(url, tmp_path / "state", tmp_path.name))
        return made[-1]

    yield make
    for state in made:
        state.close()


@pytest.fixture
def state(make_state):
    return make_state()


def test_a_full_window_says_how_long_to_wait(state):
    at_ms = state.now_ms()
    assert state.take("ka10066", "a", at_ms, 2, 1000) == 0
    assert state.take("ka10066", "b", at_ms + 10, 2, 1000) == 0
    assert state.take("ka10066", "c", at_ms + 20, 2, 1000) == 981
    assert state.take("ka10059", "d", at_ms + 20, 2, 1000) == 0


def test_a_call_that_is_put_down_earlier_frees_its_place_earlier(state):
    at_ms = state.now_ms()
    state.take("ka10066", "a", at_ms + 1000, 1, 2000)
    state.move("ka10066", "a", at_ms)
    assert state.take("ka10066", "b", at_ms + 1500, 1, 2000) == 501


def test_a_call_that_is_put_down_when_it_is_long_forgotten_does_no_harm(state):
    state.move("ka10066", "never seen", state.now_ms())


def test_a_redis_that_was_started_anew_is_taught_the_buckets_script_again(state):
    at_ms = state.now_ms()
    assert state.take("ka10066", "a", at_ms, 2, 1000) == 0
    state.redis.script_flush()
    assert state.take("ka10066", "b", at_ms + 10, 2, 1000) == 0
    assert state.take("ka10066", "c", at_ms + 20, 2, 1000) == 981


def test_what_was_learned_of_the_rate_is_kept_for_all_hosts(make_state):
    one, other = make_state(), make_state()
    assert one.quota("ka10066") is None
    one.set_quota("ka10066", Quota(1.0, 1_700_000_000_000, 1))
    assert one.quota("ka10066") == other.quota("ka10066") == Quota(1.0, 1_700_000_000_000, 1)
    assert one.quota("ka10059") is None


def test_a_call_is_not_permitted_by_a_quota_that_has_been_lowered_since(make_state):
    waiting, refused = make_state(), make_state()
    assert waiting.quota("ka10066") is None
    refused.set_quota("ka10066", Quota(1.0, 1_700_000_000_000))
    assert waiting.take("ka10066", "a", waiting.now_ms(), 5, 1000) == 1
    assert waiting.quota("ka10066") == Quota(1.0, 1_700_000_000_000)
    assert waiting.take("ka10066", "a", waiting.now_ms(), 5, 1000) == 0


def test_the_way_to_the_server_is_the_hosts_own(state):
    state.set_latency(Latency(41.5, 9))
    assert state.latency() == Latency(41.5, 9)
    assert not [key for key in state.redis.keys("*") if "latency" in key]


@pytest.mark.parametrize("rate", [pytest.param(1.0, marks=pytest.mark.thorough), 5.0, 20.0])
def test_a_permitted_call_costs_at_most_six_round_trips(state, rate, monkeypatch):
    from redis import connection

    limiter = RateLimiter(state, rate)
    for _ in range(2 if rate == 1 else 8):
        limiter.record_answer(limiter.acquire("ka10066"))
    trips = []
    send = connection.Connection.send_packed_command

    def counted(self, command, *args, **kwargs):
        trips.append(command)
        return send(self, command, *args, **kwargs)

    monkeypatch.setattr(connection.Connection, "send_packed_command", counted)
    for _ in range(3):
        trips.clear()
        limiter.record_answer(limiter.acquire("ka10066"))
        assert 0 < len(trips) <= 6


def test_hosts_that_share_nothing_but_redis_keep_one_budget(redis_url, tmp_path, make_fleet, busiest_second):
    hosts = [tmp_path / "one", tmp_path / "one", tmp_path / "other", tmp_path / "other"]
    with serve(rate=0, stocks="KOSPI=30,KOSDAQ=1", reissue="same") as running:
        fleet = make_fleet(running, hosts, rate=10, calls=8, redis_url=redis_url)
        fleet.go()
        assert fleet.join() == [0] * 4
        assert running.control.count("ka10066").served == 32
    assert len(fleet.permits) == 32
    assert busiest_second(fleet.permits) <= 10


def test_a_redis_that_cannot_be_reached_is_named_without_its_password(make_state, free_port):
    state = make_state(f"redis://:hunter2@127.0.0.1:{free_port()}/0")
    with pytest.raises(StateUnreachableError, match=r"Redis at 127\.0\.0\.1, cannot be used.*redis_conn_id") as caught:
        state.now_ms()
    assert "hunter2" not in str(caught.value) + repr(caught.value.__context__)


def test_a_redis_that_refuses_the_password_is_not_away(make_state, redis_url):
    state = make_state(redis_url.replace("://", "://nobody:hunter2@"))
    with pytest.raises(StateError, match=r"AuthenticationError.*redis_conn_id") as caught:
        state.now_ms()
    assert type(caught.value) is StateError
    assert "hunter2" not in str(caught.value)


def test_a_redis_that_is_but_a_copy_while_another_takes_over_is_away(state, free_port):
    state.redis.replicaof("127.0.0.1", free_port())
    try:
        with pytest.raises(StateUnreachableError, match="ReadOnlyError"):
            state.write("a", b"b")
    finally:
        state.redis.replicaof("NO", "ONE")


PLANTED = [
    {"per_second": 1e-9, "since_ms": 1_700_000_000_000, "strikes": 0},
    {"per_second": -5, "since_ms": 1_700_000_000_000, "strikes": 0},
    {"per_second": "fast", "since_ms": 1_700_000_000_000, "strikes": 0},
    {"per_second": 0.1, "since_ms": 9_000_000_000_000, "strikes": 0},
    {"since_ms": 1},
    [],
]


@pytest.mark.parametrize("planted", PLANTED)
def test_a_quota_that_someone_planted_does_not_hold_a_night(planted, state):
    state.redis.set(f"{state._prefix}:quota:ka10066", json.dumps(planted))
    rate = RateLimiter(state, 5.0).rate("ka10066")
    assert 0.1 <= rate <= 5.0


def test_records_of_any_size_that_someone_planted_are_not_read_whole(state):
    state.redis.set("kiwoom:token", "x" * 65_537)
    with pytest.raises(StateError, match="more than 65,536 bytes"):
        state.read("token")
    state.redis.set(state._quota_key("ka10066"), "1" * 10_000_000)
    assert state.quota("ka10066") is None
    assert len(state._quotas["ka10066"][1]) == 65_537


def test_calls_planted_in_the_future_do_not_hold_up(state):
    state.redis.zadd(state._bucket("ka10066").bucket_key, {"planted:": state.now_ms() + 86_400_000})
    slept = []

    def sleep(wait_s):
        slept.append(wait_s)
        time.sleep(wait_s)

    assert RateLimiter(state, 5.0, sleep).acquire("ka10066").limited
    assert sum(slept) < 5


def test_a_host_that_comes_second_with_an_earlier_instant_steps_back(state):
    at_ms = state.now_ms()
    assert state.take("ka10066", "later", at_ms + 5, 1, 1000) == 0
    assert state.take("ka10066", "earlier", at_ms, 1, 1000) == 1
    assert state.take("ka10066", "third", at_ms + 1006, 1, 1000) == 0
