"""The web application around the simulator: requests in, answers out, whole or as faults ask for; both bounded."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from typing import TYPE_CHECKING

from aiohttp import web

from kiwoom_simulator import control_http
from kiwoom_simulator.answers import Delivery
from kiwoom_simulator.control import Control
from kiwoom_simulator.request import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_simulator.answers import Answer
    from kiwoom_simulator.simulator import Simulator

MAX_BODY = 64 * 1024
_HANG_S = 3600.0
_DRIPS = 20
_CASES = {"lower": str.lower, "title": str.title, "upper": str.upper}


def application(simulator: Simulator) -> web.Application:
    """Return the web application around a simulator."""
    open_calls = _OpenConnections(simulator.options.max_connections)

    async def handle(request: web.Request) -> web.StreamResponse:
        arrived_s = time.monotonic() + simulator.clock.advanced_s
        if not open_calls.admits(request):
            return web.Response(status=503, headers={"Connection": "close"})
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Request(request.method, request.path, headers, await request.read())
        answer = simulator.answer(call, arrived_s)
        if simulator.latency_s:
            await asyncio.sleep(simulator.latency_s)
        return await _deliver(request, answer, simulator.assume.headers)

    app = web.Application(client_max_size=MAX_BODY)
    control_http.add_routes(app, Control(simulator))
    app.router.add_route("*", "/{path:.*}", handle)
    return app


class _OpenConnections:
    """Bounds connections: those beyond the limit are told to come back."""

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def admits(self, request: web.Request) -> bool:
        server = request.protocol._manager  # noqa: SLF001
        return server is None or len(server.connections) <= self._limit


async def _deliver(request: web.Request, answer: Answer, case: str) -> web.StreamResponse:
    """Send ``answer``."""
    headers = {_CASES[case](name): value for name, value in answer.headers.items()}
    if answer.delivery is Delivery.DRIP:
        return await _drip(request, answer, headers)
    if answer.wait_s:
        await asyncio.sleep(answer.wait_s)
    if answer.delivery is Delivery.HANG:
        await asyncio.sleep(_HANG_S)
    if answer.delivery is Delivery.RESET:
        _reset(request)
    if answer.delivery is Delivery.HALF:
        return await _half(request, answer, headers)
    return web.Response(status=answer.status, headers=headers, body=answer.body)


async def _begun(request: web.Request, answer: Answer, headers: Mapping[str, str]) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=headers)
    response.content_length = len(answer.body)
    await response.prepare(request)
    return response


async def _drip(request: web.Request, answer: Answer, headers: Mapping[str, str]) -> web.StreamResponse:
    response = await _begun(request, answer, headers)
    size = -(-len(answer.body) // _DRIPS)
    for start in range(0, len(answer.body), size):
        await asyncio.sleep(answer.wait_s / _DRIPS)
        await response.write(answer.body[start : start + size])
    return response


async def _half(request: web.Request, answer: Answer, headers: Mapping[str, str]) -> web.StreamResponse:
    response = await _begun(request, answer, headers)
    await response.write(answer.body[: len(answer.body) // 2])
    if request.transport:
        request.transport.close()
    return response


def _reset(request: web.Request) -> None:
    if request.transport:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close by RST
        request.transport.abort()
