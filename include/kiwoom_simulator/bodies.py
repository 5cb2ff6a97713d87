"""Reading request bodies: a JSON object of strings, each field checked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from kiwoom_simulator.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


def fields(body: bytes) -> dict[str, object]:
    """
    Return the body's fields.

    :raises ApiError: 1517, when it is no JSON object.
    """
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise ApiError(1517, ", JSON") from None
    if not isinstance(found, dict):
        raise ApiError(1517, ", JSON")
    return found


def text(body: Mapping[str, object], name: str) -> str:
    """
    Return a required field.

    :raises ApiError: 1511 when it is missing or empty, 1517 when it is no string.
    """
    value = body.get(name, "")
    if value in ("", None):
        raise ApiError(1511, f", 필드명={name}")
    if not isinstance(value, str):
        raise ApiError(1517, f", 필드명={name}")
    return value


def choice(body: Mapping[str, object], name: str, words: Mapping[str, T]) -> T:
    """
    Return what a required field's code stands for.

    :raises ApiError: 1511 when it is missing, 1517 when it is not one of the codes.
    """
    code = text(body, name)
    if code not in words:
        raise ApiError(1517, f", 필드명={name}")
    return words[code]
