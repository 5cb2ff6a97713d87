"""Published rows of KRX against the simulator's truth, row by row: which stocks there are is not judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.parquet import read_table
from kiwoom_simulator.parameters import Market, Measure, Selection, Side, Venue
from lab.year.cells import ELEMENTS

if TYPE_CHECKING:
    from datetime import date

    from kiwoom_provider.datasets.store import Store
    from kiwoom_simulator.market import World


def compare(world: World, store: Store, day: date) -> tuple[int, int, int]:
    """Return wrong cells, compared ones and stocks; a stock that was refused and left out is no wrong cell."""
    wrong = cells = 0
    stocks = set()
    table = read_table(store.read(layout.published_key(day))).to_pylist()
    for measure in Measure:
        for side in Side:
            truth = {
                (str(market), str(row["stk_cd"])): row
                for market in (Market.KOSPI, Market.KOSDAQ)
                for row in world.truth(Selection(market, Venue.KRX, measure, side), day).rows()
            }
            for row in (row for row in table if row["venue"] == "KRX"):
                expected = truth[row["market"], row["stock_code"]]
                pairs = [(row[f"{side}_{measure}"], expected[ELEMENTS[row["investor"]]])]
                pairs += [(row["close_price"], expected["cur_prc"]), (row["volume"], expected["trde_qty"])]
                cells += len(pairs)
                wrong += sum(seen != true for seen, true in pairs)
                stocks.add((row["market"], row["stock_code"]))
    return wrong, cells, len(stocks)
