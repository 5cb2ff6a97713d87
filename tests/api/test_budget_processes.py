"""The budget between processes, judged by the simulator's own count."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kiwoom_simulator.server import serve

from kiwoom_provider.api.errors import StateError
from kiwoom_provider.api.file_ledger import FileLedger

PROCESS = """
import sys, requests
from pathlib import Path
from kiwoom_provider.api import ka10066
from kiwoom_provider.api.client import KiwoomClient
from kiwoom_provider.api.transport import WatchedAdapter
from kiwoom_provider.clock import SystemClock
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.settings import Settings
url, state_dir, rate, calls = sys.argv[1:]
session = requests.Session()
session.trust_env = False
session.mount("http://", WatchedAdapter())
settings = Settings(url, "simulator-app-key", "simulator-secret-key", Path(state_dir), float(rate))
client = KiwoomClient(session, settings, SystemClock())
body = ka10066.request_body(ParameterSet.parse("KOSPI", "KRX", "amount", "net"))
client.tokens.current()
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(calls)):
    client.call(ka10066.API_ID, ka10066.PATH, body)
print(client.refused, flush=True)
"""


class Fleet:
    """Processes that make so many calls each, begun together."""

    def __init__(self, running, state_dir, rate, calls, size):
        command = [sys.executable, "-c", PROCESS, running.url, str(state_dir), str(rate), str(calls)]
        self.members = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(size)
        ]
        for member in self.members:
            assert member.stdout.readline() == "ready\n"

    def go(self):
        for member in self.members:
            member.stdin.write("go\n")
            member.stdin.flush()

    def join(self):
        outcomes = [member.wait(timeout=60) for member in self.members]
        for member in self.members:
            member.stdin.close()
            member.stdout.close()
        return outcomes


def most_in_a_second(arrivals):
    return max(sum(mark <= other < mark + 1 for other in arrivals) for mark in arrivals)


@pytest.fixture
def running():
    with serve(rate=5, stocks="KOSPI=30,KOSDAQ=1", latency_ms=40) as simulator:
        yield simulator


def test_processes_together_use_the_whole_rate_and_are_never_refused(running, tmp_path):
    fleet = Fleet(running, tmp_path, rate=5, calls=8, size=5)
    fleet.go()
    assert fleet.join() == [0] * 5
    arrivals = running.control.arrivals("ka10066")
    assert running.control.count("ka10066").refused == 0
    assert len(arrivals) == 40
    assert most_in_a_second(arrivals) == 5
    assert arrivals[-1] - arrivals[0] < 8.3  # 40 calls at 5 a second take 7.8 s from first to last


def test_a_process_that_is_killed_while_it_waits_costs_the_others_nothing(running, tmp_path):
    fleet = Fleet(running, tmp_path, rate=5, calls=10, size=4)
    fleet.go()
    time.sleep(0.9)
    victim = fleet.members[1]
    victim.send_signal(signal.SIGKILL)
    assert fleet.join() == [0, -signal.SIGKILL, 0, 0]
    arrivals = running.control.arrivals("ka10066")
    assert running.control.count("ka10066").refused == 0
    assert max(later - earlier for earlier, later in zip(arrivals, arrivals[1:], strict=False)) < 1.0
    assert arrivals[-1] - arrivals[0] < (len(arrivals) - 1) / 5 + 0.7


def test_a_quota_that_one_process_meets_is_kept_by_all_and_by_those_that_come_later(tmp_path):
    with serve(rate=2, stocks="KOSPI=30,KOSDAQ=1", latency_ms=40) as simulator:
        fleet = Fleet(simulator, tmp_path, rate=5, calls=3, size=3)
        fleet.go()
        assert fleet.join() == [0] * 3
        assert simulator.control.count("ka10066").refused <= 2
        simulator.control.reset_counts()
        late = Fleet(simulator, tmp_path, rate=5, calls=4, size=1)
        late.go()
        assert late.join() == [0]
        assert simulator.control.count("ka10066").refused == 0


def test_no_stream_starves(running, tmp_path):
    fleet = Fleet(running, tmp_path, rate=5, calls=6, size=3)
    fleet.go()
    ends = {}
    while len(ends) < 3:
        for place, member in enumerate(fleet.members):
            if place not in ends and member.poll() is not None:
                ends[place] = time.monotonic()
        time.sleep(0.01)
    fleet.join()
    assert max(ends.values()) - min(ends.values()) < 1.5  # of 3.6 s


def test_a_damaged_budget_file_is_named_with_the_remedy(tmp_path):
    ledger = FileLedger(tmp_path, "account")
    (path,) = [Path(tmp_path / "budget-account.sqlite")]
    path.write_bytes(b"no database at all, but long enough to be looked at as one" * 100)
    with pytest.raises(StateError, match="state_dir") as caught:
        ledger.quota("ka10066")
    assert str(path) in str(caught.value)


def test_calls_logged_in_the_future_by_a_clock_since_set_back_do_not_hold_up(tmp_path):
    before = FileLedger(tmp_path, "account", lambda: 9_000_000_000_000)
    assert before.take("ka10066", "a", 9_000_000_001_000, 1, 2000) == 0
    before.close()
    after = FileLedger(tmp_path, "account", lambda: 8_000_000_000_000)
    assert after.take("ka10066", "b", 8_000_000_001_000, 1, 2000) == 0
    after.close()


@pytest.mark.parametrize("api_id", ["", "ka 1", "a'; DROP TABLE quota; --", "../x", "k" * 21])
def test_an_api_id_that_is_none_is_refused(api_id, tmp_path):
    with pytest.raises(ValueError, match="api_id"), FileLedger(tmp_path, "account").turn(api_id):
        pass
