"""The application that Airflow's API server mounts at ``/kiwoom``: routes, headers, and errors as pages."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from kiwoom_provider.monitor import assets, problems, views, views_data
from kiwoom_provider.monitor.access import READING, Guard
from kiwoom_provider.monitor.render import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": POLICY.format(nonce=""),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


class Answers:
    """
    An ASGI middleware: every answer carries :data:`HEADERS`, but for those that it sets itself.

    It also answers what nobody foresaw: FastAPI's own handler of that stands outside of all middlewares,
    so its answer would carry nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add the headers to what comes back."""
        has_begun = False

        async def with_headers(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, with_headers)
        except Exception:
            log.exception("The Kiwoom page could not answer %s", scope.get("path"))
            if has_begun or scope["type"] != "http":
                raise
            await problems.of_accident(Request(scope, receive))(scope, receive, with_headers)


def make_app() -> FastAPI:
    """Return the application. It only reads; who may not read the DAG gets nothing of it, assets included."""
    app = FastAPI(
        title="Kiwoom",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(Answers), Middleware(Guard)],
    )
    routes: dict[str, Callable[..., Response]] = {
        "/": views.overview,
        "/sessions/{day}": views.session,
        "/sessions/{day}/runs/{run}/report": views.report,
        "/data/{name}": views_data.plot,
        "/static/{name}": assets.static,
    }
    for path, answer in routes.items():
        app.add_api_route(path, answer, methods=list(READING), response_model=None)
    app.add_exception_handler(HTTPException, problems.of_http)
    for known in problems.KNOWN:
        app.add_exception_handler(known, problems.of_known)
    return app
