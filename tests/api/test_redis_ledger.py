"""The budget of several hosts, on a real Redis server that this test starts and stops."""

import pytest

from kiwoom_provider.api.errors import StateError, TransientError
from kiwoom_provider.api.latency import Latency
from kiwoom_provider.api.quota import Quota
from kiwoom_provider.api.redis_store import RedisStore
from kiwoom_simulator.server import serve

pytest.importorskip("redis", reason="the redis package is not installed")


@pytest.fixture
def ledger(budget_url, tmp_path):
    from kiwoom_provider.api.redis_ledger import RedisLedger

    made = RedisLedger(RedisStore(budget_url), tmp_path, tmp_path.name)
    yield made
    made.close()


def test_a_full_window_says_how_long_to_wait(ledger):
    at_ms = ledger.now_ms()
    assert ledger.take("ka10066", "a", at_ms, 2, 1000) == 0
    assert ledger.take("ka10066", "b", at_ms + 10, 2, 1000) == 0
    assert ledger.take("ka10066", "c", at_ms + 20, 2, 1000) == 981
    assert ledger.take("ka10059", "d", at_ms + 20, 2, 1000) == 0


def test_a_call_that_is_put_down_earlier_frees_its_place_earlier(ledger):
    at_ms = ledger.now_ms()
    ledger.take("ka10066", "a", at_ms + 1000, 1, 2000)
    ledger.put_down("ka10066", "a", at_ms)
    assert ledger.take("ka10066", "b", at_ms + 1500, 1, 2000) == 501


def test_a_call_that_is_put_down_when_it_is_long_forgotten_does_no_harm(ledger):
    ledger.put_down("ka10066", "never seen", ledger.now_ms())


def test_a_redis_that_was_started_anew_is_taught_the_buckets_script_again(ledger):
    at_ms = ledger.now_ms()
    assert ledger.take("ka10066", "a", at_ms, 2, 1000) == 0
    ledger._redis.script_flush()
    assert ledger.take("ka10066", "b", at_ms + 10, 2, 1000) == 0
    assert ledger.take("ka10066", "c", at_ms + 20, 2, 1000) == 981


def test_what_was_learned_is_kept_for_all(ledger):
    assert ledger.quota("ka10066") is None
    ledger.set_quota("ka10066", Quota(1.0, 1_800_000_000_000, 1))
    assert ledger.quota("ka10066") == Quota(1.0, 1_800_000_000_000, 1)
    assert ledger.quota("ka10059") is None
    ledger.set_latency(Latency(41.5, 9))
    assert ledger.latency() == Latency(41.5, 9)


def test_hosts_that_share_nothing_but_redis_keep_one_budget(budget_url, tmp_path, make_fleet, busiest_second):
    hosts = [tmp_path / "one", tmp_path / "one", tmp_path / "other", tmp_path / "other"]
    with serve(rate=5, stocks="KOSPI=30,KOSDAQ=1", latency_ms=40, reissue="same") as running:
        fleet = make_fleet(running, hosts, rate=5, calls=8, budget_url=budget_url)
        fleet.go()
        assert fleet.join() == [0] * 4
        arrivals = running.control.arrivals("ka10066")
        assert running.control.count("ka10066").refused == 0
    assert len(arrivals) == 32
    assert busiest_second(arrivals) == 5
    assert arrivals[-1] - arrivals[0] < 10  # 6.2 s at the whole rate; a share left idle would double it


def test_a_redis_that_cannot_be_reached_is_named_without_its_password(free_port):
    store = RedisStore(f"redis://:hunter2@127.0.0.1:{free_port()}/0")
    with (
        pytest.raises(TransientError, match=r"Redis at 127\.0\.0\.1, cannot be used.*budget_url") as caught,
        store.told(),
    ):
        store.redis.time()
    assert "hunter2" not in str(caught.value) + repr(caught.value.__context__)


def test_a_redis_that_refuses_the_password_is_no_passing_trouble(budget_url):
    store = RedisStore(budget_url.replace("://", "://nobody:hunter2@"))
    with pytest.raises(StateError, match=r"AuthenticationError.*budget_url") as caught, store.told():
        store.redis.time()
    assert "hunter2" not in str(caught.value)


def test_a_redis_that_is_but_a_copy_while_another_takes_over_is_passing_trouble(budget_url, free_port):
    store = RedisStore(budget_url)
    store.redis.replicaof("127.0.0.1", free_port())
    try:
        with pytest.raises(TransientError, match="ReadOnlyError"), store.told():
            store.redis.set("a", "b")
    finally:
        store.redis.replicaof("NO", "ONE")


@pytest.mark.parametrize("fields", [{"per_second": "fast"}, {"since_ms": "1"}])
def test_a_quota_that_someone_else_wrote_is_an_error_and_no_quota(fields, ledger):
    ledger._redis.hset(f"{ledger._prefix}:quota:ka10066", mapping=fields)
    with pytest.raises(StateError, match="budget_url"):
        ledger.quota("ka10066")


def test_a_host_that_comes_second_with_an_earlier_instant_steps_back(ledger):
    at_ms = ledger.now_ms()
    assert ledger.take("ka10066", "later", at_ms + 5, 1, 1000) == 0
    assert ledger.take("ka10066", "earlier", at_ms, 1, 1000) == 1
    assert ledger.take("ka10066", "third", at_ms + 1006, 1, 1000) == 0
