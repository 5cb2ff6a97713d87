"""
The way to a server over a network, on one machine: every request arrives a round trip late, and is counted.

It passes bytes on as they come, so signatures stay valid, and listens on loopback::

    with Network(url, round_trip_s=0.01) as network:
        ...  # talk to network.url
        network.requests, network.bytes
"""

from __future__ import annotations

import asyncio
import re
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

_REQUEST = re.compile(rb"(GET|HEAD|PUT|POST|DELETE) \S+ HTTP/1\.1\r\n")
_PIECE = 64 * 1024


class Network:
    """
    Stands before a server while the block lasts, on a free port of 127.0.0.1.

    :param url: ``http://host:port`` of the server.
    :param round_trip_s: how much later a request arrives; a new connection takes as long before its first.
    :ivar requests: that were passed on.
    :ivar bytes: of the answers, with their heads.
    """

    def __init__(self, url: str, round_trip_s: float) -> None:
        self._target = url.removeprefix("http://").split(":")
        self._round_trip_s = round_trip_s
        self._loop = asyncio.new_event_loop()
        self._started = Event()
        self._thread = Thread(target=self._run, daemon=True)
        self.url = ""
        self.requests = self.bytes = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._started.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(self._end_connections())
        self._loop.close()

    async def _end_connections(self) -> None:
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await asyncio.sleep(self._round_trip_s)
            server_reader, server_writer = await asyncio.open_connection(*self._target)
            await asyncio.gather(
                _pass_on(reader, server_writer, self._count_requests, self._round_trip_s),
                _pass_on(server_reader, writer, self._count_bytes, 0),
            )
        except (ConnectionError, asyncio.CancelledError):
            writer.close()

    def _count_requests(self, piece: bytes) -> None:
        self.requests += len(_REQUEST.findall(piece))

    def _count_bytes(self, piece: bytes) -> None:
        self.bytes += len(piece)


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: Callable[[bytes], None], wait_s: float
) -> None:
    try:
        while piece := await reader.read(_PIECE):
            count(piece)
            if wait_s:
                await asyncio.sleep(wait_s)
            writer.write(piece)
            await writer.drain()
    finally:
        writer.close()
