"""au10001 and au10002: tokens issued and revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_simulator import bodies
from kiwoom_simulator.clock import KST
from kiwoom_simulator.errors import ApiError
from kiwoom_simulator.responses import success
from kiwoom_simulator.tokens import OTHER_HOST_APP_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from kiwoom_simulator.models import Answer
    from kiwoom_simulator.options import Options
    from kiwoom_simulator.tokens import TokenDesk

ISSUE, REVOKE = "au10001", "au10002"


def issue(body: bytes, options: Options, desk: TokenDesk, now: datetime) -> Answer:
    """
    Answer au10001. ``expires_dt`` is in KST and says so nowhere.

    :raises ApiError: 8011, 8012, 8020, 8001, 8002 or 8030.
    """
    asked = bodies.fields(body)
    if not asked.get("grant_type"):
        raise ApiError(8011)
    if asked["grant_type"] != "client_credentials":
        raise ApiError(8012)
    app_key = _checked(asked, options)
    token = desk.issue(app_key, now)
    expires_dt = token.expires_at.astimezone(KST).strftime("%Y%m%d%H%M%S")
    return success(ISSUE, {"expires_dt": expires_dt, "token_type": "bearer", "token": token.text})


def revoke(body: bytes, options: Options, desk: TokenDesk) -> Answer:
    """
    Answer au10002.

    :raises ApiError: 8020, 8001, 8002, 8030, 8016 or 8015.
    """
    asked = bodies.fields(body)
    _checked(asked, options)
    token = asked.get("token")
    if not token:
        raise ApiError(8016)
    if not desk.end(str(token)):
        raise ApiError(8015)
    return success(REVOKE, {})


def app_key_of(body: bytes) -> str:
    """Return the app key that a body claims, for the rate limit."""
    try:
        return str(bodies.fields(body).get("appkey", ""))
    except ApiError:
        return ""


def _checked(asked: Mapping[str, object], options: Options) -> str:
    app_key, secret_key = asked.get("appkey"), asked.get("secretkey")
    if not app_key or not secret_key:
        raise ApiError(8020)
    if app_key == OTHER_HOST_APP_KEY:
        raise ApiError(8030)
    if app_key != options.app_key:
        raise ApiError(8001)
    if secret_key != options.secret_key:
        raise ApiError(8002)
    return options.app_key
