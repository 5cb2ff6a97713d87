"""
Events: what the exchange, a venue or an issuer does on some day, and what stays so from that day on.

Written ``KIND[=VALUE]@DATE[:FIELD=VALUE,…]``, for example::

    rename=3@2026-11-20:market=KOSDAQ      three stocks of KOSDAQ have new names
    etn-rename=새롬@2026-11-20             a house renames its whole series of ETNs
    nxt=30/32@2027-01-04:market=KOSPI      NXT takes 30 stocks in and 32 out, until its next reselection
    split=5@2026-11-20:stock=005930        one share becomes five: the base price is no earlier close

Fields: ``market``, and ``stock`` for one that is named; otherwise as many as ``VALUE`` says are chosen by the
seed, none of the most traded. What happens to an answer and not to the market is a fault.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from kiwoom_simulator.names import HOUSES, renamed_series
from kiwoom_simulator.parameters import LISTED_MARKETS, Market
from kiwoom_simulator.random_numbers import key
from kiwoom_simulator.stocks import Kind, Stock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Change: TypeAlias = Callable[["Event", Stock], Stock | None]

KINDS = {
    "delist": "VALUE (1) stocks are gone",
    "mature": "VALUE (8) ETNs that are neighbours by code are gone",
    "list": "VALUE (1) stocks are new",
    "rename": "VALUE (1) stocks have a new name",
    "etn-rename": "a house names all of its ETNs VALUE (새롬) instead",
    "move": "VALUE (1) stocks leave KOSDAQ for KOSPI",
    "suspend": "VALUE (1) stocks stop trading, for good",
    "nxt": "NXT takes VALUE (30/32: in/out) stocks in and out, until the quarter ends",
    "split": "VALUE (3) stocks, or the one that is named by 5: the base price is the close divided by five",
    "beyond-limit": "VALUE (3) stocks close 60 % above their base price",
}
"""Every kind of event, and what it does."""

SPLIT, BEYOND = 5, 1.6
"""What a split divides the price by, and what a stock beyond the limit multiplies it by."""

_COUNTS = {"mature": 8, "split": 3, "beyond-limit": 3}
_TEXT = re.compile(r"(?P<kind>[a-z-]+)(=(?P<value>[^@]+))?@(?P<day>\d{4}-\d{2}-\d{2})(:(?P<where>.+))?")


@dataclass(frozen=True, slots=True)
class Event:
    """
    One event.

    :raises ValueError: when its kind, market or value is none that it can have.
    """

    kind: str
    day: date
    value: str = ""
    market: str = ""
    stock: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"event {self.kind!r} is not one of: {', '.join(KINDS)}")
        if self.market not in ("", *LISTED_MARKETS):
            raise ValueError(f"event {self.kind}: {self.market!r} is not one of: {', '.join(LISTED_MARKETS)}")
        pattern = {"etn-rename": r".*", "nxt": r"\d+/\d+|"}.get(self.kind, r"\d{0,4}")
        if not re.fullmatch(pattern, self.value):
            raise ValueError(f"event {self.kind}: {self.value!r} is no number that it can have")

    @classmethod
    def parse(cls, text: str) -> Event:
        """
        Read the text form.

        :raises ValueError: naming what cannot be read.
        """
        found = _TEXT.fullmatch(text.strip())
        if not found:
            raise ValueError(f"event {text!r} is not KIND[=VALUE]@YYYY-MM-DD[:FIELD=VALUE,…]")
        where = dict(part.partition("=")[::2] for part in (found["where"] or "").split(",") if part)
        if unknown := sorted(set(where) - {"market", "stock"}):
            raise ValueError(f"event {text!r}: {', '.join(unknown)} is not one of: market, stock")
        try:
            day = date.fromisoformat(found["day"])
        except ValueError as error:
            raise ValueError(f"event {text!r}: {error}") from None
        return cls(found["kind"], day, found["value"] or "", **where)

    @property
    def count(self) -> int:
        """How many stocks it happens to."""
        return int(self.value) if self.value.isdecimal() else _COUNTS.get(self.kind, 1)

    def concerns(self, market: Market) -> bool:
        """Tell whether it happens on a market."""
        return self.market in ("", market)

    def __str__(self) -> str:
        where = ",".join(f"{name}={getattr(self, name)}" for name in ("market", "stock") if getattr(self, name))
        return f"{self.kind}{self.value and '='}{self.value}@{self.day}{where and ':'}{where}"


def chosen(event: Event, stocks: Sequence[Stock]) -> frozenset[str]:
    """Return the codes that an event happens to, of those that are there on its day."""
    if event.stock:
        return frozenset({event.stock} & {stock.code for stock in stocks})
    if event.kind == "mature":
        codes = sorted(stock.code for stock in stocks if stock.kind is Kind.ETN)
        begin = key(str(event)) % max(1, len(codes) - event.count)
        return frozenset(codes[begin : begin + event.count])
    if event.kind == "etn-rename":
        return frozenset(stock.code for stock in stocks if stock.name.startswith(f"{HOUSES[0]} "))
    common = [stock.code for stock in stocks if stock.kind is Kind.COMMON and not (stock.liquid or stock.suspends)]
    return frozenset(sorted(common, key=lambda code: key(f"{event}:{code}"))[: event.count])


def apply_event(event: Event, stock: Stock) -> Stock | None:
    """Return a stock as an event that happens to it leaves it; None: gone."""
    return _CHANGES[event.kind](event, stock) if event.kind in _CHANGES else stock


def on_nxt(event: Event, stocks: Sequence[Stock], members: frozenset[str]) -> frozenset[str]:
    """Return NXT's list as an ``nxt`` event leaves it."""
    if event.stock:
        return members ^ {event.stock}
    coming, going = map(int, (event.value or "30/32").split("/"))
    drawn = sorted(stocks, key=lambda stock: key(f"{event}:{stock.code}"))
    free = [s.code for s in drawn if s.kind is Kind.COMMON and not s.suspends and s.code not in members]
    bound = [s.code for s in drawn if s.code in members and not s.liquid]
    return (members - set(bound[:going])) | set(free[:coming])


_CHANGES: dict[str, Change] = {
    "delist": lambda _event, _stock: None,
    "mature": lambda _event, _stock: None,
    "move": lambda _event, _stock: None,
    "rename": lambda event, stock: replace(stock, name=f"새{stock.name}{event.day.day}"),
    "etn-rename": lambda event, stock: replace(stock, name=renamed_series(stock.name, event.value or "새롬")),
    "suspend": lambda event, stock: replace(stock, halted_from=stock.halted_from or event.day.toordinal()),
}
