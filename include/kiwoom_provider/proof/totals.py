"""
ka10051's totals of a market as a witness: the sum over ka10066's rows without ETNs equals them within rounding.

They are dated and cover every page at once, so on a night without a session to compare with they speak for the pages
that no dated row was asked for. They speak for a set only beside dated rows that agree, and never alone against it:
few live days have been seen, and on a closed day the last session's may be served.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.api import ka10051
from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS
from kiwoom_provider.parameters import Side
from kiwoom_provider.proof.dated_rows import EQUAL_WITHIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_provider.api.ka10051 import Total
    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.proof.tables import FlowTable

WITHIN = 1
"""억원 or 천주: a total is rounded to half of one, and the sum of a market's rounded rows is off by a fraction more."""


def differences(parameters: ParameterSet, table: FlowTable, total: Total) -> dict[str, int]:
    """Return the investors whose sum over a net set differs from the total, with the difference in its unit."""
    sums = table.flows[~table.is_etn].sum(axis=0) / ka10051.UNIT[parameters.measure]
    pairs = zip(INVESTOR_ELEMENTS, sums.tolist(), total.flows, strict=True)
    return {name: round(seen - told) for name, seen, told in pairs if abs(seen - told) > WITHIN}


def agree(tables: Mapping[ParameterSet, FlowTable], totals: Mapping[ParameterSet, Total]) -> dict[ParameterSet, bool]:
    """Return of every set whether the total of its market says the same; sets without one are left out."""
    net = {p: _agrees(p, tables[p], total) for p, total in totals.items() if p in tables and any(total.flows)}
    return {p: net[of] for p in tables if (of := replace(p, side=Side.NET)) in net}


def spoken_pages(parameters: ParameterSet, tables: Mapping[ParameterSet, FlowTable]) -> set[int]:
    """
    Return the pages (by arrival) of a set that a total which agrees speaks for.

    Of net figures those with a stock that is no ETN. Buys and sells are spoken for by their difference, which must
    be the net set's on every stock of the page.
    """
    table = tables[parameters]
    counted = (table.volume > 0) & ~table.is_etn
    pages = set(np.unique(table.arrivals[counted]).tolist())
    if parameters.side is Side.NET:
        return pages
    return pages - set(np.unique(table.arrivals[~_is_difference(parameters, tables)]).tolist())


def _agrees(parameters: ParameterSet, table: FlowTable, total: Total) -> bool:
    return bool(table.whole[~table.is_etn].all()) and not differences(parameters, table, total)


def _is_difference(parameters: ParameterSet, tables: Mapping[ParameterSet, FlowTable]) -> np.ndarray:
    """Return which rows of buys or sells are tied to the net set by buy - sell = net."""
    table = tables[parameters]
    three = [tables.get(replace(parameters, side=side)) for side in (Side.BUY, Side.SELL, Side.NET)]
    buys, sells, net = (found.flows if found and found.codes == table.codes else None for found in three)
    if buys is None or sells is None or net is None:
        return np.zeros(len(table.codes), dtype=bool)
    within = EQUAL_WITHIN[parameters.measure]
    return np.asarray((np.abs(buys - sells - net) <= within).all(axis=1))
