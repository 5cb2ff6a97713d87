"""Answers: status, headers and body, and how they go out. Success, error and HTML, with the API's headers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_simulator.errors import ApiError

JSON = "application/json;charset=UTF-8"
HTML = "text/html;charset=UTF-8"
SUCCESS = "정상적으로 처리되었습니다"
_PAGING = ("api-id", "cont-yn", "next-key")
_HTML_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


class Delivery(StrEnum):
    """How an answer goes out."""

    WHOLE = "whole"
    HANG = "hang"
    DRIP = "drip"
    RESET = "reset"
    HALF = "half"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body, and how they go out; ``wait_s`` is real seconds before the first byte."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    return_code: str = ""
    delivery: Delivery = Delivery.WHOLE
    wait_s: float = 0.0


def encode(payload: object) -> bytes:
    """Return the payload as the API sends it: compact JSON in UTF-8."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def success(api_id: str, payload: Mapping[str, object]) -> Answer:
    """Return a good answer."""
    return good(api_id, encode({**payload, "return_code": 0, "return_msg": SUCCESS}))


def good(api_id: str, body: bytes, cont_yn: str = "N", next_key: str = "") -> Answer:
    """Return a good answer from bytes that are ready."""
    return Answer(200, _headers(api_id, cont_yn, next_key), body, return_code="0")


def failure(api_id: str, error: ApiError) -> Answer:
    """Return an error body under the error's own HTTP status, mostly 200."""
    body = encode({"return_code": error.return_code, "return_msg": error.message})
    return Answer(error.status, _headers(api_id), body, return_code=str(error.return_code))


def html(status: int, title: str) -> Answer:
    """Return a page for people, as a proxy in front of the API does."""
    return Answer(status, {"Content-Type": HTML}, _HTML_PAGE.format(title).encode())


def _headers(api_id: str, cont_yn: str = "N", next_key: str = "") -> dict[str, str]:
    """Return the API's headers; the last is what browsers are told, and one public client relies on it."""
    return {
        "Content-Type": JSON,
        "api-id": api_id,
        "cont-yn": cont_yn,
        "next-key": next_key,
        "access-control-expose-headers": ",".join(_PAGING),
    }
