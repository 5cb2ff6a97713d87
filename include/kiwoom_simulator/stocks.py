"""One stock, and the stocks of a market on a day."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_simulator import random_numbers

if TYPE_CHECKING:
    from kiwoom_simulator.random_numbers import Flags, Floats, Ints

LIQUID_FROM = 20e9
"""Won a day from which on every kind of investor trades the stock on every venue."""


class Kind(StrEnum):
    """What a listed thing is."""

    COMMON = "common"
    PREFERRED = "preferred"
    SPAC = "spac"
    REIT = "reit"
    INFRASTRUCTURE = "infrastructure"
    FUND = "fund"
    ETN = "etn"
    ETF = "etf"


@dataclass(frozen=True, slots=True)
class Stock:
    """
    One listed stock; ``level`` is a price in won, ``turnover`` won a day.

    ``since`` and ``until`` are ordinals of the days of its listing and of its delisting (0: always). ``suspends``
    says that its trading stops now and then, ``halted_from`` is the ordinal of a day from which on it is stopped
    for good (0: none).
    """

    code: str
    name: str
    level: float
    turnover: float
    kind: Kind = Kind.COMMON
    nxt: bool = False
    suspends: bool = False
    since: int = 0
    until: int = 0
    halted_from: int = 0

    @property
    def liquid(self) -> bool:
        """Whether every kind of investor trades it every day."""
        return self.turnover >= LIQUID_FROM


@dataclass(frozen=True)
class Listing:
    """The stocks of a market on a day, ordered by code, and the same as columns."""

    stocks: tuple[Stock, ...]

    @cached_property
    def codes(self) -> list[str]:
        """Stock codes, without venue suffix."""
        return [stock.code for stock in self.stocks]

    @cached_property
    def index(self) -> dict[str, int]:
        """Row number by stock code."""
        return {code: row for row, code in enumerate(self.codes)}

    @cached_property
    def keys(self) -> Ints:
        """A number per stock for :mod:`~kiwoom_simulator.random_numbers`, the same in a universe of any size."""
        return np.array([random_numbers.key(code) for code in self.codes], np.int64)

    @cached_property
    def levels(self) -> Floats:
        """Price levels in won."""
        return np.array([stock.level for stock in self.stocks])

    @cached_property
    def turnovers(self) -> Floats:
        """Typical turnover of a day in won."""
        return np.array([stock.turnover for stock in self.stocks])

    @cached_property
    def nxt(self) -> Flags:
        """Which stocks trade on NXT too."""
        return np.array([stock.nxt for stock in self.stocks])

    @cached_property
    def etn(self) -> Flags:
        """Which are exchange-traded notes."""
        return np.array([stock.kind is Kind.ETN for stock in self.stocks])

    @cached_property
    def suspends(self) -> Flags:
        """Which stocks stop trading now and then, or for good."""
        return np.array([stock.suspends or stock.halted_from > 0 for stock in self.stocks])

    @cached_property
    def pauses(self) -> Flags:
        """Which stocks stop trading now and then; what is stopped for good later moves freely until then."""
        return np.array([stock.suspends for stock in self.stocks])

    @cached_property
    def since(self) -> Ints:
        """From which day's ordinal on each stock is listed; 0: always."""
        return np.array([stock.since for stock in self.stocks], np.int64)

    @cached_property
    def until(self) -> Ints:
        """On which day's ordinal each stock is delisted; 0: never."""
        return np.array([stock.until for stock in self.stocks], np.int64)

    @cached_property
    def halted_from(self) -> Ints:
        """From which day's ordinal on each stock is stopped for good; 0: none."""
        return np.array([stock.halted_from for stock in self.stocks], np.int64)

    @cached_property
    def liquid(self) -> Flags:
        """Which stocks every kind of investor trades every day."""
        return np.array([stock.liquid for stock in self.stocks])
