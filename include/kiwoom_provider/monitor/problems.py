"""What goes wrong, as a readable page with the right status; below ``/data/`` as JSON. Never a stack trace."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from fastapi.responses import JSONResponse, PlainTextResponse

from kiwoom_provider.datasets.store import DataRootError
from kiwoom_provider.krx import NotASessionError, OutOfRangeError, SessionDateError
from kiwoom_provider.krx.errors import CalendarError
from kiwoom_provider.monitor.archive import DamagedError, UnknownRunError
from kiwoom_provider.monitor.plots import ChoiceError
from kiwoom_provider.monitor.render import language_of, page
from kiwoom_provider.monitor.spans import SpanError
from kiwoom_provider.monitor.words import WORDS

if TYPE_CHECKING:
    from fastapi import Request, Response

log = logging.getLogger(__name__)

_STATUS = {
    SessionDateError: 400,
    SpanError: 400,
    ChoiceError: 400,
    NotASessionError: 404,
    OutOfRangeError: 404,
    UnknownRunError: 404,
    DamagedError: 502,
    DataRootError: 503,
    CalendarError: 503,
}
KNOWN = tuple(_STATUS)
"""Errors whose message is for people."""

_NOT_FOUND, _UNREACHABLE = 404, 503


def of_known(request: Request, error: Exception) -> Response:
    """Answer an error of ours with its own message."""
    status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
    nearest = [day for day in (getattr(error, "previous", None), getattr(error, "following", None)) if day]
    return _answer(request, status, _message(request, error), nearest)


def of_http(request: Request, error: Exception) -> Response:
    """Answer an address that is none of ours."""
    status = int(getattr(error, "status_code", _NOT_FOUND))
    message = WORDS["no_page"].to(language_of(request)) if status == _NOT_FOUND else str(getattr(error, "detail", ""))
    return _answer(request, status, message)


def of_accident(request: Request) -> Response:
    """Answer what nobody foresaw, without telling what it was; in plain words where no page can be made of it."""
    try:
        return _answer(request, 500, WORDS["internal"].to(language_of(request)))
    except Exception:  # the page's own templates may be what is broken
        log.exception("The page of a problem could not be made")
        return PlainTextResponse("The page could not be made. The API server's log says why.\n", 500)


def _message(request: Request, error: Exception) -> str:
    if isinstance(error, NotASessionError):
        return WORDS["closed_day"].to(language_of(request)).format(error.day, error.reason)
    return str(error)


def _answer(request: Request, status: int, message: str, nearest: list[Any] | None = None) -> Response:
    if "/data/" in request.url.path:
        return JSONResponse({"error": message}, status)
    title = WORDS.get(f"problem_{status}", WORDS["problem_500"]).to(language_of(request))
    context = {"title": title, "message": message, "nearest": nearest or [], "is_root": status == _UNREACHABLE}
    return page(request, "problem.html", status, code=status, **context)
