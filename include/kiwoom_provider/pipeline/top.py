"""A session's largest net buys and sells, stock by stock: small enough for the page to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets.columns import INVESTORS
from kiwoom_provider.parameters import WIDEST_FIRST, Measure, ParameterSet, Side
from kiwoom_provider.quality.table import unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

MOST = 10
_ORDERS = {"buys": "descending", "sells": "ascending"}


def top_lists(tables: Mapping[ParameterSet, pa.Table]) -> dict[str, Any]:
    """
    Return up to 10 net buys and 10 net sells of each investor in each market, JSON-ready, largest first.

    Of each market the widest venue that was fetched is taken. ``unit`` is KRW million, or shares where
    no net amounts were asked for. An entry is stock code, stock name and the signed net. A set that
    cannot be read is left out; the audit names it.

    :param tables: the session's typed sets.
    """
    net = [p for p, table in tables.items() if p.side is Side.NET and not unreadable(table)]
    measure = Measure.AMOUNT if any(p.measure is Measure.AMOUNT for p in net) else Measure.QUANTITY
    widest = {
        parameters.market: parameters
        for parameters in sorted(net, key=lambda p: WIDEST_FIRST.index(p.venue), reverse=True)
        if parameters.measure is measure
    }
    return {
        "unit": "KRW million" if measure is Measure.AMOUNT else "shares",
        "lists": [
            {"market": str(chosen.market), "venue": str(chosen.venue), "investor": investor.name}
            | {kind: _largest(tables[chosen], investor.element, order) for kind, order in _ORDERS.items()}
            for _, chosen in sorted(widest.items())
            for investor in INVESTORS
        ],
    }


def _largest(table: pa.Table, element: str, order: str) -> list[list[Any]]:
    """Return code, name and net of the largest; the same stocks in the same order whatever the table's."""
    import pyarrow.compute as pc

    sign = pc.greater if order == "descending" else pc.less
    one_sided = table.select(["stk_cd", "stk_nm", element]).filter(sign(table[element], 0))
    places = pc.select_k_unstable(one_sided, MOST, [(element, order), ("stk_cd", "ascending")])
    return [list(row.values()) for row in one_sided.take(places).to_pylist()]
