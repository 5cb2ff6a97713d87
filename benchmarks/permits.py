"""What one permitted call asks of the shared state: SQL statements in files, round trips to Redis."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from benchmarks.figures import Figure
from kiwoom_provider.shared_state.files import FileState
from kiwoom_provider.shared_state.rate_limiter import RateLimiter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kiwoom_provider.shared_state.base import SharedState

API_ID, RATE, CALLS = "ka10066", 5.0, 12
SERVER = "redis-server"


def run(*, quick: bool) -> list[Figure]:  # noqa: ARG001
    """Measure for the table."""
    conditions = f"the most of {CALLS} calls in a row at {RATE:g}/s, the log of calls already full"
    with TemporaryDirectory(prefix="kiwoom-bench-") as folder:
        figures = [Figure("SQL statements for a permitted call", _statements(Path(folder)), "", "≤ 8", conditions)]
        if shutil.which(SERVER):
            figures.append(Figure("round trips to Redis for one", _round_trips(Path(folder)), "", "≤ 6", conditions))
    return figures


def _statements(folder: Path) -> int:
    state, seen = FileState(folder / "files", "account"), [0]
    _call(state, 1)
    state._bucket(API_ID).conn.set_trace_callback(lambda _: seen.append(seen.pop() + 1))
    most = _most(state, seen)
    state.close()
    return most


def _round_trips(folder: Path) -> int:
    from redis import connection

    from kiwoom_provider.shared_state.redis import RedisState

    send: Callable[..., None] = connection.AbstractConnection.send_packed_command
    seen = [0]

    def counted(self: connection.AbstractConnection, *given: Any, **named: Any) -> None:
        seen[0] += 1
        send(self, *given, **named)

    with _server(folder) as url, patch.object(connection.AbstractConnection, "send_packed_command", counted):
        state = RedisState(url, folder / "host", "account")
        most = _most(state, seen)
        state.close()
    return most


def _most(state: SharedState, seen: list[int]) -> int:
    """Return the most that one call took, once as many calls as are permitted in a second are logged."""
    _call(state, int(RATE))
    taken = []
    for _ in range(CALLS):
        seen[0] = 0
        _call(state, 1)
        taken.append(seen[0])
    return max(taken)


def _call(state: SharedState, calls: int) -> None:
    limiter = RateLimiter(state, RATE)
    for _ in range(calls):
        limiter.record_answer(limiter.acquire(API_ID))


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """Start a Redis that keeps nothing, on a socket of its own."""
    socket = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no", "--dir", str(folder)]
    process = subprocess.Popen([SERVER, *options], stdout=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]})
    try:
        deadline = time.monotonic() + 10
        while not socket.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        yield f"unix://{socket}"
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
