"""What travels inside the simulator: a request as it came, and the answer to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = "application/json;charset=UTF-8"
HTML = "text/html;charset=UTF-8"


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
