"""Faults that answer in the place of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from kiwoom_simulator.errors import TOO_MANY, ApiError, over_the_limit
from kiwoom_simulator.responses import failure, html

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_simulator.faults.fault import Fault
    from kiwoom_simulator.models import Answer

    Maker: TypeAlias = Callable[[str, str, int], Answer]

_MAINTENANCE = "시스템 점검 중입니다"


def instead(fault: Fault, api_id: str, quota: int) -> Answer | None:
    """Return the fault's answer to a call of ``api_id``, or None when it does not answer by itself."""
    maker = MAKERS.get(fault.kind)
    return maker(fault.value, api_id, quota) if maker else None


def _http(value: str, _api_id: str, _quota: int) -> Answer:
    return html(int(value or 500), f"{value or 500} Server Error")


def _html(_value: str, _api_id: str, _quota: int) -> Answer:
    return html(200, _MAINTENANCE)


def _redirect(_value: str, _api_id: str, _quota: int) -> Answer:
    page = html(302, _MAINTENANCE)
    return type(page)(302, {**page.headers, "Location": "/maintenance.html"}, page.body)


def _limit(value: str, api_id: str, quota: int, status: int = TOO_MANY) -> Answer:
    return failure(api_id, over_the_limit(int(value or quota or 1), api_id, status=status))


def _limit_200(value: str, api_id: str, quota: int) -> Answer:
    return _limit(value, api_id, quota, 200)


def _limit_bare(_value: str, api_id: str, _quota: int) -> Answer:
    return failure(api_id, ApiError(1700, status=TOO_MANY))


def _error(value: str, api_id: str, _quota: int) -> Answer:
    code, return_code, status = (*value.split("/"), "", "")[:3]
    error = ApiError(int(code or 0), return_code=int(return_code) if return_code else None, status=int(status or 200))
    return failure(api_id, error)


def _dead_tokens(_value: str, api_id: str, _quota: int) -> Answer:
    return failure(api_id, ApiError(8005))


def _unsupported(_value: str, api_id: str, _quota: int) -> Answer:
    return failure(api_id, ApiError(8104))


MAKERS: dict[str, Maker] = {
    "http": _http,
    "html": _html,
    "redirect": _redirect,
    "limit": _limit,
    "limit-200": _limit_200,
    "limit-bare": _limit_bare,
    "error": _error,
    "dead-tokens": _dead_tokens,
    "unsupported": _unsupported,
}
