"""
What must hold within the dated rows of one stock, session and measure before they count.

The exchange's own figures obey these exactly in shares; amounts are rounded, or cut, to a million won each
(measured on 906 of 906 stocks and on a hundred sessions of one, by several public clients in 2026).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.api.identities import FIVE_WITHIN, PARTS_WITHIN, SUM_WITHIN, five_sum, net_of, parts_sum
from kiwoom_provider.api.ka10066 import INSTITUTION
from kiwoom_provider.parameters import Measure, Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_provider.api.ka10059 import DatedRow

Figures = tuple[int, ...]
"""The twelve investors in the API's order, and other foreigners; sells without their sign."""


def figures(row: DatedRow, side: Side) -> Figures | None:
    """Return a row's thirteen figures, sells as magnitudes; None when one is blank or sells have both signs."""
    values = (*row.flows, row.other_foreign)
    if any(value is None for value in values):
        return None
    known = tuple(value for value in values if value is not None)
    if side is not Side.SELL:
        return known
    return tuple(map(abs, known)) if min(known) >= 0 or max(known) <= 0 else None


def broken_law(rows: Mapping[Side, Figures], measure: Measure, volume: int | None) -> str | None:
    """
    Return the first law that the rows of one measure break, in words; None when all hold that can be asked.

    :param rows: the sides that are there.
    :param volume: the day's, in shares.
    """
    for side, row in rows.items():
        if abs(parts_sum(row) - row[INSTITUTION]) > PARTS_WITHIN[measure]:
            return f"{side}: 기관계 is not the sum of its parts"
        total = five_sum(row, row[-1])
        if side is Side.NET and abs(total) > FIVE_WITHIN[measure]:
            return f"net: the five investors sum to {total:,}"
        if side is not Side.NET and measure is Measure.QUANTITY and volume is not None and total != volume:
            return f"{side}: the five investors traded {total:,} of {volume:,} shares"
    if set(rows) == set(Side):
        gross = zip(rows[Side.BUY], rows[Side.SELL], rows[Side.NET], strict=True)
        if any(abs(net_of(buy, sell) - net) > SUM_WITHIN[measure] for buy, sell, net in gross):
            return "buy less sell is not net"
    return None
