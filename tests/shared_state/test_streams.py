"""Fair shares, and streams that are killed: several limiters and processes on one log of calls."""

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


def test_ten_streams_share_one_rate_and_none_starves(tmp_path, make_host):
    """Each has a rate limiter of its own on the shared files, as ten processes have."""
    with serve(rate=0, stocks="KOSPI=30,KOSDAQ=1") as running:
        clients = [make_host(running.url, tmp_path, requests_per_second=40.0) for _ in range(10)]
        clients[0].tokens.current()
        left = iter(range(120))

        def work(client):
            made = 0
            for _ in left:
                client.call(ka10066.API_ID, ka10066.PATH, BODY)
                made += 1
            return made

        with ThreadPoolExecutor(10) as pool:
            made = list(pool.map(work, clients))
    assert sum(made) == 120
    assert min(made) >= 1


def test_a_process_that_is_killed_in_mid_call_costs_the_others_nothing(tmp_path, make_fleet, busiest_second):
    with serve(rate=0, stocks="KOSPI=30,KOSDAQ=1", fault="hang@ka10066*1") as running:
        victim = make_fleet(running, [tmp_path], rate=10, calls=1)
        victim.go()
        while not running.control.arrivals("ka10066"):
            time.sleep(0.01)
        others = make_fleet(running, [tmp_path] * 3, rate=10, calls=6)
        others.go()
        while len(running.control.arrivals("ka10066")) < 4:
            time.sleep(0.01)
        victim.members[0].send_signal(signal.SIGKILL)
        assert victim.join() == [-signal.SIGKILL]
        assert others.join() == [0] * 3
    assert len(others.permits) == 18
    assert busiest_second(others.permits) <= 10


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
