"""
The same control over HTTP, for simulators in another process.

``GET /_simulator/state``, ``GET /_simulator/log[?api_id=ka10066]``, and ``POST /_simulator/<action>``
with a JSON object of the action's arguments; every POST is answered with the state.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_simulator.control import Control

PREFIX = "/_simulator/"


def add_routes(app: web.Application, control: Control) -> None:
    """Add the control routes to an application."""

    async def state(_request: web.Request) -> web.Response:
        return web.json_response(control.state())

    async def log(request: web.Request) -> web.Response:
        entries = control.log(request.query.get("api_id"))
        return web.json_response([entry.as_json() for entry in entries])

    async def act(request: web.Request) -> web.Response:
        action = actions(control).get(request.match_info["action"])
        if action is None:
            return _refuse(404, f"no such action; there are: {', '.join(actions(control))}")
        try:
            action(**json.loads(await request.read() or b"{}"))
        except (TypeError, ValueError) as error:
            return _refuse(400, str(error))
        return web.json_response(control.state())

    app.router.add_get(f"{PREFIX}state", state)
    app.router.add_get(f"{PREFIX}log", log)
    app.router.add_post(f"{PREFIX}{{action}}", act)


def actions(control: Control) -> dict[str, Callable[..., Any]]:
    """Return what can be done by POST, by the last part of its path."""
    return {
        "clock": control.set_clock,
        "advance": control.advance,
        "settle": control.settle,
        "settle-after-calls": control.settle_after_calls,
        "close-day": control.close_day,
        "open-day": control.open_day,
        "fault": control.fault,
        "event": control.event,
        "clear-faults": control.clear_faults,
        "scenario": control.scenario,
        "rate": control.rate,
        "latency": control.latency,
        "kill-tokens": control.kill_tokens,
        "reset-counts": control.reset_counts,
    }


def _refuse(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)
