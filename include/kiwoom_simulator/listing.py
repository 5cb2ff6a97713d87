"""The stocks of a market on a day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_simulator import noise
from kiwoom_simulator.famous import LIQUID_FROM

if TYPE_CHECKING:
    from kiwoom_simulator.noise import Flags, Floats, Ints


@dataclass(frozen=True, slots=True)
class Stock:
    """One listed stock; ``level`` is a price in won, ``turnover`` won a day, ``since`` a day's ordinal."""

    code: str
    name: str
    level: float
    turnover: float
    nxt: bool = False
    suspended: bool = False
    since: int = 0

    @property
    def liquid(self) -> bool:
        """Whether every kind of investor trades it every day."""
        return self.turnover >= LIQUID_FROM * 1e9


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
        """A number per stock for :mod:`kiwoom_simulator.noise`, the same in a universe of any size."""
        return np.array([noise.key(code) for code in self.codes], np.int64)

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
        return np.array(["ETN" in stock.name for stock in self.stocks])

    @cached_property
    def suspended(self) -> Flags:
        """Which stocks are never traded."""
        return np.array([stock.suspended for stock in self.stocks])

    @cached_property
    def liquid(self) -> Flags:
        """Which stocks every kind of investor trades every day."""
        return np.array([stock.liquid for stock in self.stocks])
