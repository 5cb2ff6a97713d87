"""The rate limiter against an imagined network: every delay is drawn, and the server counts arrivals."""

import heapq
import random
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from kiwoom_provider.shared_state.quota import Latency
from kiwoom_provider.shared_state.rate_limiter import RateLimiter


class State:
    """The shared store, in memory, on an imagined clock."""

    def __init__(self):
        self.at_ms, self.log, self.known, self.learned = 1_800_000_000_000.0, {}, Latency(), None
        self.sent = SimpleNamespace(last_sent_ms=0)

    def now_ms(self):
        return int(self.at_ms)

    @contextmanager
    def queue(self, _):
        yield self.sent

    def take(self, _, name, at_ms, limit, interval_ms):
        newest_first = sorted(self.log.values(), reverse=True)
        if len([logged for logged in newest_first if logged >= at_ms - interval_ms]) < limit:
            self.log[name] = at_ms
            return 0
        return max(1, newest_first[limit - 1] + interval_ms - at_ms + 1)

    def move(self, _, name, at_ms):
        self.log[name] = at_ms

    def quota(self, _):
        return self.learned

    def set_quota(self, _, quota):
        self.learned = quota

    def latency(self):
        return self.known

    def set_latency(self, latency):
        self.known = latency


class Night:
    """So many streams, each with one call under way at a time, over a network with drawn delays."""

    def __init__(self, rate, delay, *, streams=8, seed=1):
        self.state, self.under_way, self.arrivals = State(), [], []
        self.chance, self.delay, self.streams = random.Random(seed), delay, streams  # noqa: S311
        self.limiter = RateLimiter(self.state, rate, lambda wait_s: self.pass_to(self.state.at_ms + wait_s * 1000))

    def pass_to(self, at_ms):
        while self.under_way and self.under_way[0][0] <= at_ms:
            self.state.at_ms, _, permit = heapq.heappop(self.under_way)
            self.limiter.record_answer(permit)
        self.state.at_ms = at_ms

    def call(self):
        if len(self.under_way) == self.streams:
            self.pass_to(self.under_way[0][0])
        permit = self.limiter.acquire("ka10066")
        there, back = self.delay(self.chance), self.delay(self.chance)
        arrived = self.state.at_ms + there
        heapq.heappush(self.under_way, (arrived + back, len(self.arrivals), permit))
        self.arrivals.append(arrived)

    def most_in_a_second(self):
        marks = sorted(self.arrivals)
        return max(sum(mark <= other < mark + 1000 for other in marks) for mark in marks)


def steady(_):
    return 20.0


def unsteady(chance):
    spike = 300 * chance.random() if chance.random() < 0.05 else 0.0
    return 20 + chance.expovariate(1 / 5) + spike


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rate", [1, 5])
@pytest.mark.parametrize("delay", [steady, unsteady])
def test_the_count_of_arrivals_in_any_second_never_exceeds_the_rate(rate, delay, seed):
    night = Night(rate, delay, seed=seed)
    for _ in range(150):
        night.call()
    assert night.most_in_a_second() == rate


@pytest.mark.parametrize(("rate", "calls"), [(1, 60), (5, 300)])
def test_with_steady_latency_the_whole_rate_is_used(rate, calls):
    night = Night(rate, steady)
    start = night.state.at_ms
    for _ in range(calls):
        night.call()
    assert night.state.at_ms - start <= 60_000 * 1.01


def test_a_lone_stream_gets_the_whole_rate():
    night = Night(5, steady, streams=1)
    start = night.state.at_ms
    for _ in range(300):
        night.call()
    assert night.state.at_ms - start <= 60_000 * 1.01


@pytest.mark.parametrize(("rate", "least_s"), [(0.5, 18), (2.5, 3.6)])
def test_a_fraction_of_a_call_is_kept_by_distance(rate, least_s):
    night = Night(rate, steady)
    start = night.state.at_ms
    for _ in range(10):
        night.call()
    assert least_s * 1000 <= night.state.at_ms - start <= least_s * 1000 * 1.15


def test_without_limit_nothing_waits():
    night = Night(None, steady)
    start = night.state.at_ms
    night.call()
    night.call()
    assert night.state.at_ms == start


def test_calls_begin_spaced_so_that_an_unknown_quota_is_not_met_by_a_burst():
    night = Night(5, steady)
    for _ in range(3):
        night.call()
    first, second, third = night.arrivals
    assert second - first >= 180
    assert third - second >= 180


def test_a_named_quota_is_kept_from_the_next_call_on():
    night = Night(5, steady)
    night.call()
    permit = night.limiter.acquire("ka10066")
    assert night.limiter.record_refusal(permit, 1.0) == 1.0
    night.limiter.record_answer(permit)
    start = permit.sent_ms
    night.arrivals.clear()
    for _ in range(3):
        night.call()
    assert night.arrivals[0] - start >= 1000
    assert night.most_in_a_second() == 1


def test_a_call_whose_answer_never_comes_is_counted_for_two_seconds_and_no_longer():
    night = Night(1, steady)
    lost = night.limiter.acquire("ka10066")
    after = night.limiter.acquire("ka10066")
    assert 2000 <= after.sent_ms - lost.sent_ms <= 2250
