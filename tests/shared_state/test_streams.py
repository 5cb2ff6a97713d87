"""Fair shares, and streams that are killed: processes judged by the simulator's own count."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

from kiwoom_provider.api import ka10066
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.shared_state.files import FileState
from kiwoom_provider.shared_state.quota import Quota, effective
from kiwoom_provider.shared_state.rate_limiter import RateLimiter
from kiwoom_simulator.server import serve

BODY = ka10066.request_body(ParameterSet.parse("KOSPI", "KRX", "amount", "net"))


def test_a_lone_stream_over_http_gets_the_whole_rate(tmp_path, make_host, busiest_second):
    with serve(rate=5, stocks="KOSPI=30,KOSDAQ=1", latency_ms=40) as running:
        client = make_host(running.url, tmp_path, requests_per_second=5.0)
        for _ in range(21):
            client.call(ka10066.API_ID, ka10066.PATH, BODY)
        arrivals = running.control.arrivals("ka10066")
        assert running.control.count("ka10066").refused == 0
    assert busiest_second(arrivals) == 5
    assert arrivals[-1] - arrivals[0] < 7  # 20 intervals at 5 a second take 4.0 s


def test_of_ten_streams_none_gets_less_than_half_of_its_share(tmp_path, make_host):
    """Each has a rate limiter of its own on the shared files, as ten processes have."""
    with serve(rate=20, stocks="KOSPI=30,KOSDAQ=1", latency_ms=20) as running:
        clients = [make_host(running.url, tmp_path, requests_per_second=20.0) for _ in range(10)]
        clients[0].tokens.current()
        ends_at = time.monotonic() + 4

        def work(client):
            while time.monotonic() < ends_at:
                client.call(ka10066.API_ID, ka10066.PATH, BODY)
            return client.calls

        with ThreadPoolExecutor(10) as pool:
            made = list(pool.map(work, clients))
        made[0] -= 1  # the token's
        assert running.control.count("ka10066").refused == 0
    assert 50 <= sum(made) <= 90  # 80 in 4 s
    assert min(made) >= 0.5 * sum(made) / 10


def test_a_process_that_is_killed_in_mid_call_costs_the_others_nothing(tmp_path, make_fleet, busiest_second):
    with serve(rate=5, stocks="KOSPI=30,KOSDAQ=1", latency_ms=40, fault="hang@ka10066*1") as running:
        victim = make_fleet(running, [tmp_path], rate=5, calls=1)
        victim.go()
        while not running.control.arrivals("ka10066"):
            time.sleep(0.01)
        others = make_fleet(running, [tmp_path] * 3, rate=5, calls=6)
        others.go()
        while len(running.control.arrivals("ka10066")) < 4:
            time.sleep(0.01)
        victim.members[0].send_signal(signal.SIGKILL)
        assert victim.join() == [-signal.SIGKILL]
        assert others.join() == [0] * 3
        arrivals = running.control.arrivals("ka10066")[1:]
        assert running.control.count("ka10066").refused == 0
    assert busiest_second(arrivals) == 5
    assert arrivals[-1] - arrivals[0] < 6  # 18 calls at 5 a second take 3.4 s from first to last


def test_the_rate_in_force_is_told(tmp_path):
    state = FileState(tmp_path, "account")
    limiter = RateLimiter(state, 5.0)
    assert limiter.rate("ka10066") == 5.0
    state.set_quota("ka10066", Quota(2.0, state.now_ms()))
    assert limiter.rate("ka10066") == 2.0
    assert limiter.rate("ka10059") == 5.0
    state.close()


def test_recovery_is_slow_and_never_goes_beyond_the_setting():
    taught, day_ms = Quota(1.0, 0), 24 * 3_600_000
    assert [effective(3.0, taught, days * day_ms) for days in (0, 0.9, 1, 2, 300)] == [1.0, 1.0, 2.0, 3.0, 3.0]
