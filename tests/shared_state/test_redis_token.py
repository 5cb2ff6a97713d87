"""One token for several hosts: shared through a real Redis, or, without one, taken in turns."""

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from kiwoom_provider.api import ka10066
from kiwoom_provider.api.errors import AuthenticationError
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.shared_state.base import StateError, StateUnreachableError
from kiwoom_provider.shared_state.redis import RedisState
from kiwoom_provider.shared_state.token_store import Token, TokenStore
from kiwoom_simulator.server import serve

pytest.importorskip("redis", reason="the redis package is not installed")

BODY = ka10066.request_body(ParameterSet.parse("KOSPI", "KRX", "amount", "net"))
CLIENTS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import requests
from kiwoom_provider.api import ka10066
from kiwoom_provider.api.client import KiwoomClient
from kiwoom_provider.api.http import DeadlineAdapter
from kiwoom_provider.clock import SystemClock
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.settings import Settings
from kiwoom_provider.shared_state import redis
url, state_dir, redis_url, count, lease_s = sys.argv[1:]
redis.LEASE_S = float(lease_s)
def made():
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", DeadlineAdapter())
    keys = "simulator-app-key", "simulator-secret-key"
    return KiwoomClient(session, Settings(url, *keys, Path(state_dir), None, redis_url=redis_url), SystemClock())
body = ka10066.request_body(ParameterSet.parse("KOSPI", "KRX", "amount", "net"))
clients = [made() for _ in range(int(count))]
for client in clients:
    client.tokens.current()
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(len(clients)) as pool:
    list(pool.map(lambda client: client.call(ka10066.API_ID, ka10066.PATH, body), clients))
"""


def start(url, state_dir, redis_url, count, lease_s=10.0):
    command = [sys.executable, "-c", CLIENTS, url, str(state_dir), redis_url, str(count), str(lease_s)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def go(process):
    process.stdin.write("go\n")
    process.stdin.flush()


def end(process):
    status = process.wait(timeout=60)
    process.stdin.close()
    process.stdout.close()
    return status


@pytest.fixture
def other_redis(redis_url):
    """The same server, another of its databases, emptied."""
    url = redis_url.replace("/0", "/1")
    state = RedisState(url, Path("/none"), "account")
    state.redis.flushdb()
    state.close()
    return url


def ask(client):
    return client.call(ka10066.API_ID, ka10066.PATH, BODY)


def test_thirty_six_clients_on_two_hosts_that_find_the_token_dead_together_renew_it_once(
    simulator, other_redis, tmp_path
):
    hosts = [tmp_path / "one", tmp_path / "one", tmp_path / "other", tmp_path / "other"]
    processes = [start(simulator.url, host, other_redis, 9) for host in hosts]
    assert simulator.control.tokens_issued() == 1
    simulator.control.kill_tokens()
    for process in processes:
        go(process)
    assert [end(process) for process in processes] == [0] * 4
    assert simulator.control.tokens_issued() == 2
    assert simulator.control.count("au10001").calls == 2
    assert simulator.control.count("ka10066").served == 36


def test_a_host_that_is_killed_while_it_renews_holds_up_the_others_no_longer_than_its_lease(
    simulator, other_redis, tmp_path, make_host
):
    victim = start(simulator.url, tmp_path / "one", other_redis, 1, lease_s=1.0)
    other = make_host(simulator.url, tmp_path / "other", redis_url=other_redis)
    simulator.control.kill_tokens()
    simulator.control.fault("hang@au10001*1")
    go(victim)
    while simulator.control.count("au10001").calls < 2:
        time.sleep(0.01)
    victim.send_signal(signal.SIGKILL)
    assert end(victim) == -signal.SIGKILL
    left = in_redis(other_redis).redis
    assert all(left.pttl(lock) <= 1000 for lock in left.keys("*:lock"))
    assert ask(other).status == 200
    assert simulator.control.count("au10001").calls == 3


def test_a_holder_that_lives_keeps_its_lease(other_redis, monkeypatch):
    asked = []

    class Impatient(Event):
        def wait(self, timeout=None):
            asked.append(timeout)
            return super().wait(0.01)

    monkeypatch.setattr("kiwoom_provider.shared_state.redis.Event", Impatient)
    monkeypatch.setattr("kiwoom_provider.shared_state.redis.LEASE_S", 30.0)
    state = in_redis(other_redis)
    with state.lock("token"):
        (lock,) = state.redis.keys("*:lock")
        state.redis.pexpire(lock, 20_000)
        while 0 < state.redis.pttl(lock) <= 20_000:
            time.sleep(0.01)
        assert 20_000 < state.redis.pttl(lock) <= 30_000
    assert set(asked) == {10.0}
    assert state.redis.keys("*:lock") == []


def test_a_redis_that_is_down_is_named_before_any_call(simulator, tmp_path, make_host, free_port):
    client = make_host(simulator.url, tmp_path, redis_url=f"redis://:hunter2@127.0.0.1:{free_port()}/0")
    with pytest.raises(StateUnreachableError, match=r"Redis at 127\.0\.0\.1, cannot be used.*redis_conn_id") as caught:
        ask(client)
    assert "hunter2" not in str(caught.value)
    assert simulator.control.counts() == {}


def test_a_redis_that_is_away_for_a_moment_costs_a_pause_and_no_call(
    simulator, start_redis, free_port, tmp_path, make_host
):
    port = free_port()
    running = [start_redis(port)]

    def sleep(wait_s):
        time.sleep(wait_s if wait_s < 0.05 else 0)
        if running[-1].poll() is not None:
            running.append(start_redis(port))

    url = f"redis://127.0.0.1:{port}/0"
    client = make_host(simulator.url, tmp_path, redis_url=url, sleep=sleep, requests_per_second=50.0)
    ask(client)
    running[0].terminate()
    running[0].wait(timeout=10)
    assert ask(client).status == 200
    assert len(running) == 2
    assert simulator.control.count("ka10066").calls == 2


def test_a_redis_that_forgot_everything_costs_one_renewal(simulator, other_redis, tmp_path, make_host):
    clients = [make_host(simulator.url, tmp_path / name, redis_url=other_redis) for name in ("one", "other", "new")]
    ask(clients[0])
    ask(clients[1])
    in_redis(other_redis).redis.flushdb()
    for client in reversed(clients):
        assert ask(client).status == 200
    assert simulator.control.tokens_issued() == 2


def in_redis(url):
    return RedisState(url, Path("/none"), "account")


def a_token(life=timedelta(hours=24)):
    now = datetime.now(UTC)
    return Token("confidential", now, now + life)


def test_what_lies_in_redis_is_encrypted_and_ends_with_the_token(other_redis):
    state = in_redis(other_redis)
    TokenStore(state, "account", "secret").write(a_token(timedelta(hours=18)))
    (key,) = state.redis.keys("*")
    assert "confidential" not in state.redis.get(key) + key
    assert "secret" not in key
    assert 17.9 * 3600 < state.redis.ttl(key) <= 18 * 3600


def test_a_token_that_another_secret_key_wrote_under_our_name_cannot_be_decrypted(other_redis):
    state = in_redis(other_redis)
    ours = TokenStore(state, "account", "our secret")
    TokenStore(state, "account", "their secret").write(a_token())
    (theirs,) = state.redis.keys("*")
    ours.write(a_token())
    (own,) = [key for key in state.redis.keys("*") if key != theirs]
    state.redis.copy(theirs, own, replace=True)
    with pytest.raises(StateError, match=r"key kiwoom:token-account-\w+ in Redis at 127\.0\.0\.1, cannot be decrypted"):
        ours.read()


def test_what_is_no_text_in_redis_is_an_error_of_ours(other_redis):
    state = in_redis(other_redis)
    store = TokenStore(state, "account", "secret")
    store.write(a_token())
    (key,) = state.redis.keys("*")
    state.redis.set(key, b"\xff\xfe")
    with pytest.raises(StateError, match="redis_conn_id"):
        store.read()


def test_a_lock_that_another_host_never_gives_back_is_not_waited_for_for_ever(other_redis, monkeypatch):
    monkeypatch.setattr("kiwoom_provider.shared_state.redis.LOCK_TIMEOUT_S", 0.2)
    one, other = in_redis(other_redis), in_redis(other_redis)
    with one.lock("token"), pytest.raises(StateError, match=r"has been held for 0\.2 s"), other.lock("token"):
        pass


def test_a_wrong_secret_key_finds_no_token_in_redis_and_is_refused_by_the_server_once(
    simulator, other_redis, tmp_path, make_host
):
    ask(make_host(simulator.url, tmp_path / "one", redis_url=other_redis))
    for name in ("one", "other"):
        with pytest.raises(AuthenticationError, match=r"\[8002\].*secret key \(password\)"):
            ask(make_host(simulator.url, tmp_path / name, redis_url=other_redis, secret_key="wrong"))
    assert simulator.control.count("au10001").calls == 2


def test_hosts_that_share_nothing_work_in_turns_a_pause_each_before_the_token_is_taken_back(tmp_path, make_host):
    pauses, hosts = [], {}

    def pause(name, other):
        def sleep(wait_s):
            pauses.append((name, wait_s))
            assert [ask(hosts[other]).status for _ in range(3)] == [200] * 3  # undisturbed while the other one waits

        return sleep

    with serve(rate=0, stocks="KOSPI=30,KOSDAQ=1", reissue="kill") as running:
        for name, other in (("one", "other"), ("other", "one")):
            hosts[name] = make_host(running.url, tmp_path / name, sleep=pause(name, other))
        assert [ask(hosts[name]).status for name in ("one", "other") * 4] == [200] * 8
        assert running.control.tokens_issued() == 8
    assert [name for name, _ in pauses] == ["one", "other", "one", "other"]  # the first two in a row may be chance
    assert all(15 <= wait_s <= 30 for _, wait_s in pauses)
