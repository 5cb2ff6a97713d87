"""What a data call must carry before it is looked at: api-id, path, token."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kiwoom_simulator.errors import ApiError
from kiwoom_simulator.tokens import OTHER_HOST_TOKEN
from kiwoom_simulator.urls import DATA, ROUTES

if TYPE_CHECKING:
    from datetime import datetime

    from kiwoom_simulator.models import Request
    from kiwoom_simulator.tokens import Token, TokenDesk

_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)


def refused_agent(request: Request) -> bool:
    """Tell whether the caller is Python's urllib by its default name, which Kiwoom answers with HTTP 400."""
    return request.header("user-agent").startswith("Python-urllib/")


def api_id(request: Request) -> str:
    """
    Return the api-id of a data call.

    :raises ApiError: 1501, 1505, 1504 or 1512.
    """
    asked = request.header("api-id")
    if not asked:
        raise ApiError(1501)
    if asked not in DATA:
        raise ApiError(1505, f", API ID={asked[:20]}")
    if ROUTES.get(request.path) != asked:
        raise ApiError(1504, f", API ID={asked}")
    if "json" not in request.header("content-type").lower():
        raise ApiError(1512, ", Content-Type")
    return asked


def token(request: Request, desk: TokenDesk, now: datetime) -> Token:
    """
    Return the live token of a data call.

    :raises ApiError: 1513, 1514, 8031 or 8005.
    """
    authorization = request.header("authorization")
    if not authorization:
        raise ApiError(1513)
    bearer = _BEARER.fullmatch(authorization)
    if not bearer:
        raise ApiError(1514)
    if bearer[1] == OTHER_HOST_TOKEN:
        raise ApiError(8031)
    found = desk.find(bearer[1], now)
    if not found:
        raise ApiError(8005)
    return found
