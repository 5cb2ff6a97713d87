"""Who may see the page: whoever is logged in to Airflow and may read the DAG. Asked before any route is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from airflow.api_fastapi.app import API_ROOT_PATH
from airflow.api_fastapi.core_api.security import bearer_scheme, get_user, requires_access_dag
from fastapi import HTTPException, Request, status
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

DAG_ID = "ka10066_investor_trading"
LOGIN = f"{API_ROOT_PATH}api/v2/auth/login"
READING = ("GET", "HEAD")
_NOT_KEPT = {"Cache-Control": "no-store"}
_may_read = requires_access_dag("GET", param_dag_id=DAG_ID)


class Guard:
    """
    An ASGI middleware in front of a whole application.

    A middleware and not a dependency of routes: it also stands before mounted files, before routes
    that are added later, and before the answer that something does not exist.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a reader's GET or HEAD through; answer everything else here."""
        if scope["type"] == "http":
            refusal = await _refusal(Request(scope, receive))
            await (refusal or self._app)(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": status.WS_1008_POLICY_VIOLATION})


async def _refusal(request: Request) -> Response | None:
    """Return why the request is refused, or None."""
    try:
        user = await get_user(request, None, await bearer_scheme(request))
    except HTTPException:
        return _log_in(request)
    try:
        await run_in_threadpool(_may_read, request, user)
    except HTTPException:
        return _plain(status.HTTP_403_FORBIDDEN, f"This page is for people who may read the DAG {DAG_ID}.")
    if request.method not in READING:
        return _plain(status.HTTP_405_METHOD_NOT_ALLOWED, "This page is read only.")
    return None


def _log_in(request: Request) -> Response:
    """Send a person to Airflow's login, as Airflow's own pages do; tell a program."""
    if request.method not in READING or "text/html" not in request.headers.get("accept", ""):
        return _plain(status.HTTP_401_UNAUTHORIZED, "Log in to Airflow first.")
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{LOGIN}?{urlencode({'next': target})}", status.HTTP_303_SEE_OTHER, _NOT_KEPT)


def _plain(status_code: int, text: str) -> Response:
    return PlainTextResponse(f"{text}\n", status_code, _NOT_KEPT)
