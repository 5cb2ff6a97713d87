"""Faults that answer in the place of the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_simulator.answers import failure, html
from kiwoom_simulator.errors import TOO_MANY, ApiError, over_the_limit
from kiwoom_simulator.faults.kinds import Stage, kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kiwoom_simulator.answers import Answer

MAINTENANCE = "시스템 점검 중입니다"
"""What a page says while the hosts are maintained."""


@dataclass(frozen=True, slots=True)
class CallContext:
    """
    Where a call stands: its api-id, the quota in force, the simulated moment (KST).

    ``key_refused`` tells whether the call's next-key falls under a rule:
    ``token``, or an age in seconds.
    """

    api_id: str
    quota: int
    now: datetime
    key_refused: Callable[[str], bool]


@kind(Stage.INSTEAD, "http", "HTML page under the HTTP status VALUE (500)")
def _http(value: str, _answer: Answer | None, _context: CallContext) -> Answer:
    return html(int(value or 500), f"{value or 500} Server Error")


@kind(Stage.INSTEAD, "html", "HTML page with HTTP 200, as during maintenance")
def _html(_value: str, _answer: Answer | None, _context: CallContext) -> Answer:
    return html(200, MAINTENANCE)


@kind(Stage.INSTEAD, "redirect", "HTTP 302 to an HTML page")
def _redirect(_value: str, _answer: Answer | None, _context: CallContext) -> Answer:
    page = html(302, MAINTENANCE)
    return type(page)(302, {**page.headers, "Location": "/maintenance.html"}, page.body)


@kind(Stage.INSTEAD, "limit", "over the limit: HTTP 429 naming the quota VALUE (the one in force, else 1)")
def _limit(value: str, _answer: Answer | None, context: CallContext, status: int = TOO_MANY) -> Answer:
    return failure(context.api_id, over_the_limit(int(value or context.quota or 1), context.api_id, status=status))


@kind(Stage.INSTEAD, "limit-200", "over the limit with HTTP 200, naming the quota VALUE")
def _limit_200(value: str, answer: Answer | None, context: CallContext) -> Answer:
    return _limit(value, answer, context, 200)


@kind(Stage.INSTEAD, "limit-bare", "HTTP 429 that names no quota")
def _limit_bare(_value: str, _answer: Answer | None, context: CallContext) -> Answer:
    return failure(context.api_id, ApiError(1700, status=TOO_MANY))


@kind(Stage.INSTEAD, "error", "error answer VALUE = code[/return_code[/status]], such as 1902 or 0/20/200")
def _error(value: str, _answer: Answer | None, context: CallContext) -> Answer:
    code, return_code, status = (*value.split("/"), "", "")[:3]
    error = ApiError(int(code or 0), return_code=int(return_code) if return_code else None, status=int(status or 200))
    return failure(context.api_id, error)


@kind(Stage.INSTEAD, "dead-tokens", "every token dies, and the call is answered 8005")
def _dead_tokens(_value: str, _answer: Answer | None, context: CallContext) -> Answer:
    return failure(context.api_id, ApiError(8005))


@kind(Stage.INSTEAD, "unsupported", "not supported by the mock: 8104 with return_code 20")
def _unsupported(_value: str, _answer: Answer | None, context: CallContext) -> Answer:
    return failure(context.api_id, ApiError(8104))


@kind(Stage.INSTEAD, "key-refused", "next-key of another token (VALUE token), or older than VALUE seconds: 1517")
def _key_refused(value: str, answer: Answer | None, context: CallContext) -> Answer | None:
    return failure(context.api_id, ApiError(1517, ", next-key")) if context.key_refused(value) else answer
