"""Answers from payloads: success, error and HTML, with the API's headers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kiwoom_simulator.models import HTML, JSON, Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_simulator.errors import ApiError

SUCCESS = "정상적으로 처리되었습니다"
_PAGING = ("api-id", "cont-yn", "next-key")
_HTML_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


def encoded(payload: Mapping[str, object]) -> bytes:
    """Return the payload as the API sends it: compact JSON in UTF-8."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def success(api_id: str, payload: Mapping[str, object], next_key: str = "") -> Answer:
    """Return a good answer; with a ``next_key`` there is more."""
    body = encoded({**payload, "return_code": 0, "return_msg": SUCCESS})
    return good(api_id, body, next_key)


def good(api_id: str, body: bytes, next_key: str = "") -> Answer:
    """Return a good answer from bytes that are ready."""
    return Answer(200, headers(api_id, "Y" if next_key else "N", next_key), body, return_code="0")


def failure(api_id: str, error: ApiError) -> Answer:
    """Return an error body under the error's own HTTP status, mostly 200."""
    body = encoded({"return_code": error.return_code, "return_msg": error.message})
    return Answer(error.status, headers(api_id), body, return_code=str(error.return_code))


def html(status: int, title: str) -> Answer:
    """Return a page for people, as a proxy in front of the API does."""
    return Answer(status, {"Content-Type": HTML}, _HTML_PAGE.format(title).encode())


def headers(api_id: str, cont_yn: str = "N", next_key: str = "") -> dict[str, str]:
    """Return the API's headers; the last is what browsers are told, and one public client relies on it."""
    return {
        "Content-Type": JSON,
        "api-id": api_id,
        "cont-yn": cont_yn,
        "next-key": next_key,
        "access-control-expose-headers": ",".join(_PAGING),
    }
