"""Which stocks a fetched set is proved by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.pipeline.previous import arrivals, compare_pages

if TYPE_CHECKING:
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


def busiest_by_page(table: pa.Table) -> dict[int, list[str]]:
    """Return, by arrival of each page that has any flow, the codes with any flow, the greatest first."""
    fields = zip(*(table[name].to_pylist() for name in INVESTOR_ELEMENTS), strict=True)
    sizes = [sum(abs(value or 0) for value in row) for row in fields]
    ranked = sorted(zip(arrivals(table), (-size for size in sizes), table["stk_cd"].to_pylist(), strict=True))
    pages: dict[int, list[str]] = {}
    for page, size, code in ranked:
        if size:
            pages.setdefault(page, []).append(code)
    return pages
