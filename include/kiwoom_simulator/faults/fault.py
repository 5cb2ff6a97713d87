"""A fault as a value, and its text form."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

from kiwoom_simulator.faults.kinds import KINDS, Stage
from kiwoom_simulator.parameters import Market, Measure, Side, Venue

LAST = -1
"""Stands for the last page, as a page number."""

_TEXT = re.compile(
    r"(?P<kind>[a-z0-9-]+)(=(?P<value>[^@*]*))?(@(?P<api_id>\w+)?(:(?P<where>[^*]*))?)?(\*(?P<times>\d+))?"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One fault; an empty field fits everything.

    ``pages`` is first and last page, 0 for open and :data:`LAST` for the last; ``call`` is the n-th call that
    fits, ``after`` how many that fit pass first; ``times`` 0 is always.

    :raises ValueError: when ``kind`` or a word is not known.
    """

    kind: str
    value: str = ""
    api_id: str = ""
    pages: tuple[int, int] = (0, 0)
    market: str = ""
    venue: str = ""
    measure: str = ""
    side: str = ""
    stock: str = ""
    call: int = 0
    after: int = 0
    times: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"fault kind {self.kind!r} is not one of: {', '.join(KINDS)}")
        for words, value in (
            (Market, self.market),
            (Venue, self.venue),
            (Measure, self.measure),
            (Side, self.side),
        ):
            if value and value not in list(words):
                raise ValueError(f"fault {self.kind}: {value!r} is not one of: {', '.join(words)}")

    @property
    def stage(self) -> Stage:
        """What of an answer it touches."""
        return KINDS[self.kind].stage

    @classmethod
    def parse(cls, text: str) -> Fault:
        """
        Read the text form, see :mod:`kiwoom_simulator.faults`.

        :raises ValueError: naming what cannot be read.
        """
        found = _TEXT.fullmatch(text.strip())
        if not found:
            raise ValueError(f"fault {text!r} is not KIND[=VALUE][@API-ID[:FIELD=VALUE,…]][*TIMES]")
        where = _where(found["where"] or "")
        return cls(
            found["kind"],
            found["value"] or "",
            found["api_id"] or "",
            times=int(found["times"] or 0),
            **where,
        )

    def __str__(self) -> str:
        return "".join([self.kind, self.value and f"={self.value}", self._at(), f"*{self.times}" if self.times else ""])

    def _at(self) -> str:
        named = {name: getattr(self, name) for name in _FIELDS if name != "page" and getattr(self, name)}
        if self.pages != (0, 0):
            named["page"] = _page_text(self.pages)
        where = ",".join(f"{name}={value}" for name, value in named.items())
        return f"@{self.api_id}" + (f":{where}" if where else "") if self.api_id or where else ""


_NUMBERS = {"call", "after"}
_FIELDS = (
    "page",
    *(f.name for f in fields(Fault) if f.name in {"market", "venue", "measure", "side", "stock", *_NUMBERS}),
)


def _where(text: str) -> dict[str, Any]:
    where: dict[str, Any] = {}
    for part in filter(None, text.split(",")):
        name, _, value = part.partition("=")
        if name not in _FIELDS or not value:
            raise ValueError(f"fault field {part!r} is not FIELD=VALUE with a field of: {', '.join(_FIELDS)}")
        if name == "page":
            where["pages"] = _pages(value)
        else:
            where[name] = int(value) if name in _NUMBERS else value
    return where


def _pages(text: str) -> tuple[int, int]:
    if text == "last":
        return (LAST, LAST)
    found = re.fullmatch(r"(\d*)(-?)(\d*)", text)
    if not found or text in ("", "-"):
        raise ValueError(f"fault page {text!r} is not N, N-M, N-, -M or last")
    first, dash, last = found.groups()
    return (int(first or 0), int(last or 0)) if dash else (int(first), int(first))


def _page_text(pages: tuple[int, int]) -> str:
    first, last = pages
    if first == LAST:
        return "last"
    return str(first) if first == last else f"{first or ''}-{last or ''}"
