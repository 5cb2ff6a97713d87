"""What a reader asks for, checked before anything is opened."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from kiwoom_provider.datasets.columns import INVESTORS
from kiwoom_provider.datasets.investor_trading import FLOWS, PRICE_COLUMNS, SOURCES, WHENCE_COLUMNS
from kiwoom_provider.datasets.securities import SecurityKind
from kiwoom_provider.krx.errors import SessionDateError
from kiwoom_provider.krx.session import parse_session_date
from kiwoom_provider.parameters import Market, ParameterError, Venue

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    import pyarrow.parquet as pq

KEYS = ("market", "venue", "stock_code", "investor")
"""Columns that tell one row of a session from another; they are always read."""
VALUES = ("stock_name", *(name for name, _, _ in FLOWS), *(name for name, *_ in PRICE_COLUMNS), *WHENCE_COLUMNS)
"""The other columns of the published table, in its order."""
FROM_SECURITIES = ("listed_shares",)
"""Columns that the session's securities bring; they come only when they are asked for."""
INVESTOR_NAMES = tuple(investor.name for investor in INVESTORS)

_CODE = re.compile(r"[0-9A-Z]{6}")


def _nothing(_start: int, _end: int) -> None:
    """Do nothing with a part of a file that is there."""


@dataclass(frozen=True, slots=True)
class Selection:
    """
    Sessions, rows and columns of the published table.

    :param wanted: the names to keep by key column; a column that is not there keeps every row.
    :param values: the columns to read beside the keys, in the table's order.
    :param kinds: the kinds of security to keep, empty for all.
    :param from_securities: the columns to take from the session's securities.
    :param sources: what the rows to keep were made of, empty for all.
    """

    start: date | None
    end: date | None
    wanted: dict[str, tuple[str, ...]]
    values: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    from_securities: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @classmethod
    def parse(
        cls,
        start: str | date | None,
        end: str | date | None,
        *,
        markets: str | Iterable[str] | None = None,
        venues: str | Iterable[str] | None = None,
        investors: str | Iterable[str] | None = None,
        stocks: str | Iterable[str] | None = None,
        columns: str | Iterable[str] | None = None,
        kinds: str | Iterable[str] | None = None,
        sources: str | Iterable[str] | None = None,
    ) -> Selection:
        """
        Check every argument; None means all, one name may stand without a list.

        :raises SessionDateError: for a date that is none, or a start after the end.
        :raises ParameterError: for an empty list, or a name that is not valid, saying which are.
        """
        first, last = _day("start", start), _day("end", end)
        if first and last and first > last:
            raise SessionDateError(f"start {first} is after end {last}")
        choices = {
            "market": _names("markets", markets, tuple(Market)),
            "venue": _names("venues", venues, tuple(Venue)),
            "stock_code": _codes(stocks),
            "investor": _names("investors", investors, INVESTOR_NAMES),
        }
        values = _names("columns", columns, (*VALUES, *FROM_SECURITIES), also=KEYS)
        return cls(
            first,
            last,
            {column: names for column, names in choices.items() if names is not None},
            VALUES if values is None else tuple(name for name in VALUES if name in values),
            _names("kinds", kinds, tuple(SecurityKind)) or (),
            tuple(name for name in FROM_SECURITIES if name in (values or ())),
            _names("sources", sources, SOURCES) or (),
        )

    def has(self, day: date) -> bool:
        """Whether a day lies in the range."""
        return (self.start or day) <= day <= (self.end or day)

    @property
    def range(self) -> str:
        """The range in words, for a message."""
        return f"from {self.start or 'the first'} to {self.end or 'the last'}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns to read."""
        return (*KEYS, *self.values)

    def row_groups(self, file: pq.ParquetFile, fetch: Callable[[int, int], None] = _nothing) -> list[int]:
        """
        Return the row groups that can hold a wanted row: by their statistics, then by the codes in them.

        :param fetch: told where each group that its statistics let pass begins and ends in the file.
        """
        metadata = file.metadata
        at = {metadata.schema.column(number).name: number for number in range(metadata.num_columns)}
        possible = [
            group
            for group in range(metadata.num_row_groups)
            if all(
                _may_hold(metadata.row_group(group).column(at[column]).statistics, names)
                for column, names in self.wanted.items()
            )
        ]
        for group in possible:
            fetch(*_extent(metadata.row_group(group)))
        return self._keep_groups_with_codes(file, possible)

    def _keep_groups_with_codes(self, file: pq.ParquetFile, groups: list[int]) -> list[int]:
        """Look at the codes themselves: the markets' lie between each other, so statistics let twice too many pass."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if "stock_code" not in self.wanted or not groups:
            return groups
        codes = file.read_row_groups(groups, columns=["stock_code"], use_threads=False)["stock_code"]
        found = pc.is_in(codes, pa.array(self.wanted["stock_code"], pa.string()))
        sizes = (file.metadata.row_group(group).num_rows for group in groups)
        bounds = pairwise(accumulate(sizes, initial=0))
        held = (pc.any(found.slice(start, end - start)).as_py() for start, end in bounds)
        return [group for group, holds in zip(groups, held, strict=True) if holds]

    def filter(self, table: pa.Table) -> pa.Table:
        """Return the wanted rows."""
        import pyarrow as pa
        import pyarrow.compute as pc

        for column, names in self.wanted.items():
            table = table.filter(pc.is_in(table[column], pa.array(names, pa.string())))
        return table

    def conditions(self) -> str:
        """Return the wanted names for a message."""
        choices = self.wanted | {"kind": self.kinds, "source": self.sources}
        return ", ".join(f"{column} in {'/'.join(names)}" for column, names in choices.items() if names) or "all rows"


def _extent(group: pq.RowGroupMetaData) -> tuple[int, int]:
    """Return where a row group begins and ends in its file."""
    chunks = [group.column(number) for number in range(group.num_columns)]
    begins = [
        min(offset for offset in (chunk.dictionary_page_offset, chunk.data_page_offset) if offset) for chunk in chunks
    ]
    return min(begins), max(begin + chunk.total_compressed_size for begin, chunk in zip(begins, chunks, strict=True))


def _may_hold(statistics: pq.Statistics | None, names: tuple[str, ...]) -> bool:
    if statistics is None or not statistics.has_min_max:
        return True
    low, high = statistics.min, statistics.max
    return any(low <= name <= high for name in names)


def _day(field: str, value: str | date | None) -> date | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        if value.tzinfo is not None or value != datetime(value.year, value.month, value.day):  # noqa: DTZ001 - a day
            raise SessionDateError(f"{field} {value} is an instant; give a day, YYYY-MM-DD")
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return parse_session_date(value)
    except SessionDateError as error:
        raise SessionDateError(f"{field}: {error}") from None


def _to_names(field: str, asked: str | Iterable[str] | None) -> tuple[str, ...] | None:
    if asked is None:
        return None
    names = tuple(dict.fromkeys(asked)) if isinstance(asked, Iterable) and not isinstance(asked, str) else (asked,)
    if not names:
        raise ParameterError(f"{field} is empty: name at least one, or leave it out for all")
    return names


def _names(
    field: str, asked: str | Iterable[str] | None, valid: tuple[str, ...], also: tuple[str, ...] = ()
) -> tuple[str, ...] | None:
    names = _to_names(field, asked)
    for name in names or ():
        if name not in (*valid, *also):
            raise ParameterError(f"{field}: {name!r} is not one of: {', '.join(valid)}")
    return names and tuple(str(name) for name in names)


def _codes(asked: str | Iterable[str] | None) -> tuple[str, ...] | None:
    codes = _to_names("stocks", asked)
    for code in codes or ():
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            raise ParameterError(
                f"stocks: {code!r} is no stock code; one is text of six digits or capital letters without a "
                "venue suffix, such as '005930'"
            )
    return codes
