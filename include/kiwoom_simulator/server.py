"""
The HTTP server around the simulator: in a thread for tests, or in the foreground.

    with serve(rate=0, now="2026-11-20T21:00") as running:
        requests.post(running.url + "/oauth2/token", …)
        running.control.scenario("token-dies")

Bodies are bounded to 64 KiB and connections to ``max_connections``; it binds where it is told to, by
default 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from aiohttp import web

from kiwoom_simulator.application import application
from kiwoom_simulator.control import Control
from kiwoom_simulator.options import Options
from kiwoom_simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOST = "127.0.0.1"
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Running:
    """A running simulator: where it listens, and the handle on it."""

    url: str
    control: Control


@contextmanager
def serve(*, port: int = 0, host: str = HOST, **options: Any) -> Iterator[Running]:
    """
    Run a simulator in a thread while the block lasts.

    :param port: 0 for a free one.
    :param options: fields of :class:`~kiwoom_simulator.options.Options`, as values or command-line texts.
    :raises ValueError: naming an option that is unknown or cannot be read.
    :raises OSError: when the port cannot be had.
    """
    simulator = Simulator(Options.of(**options))
    started, stopping, outcome = Event(), _Stop(), _Outcome()
    thread = Thread(target=_in_thread, args=(simulator, (host, port), started, stopping, outcome), daemon=True)
    thread.start()
    started.wait()
    if outcome.error:
        raise outcome.error
    try:
        yield Running(outcome.url, Control(simulator))
    finally:
        stopping.set()
        thread.join()


def run(options: Options, host: str, port: int, say: Callable[[str], None]) -> None:
    """
    Run in the foreground until SIGTERM or SIGINT; ``say`` is told the one line that others wait for.

    :raises OSError: when the port cannot be had.
    """
    asyncio.run(_foreground(Simulator(options), host, port, say))


class _Stop:
    """Ends a loop from another thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._event = asyncio.Event()

    async def wait(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._event.wait()

    def set(self) -> None:
        if self._loop:
            self._loop.call_soon_threadsafe(self._event.set)


@dataclass(slots=True)
class _Outcome:
    url: str = ""
    error: OSError | ValueError | None = None


def _in_thread(
    simulator: Simulator, place: tuple[str, int], started: Event, stopping: _Stop, outcome: _Outcome
) -> None:
    async def main() -> None:
        runner = await _runner(simulator)
        try:
            outcome.url = await _listen(runner, *place)
            waiting = asyncio.create_task(stopping.wait())
            await asyncio.sleep(0)
            started.set()
            await waiting
        finally:
            await runner.cleanup()

    try:
        asyncio.run(main())
    except (OSError, ValueError) as error:
        outcome.error = error
    finally:
        started.set()


async def _foreground(simulator: Simulator, host: str, port: int, say: Callable[[str], None]) -> None:
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stopping.set)
    runner = await _runner(simulator)
    try:
        say(f"listening on {await _listen(runner, host, port)}")
        await stopping.wait()
    finally:
        await runner.cleanup()


async def _runner(simulator: Simulator) -> web.AppRunner:
    runner = web.AppRunner(application(simulator), access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    return runner


async def _listen(runner: web.AppRunner, host: str, port: int) -> str:
    if not 0 <= port <= _LAST_PORT:
        raise ValueError(f"port {port} is not between 0 and {_LAST_PORT}")
    await web.TCPSite(runner, host, port, backlog=256).start()
    bound_host, bound_port = runner.addresses[0][:2]
    return f"http://{bound_host}:{bound_port}"
