"""Who may see the page: whoever is logged in to Airflow and may read the DAG. Asked before any route is looked at."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from airflow.api_fastapi.app import API_ROOT_PATH, get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails
from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from airflow.models import DagModel
from fastapi import HTTPException, Request, status
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

if TYPE_CHECKING:
    from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
    from starlette.types import ASGIApp, Receive, Scope, Send

log = logging.getLogger(__name__)

DAG_ID = "ka10066_investor_trading"
RELEASE_DAG_ID = "ka10066_release"
LOGIN = f"{API_ROOT_PATH}api/v2/auth/login"
READING = ("GET", "HEAD")
_NOT_KEPT = {"Cache-Control": "no-store"}


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


def may_read(user: BaseUser) -> bool:
    """Ask the deployment's auth manager whether a user may read the DAG; anything but ``True`` is a no."""
    dag = DagDetails(id=DAG_ID, team_name=DagModel.get_team_name(DAG_ID))
    answer = get_auth_manager().is_authorized_dag(method="GET", details=dag, user=user)
    if answer is not True and answer is not False:
        log.error("The auth manager answered %s, neither True nor False: access refused", type(answer).__name__)
    return answer is True


async def _refusal(request: Request) -> Response | None:
    """Return why the request is refused, or None."""
    try:
        user = await get_user(request, None, await bearer_scheme(request))
    except HTTPException:
        return _log_in(request)
    if not await run_in_threadpool(may_read, user):
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
