"""The last session stored before a given one: what "nothing new has settled" is measured against."""

from __future__ import annotations

from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.datasets import ka10066, layout

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.parameters import ParameterSet

MIN_ACTIVE_STOCKS = 5
"""Stocks with any flow that must be compared before "all equal" means anything."""


def previous_session(store: Store, session_date: date) -> date | None:
    """Return the newest session before ``session_date`` of which typed partitions are stored."""
    names = (layout.session_of(name) for name in store.children(layout.PARTITIONS))
    earlier = [name for name in names if name and name < session_date.isoformat()]
    return date.fromisoformat(max(earlier)) if earlier else None


def read_tables(store: Store, session_date: date | None, sets: Iterable[ParameterSet]) -> dict[ParameterSet, pa.Table]:
    """Return the stored typed tables of a session; sets that are not stored are left out."""
    tables: dict[ParameterSet, pa.Table] = {}
    if session_date is None:
        return tables
    for parameters in sets:
        try:
            tables[parameters] = ka10066.read_partition(store, session_date, parameters)
        except FileNotFoundError:
            continue
    return tables


def is_unchanged(now: pa.Table, before: pa.Table) -> bool | None:
    """
    Whether every investor field of any page equals the earlier session's, stock by stock.

    A page is the rows that arrived together: the switch from one session to the next can fall between two.

    :returns: None when on no page enough stocks with any flow stand in both to tell.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    both = now.select(["fetched_at", "stk_cd", *INVESTOR_ELEMENTS]).join(
        before.select(["stk_cd", *INVESTOR_ELEMENTS]), "stk_cd", right_suffix="_before", join_type="inner"
    )
    active = [pc.fill_null(pc.not_equal(both[name], 0), fill_value=True) for name in INVESTOR_ELEMENTS]
    same = [pc.fill_null(pc.equal(both[name], both[f"{name}_before"]), fill_value=False) for name in INVESTOR_ELEMENTS]
    rows = pa.table(
        {
            "page": both["fetched_at"],
            "active": pc.cast(reduce(pc.or_, active), pa.int64()),
            "same": reduce(pc.and_, same),
        }
    )
    pages = rows.group_by("page").aggregate([("active", "sum"), ("same", "all")]).to_pylist()
    told = [page["same_all"] for page in pages if page["active_sum"] >= MIN_ACTIVE_STOCKS]
    return any(told) if told else None
