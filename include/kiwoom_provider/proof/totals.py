"""
ka10051's totals of a market as a witness: the sum over ka10066's rows without ETNs equals them within rounding.

They are dated and cover every page at once, so on a night without a session to compare with they speak for the pages
that no dated row was asked for. They speak for a set only beside dated rows that agree, and never alone against it:
few live days have been seen, and on a closed day the last session's may be served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.api import ka10051

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiwoom_provider.api.ka10051 import Total
    from kiwoom_provider.parameters import Measure, ParameterSet
    from kiwoom_provider.proof.tables import FlowTable

WITHIN = 1
"""
억원 or 천주: a total is rounded to half of one, and the sum of a market's rounded rows is off by a fraction more.
KOSDAQ, and KOSPI without ETNs, were exact to 1 억 on three days.
"""


def market_sums(flows: np.ndarray, is_etn: np.ndarray, measure: Measure) -> np.ndarray:
    """Return the twelve investors' sums over a set's stocks without ETNs, in the total's unit (억원 or 천주)."""
    return np.asarray(flows[~is_etn].sum(axis=0) / ka10051.UNIT[measure])


def differ(sums: np.ndarray, total: Total) -> np.ndarray:
    """Return the investors (by place) whose sum is not the total."""
    return np.flatnonzero(np.abs(sums - np.array(total.flows)) > WITHIN)


def agree(tables: Mapping[ParameterSet, FlowTable], totals: Mapping[ParameterSet, Total]) -> dict[ParameterSet, bool]:
    """Return of every net set whether the total of its market says the same; sets without one are left out."""
    return {p: _agrees(p, tables[p], total) for p, total in totals.items() if p in tables and any(total.flows)}


def spoken_pages(table: FlowTable) -> set[int]:
    """Return the pages (by arrival) of a net set that a total which agrees speaks for: those not of ETNs alone."""
    counted = (table.volume > 0) & ~table.is_etn
    return set(np.unique(table.arrivals[counted]).tolist())


def _agrees(parameters: ParameterSet, table: FlowTable, total: Total) -> bool:
    sums = market_sums(table.flows, table.is_etn, parameters.measure)
    return bool(table.whole[~table.is_etn].all()) and not differ(sums, total).size
