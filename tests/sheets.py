"""Typed sets of ka10066 for tests, made of literals: pages of stocks with the twelve investor fields."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS

ARRIVED = datetime(2026, 11, 20, 12, 20, tzinfo=UTC)
TRADED = 5_000
"""Shares of every stock that has a figure, at 1,000 won: too little to count as active."""


def flows(first: int) -> list[int]:
    """Return twelve fields that begin with ``first``; zeros where it is zero."""
    return [first, -first, *[0] * 10]


def sheet(*pages: dict[str, int | list[int]]) -> pa.Table:
    """Return a typed set; every page gives stocks with their first field, or with all twelve."""
    rows = [
        {"stk_cd": code, "cur_prc": 1000, "trde_qty": TRADED if value else 0}
        | {"fetched_at": ARRIVED + timedelta(seconds=number)}
        | dict(zip(INVESTOR_ELEMENTS, value if isinstance(value, list) else flows(value), strict=True))
        for number, page in enumerate(pages)
        for code, value in page.items()
    ]
    kinds = {"stk_cd": pa.string(), "fetched_at": pa.timestamp("us", tz="UTC")}
    columns = {name: pa.array([row[name] for row in rows], kinds.get(name, pa.int64())) for name in rows[0]}
    return pa.table(columns)


def with_volumes(table: pa.Table, *volumes: int) -> pa.Table:
    """Return a set in which so many shares of each stock were traded."""
    return table.set_column(table.column_names.index("trde_qty"), "trde_qty", [volumes])


def stocks(count: int, first: int, letter: str = "0") -> dict[str, int]:
    """Return so many stocks; the n-th (from 1) has the field ``first * n``."""
    return {f"{letter}{number:05d}": first * number for number in range(1, count + 1)}
