"""A session's largest net buys and sells, stock by stock: small enough for the page to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import Field

from kiwoom_provider.datasets.columns import INVESTORS, UNITS
from kiwoom_provider.documents import Document, Figure, Text
from kiwoom_provider.parameters import WIDEST_FIRST, Measure, ParameterSet, Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

MOST = 10
MOST_BYTES = 2**20
"""Of the stored lists; those of two markets have about 40 kB."""


class TopTrade(NamedTuple):
    """A stock's net buy (above 0) or net sell (below 0) by one investor, in the lists' unit."""

    stock_code: Text
    stock_name: Text | None
    net: Figure


_Trades = Annotated[tuple[TopTrade, ...], Field(max_length=MOST)]


class TopList(Document):
    """The largest net buys and net sells of one investor in one market, largest first."""

    market: Text
    venue: Text
    investor: Text
    buys: _Trades
    sells: _Trades


class TopLists(Document):
    """A session's largest net trades; ``unit`` is KRW million, or shares where no net amounts were asked for."""

    unit: Text
    lists: Annotated[tuple[TopList, ...], Field(max_length=100)]


def top_lists(tables: Mapping[ParameterSet, pa.Table]) -> TopLists:
    """
    Return up to 10 net buys and 10 net sells of each investor in each market.

    Of each market the widest venue that was fetched is taken. A set that cannot be read is left out; the
    audit names it.

    :param tables: the session's typed sets.
    """
    from kiwoom_provider.quality.table import unreadable

    net = [p for p, table in tables.items() if p.side is Side.NET and not unreadable(table)]
    measure = Measure.AMOUNT if any(p.measure is Measure.AMOUNT for p in net) else Measure.QUANTITY
    widest = {
        parameters.market: parameters
        for parameters in sorted(net, key=lambda p: WIDEST_FIRST.index(p.venue), reverse=True)
        if parameters.measure is measure
    }
    lists = [
        TopList(
            market=str(chosen.market),
            venue=str(chosen.venue),
            investor=investor.name,
            buys=_largest(tables[chosen], investor.element, "descending"),
            sells=_largest(tables[chosen], investor.element, "ascending"),
        )
        for _, chosen in sorted(widest.items())
        for investor in INVESTORS
    ]
    return TopLists(unit=UNITS[measure], lists=tuple(lists))


def _largest(table: pa.Table, element: str, order: str) -> tuple[TopTrade, ...]:
    """Return the largest; the same stocks in the same order whatever the table's."""
    import pyarrow.compute as pc

    from kiwoom_provider.datasets.arrow import int64_scalar

    sign = pc.greater if order == "descending" else pc.less
    one_sided = table.select(["stk_cd", "stk_nm", element]).filter(sign(table[element], int64_scalar(0)))
    places = pc.select_k_unstable(one_sided, MOST, [(element, order), ("stk_cd", "ascending")])
    return tuple(TopTrade(*row.values()) for row in one_sided.take(places).to_pylist())
