"""A request as it came: reading its body's fields, each checked, and what a data call must carry."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar

from kiwoom_simulator.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")
_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
_DAY_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came; header names in lower case. The body may hold secrets: it is never shown."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """Return a header's value, or nothing."""
        return self.headers.get(name, "").strip()

    @property
    def refused_agent(self) -> bool:
        """Whether the caller is Python's urllib by its default name, which Kiwoom answers with HTTP 400."""
        return self.header("user-agent").startswith("Python-urllib/")

    @property
    def continues(self) -> bool:
        """Whether it asks for a further page: a key counts only with cont-yn Y."""
        return self.header("cont-yn").upper() == "Y"

    @property
    def next_key(self) -> str:
        """The key that it continues with, or nothing."""
        return self.header("next-key") if self.continues else ""

    def token(self) -> str:
        """
        Return the token that it carries.

        :raises ApiError: 1513 or 1514.
        """
        authorization = self.header("authorization")
        if not authorization:
            raise ApiError(1513)
        bearer = _BEARER.fullmatch(authorization)
        if not bearer:
            raise ApiError(1514)
        return bearer[1]


def fields(body: bytes) -> dict[str, object]:
    """
    Return a body's fields.

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


def day(body: Mapping[str, object], name: str) -> date:
    """
    Return a required field that is a day, YYYYMMDD.

    :raises ApiError: 1511 when it is missing, 1517 when it is none.
    """
    written = text(body, name)
    try:
        found = datetime.strptime(written, "%Y%m%d").date()  # noqa: DTZ007
    except ValueError:
        raise ApiError(1517, f", 필드명={name}") from None
    if len(written) != _DAY_LENGTH:
        raise ApiError(1517, f", 필드명={name}")
    return found
