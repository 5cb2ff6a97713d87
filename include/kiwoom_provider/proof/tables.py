"""A typed set as arrays: which stocks it is proved by, and what of it an earlier session's table still holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.datasets.arrow import column_values
from kiwoom_provider.proof.dated_rows import TELLING_FIELDS, TELLING_SIZE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import pyarrow as pa

COLUMNS = ("stk_cd", "cur_prc", "trde_qty", *INVESTOR_ELEMENTS, "fetched_at")
"""What is read of a stored set to compare with it."""

REFERENCES_PER_SET = 2

ACTIVE_TURNOVER_WON = 100_000_000
"""원 a day from which a stock counts as active: rounding cannot make all its investors zero."""

LEAST_COMPARED = 5
"""Stocks with any flow that must be compared before "all equal", or "changed", means anything."""

CHANCE_ROWS = 2
"""Rows that name their day and stand in an earlier session too: two in a set are let pass, three are not chance."""

LATE_LEAST, LATE_SHARE, LATE_PAGE = 5, 0.05, 3
"""
Active stocks without any figure are late when more than 5 and more than 5 % of the set are, or when a page has
3 active stocks at least and none with a figure. One such stock is odd; at 21:00 one night NXT had rows for 74 of 630.
"""

DOUBTFUL = 5
"""Stocks of each kind of :func:`doubtful_stocks` that are asked for: what is late is late in numbers."""


@dataclass(frozen=True, eq=False, slots=True)
class FlowTable:
    """
    One typed set, in its order.

    :param flows: shape (stocks, 12), a null as 0.
    :param whole: which rows have no null among their fields.
    :param arrivals: when each row's page came, microseconds since 1970: rows of one page share it.
    :param turnover: price × volume in 원, 0 where either is not there.
    :param is_etn: which are exchange-traded notes.
    """

    codes: list[str]
    flows: np.ndarray
    whole: np.ndarray
    arrivals: np.ndarray
    volume: np.ndarray
    turnover: np.ndarray
    is_etn: np.ndarray

    @classmethod
    def of(cls, table: pa.Table) -> FlowTable:
        """Read a typed table."""
        import pyarrow as pa

        columns = [column_values(table[name]) for name in INVESTOR_ELEMENTS]
        volume, price = (column_values(table[name])[0] for name in ("trde_qty", "cur_prc"))
        return cls(
            codes=table["stk_cd"].to_pylist(),
            flows=np.stack([values for values, _ in columns], axis=1),
            whole=np.logical_and.reduce([there for _, there in columns]),
            arrivals=column_values(table["fetched_at"].cast(pa.int64()))[0],
            volume=volume,
            turnover=volume.astype(np.float64) * price,
            is_etn=is_etn(table["stk_nm"].to_pylist() if "stk_nm" in table.column_names else [""] * table.num_rows),
        )

    @property
    def has_flow(self) -> np.ndarray:
        """Which rows hold any figure; a null may be one."""
        return np.asarray(self.flows.any(axis=1) | ~self.whole)

    @property
    def is_active(self) -> np.ndarray:
        """Which stocks traded so much that they must have figures."""
        return self.turnover >= ACTIVE_TURNOVER_WON

    def row_of(self, code: str) -> int | None:
        """Return where a stock stands."""
        return self.codes.index(code) if code in self.codes else None

    def fields(self, row: int) -> tuple[int | None, ...]:
        """Return a row's investor fields; all None where one of them is not there."""
        return tuple(self.flows[row].tolist()) if self.whole[row] else (None,) * len(INVESTOR_ELEMENTS)

    def busiest_by_page(self) -> dict[int, list[str]]:
        """
        Return, by arrival of each page on which anything traded, the stocks that did, the busiest first.

        Those with figures come first, by turnover and then by flow: a venue's volume may count another venue too.
        """
        sizes, none = np.abs(self.flows).sum(axis=1), ~self.has_flow
        traded = self.has_flow | (self.volume > 0)
        order = np.lexsort((np.array(self.codes), -sizes, -self.turnover, none))
        pages: dict[int, list[str]] = {page: [] for page in _pages(self.arrivals[traded])}
        for row in order[traded[order]]:
            pages[int(self.arrivals[row])].append(self.codes[row])
        return pages

    def late_stocks(self) -> int:
        """Return how many active stocks have no figure, where they are too many for chance; else 0."""
        late = self.is_active & ~self.has_flow
        pages = [self.arrivals == page for page in _pages(self.arrivals[late])]
        empty_page = any(late[p].sum() >= LATE_PAGE and not (self.is_active & ~late)[p].any() for p in pages)
        many = late.sum() > max(LATE_LEAST, LATE_SHARE * self.is_active.sum())
        return int(late.sum()) if many or empty_page else 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    What of a set an earlier session's table still holds.

    :param pages: by arrival, True where every figure is the earlier one's; pages that tell nothing are left out.
    :param repeated: rows that name their day and are the earlier session's.
    :param equal: rows with a figure that are the earlier session's.
    """

    pages: dict[int, bool]
    repeated: int = 0
    equal: int = 0

    @property
    def is_stale(self) -> bool:
        """Whether a page, or more rows than chance allows, are the earlier session's."""
        return any(self.pages.values()) or self.repeated > CHANCE_ROWS

    @property
    def is_changed(self) -> bool:
        """Whether everything that can tell shows something new."""
        return bool(self.pages) and not self.is_stale


def compare(now: FlowTable, earlier: FlowTable) -> Comparison:
    """
    Hold a set against an earlier session's, page by page: the switch can fall between two.

    Rows without a figure say nothing: they are neither new nor the earlier session's.
    """
    if not earlier.codes:
        return Comparison({})
    told, equal = _compare_rows(now, earlier)
    pages = {}
    for page in _pages(now.arrivals[told]):
        here = told & (now.arrivals == page)
        if here.sum() >= LEAST_COMPARED:
            pages[page] = bool(equal[here].all())
    return Comparison(pages, int((equal & _names_its_day(now)).sum()), int(equal.sum()))


def _pages(arrivals: np.ndarray) -> list[int]:
    """Return each page's arrival once, in order; ``np.unique`` would import masked arrays: 2 MB for every fetch."""
    return sorted(set(arrivals.tolist()))


def _compare_rows(now: FlowTable, earlier: FlowTable) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows can be compared with an earlier session's, and which of them equal it."""
    places = {code: row for row, code in enumerate(earlier.codes)}
    rows = np.array([places.get(code, -1) for code in now.codes], dtype=np.int64)
    told = (rows >= 0) & now.has_flow
    return told, told & now.whole & earlier.whole[rows] & (now.flows == earlier.flows[rows]).all(axis=1)


def _names_its_day(table: FlowTable) -> np.ndarray:
    sizes, fields = np.abs(table.flows).sum(axis=1), np.count_nonzero(table.flows, axis=1)
    return np.asarray((fields >= TELLING_FIELDS) & (sizes >= TELLING_SIZE))


def doubtful_stocks(now: FlowTable, earlier: FlowTable | None, there: Collection[str] = ()) -> list[str]:
    """
    Return stocks whose figures may not be in yet, too few to tell by themselves; the busiest of each kind.

    They traded and have no figure; have the very figures of an earlier session; or traded then and are not there.

    :param there: stocks of the venue's markets, where one that is gone here may have moved to.
    """
    found = _busiest(now, now.is_active & ~now.has_flow)
    if earlier is None or not earlier.codes:
        return found
    found_again = {*now.codes, *there}
    gone = np.array([code not in found_again for code in earlier.codes])
    repeated = _compare_rows(now, earlier)[1] & _names_its_day(now)
    return [*found, *_busiest(now, repeated), *_busiest(earlier, gone & earlier.has_flow)]


def _busiest(table: FlowTable, chosen: np.ndarray) -> list[str]:
    rows = np.flatnonzero(chosen)
    return [table.codes[row] for row in rows[np.argsort(-table.turnover[rows], kind="stable")][:DOUBTFUL]]


def reference_stocks(table: FlowTable) -> list[str]:
    """
    Return the stocks that every set is asked for: the two busiest of its first page.

    Ranked by turnover, so all six sets of a market and venue are asked for the same stocks, which show each other to
    be final.
    """
    pages = table.busiest_by_page()
    return pages[min(pages)][:REFERENCES_PER_SET] if pages else []


def is_etn(names: Iterable[str | None]) -> np.ndarray:
    """Return which stocks are exchange-traded notes: all of them say so in their names."""
    return np.array(["ETN" in (name or "") for name in names], dtype=bool)
