"""A storage server as a process group of its own: on loopback, bound, stopped by who started it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

START_TIMEOUT_S, LIFETIME_S = 30, 3600


class StartError(Exception):
    """The server did not come up; the message holds the end of its log, or what is not installed."""


@dataclass(frozen=True)
class Server:
    """A process that was started, and the log that it writes."""

    process: subprocess.Popen[bytes]
    log: Path

    def await_ready(self, probe: Callable[[], object], not_yet: tuple[type[Exception], ...]) -> None:
        """
        Ask until ``probe`` raises none of ``not_yet``: ports answer before a server can store anything.

        :raises StartError: when that does not come within the time allowed, or the process ends.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                probe()
            except not_yet:
                time.sleep(0.05)
            else:
                return
        raise StartError(f"the server did not take an object; the end of its log:\n{self.log.read_text()[-2000:]}")


@contextmanager
def running(command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run a command in a session of its own; all of it is killed on leaving, since the data is thrown away."""
    with log.open("ab") as file:
        process = subprocess.Popen(
            command,
            stdout=file,
            stderr=file,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=os.environ | (environ or {}),
        )
    try:
        yield Server(process, log)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def bound(command: Sequence[str]) -> list[str]:
    """Return the command as one that ends after an hour, should nobody end it before."""
    return ["timeout", str(LIFETIME_S), *command]


def free_ports(count: int) -> list[int]:
    """Return ports of 127.0.0.1 that nobody listens on now."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in held]
