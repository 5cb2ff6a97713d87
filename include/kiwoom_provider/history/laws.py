"""
What must hold within the dated rows of one stock, session and measure before they count.

The exchange's own figures obey these exactly in shares; amounts are rounded, or cut, to a million won each
(measured on 906 of 906 stocks and on a hundred sessions of one, by several public clients in 2026).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.parameters import Measure, Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_provider.api.ka10059 import DatedRow

WITHIN_TOTAL = {Measure.AMOUNT: 4, Measure.QUANTITY: 0}
"""By how much five figures may miss their sum: four if each is cut to a million, two if rounded (seen)."""
WITHIN_NET = {Measure.AMOUNT: 2, Measure.QUANTITY: 0}
"""By how much buys less sells may miss the net."""
WITHIN_PARTS = {Measure.AMOUNT: 7, Measure.QUANTITY: 0}
"""By how much 기관계 may miss the sum of its eight parts: seven if each is cut; the largest miss seen is 2."""

_AT = {element: place for place, element in enumerate(INVESTOR_ELEMENTS)}
_FIVE = [_AT[element] for element in ("ind_invsr", "frgnr_invsr", "orgn", "etc_corp")]
_ORGN = _AT["orgn"]
_PARTS = [
    _AT[element] for element in ("fnnc_invt", "insrnc", "invtrt", "etc_fnnc", "bank", "penfnd_etc", "samo_fund", "natn")
]

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
        if abs(sum(row[place] for place in _PARTS) - row[_ORGN]) > WITHIN_PARTS[measure]:
            return f"{side}: 기관계 is not the sum of its parts"
        total = sum(row[place] for place in _FIVE) + row[-1]
        if side is Side.NET and abs(total) > WITHIN_TOTAL[measure]:
            return f"net: the five investors sum to {total:,}"
        if side is not Side.NET and measure is Measure.QUANTITY and volume is not None and total != volume:
            return f"{side}: the five investors traded {total:,} of {volume:,} shares"
    if set(rows) == set(Side):
        gross = zip(rows[Side.BUY], rows[Side.SELL], rows[Side.NET], strict=True)
        if any(abs(buy - sell - net) > WITHIN_NET[measure] for buy, sell, net in gross):
            return "buy less sell is not net"
    return None
