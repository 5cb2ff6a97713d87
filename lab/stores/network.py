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
from typing import TYPE_CHECKING

from lab.local.loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Callable

_REQUEST = re.compile(rb"(GET|HEAD|PUT|POST|DELETE) \S+ HTTP/1\.1\r\n")
_PIECE = 64 * 1024


class Network(LoopbackServer):
    """
    Stands before a server while the block lasts, on a free port of 127.0.0.1.

    :param url: ``http://host:port`` of the server.
    :param round_trip_s: how much later a request arrives; a new connection takes as long before its first.
    :ivar requests: that were passed on.
    :ivar bytes: of the answers, with their heads.
    """

    def __init__(self, url: str, round_trip_s: float) -> None:
        super().__init__()
        self._target = url.removeprefix("http://").split(":")
        self._round_trip_s = round_trip_s
        self.requests = self.bytes = 0

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
