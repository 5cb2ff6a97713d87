"""Which stocks a fetched set is proved by."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.pipeline.previous import compare_pages

if TYPE_CHECKING:
    from datetime import datetime

    import pyarrow as pa

REFERENCES_PER_SET = 2


def reference_stocks(table: pa.Table, trusted: pa.Table | None) -> list[str]:
    """
    Return the stocks to ask ka10059 for.

    They are the two busiest of the first page, and the busiest of every other page that cannot be compared
    with the previous session's. So every page is spoken for: by its difference from the session before, or by
    a dated row. It costs two calls a set on an ordinary night, and one a page on the first.

    :param table: a typed set.
    :param trusted: the same set of the session right before, if published.
    """
    told = compare_pages(table, trusted)
    first, *others = busiest_by_page(table).items() or [(None, [])]
    return [*first[1][:REFERENCES_PER_SET], *(codes[0] for page, codes in others if page not in told)]


def busiest_by_page(table: pa.Table) -> dict[datetime, list[str]]:
    """Return, by arrival of each page that has any flow, the codes with any flow, the greatest first."""
    import pyarrow as pa
    import pyarrow.compute as pc

    sizes = [pc.fill_null(pc.abs(table[name]), 0) for name in INVESTOR_ELEMENTS]
    ranked = pa.table({"page": table["fetched_at"], "code": table["stk_cd"], "size": reduce(pc.add, sizes)})
    ranked = ranked.filter(pc.greater(ranked["size"], 0))
    ranked = ranked.sort_by([("page", "ascending"), ("size", "descending"), ("code", "ascending")])
    pages: dict[datetime, list[str]] = {}
    for row in ranked.select(["page", "code"]).to_pylist():
        pages.setdefault(row["page"], []).append(row["code"])
    return pages
