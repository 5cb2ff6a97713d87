"""Classifies a response: raises the error that a bad one means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiwoom_provider.api.codes import HTTP_OK, FailureKind, bracketed_code, classify, named_quota, remedy
from kiwoom_provider.api.errors import (
    AuthenticationError,
    KiwoomError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    TransientError,
    UnsupportedError,
)

if TYPE_CHECKING:
    from kiwoom_provider.api.page import Page

ERROR_BY_KIND: dict[FailureKind, type[KiwoomError]] = {
    FailureKind.RENEW: AuthenticationError,
    FailureKind.AUTHENTICATION: AuthenticationError,
    FailureKind.RATE_LIMITED: RateLimitedError,
    FailureKind.TRANSIENT: TransientError,
    FailureKind.REJECTED: RejectedError,
    FailureKind.UNSUPPORTED: UnsupportedError,
}
LONGEST_KEY = 4000  # the sheet gives it 50 characters
_SHOWN = 200
_HIDDEN = "***"


def raise_for_error(page: Page, *, is_secret: bool = False, secrets: tuple[str, ...] = ()) -> None:
    """
    Do nothing when the page is a good one.

    :param is_secret: the answer may hold a token, so an error must not keep it.
    :param secrets: texts that no error may hold.
    :raises KiwoomError: of the kind that the answer means.
    """
    try:
        _raise_unless_good(page, secrets)
    except ProtocolError as error:
        if is_secret:
            error.response_page = None
        raise


def _raise_unless_good(page: Page, secrets: tuple[str, ...]) -> None:
    try:
        payload = page.payload
    except ProtocolError:
        kind = _kind_without_json(page)
        if kind is None:
            raise
        raise _error(page, kind, "", "nothing: the answer is not JSON") from None
    _raise_unless_success(page, payload, secrets)
    _raise_unless_headers_fit(page)


def _kind_without_json(page: Page) -> FailureKind | None:
    """Say what an answer without JSON means; None when it simply breaks the spec."""
    if page.status != HTTP_OK:
        return classify("", None, page.status)
    # During maintenance the hosts answer with an HTML page and status 200.
    return FailureKind.TRANSIENT if page.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else None


def _raise_unless_success(page: Page, payload: dict[str, Any], secrets: tuple[str, ...]) -> None:
    return_code = _return_code(page, payload)
    message = str(payload.get("return_msg", ""))
    code = bracketed_code(message)
    if return_code is None and page.status == HTTP_OK and not code:
        raise page.broken("has no return_code")
    kind = classify(code, return_code, page.status)
    if kind is not None:
        said = f"{_cut(message, secrets)!r}, return_code {return_code}"
        raise _error(page, kind, code, said, named_quota(message))


def _return_code(page: Page, payload: dict[str, Any]) -> int | None:
    value = payload.get("return_code")
    text = str(value)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, str) and text.isascii() and text.lstrip("-").isdigit() and len(text) <= 9:  # noqa: PLR2004
        return int(text)
    raise page.broken("has a return_code that is not a number")


def _raise_unless_headers_fit(page: Page) -> None:
    if page.headers.get("cont-yn", "").strip().upper() not in ("", "N", "Y"):
        raise page.broken("has a cont-yn header that is neither Y nor N")
    if len(page.next_key) > LONGEST_KEY:
        raise page.broken(f"has a next-key of more than {LONGEST_KEY} characters")
    echoed = page.headers.get("api-id", "").strip()
    if echoed and echoed != page.api_id:
        raise page.broken("answers another api-id")


def _error(page: Page, kind: FailureKind, code: str, said: str, quota: float | None = None) -> KiwoomError:
    shown = f"[{code}] " if code else ""
    error = ERROR_BY_KIND[kind](
        f"{page.api_id} page {page.number} failed: {shown}{kind.value} "
        f"(Kiwoom says {said}, HTTP {page.status}). What to do: {remedy(code, kind)}",
        api_id=page.api_id,
        code=code,
        page=page.number,
        http_status=page.status,
    )
    if isinstance(error, RateLimitedError):
        error.quota = quota
    if isinstance(error, AuthenticationError):
        error.renewable = kind is FailureKind.RENEW
        error.is_final = not error.renewable
    if isinstance(error, UnsupportedError):
        error.is_final = bool(code)  # return_code 20 alone also means "no data", and those may come
    return error


def _cut(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        if secret:
            text = text.replace(secret, _HIDDEN)
    return text[:_SHOWN]
