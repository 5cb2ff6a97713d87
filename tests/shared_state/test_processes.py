"""The rate between processes, judged by the simulator's own count."""

import signal
import time
from itertools import pairwise

import pytest

from kiwoom_simulator.server import serve


@pytest.fixture
def running():
    with serve(rate=5, stocks="KOSPI=30,KOSDAQ=1", latency_ms=40) as simulator:
        yield simulator


def test_processes_together_use_the_whole_rate_and_are_never_refused(running, tmp_path, make_fleet, busiest_second):
    fleet = make_fleet(running, [tmp_path] * 5, rate=5, calls=8)
    fleet.go()
    assert fleet.join() == [0] * 5
    arrivals = running.control.arrivals("ka10066")
    assert running.control.count("ka10066").refused == 0
    assert len(arrivals) == 40
    assert busiest_second(arrivals) == 5
    assert arrivals[-1] - arrivals[0] < 12  # 7.8 s at the whole rate; a share left idle would double it


def test_a_process_that_is_killed_while_it_waits_costs_the_others_nothing(running, tmp_path, make_fleet):
    fleet = make_fleet(running, [tmp_path] * 4, rate=5, calls=10)
    fleet.go()
    while len(running.control.arrivals("ka10066")) < 4:
        time.sleep(0.01)
    victim = fleet.members[1]
    victim.send_signal(signal.SIGKILL)
    assert fleet.join() == [0, -signal.SIGKILL, 0, 0]
    arrivals = running.control.arrivals("ka10066")
    assert running.control.count("ka10066").refused == 0
    assert max(later - earlier for earlier, later in pairwise(arrivals)) < 1.0
    assert arrivals[-1] - arrivals[0] < (len(arrivals) - 1) / 5 * 1.5


def test_a_quota_that_one_process_meets_is_kept_by_all_and_by_those_that_come_later(tmp_path, make_fleet):
    with serve(rate=2, stocks="KOSPI=30,KOSDAQ=1", latency_ms=40) as simulator:
        fleet = make_fleet(simulator, [tmp_path] * 3, rate=5, calls=3)
        fleet.go()
        assert fleet.join() == [0] * 3
        assert simulator.control.count("ka10066").refused <= 2
        simulator.control.reset_counts()
        late = make_fleet(simulator, [tmp_path] * 1, rate=5, calls=4)
        late.go()
        assert late.join() == [0]
        assert simulator.control.count("ka10066").refused == 0


def test_no_stream_starves(running, tmp_path, make_fleet):
    fleet = make_fleet(running, [tmp_path] * 3, rate=5, calls=6)
    fleet.go()
    ends = {}
    while len(ends) < 3:
        for place, member in enumerate(fleet.members):
            if place not in ends and member.poll() is not None:
                ends[place] = time.monotonic()
        time.sleep(0.01)
    fleet.join()
    assert max(ends.values()) - min(ends.values()) < 1.5  # of 3.6 s
