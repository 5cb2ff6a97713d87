"""One answer of the API, as it came."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from kiwoom_provider.api.errors import GarbledError, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


MOST_OBJECTS, MOST_VALUES = 10_000, 250_000
"""The longest page known is ka10099's: 2,480 stocks of KOSPI in one answer, each of 15 values."""
MOST_TEXT = 100  # the sheet gives a name 40 characters
MOST_SKEW = timedelta(minutes=2)
"""By how much this machine's clock may differ from the server's: sessions and tokens are judged by it."""

_EIGHT_DIGITS = re.compile(r"[0-9]{8}")


@dataclass(frozen=True, slots=True)
class Page:
    """
    One page of a TR.

    :param api_id: the TR, such as ``ka10066``.
    :param number: 1-based place in the sweep.
    :param request: the body that was sent.
    :param sent_next_key: the key that was sent, ``""`` on the first page.
    :param status: HTTP status.
    :param cont_yn: True when the answer says that there is more.
    :param next_key: key of the next page, ``""`` on the last.
    :param body: the answer's bytes after HTTP content-decoding, otherwise as received.
    :param fetched_at: when the answer was complete, UTC.
    :param headers: the answer's headers that are kept, names in lower case.
    """

    api_id: str
    number: int
    request: Mapping[str, str]
    sent_next_key: str
    status: int
    cont_yn: bool
    next_key: str
    body: bytes = field(repr=False)
    fetched_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    _decoded: dict[str, Any] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def is_last(self) -> bool:
        """True when the API says that nothing follows."""
        return not self.cont_yn

    @property
    def clock_skew(self) -> timedelta | None:
        """How far this machine's clock is ahead of the server's, by its Date header; None without a usable one."""
        try:
            server = parsedate_to_datetime(self.headers["date"])
        except (KeyError, ValueError):
            return None
        return self.fetched_at - server if server.tzinfo else None

    @property
    def payload(self) -> dict[str, Any]:
        """
        The body as a JSON object, decoded on first use.

        :raises GarbledError: when the body is not a JSON object in UTF-8.
        """
        if self._decoded is None:
            object.__setattr__(self, "_decoded", self._decode())
        return self._decoded or {}

    def rows(self, element: str) -> list[dict[str, Any]]:
        """
        Return the list of rows called ``element``.

        :raises ProtocolError: when there is no such list of objects.
        """
        rows = self.payload.get(element)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.broken(f"has no list of rows called {element}")
        return rows

    def broken(self, what: str, kind: type[ProtocolError] = ProtocolError) -> ProtocolError:
        """Return the error for an answer that breaks the spec: ``what`` completes "ka10066 page 3 …"."""
        error = kind(
            f"{self.api_id} page {self.number} {what} (HTTP {self.status}, {len(self.body)} bytes). "
            "Kiwoom's answer breaks its spec: keep the raw page and look at it",
            api_id=self.api_id,
            page=self.number,
            http_status=self.status,
        )
        error.response_page = self
        return error

    def _decode(self) -> dict[str, Any]:
        if self.body.count(b"{") > MOST_OBJECTS or self.body.count(b",") > MOST_VALUES:  # counted before they are made
            raise self.broken(f"holds more than {MOST_OBJECTS:,} rows or {MOST_VALUES:,} values, which no page does")
        try:
            payload = json.loads(self.body.decode("utf-8"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            reason = type(error).__name__
        else:
            if isinstance(payload, dict):
                return payload
            reason = type(payload).__name__
        raise self.broken(f"is not a JSON object in UTF-8 ({reason})", GarbledError)


def clean_text(text: str) -> str:
    """Return a name or message in one printable line of bounded length, as it may stand in logs and pages."""
    line = text[:MOST_TEXT]
    if not line.isprintable():
        line = "".join(letter if letter.isprintable() else " " for letter in line)
    return line.strip(" ")


def parse_day(text: str) -> date | None:
    """Return a day written YYYYMMDD, None for any other text."""
    with suppress(ValueError):
        if _EIGHT_DIGITS.fullmatch(text):
            return date.fromisoformat(text)
    return None


def _refuse_constant(name: str) -> None:
    """JSON knows no NaN and no Infinity; Python's decoder would take them."""
    raise ValueError(name)
