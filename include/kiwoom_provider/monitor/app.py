"""The application that Airflow's API server mounts at ``/kiwoom``: routes, headers, and errors as readable pages."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from kiwoom_provider.datasets.root import DataRootAbsentError, DataRootError, StoreError
from kiwoom_provider.krx import CalendarError
from kiwoom_provider.locale import Message, message, translate
from kiwoom_provider.monitor import static_files, views
from kiwoom_provider.monitor.access import READING, Guard
from kiwoom_provider.monitor.deployment import VIEW_LIMIT_S
from kiwoom_provider.monitor.errors import BusyError, PageError, RootError
from kiwoom_provider.monitor.render import POLICY, language_of, page
from kiwoom_provider.monitor.workers import VIEWS_AT_ONCE, Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from fastapi import Response
    from starlette.types import ASGIApp, Receive, Scope, Send
    from starlette.types import Message as AsgiMessage

log = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": POLICY.format(nonce=""),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}
TITLES = {
    400: message("This address cannot be read"),
    404: message("Not found"),
    500: message("The page could not be made"),
    502: message("A stored object cannot be read"),
    503: message("The stored data cannot be reached"),
}
BUSY = message("The page is busy")
NO_PAGE = message("There is no such page here.")
INTERNAL = message("The API server's log says why.")
NO_VARIABLE = message("The Airflow Variable kiwoom_data_root is not set.")


class AnswerHeaders:
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

        async def with_headers(part: AsgiMessage) -> None:
            nonlocal has_begun
            if part["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(scope=part)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(part)

        try:
            await self._app(scope, receive, with_headers)
        except Exception:
            log.exception("The Kiwoom page could not answer %s", scope.get("path"))
            if has_begun or scope["type"] != "http":
                raise
            await _unforeseen(Request(scope, receive))(scope, receive, with_headers)


def make_app() -> FastAPI:
    """Return the application. It only reads; who may not read the DAG gets nothing of it, assets included."""
    app = FastAPI(
        title="Kiwoom",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(AnswerHeaders), Middleware(Guard)],
    )
    workers = Workers(VIEWS_AT_ONCE, VIEW_LIMIT_S)
    for path, view in (
        ("/", views.overview),
        ("/sessions/{day}", views.session),
        ("/sessions/{day}/runs/{run}/report", views.report),
        ("/sessions/{day}/cell", views.cell),
        ("/data/{name}", views.plot),
    ):
        app.add_route(path, _in_own_thread(view, workers), methods=list(READING))
    app.add_route("/static/{name}", static_files.static, methods=list(READING))
    app.add_exception_handler(HTTPException, _no_page)
    for kind in (PageError, StoreError, CalendarError):
        app.add_exception_handler(kind, _problem)
    return app


def _in_own_thread(
    view: Callable[[Request], Response], workers: Workers
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    async def answer(request: Request) -> Response:
        return await workers.run(view, request)

    return answer


def _problem(request: Request, error: Exception) -> Response:
    """Answer what cannot be shown with its own message."""
    known = error if isinstance(error, PageError) else RootError(_root_message(error))
    title = BUSY if isinstance(known, BusyError) else TITLES[known.status]
    answer = _answer(
        request, known.status, title, known.message, nearest=known.nearest, is_root=isinstance(known, RootError)
    )
    if isinstance(known, BusyError):
        answer.headers["Retry-After"] = "5"
    return answer


def _root_message(error: Exception) -> Message:
    if isinstance(error, DataRootAbsentError):
        return message("{what} ({error})", what=NO_VARIABLE, error=str(error)[:1000])
    if not isinstance(error, DataRootError | CalendarError):  # what a store's client says may hold anything
        log.warning("The Kiwoom page cannot read its data root: %s", error)
        return message("The data root cannot be used: {error}", error=message("see the API server's log"))
    if isinstance(error, CalendarError):
        return message("The calendar overrides cannot be used: {error}", error=str(error)[:1000])
    return message("The data root cannot be used: {error}", error=str(error)[:1000])


def _no_page(request: Request, error: Exception) -> Response:
    """Answer an address that is none of ours."""
    status = int(getattr(error, "status_code", 404))
    said = NO_PAGE if status == 404 else Message(id=str(getattr(error, "detail", "")))  # noqa: PLR2004
    return _answer(request, status, TITLES.get(status, TITLES[404]), said)


def _unforeseen(request: Request) -> Response:
    """Answer what nobody foresaw, without telling what it was; in plain words where no page can be made of it."""
    try:
        return _answer(request, 500, TITLES[500], INTERNAL)
    except Exception:  # the page's own templates may be what is broken
        log.exception("The page of a problem could not be made")
        return PlainTextResponse("The page could not be made. The API server's log says why.\n", 500)


def _answer(
    request: Request,
    status: int,
    title: Message,
    said: Message,
    *,
    nearest: tuple[Any, ...] = (),
    is_root: bool = False,
) -> Response:
    if "/data/" in request.url.path:
        return JSONResponse({"error": translate(said, language_of(request))}, status)
    return page(
        request, "problem.html", status, code=status, title=title, message=said, nearest=nearest, is_root=is_root
    )
