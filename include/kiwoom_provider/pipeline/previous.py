"""The last session stored before a given one: what "nothing new has settled" is measured against."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.datasets import ka10066, layout
from kiwoom_provider.datasets.layout import stored_sessions
from kiwoom_provider.datasets.published import published_sweeps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    import pyarrow as pa

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.parameters import ParameterSet

MIN_ACTIVE_STOCKS = 5
"""Stocks with any flow that must be compared before "all equal" means anything."""


@dataclass(frozen=True, slots=True)
class Before:
    """
    The newest session stored before a given one.

    Data that equal any earlier session's are not new. Data that differ from it are new only when it is
    the session right before and was published: else they may be those of a session in between.

    :param session_date: None when no earlier session is stored.
    :param tables: its typed sets.
    :param trusted: the sets of it from which a difference shows something new.
    """

    session_date: date | None = None
    tables: Mapping[ParameterSet, pa.Table] = field(default_factory=dict)
    trusted: frozenset[ParameterSet] = frozenset()

    @classmethod
    def read(cls, store: Store, session_date: date, session_before: date, sets: Iterable[ParameterSet]) -> Before:
        """
        Read the newest stored session before ``session_date``.

        :param session_before: the session right before, by the calendar.
        """
        found = previous_session(store, session_date)
        if found is None:
            return cls()
        trusted = published_sweeps(store, found) if found == session_before else {}
        return cls(found, read_tables(store, found, sets), frozenset(trusted))

    def trusted_table(self, parameters: ParameterSet) -> pa.Table | None:
        """Return the set's table if a difference from it shows something new."""
        return self.tables.get(parameters) if parameters in self.trusted else None


def previous_session(store: Store, session_date: date) -> date | None:
    """Return the newest session before ``session_date`` of which typed partitions are stored."""
    return max((day for day in stored_sessions(store, layout.PARTITIONS) if day < session_date), default=None)


def read_tables(store: Store, session_date: date, sets: Iterable[ParameterSet]) -> dict[ParameterSet, pa.Table]:
    """Return the stored typed tables of a session; sets that are not stored are left out."""
    tables: dict[ParameterSet, pa.Table] = {}
    for parameters in sets:
        try:
            tables[parameters] = ka10066.read_partition(store, session_date, parameters)
        except FileNotFoundError:
            continue
    return tables


def compare_pages(now: pa.Table, before: pa.Table | None) -> dict[int, bool]:
    """
    Say of every page whether all its investor fields equal the earlier session's, stock by stock.

    A page is the rows that arrived together: the switch from one session to the next can fall between two.

    :returns: by arrival (microseconds since 1970), True where nothing is new; pages on which too few
        stocks with any flow stand in both to tell are left out.
    """
    if before is None:
        return {}
    earlier = dict(zip(before["stk_cd"].to_pylist(), _fields(before), strict=True))
    active: dict[int, int] = {}
    changed: set[int] = set()
    for page, code, row in zip(arrivals(now), now["stk_cd"].to_pylist(), _fields(now), strict=True):
        if code not in earlier:
            continue
        active[page] = active.get(page, 0) + any(value is None or value for value in row)
        if None in row or row != earlier[code]:
            changed.add(page)
    return {page: page not in changed for page, count in active.items() if count >= MIN_ACTIVE_STOCKS}


def arrivals(table: pa.Table) -> list[int]:
    """Return when every row's page came, in microseconds since 1970: pyarrow needs pandas to make datetimes."""
    import pyarrow as pa

    return list(table["fetched_at"].cast(pa.int64()).to_pylist())


def _fields(table: pa.Table) -> list[tuple[int | None, ...]]:
    """Return every row's investor fields. Plain Python: comparing with scalars would import pandas, 50 MB a task."""
    return list(zip(*(table[name].to_pylist() for name in INVESTOR_ELEMENTS), strict=True))


def is_unchanged(now: pa.Table, before: pa.Table | None) -> bool | None:
    """Whether any page holds nothing new; None when on no page this can be told."""
    pages = compare_pages(now, before)
    return any(pages.values()) if pages else None
