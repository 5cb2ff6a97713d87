"""The vendor's parameter codes, and the words that this package uses for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class Market(StrEnum):
    """Market, ``mrkt_tp``; ``ALL`` is the union of the two."""

    KOSPI = "KOSPI"
    KOSDAQ = "KOSDAQ"
    ALL = "ALL"


class Venue(StrEnum):
    """Trading venue, ``stex_tp``; ``CONSOLIDATED`` (통합) is the sum of the two."""

    KRX = "KRX"
    NXT = "NXT"
    CONSOLIDATED = "CONSOLIDATED"


class Measure(StrEnum):
    """What investor fields count, ``amt_qty_tp``: KRW million, or shares."""

    AMOUNT = "amount"
    QUANTITY = "quantity"


class Side(StrEnum):
    """Side of the trade, ``trde_tp``."""

    NET = "net"
    BUY = "buy"
    SELL = "sell"


LISTED_MARKETS = (Market.KOSPI, Market.KOSDAQ)

MARKET_CODES = {"000": Market.ALL, "001": Market.KOSPI, "101": Market.KOSDAQ}
VENUE_CODES = {"1": Venue.KRX, "2": Venue.NXT, "3": Venue.CONSOLIDATED}
MEASURE_CODES = {"1": Measure.AMOUNT, "2": Measure.QUANTITY}
SIDE_CODES = {"0": Side.NET, "1": Side.BUY, "2": Side.SELL}

SUFFIXES = {Venue.KRX: "", Venue.NXT: "_NX", Venue.CONSOLIDATED: "_AL"}
"""What the venue adds to a stock code."""


@dataclass(frozen=True, slots=True)
class Selection:
    """One choice of the four parameters of ka10066."""

    market: Market
    venue: Venue
    measure: Measure
    side: Side

    @classmethod
    def of(cls, market: str, venue: str, measure: str, side: str) -> Selection:
        """
        Build from words.

        :raises ValueError: when one of them is not a member's value.
        """
        return cls(Market(market), Venue(venue), Measure(measure), Side(side))

    def __str__(self) -> str:
        return f"{self.market} {self.venue} {self.measure} {self.side}"


@dataclass(frozen=True, slots=True)
class Query:
    """
    What a data call asks for, whichever api-id it is of; what an api-id does not ask for is its default.

    ``kind`` is the part of the master that ka10099 is asked for, ``until`` the day asked for (None: the
    newest), ``unit`` counts shares in ones or thousands.
    """

    market: Market = Market.ALL
    venue: Venue = Venue.KRX
    measure: Measure = Measure.AMOUNT
    side: Side = Side.NET
    stock: str = ""
    kind: str = ""
    until: date | None = None
    unit: int = 1

    @property
    def selection(self) -> Selection:
        """The four parameters of ka10066."""
        return Selection(self.market, self.venue, self.measure, self.side)

    def __str__(self) -> str:
        return f"{self.stock} {self.until}" if self.stock else str(self.selection)
