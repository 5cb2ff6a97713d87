"""The web application around the simulator: requests in, answers out, both bounded."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from aiohttp import web

from kiwoom_simulator import control_http
from kiwoom_simulator.control import Control
from kiwoom_simulator.delivery import deliver
from kiwoom_simulator.models import Request

if TYPE_CHECKING:
    from kiwoom_simulator.simulator import Simulator

MAX_BODY = 64 * 1024


def application(simulator: Simulator) -> web.Application:
    """Return the web application around a simulator."""
    open_calls = _OpenConnections(simulator.options.max_connections)

    async def handle(request: web.Request) -> web.StreamResponse:
        arrived_s = time.monotonic()
        if not open_calls.admits(request):
            return web.Response(status=503, headers={"Connection": "close"})
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Request(request.method, request.path, headers, await request.read())
        answer = simulator.answer(call, arrived_s)
        if simulator.latency_s:
            await asyncio.sleep(simulator.latency_s)
        return await deliver(request, answer, simulator.options.header_case)

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
