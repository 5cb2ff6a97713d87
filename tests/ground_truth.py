"""Every published cell against the simulator's ground truth of the day that it is filed under; and the count."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets import raw
from kiwoom_provider.datasets.parquet import read_table
from kiwoom_provider.krx import calendar
from kiwoom_simulator.market import truth
from lab.year.cells import ELEMENTS

if TYPE_CHECKING:
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import Window

SIZES = {"KOSPI": 230, "KOSDAQ": 120}
PUBLISHED = "investor_trading"
BLANKS = {"untraded=blank", "numbers=wild"}
"""Assumptions by which cells of stocks that do not trade are blank."""
PRICES = {"close_price": "cur_prc", "price_change": "pred_pre", "change_rate": "flu_rt", "volume": "trde_qty"}


@dataclass(frozen=True)
class Truths:
    """
    What the simulator of a scenario knows.

    :param closed: days that no calendar knows to be closed.
    :param assume: how it answers what is open of the API, as it was started.
    """

    closed: frozenset[date] = frozenset()
    assume: tuple[str, ...] = ()

    def rows(self, day: date, *names: str) -> dict[str, dict[str, Any]]:
        """Return a set's rows of a day, by stock code."""
        return _rows(self, day, *names)


@cache
def _rows(of: Truths, day: date, *names: str) -> dict[str, dict[str, Any]]:
    rows = truth(1, day, *names, sizes=SIZES, closed_days=of.closed, assume=of.assume).rows()
    return {str(row["stk_cd"]): row for row in rows}


def wrong_cells(data: bytes, day: date, truths: Truths) -> tuple[int, int]:
    """
    Return how many cells of a published file are not the day's, and how many were compared.

    A null stands for the zero of a stock that did not trade, where the API leaves such cells blank.
    """
    blank = not BLANKS.isdisjoint(truths.assume)
    table = read_table(data)
    asked = [part.split("/") for part in json.loads(table.schema.metadata[b"kiwoom.sweeps"])]
    sets = [tuple(part.partition("=")[2] for part in parts) for parts in asked]
    flows = {(m, v, f"{side}_{measure}"): truths.rows(day, m, v, measure, side) for m, v, measure, side in sets}
    prices = {(m, v): truths.rows(day, m, v, measure, side) for m, v, measure, side in sets}
    wrong = compared = 0
    for row in table.to_pylist():
        place = row["market"], row["venue"]
        quoted = prices[place][row["stock_code"]]
        pairs = [(row[name], quoted[element]) for name, element in PRICES.items()]
        for (market, venue, column), rows in flows.items():
            if (market, venue) == place:
                pairs.append((row[column], rows[row["stock_code"]][ELEMENTS[row["investor"]]]))
        compared += len(pairs)
        stands_for = 0 if blank and not quoted["trde_qty"] else None
        wrong += sum((stands_for if seen is None else seen) != true for seen, true in pairs)
    expected = sum(len(rows) for rows in prices.values()) * len(ELEMENTS)
    return wrong + abs(expected - table.num_rows), compared


def stray_pages(store: Store, window: Window | None = None) -> list[str]:
    """Return the stored pages that came outside the window of the session that they are filed under."""
    strays = []
    for key in store.list("raw/ka10066"):
        session = calendar(window).session(date.fromisoformat(key.split("session_date=")[1][:10]))
        page, _ = raw.unpack(store.read(key))
        if not session.settles_at <= page.fetched_at < session.window_ends_at:
            strays.append(key)
    return strays


@dataclass
class Case:
    """One scenario's end: what was published under which day, or refused with which words."""

    name: str
    published: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    cells: int = 0
    wrong: int = 0


@dataclass
class Count:
    """All scenarios of a test run."""

    cases: list[Case] = field(default_factory=list)

    def check(self, case: Case, store: Store, truths: Truths) -> None:
        """Look at everything that the scenario left published, whatever it expected."""
        for key in store.list(PUBLISHED):
            day = datetime.strptime(key.split("session_date=")[1][:10], "%Y-%m-%d").date()  # noqa: DTZ007
            wrong, cells = wrong_cells(store.read(key), day, truths)
            case.wrong += wrong
            case.cells += cells
        if case.published or case.refused:
            self.cases.append(case)

    def table(self) -> str:
        """Return the count as Markdown."""
        lines = ["| case | published | refused | cells compared | mislabelled |", "| --- | --- | --- | --- | --- |"]
        lines += [
            f"| {c.name} | {', '.join(c.published)} | {', '.join(c.refused)} | {c.cells:,} | {c.wrong} |"
            for c in self.cases
        ]
        total = (
            f"| **{len(self.cases)} cases** | {sum(len(c.published) for c in self.cases)} runs | "
            f"{sum(len(c.refused) for c in self.cases)} runs | {sum(c.cells for c in self.cases):,} | "
            f"{sum(c.wrong for c in self.cases)} |"
        )
        return "\n".join([*lines, total])
