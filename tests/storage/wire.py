"""
A wire between a client and an object store: counts what goes over it, and breaks it on demand.

It speaks HTTP, passes requests on byte for byte (so their signatures stay valid), and listens on loopback.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from urllib.parse import unquote

import aiohttp
from aiohttp import web

PIECE = 64 * 1024
CLIENT = web.AppKey("client", aiohttp.ClientSession)
HOP = {"connection", "expect", "transfer-encoding", "keep-alive"}
ENTRY = re.compile(rb"<(Contents|CommonPrefixes|Blob|BlobPrefix)>.*?</\1>", re.DOTALL)
KEY = re.compile(rb"<(Key|Prefix|Name)>(.*?)</\1>")


class Fault(Enum):
    """What befalls a request."""

    REFUSED = auto()  # 503 before the store sees it
    FORBIDDEN = auto()  # 403 likewise
    CUT_UPLOAD = auto()  # the connection breaks after the first piece of the body
    CUT_ANSWER = auto()  # the connection breaks halfway through the answer's body
    LOST_ANSWER = auto()  # the store does it, and the client is not told
    STALLED = auto()  # the body's first piece passes, and then nothing
    SLOW = auto()  # every piece takes a while


@dataclass
class Wire:
    """
    The proxy as a test sees it.

    :ivar rule: told method and key (``bucket/…``), returns the fault of a request, if any.
    :ivar hidden_s: for how long a new key is missing from listings.
    :ivar conditions: headers that made a request conditional, such as ``If-None-Match``.
    :ivar stalled: set as soon as an upload stands still in its middle.
    """

    upstream: str
    url: str = ""
    rule: object = None
    hidden_s: float = 0
    requests: list[tuple[str, str, int]] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    stalled: threading.Event = field(default_factory=threading.Event)
    put_at: dict[str, float] = field(default_factory=dict)

    def count(self) -> Counter[str]:
        """Return how many requests of each kind passed; a listing is no GET."""
        return Counter(kind for kind, _, _ in self.requests)

    def reset(self) -> None:
        """Mend the wire and forget what went over it."""
        self.rule, self.hidden_s = None, 0
        self.requests.clear()
        self.conditions.clear()
        self.put_at.clear()
        self.stalled.clear()

    def spend(self) -> Counter[str]:
        """Return the counts so far and begin anew."""
        found = self.count()
        self.requests.clear()
        return found

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = unquote(request.raw_path.partition("?")[0]).lstrip("/")
        asked = "list-type" in request.query or request.query.get("comp") == "list" or "/" not in path.strip("/")
        listing = request.method == "GET" and asked
        kind = "LIST" if listing else request.method
        path += f"/{request.query.get('prefix', '')}" if listing else ""
        self.conditions += [
            name for name in request.headers if name.lower().startswith(("if-", "x-amz-copy-source-if"))
        ]
        fault = self.rule(kind, path) if self.rule else None
        if fault in (Fault.REFUSED, Fault.FORBIDDEN):
            status, code = (503, "ServiceUnavailable") if fault is Fault.REFUSED else (403, "AccessDenied")
            self.requests.append((kind, path, status))
            text = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>"
            return web.Response(status=status, text=text, content_type="application/xml")
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP}
        body = self._body(request, fault) if request.method in ("PUT", "POST") else None
        url = self.upstream + request.raw_path
        try:
            async with request.app[CLIENT].request(
                request.method, aiohttp.client.URL(url, encoded=True), headers=headers, data=body
            ) as answer:
                self.requests.append((kind, path, answer.status))
                if kind == "PUT" and answer.status in (200, 201):
                    self.put_at.setdefault(path, time.monotonic())
                return await self._answer(request, answer, fault, listing=listing)
        except (ConnectionError, aiohttp.ClientError):
            self.requests.append((kind, path, 0))
            return await self._hang_up(request)

    async def _body(self, request: web.Request, fault: Fault | None):
        async for piece in request.content.iter_chunked(PIECE):
            yield piece
            if fault is Fault.CUT_UPLOAD:
                raise ConnectionResetError("cut by the wire")
            if fault is Fault.STALLED:
                self.stalled.set()
                await asyncio.sleep(3600)
            if fault is Fault.SLOW:
                await asyncio.sleep(0.05)

    async def _answer(self, request, answer, fault, *, listing) -> web.StreamResponse:
        if fault is Fault.LOST_ANSWER:
            await answer.read()
            return await self._hang_up(request)
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in HOP}
        if listing and self.hidden_s:
            headers.pop("Content-Length", None)
            shown = self._as_listed(request, await answer.read())
            return web.Response(status=answer.status, headers=headers, body=shown)
        made = web.StreamResponse(status=answer.status, headers=headers)
        await made.prepare(request)
        if fault is Fault.CUT_ANSWER:
            data = await answer.read()
            await made.write(data[: len(data) // 2])
            return await self._hang_up(request)
        async for piece in answer.content.iter_chunked(PIECE):
            await made.write(piece)
        await made.write_eof()
        return made

    def _as_listed(self, request, listing: bytes) -> bytes:
        """Take keys that are too new out of a listing, and folders that hold nothing else."""
        bucket = unquote(request.path).strip("/")
        young = time.monotonic() - self.hidden_s
        old = [path.removeprefix(f"{bucket}/") for path, at in self.put_at.items() if at <= young]
        new = [path.removeprefix(f"{bucket}/") for path, at in self.put_at.items() if at > young]

        def shown(entry: re.Match[bytes]) -> bytes:
            key = unquote(KEY.search(entry[0])[2].decode())
            is_new = any(path.startswith(key) for path in new) and not any(path.startswith(key) for path in old)
            return b"" if is_new else entry[0]

        return ENTRY.sub(shown, listing)

    async def _hang_up(self, request) -> web.StreamResponse:
        if request.transport:
            request.transport.abort()
        return web.Response(status=500)


@contextmanager
def wire(upstream: str):
    """Run a wire to ``upstream`` in a thread; it is gone on leaving."""
    made = Wire(upstream)
    loop, ready = asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()

    async def live() -> None:
        client = aiohttp.ClientSession(
            auto_decompress=False, skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
        )
        app = web.Application(client_max_size=2**30)
        app[CLIENT] = client
        app.router.add_route("*", "/{tail:.*}", made.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()
        await stop.wait()
        await client.close()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
