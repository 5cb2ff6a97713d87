"""Every published cell against the simulator's truth, whole columns at a time."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from kiwoom_provider.datasets.parquet import read_table
from kiwoom_simulator.flows import INVESTORS
from kiwoom_simulator.parameters import Measure, Selection, Side
from kiwoom_simulator.settlement import Step

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from kiwoom_simulator.market import World
    from kiwoom_simulator.truth import Truth

ELEMENTS = {
    "individual": "ind_invsr",
    "foreigner": "frgnr_invsr",
    "institution": "orgn",
    "financial_investment": "fnnc_invt",
    "insurance": "insrnc",
    "investment_trust": "invtrt",
    "other_financial": "etc_fnnc",
    "bank": "bank",
    "pension_fund": "penfnd_etc",
    "private_fund": "samo_fund",
    "state": "natn",
    "other_corporation": "etc_corp",
}
"""The API's element of each published investor."""
_PRICES = {"close_price": "price", "price_change": "change"}


def wrong_cells(world: World, data: bytes, day: date) -> tuple[int, int]:
    """
    Return how many cells of a published file are not the day's, and how many were compared.

    A null stands for the zero of a stock that did not trade, or for a volume whose counter ran over. Figures that are
    revised at dawn are right as they were before, or as they are then: all of the file one or the other.
    """
    return min(_wrong_cells(world, data, day, step) for step in (Step.COMPLETE, Step.REVISED))


def _wrong_cells(world: World, data: bytes, day: date, step: Step) -> tuple[int, int]:
    published = read_table(data).to_pandas()
    wrong = compared = 0
    for (market, venue), rows in published.groupby(["market", "venue"], observed=True):
        for side, measure in product(Side, Measure):
            truth = world.truth(Selection.of(market, venue, measure, side), day, step=step)
            differ, cells = _compare(rows, truth)
            wrong, compared = wrong + differ, compared + cells
    return wrong, compared


def _compare(rows: pd.DataFrame, truth: Truth) -> tuple[int, int]:
    column = f"{truth.selection.side}_{truth.selection.measure}"
    wide = rows.pivot_table(
        index="stock_code", columns="investor", values=column, aggfunc="first", dropna=False, observed=True
    )
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
