"""
A universe that is given as a file: real stocks, prices and volumes, under flows made to fit.

Parquet or CSV with the columns ``date`` (YYYY-MM-DD), ``market`` (KOSPI, KOSDAQ), ``code``, ``name``, ``close``
and ``change`` (KRW, against the base price), ``volume`` (shares on KRX).
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from kiwoom_simulator.parameters import LISTED_MARKETS, Market
from kiwoom_simulator.sessions import Sessions
from kiwoom_simulator.stocks import Kind, Listing, Stock
from kiwoom_simulator.trading import Krx
from kiwoom_simulator.universe import FULL_SIZE, NXT_SHARE, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_Place: TypeAlias = tuple[Market, date]

_CODE = re.compile(r"[0-9A-Z]{6}")
_LARGEST = 10**12  # beyond any day's shares or price
_TOO_MANY = "more"

COLUMNS = ("date", "market", "code", "name", "close", "change", "volume")


@dataclass(frozen=True, eq=False)
class GivenUniverse:
    """
    Listings, and (close, change, volume) of each stock, by session and market.

    The sessions before the first that is given are made up: its stocks at their base price, with its volumes.
    """

    listings: dict[_Place, Listing]
    figures: dict[_Place, dict[str, tuple[int, int, int]]]
    members: dict[Market, frozenset[str]] = field(default_factory=dict)

    @property
    def sessions(self) -> Sessions:
        """The calendar, of which from the first given session on only those are left."""
        return Sessions(only=tuple(sorted({day for _, day in self.listings})))

    @cached_property
    def first(self) -> date:
        """The first session that is given."""
        return min(day for _, day in self.listings)

    def listing(self, market: Market, day: date) -> Listing:
        """Return the stocks that were given for a market and day."""
        return self.listings[market, max(day, self.first)]

    def on_nxt(self, market: Market) -> frozenset[str]:
        """Return the stocks that trade on NXT: as many as usual, the most traded."""
        return self.members[market]

    def krx(self, market: Market, listing: Listing, days: tuple[date, ...]) -> Krx:
        """Return the given figures; a stock that was not listed on a day has its next figures, and no volume."""
        rows = []
        for code in listing.codes:
            found = [self._figures(market, code, day) for day in days]
            known = next(row for row in found[::-1] if row)
            rows.append([row or (known[0], 0, 0) for row in found])
        close, change, volume = np.moveaxis(np.array(rows, np.int64), -1, 0)
        return Krx(close - change, close, volume, volume == 0)

    def _figures(self, market: Market, code: str, day: date) -> tuple[int, int, int] | None:
        given = self.figures[market, max(day, self.first)].get(code)
        return given and ((given[0] - given[1], 0, given[2]) if day < self.first else given)


def read(path: str | Path) -> GivenUniverse:
    """
    Read a file.

    :raises ValueError: naming line (the header is 1) and column of what cannot be read or stands there twice.
    """
    listings: dict[_Place, list[Stock]] = {}
    figures: dict[_Place, dict[str, tuple[int, int, int]]] = {}
    for line, row in _rows(Path(path)):
        day, market = _read(line, row, "date", _day), _read(line, row, "market", Market)
        code, name = _read(line, row, "code", _code), _read(line, row, "name", _text)
        close, change, volume = (_read(line, row, column, _whole) for column in COLUMNS[4:])
        known = figures.setdefault((market, day), {})
        if any(code in figures.get((of, day), {}) for of in LISTED_MARKETS):
            raise ValueError(f"line {line}, column code: {code} stands twice under {day}")
        if close <= 0 or close <= change or volume < 0:
            column = "volume" if volume < 0 else "change" if close > 0 else "close"
            raise ValueError(f"line {line}, column {column}: close {close}, change {change}, volume {volume} of {code}")
        known[code] = (close, change, volume)
        listings.setdefault((market, day), []).append(Stock(code, name, close, close * volume, kind_of(code, name)))
    return _build(listings, figures)


def _build(
    listings: dict[_Place, list[Stock]],
    figures: dict[_Place, dict[str, tuple[int, int, int]]],
) -> GivenUniverse:
    if not listings:
        raise ValueError("line 2: there is no row")
    for day in sorted({day for _, day in listings}):
        if missing := [market for market in LISTED_MARKETS if (market, day) not in listings]:
            raise ValueError(f"{day} has no row of {', '.join(missing)}")
    members = {market: _most_traded(market, listings) for market in LISTED_MARKETS}
    made = {
        (market, day): Listing(
            tuple(
                Stock(s.code, s.name, s.level, s.turnover, s.kind, nxt=s.code in members[market])
                for s in sorted(stocks, key=lambda stock: stock.code)
            )
        )
        for (market, day), stocks in listings.items()
    }
    return GivenUniverse(made, figures, members)


def _most_traded(market: Market, listings: dict[_Place, list[Stock]]) -> frozenset[str]:
    turnover: dict[str, float] = {}
    for (of, _), stocks in listings.items():
        for stock in stocks if of is market else ():
            if stock.kind is Kind.COMMON:
                turnover[stock.code] = turnover.get(stock.code, 0) + stock.turnover
    count = round(FULL_SIZE[market] * NXT_SHARE[market])
    return frozenset(sorted(turnover, key=lambda code: -turnover[code])[:count])


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each row under its line in the file, counted from the header's 1."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        table = pq.read_table(path, use_threads=False, pre_buffer=False)
        _complete(table.column_names)
        yield from enumerate(table.select(COLUMNS).to_pylist(), start=2)
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey=_TOO_MANY)
            _complete(reader.fieldnames or ())
            for row in reader:
                if more := row.get(_TOO_MANY):
                    raise ValueError(f"line {reader.line_num}: more fields than columns, from {more[0]!r} on")
                yield reader.line_num, row
    except UnicodeDecodeError as error:
        raise ValueError(f"the file is not UTF-8: {error.reason} at byte {error.start}") from None


def _complete(columns: Any) -> None:  # noqa: ANN401
    if missing := [column for column in COLUMNS if column not in columns]:
        raise ValueError(f"line 1: there is no column {', '.join(missing)}; needed are: {', '.join(COLUMNS)}")
    if twice := [column for column in COLUMNS if list(columns).count(column) > 1]:
        raise ValueError(f"line 1: column {', '.join(twice)} stands twice")


def _read(line: int, row: dict[str, Any], column: str, reader: Any) -> Any:  # noqa: ANN401
    try:
        return reader(row[column])
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"line {line}, column {column}: {row[column]!r} cannot be read") from None


def _text(value: str) -> str:
    if not value or not isinstance(value, str):
        raise ValueError(value)
    return value


def _code(value: str) -> str:
    if not _CODE.fullmatch(value):
        raise ValueError(value)
    return value


def _whole(value: float | str) -> int:
    number = int(value)
    if (not isinstance(value, str) and number != value) or abs(number) > _LARGEST:
        raise ValueError(value)
    return number


def _day(value: date | str) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(value)
