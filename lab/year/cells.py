"""Every published cell against the simulator's truth, whole columns at a time."""

from __future__ import annotations

import io
from itertools import product
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from kiwoom_simulator.flows import INVESTORS
from kiwoom_simulator.parameters import Measure, Selection, Side
from lab.nights.verdicts import INVESTORS as ELEMENTS

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from kiwoom_simulator.market import World

_PRICES = {"close_price": "price", "price_change": "change"}


def wrong_cells(world: World, data: bytes, day: date) -> tuple[int, int]:
    """
    Return how many cells of a published file are not the day's, and how many were compared.

    A null stands for the zero of a stock that did not trade, or for a volume whose counter ran over.
    """
    published = pq.read_table(io.BytesIO(data)).to_pandas()
    wrong = compared = 0
    for (market, venue), rows in published.groupby(["market", "venue"], observed=True):
        for side, measure in product(Side, Measure):
            differ, cells = _compare(world, rows, Selection.of(market, venue, measure, side), day)
            wrong, compared = wrong + differ, compared + cells
    return wrong, compared


def _compare(world: World, rows: pd.DataFrame, selection: Selection, day: date) -> tuple[int, int]:
    truth = world.truth(selection, day)
    wide = rows.pivot_table(
        index="stock_code", columns="investor", values=f"{selection.side}_{selection.measure}", aggfunc="first",
        dropna=False, observed=True,
    )  # fmt: skip
    places = [INVESTORS.index(ELEMENTS[investor]) for investor in wide.columns]
    if list(wide.index) != truth.codes:
        return wide.size, wide.size
    differ = int((wide.fillna(0).to_numpy() != truth.investors[:, places]).sum())
    first = rows.drop_duplicates("stock_code").set_index("stock_code").loc[truth.codes]
    for column, name in _PRICES.items():
        differ += int((first[column].to_numpy() != getattr(truth.quotes, name)).sum())
    known = first["volume"].notna()
    differ += int((first["volume"][known].to_numpy() != truth.volume[known.to_numpy()]).sum())
    return differ, wide.size + 3 * len(first)
