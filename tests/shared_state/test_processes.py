"""
The rate between processes. What a machine that is busy may delay is not asked here: that the whole rate is used, and
that arrivals keep to it over an unsteady network, is shown on an imagined clock (test_rate_limiter.py).
"""

import signal
import time

import pytest

from kiwoom_provider.shared_state.files import FileState
from kiwoom_simulator.server import serve


@pytest.fixture
def running():
    with serve(rate=0, stocks="KOSPI=30,KOSDAQ=1") as simulator:
        yield simulator


def test_processes_together_keep_one_rate(running, tmp_path, make_fleet, busiest_second):
    fleet = make_fleet(running, [tmp_path] * 5, rate=10, calls=8)
    fleet.go()
    assert fleet.join() == [0] * 5
    assert running.control.count("ka10066").served == 40
    assert len(fleet.permits) == 40
    assert busiest_second(fleet.permits) == 10


def test_a_process_that_is_killed_while_it_waits_holds_nobody_up(running, tmp_path, make_fleet):
    fleet = make_fleet(running, [tmp_path] * 4, rate=10, calls=6)
    fleet.go()
    while len(running.control.arrivals("ka10066")) < 4:
        time.sleep(0.01)
    fleet.members[1].send_signal(signal.SIGKILL)
    assert fleet.join() == [0, -signal.SIGKILL, 0, 0]
    assert running.control.count("ka10066").served >= 18


def test_a_quota_that_one_process_meets_is_kept_by_all_and_by_those_that_come_later(
    tmp_path, make_fleet, busiest_second
):
    with serve(rate=2, stocks="KOSPI=30,KOSDAQ=1") as simulator:
        fleet = make_fleet(simulator, [tmp_path] * 3, rate=20, calls=3)
        fleet.go()
        assert fleet.join() == [0] * 3
        (learned,) = tmp_path.glob("rate-*-ka10066.quota")
        state = FileState(tmp_path, learned.name.removeprefix("rate-").removesuffix("-ka10066.quota"))
        since_s = state.quota("ka10066").since_ms / 1000
        state.close()
        late = make_fleet(simulator, [tmp_path], rate=20, calls=4)
        late.go()
        assert late.join() == [0]
    after = [permit for permit in fleet.permits if permit > since_s]
    assert after
    assert busiest_second(after) <= 2
    assert busiest_second(late.permits) <= 2
