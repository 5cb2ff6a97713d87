"""
A TCP proxy between client and simulator, for what happens to connections rather than to answers.

It reads whole requests and whole answers (both carry ``Content-Length``), so it knows which call it spoils::

    with Proxy(url) as proxy:
        proxy.strike("stall", Aim("ka10066", side="buy", page=2), times=3)
        ...                       # talk to proxy.url
"""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_simulator.parameters import SIDE_CODES
from lab.local.loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_ENDED = (asyncio.IncompleteReadError, ConnectionError)
_STALL_S = 3600.0
_SLOW_BYTES, _SLOW_S = 200, 0.05


@dataclass(frozen=True, slots=True)
class Aim:
    """Which calls are meant: an empty field fits everything; ``page`` is 1-based; the first ``after`` pass."""

    api_id: str = ""
    side: str = ""
    page: int = 0
    after: int = 0

    def fits(self, head: bytes, body: bytes) -> bool:
        """Tell whether a request is one of them."""
        headers = _headers(head)
        api_id = "au10001" if b"/oauth2/token" in head else headers.get("api-id", "")
        page = int(headers.get("next-key", "")[:6] or 1)
        code = next((code for code, side in SIDE_CODES.items() if side == self.side), "")
        side_fits = not self.side or f'"trde_tp": "{code}"'.encode() in body
        return self.api_id in ("", api_id) and side_fits and self.page in (0, page)


@dataclass(slots=True)
class _Order:
    kind: str
    aim: Aim
    times: int
    met: int = 0
    struck: int = 0

    def strikes(self, head: bytes, body: bytes) -> bool:
        if not self.aim.fits(head, body):
            return False
        self.met += 1
        due = self.met > self.aim.after and (not self.times or self.struck < self.times)
        self.struck += due
        return due


class Proxy(LoopbackServer):
    """Stands before ``url`` while the block lasts, on a free port of 127.0.0.1."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._target = url.removeprefix("http://").split(":")
        self._order: _Order | None = None

    def strike(self, kind: str, aim: Aim, times: int = 0) -> None:
        """Spoil the calls that are aimed at, as one of :data:`KINDS`; ``times`` 0 is always."""
        self._order = _Order(kind, aim, times)

    @property
    def struck(self) -> int:
        """How often the last order was carried out."""
        return self._order.struck if self._order else 0

    def clear(self) -> None:
        """Let everything pass."""
        self._order = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head, body = await _message(reader)
                order = self._order
                kind = order.kind if order and order.strikes(head, body) else "pass"
                if kind == "connect-reset":
                    return await _reset(writer, b"")
                answer = await self._answer(head + body)
                await KINDS[kind](writer, answer)
        except (*_ENDED, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*self._target)
        try:
            writer.write(request)
            return b"".join(await _message(reader))
        finally:
            writer.close()


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    return head, await reader.readexactly(int(_headers(head).get("content-length", "0")))


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


async def _delay(writer: asyncio.StreamWriter, answer: bytes) -> None:
    await asyncio.sleep(0.15)
    await _send(writer, answer)


async def _reset(writer: asyncio.StreamWriter, part: bytes) -> None:
    await _send(writer, part)
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    raise ConnectionResetError


async def _stall(writer: asyncio.StreamWriter, answer: bytes) -> None:
    await _send(writer, answer[: len(answer) // 2])
    await asyncio.sleep(_STALL_S)


async def _trickle(writer: asyncio.StreamWriter, answer: bytes) -> None:
    for start in range(0, len(answer), _SLOW_BYTES):
        await _send(writer, answer[start : start + _SLOW_BYTES])
        await asyncio.sleep(_SLOW_S)


async def _split(writer: asyncio.StreamWriter, answer: bytes) -> None:
    for start in range(0, len(answer), 999):
        await _send(writer, answer[start : start + 999])
        await asyncio.sleep(0)


async def _cut(writer: asyncio.StreamWriter, part: bytes) -> None:
    await _send(writer, part)
    raise ConnectionAbortedError


async def _drop_length(writer: asyncio.StreamWriter, answer: bytes) -> None:
    """Half of the answer, without a length and closed: for HTTP it is whole."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
    await _cut(writer, b"\r\n".join([*lines, b"Connection: close", b"", body[: len(body) // 2]]))


KINDS: dict[str, Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]] = {
    "pass": _send,
    "latency": _delay,
    "pieces": _split,
    "connect-reset": _send,  # done before the call is passed on
    "answer-lost": lambda writer, _answer: _reset(writer, b""),
    "reset-midway": lambda writer, answer: _reset(writer, answer[: len(answer) // 2]),
    "stall": _stall,
    "slow-rate": _trickle,
    "cut-head": lambda writer, answer: _cut(writer, answer[:60]),
    "no-length": _drop_length,
    "garbage": lambda writer, _answer: _cut(writer, b"\x00\xff\x16\x03 not HTTP at all\r\n\r\n"),
    "answered-twice": lambda writer, answer: _send(writer, answer + answer),
}
