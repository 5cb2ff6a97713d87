"""The state of one machine: records, locks and the log of calls in a directory."""

import os
import stat
import subprocess
import sys

import pytest

from kiwoom_provider.shared_state.base import StateError
from kiwoom_provider.shared_state.files import FileState
from kiwoom_provider.shared_state.rate_limiter import RateLimiter


@pytest.fixture
def state(tmp_path):
    made = FileState(tmp_path / "state", "account")
    yield made
    made.close()


@pytest.mark.parametrize("rate", [1.0, 5.0, 20.0])
def test_a_permitted_call_costs_at_most_eight_statements(state, rate):
    limiter = RateLimiter(state, rate)
    for _ in range(2 if rate == 1 else 8):
        limiter.record_answer(limiter.acquire("ka10066"))
    statements = []
    state._bucket("ka10066").conn.set_trace_callback(statements.append)
    for _ in range(3):
        statements.clear()
        limiter.record_answer(limiter.acquire("ka10066"))
        assert 0 < len(statements) <= 8, statements


def test_a_record_is_for_its_owner_alone_and_replaced_whole(state, tmp_path):
    assert state.read("token") is None
    state.write("token", b"one")
    state.write("token", b"two")
    (path,) = (tmp_path / "state").iterdir()
    assert state.read("token") == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    state.remove("token")
    state.remove("token")
    assert state.read("token") is None


def test_an_empty_record_as_a_crash_leaves_it_counts_as_none(state):
    state.write("token", b"")
    assert state.read("token") is None


def test_a_record_of_any_size_that_someone_planted_is_not_read_whole(state):
    state.write("token", b"x" * 65_537)
    with pytest.raises(StateError, match="more than 65,536 bytes"):
        state.read("token")


def test_a_damaged_log_is_named_with_the_remedy(tmp_path):
    tmp_path.chmod(0o700)
    path = tmp_path / "rate-account.sqlite"
    path.write_bytes(b"no database at all, but long enough to be looked at as one" * 100)
    with pytest.raises(StateError, match="state_dir") as caught:
        FileState(tmp_path, "account").take("ka10066", "a", 1, 1, 1)
    assert str(path) in str(caught.value)


def test_calls_logged_in_the_future_by_a_clock_since_set_back_do_not_hold_up(tmp_path):
    before = FileState(tmp_path / "state", "account", lambda: 9_000_000_000_000)
    assert before.take("ka10066", "a", 9_000_000_001_000, 1, 2000) == 0
    before.close()
    after = FileState(tmp_path / "state", "account", lambda: 8_000_000_000_000)
    assert after.take("ka10066", "b", 8_000_000_001_000, 1, 2000) == 0
    after.close()


class Clock:
    """Stands still but for what is slept."""

    def __init__(self):
        self.at_ms, self.slept_s = 1_800_000_000_000, 0.0

    def __call__(self):
        return self.at_ms

    def sleep(self, wait_s):
        self.at_ms += max(1, round(wait_s * 1000))
        self.slept_s += wait_s


def test_calls_planted_in_the_future_while_we_wait_do_not_hold_up(tmp_path):
    clock = Clock()
    state = FileState(tmp_path / "state", "account", clock)
    limiter = RateLimiter(state, 5.0, clock.sleep)
    limiter.acquire("ka10066")
    connection = state._bucket("ka10066").conn
    for number in range(9):
        connection.execute('INSERT INTO "calls_ka10066" VALUES (?, ?)', (f"planted {number}", clock() + 86_400_000))
    limiter.acquire("ka10066")
    state.close()
    assert clock.slept_s < 2


@pytest.mark.parametrize("planted", [b'{"per_second": 1e-9, "since_ms": 0, "strikes": 0}', b"garbage", b"[]", b"\x00"])
def test_a_quota_that_someone_planted_does_not_hold_a_night(planted, state):
    state.write("rate-account-ka10066.quota", planted)
    assert RateLimiter(state, 5.0).rate("ka10066") >= 0.1


@pytest.mark.parametrize("planted", [b"99999999999999999999999999", b"soon", b"-5"])
def test_a_last_call_that_someone_planted_does_not_hold_up(planted, state):
    state.write("rate-account-ka10066.sent", planted)
    slept = []
    RateLimiter(state, 5.0, slept.append).acquire("ka10066")
    assert slept == []


def test_a_lock_that_is_never_given_back_is_not_waited_for_for_ever(state, monkeypatch):
    monkeypatch.setattr("kiwoom_provider.shared_state.files.LOCK_TIMEOUT_S", 0.05)
    other = FileState(state._directory, "account")
    held = pytest.raises(StateError, match=r"has held it for 0\.05 s: end it")
    with state.queue("ka10066"), held, other.queue("ka10066"):
        pass
    with other.queue("ka10066") as queue:
        assert queue.last_sent_ms == 0


@pytest.mark.parametrize("api_id", ["", "ka 1", "a'; DROP TABLE quota; --", "../x", "k" * 21])
def test_an_api_id_that_is_none_is_refused(api_id, state):
    with pytest.raises(ValueError, match="api_id"), state.queue(api_id):
        pass


def test_a_directory_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(StateError, match=r"link.*symbolic link.*state_dir"):
        FileState(tmp_path / "link", "account").write("token", b"x")


@pytest.mark.parametrize("mode", [0o770, 0o777, 0o702])
def test_a_directory_that_others_may_write_to_is_refused(mode, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state").chmod(mode)
    with pytest.raises(StateError, match="others may write to it"):
        FileState(tmp_path / "state", "account").read("token")


def test_a_directory_of_somebody_else_is_refused(tmp_path, monkeypatch):
    (tmp_path / "state").mkdir(mode=0o700)
    own = os.stat(tmp_path / "state").st_uid  # noqa: PTH116
    if own == 0:
        os.chown(tmp_path / "state", 12345, -1)
    else:
        monkeypatch.setattr("os.geteuid", lambda: own + 1)
    with pytest.raises(StateError, match="it belongs to user"):
        FileState(tmp_path / "state", "account").read("token")


@pytest.mark.parametrize("name", ["token", "rate-account.sqlite", "rate-account-ka10066.lock"])
def test_a_link_in_the_directory_is_not_followed(name, tmp_path):
    directory, target = tmp_path / "state", tmp_path / "target"
    directory.mkdir(mode=0o700)
    target.write_bytes(b"somebody else's")
    (directory / name).symlink_to(target)
    state = FileState(directory, "account")
    use = state.read if name == "token" else RateLimiter(state, 5.0).acquire
    with pytest.raises(StateError):
        use("token" if name == "token" else "ka10066")
    assert target.read_bytes() == b"somebody else's"


OTHER = """
import sys
from pathlib import Path
from kiwoom_provider.shared_state.files import FileState
at_ms = int(sys.argv[2])
state = FileState(Path(sys.argv[1]), "account", lambda: at_ms)
print(state.take("ka10066", "other", at_ms, 1, 1000))
state.close()
"""


def test_what_one_process_logs_is_seen_by_another_after_a_third_has_closed_the_log(tmp_path):
    """A process uses the log for its token first and then for its calls, and must not lose its locks over that."""
    at_ms = 1_800_000_000_000
    state = FileState(tmp_path, "account", lambda: at_ms)

    def in_another_process(at_ms):
        command = [sys.executable, "-c", OTHER, str(tmp_path), str(at_ms)]
        return int(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout)

    assert state.take("au10001", "token", at_ms, 1, 1000) == 0
    assert state.take("ka10066", "first", at_ms, 1, 1000) == 0
    assert in_another_process(at_ms + 5_000) == 0
    assert state.take("ka10066", "second", at_ms + 10_000, 1, 1000) == 0
    assert in_another_process(at_ms + 10_500) == 501
    state.close()
