"""What must hold within a stock's dated rows before they count: one fault a case."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kiwoom_provider.api.ka10059 import DatedRow
from kiwoom_provider.history.laws import broken_law, figures
from kiwoom_provider.parameters import Measure, Side

# individual, foreigner, institution and its eight parts, other corporation, other foreigners
BUY = (50, 30, 16, 2, 2, 2, 2, 2, 2, 2, 2, 3, 1)
SELL = (40, 40, 16, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2)
NET = tuple(buy - sell for buy, sell in zip(BUY, SELL, strict=True))
LAWFUL = {Side.BUY: BUY, Side.SELL: SELL, Side.NET: NET}


def changed(side, place, by):
    values = list(LAWFUL[side])
    values[place] += by
    return LAWFUL | {side: tuple(values)}


@pytest.mark.parametrize("measure", Measure)
def test_lawful_rows_break_no_law(measure):
    assert broken_law(LAWFUL, measure, 100) is None


@pytest.mark.parametrize(
    ("rows", "measure", "law"),
    [
        (changed(Side.NET, 0, 1), Measure.QUANTITY, "net: the five investors sum to 1"),
        (changed(Side.NET, 0, 5), Measure.AMOUNT, "net: the five investors sum to 5"),
        (changed(Side.BUY, 0, -1), Measure.QUANTITY, "buy: the five investors traded 99 of 100 shares"),
        (changed(Side.SELL, 12, 1), Measure.QUANTITY, "sell: the five investors traded 101 of 100 shares"),
        (changed(Side.BUY, 3, 1), Measure.QUANTITY, "buy: 기관계 is not the sum of its parts"),
        (changed(Side.BUY, 3, 8), Measure.AMOUNT, "buy: 기관계 is not the sum of its parts"),
        (changed(Side.BUY, 0, 2), Measure.AMOUNT, "buy less sell is not net"),
    ],
)
def test_a_row_that_breaks_a_law_is_told_which(rows, measure, law):
    assert broken_law(rows, measure, 100) == law


@pytest.mark.parametrize(
    "rows",
    [
        {Side.NET: changed(Side.NET, 0, 4)[Side.NET]},
        {Side.BUY: changed(Side.BUY, 3, 7)[Side.BUY]},
        changed(Side.BUY, 0, 1),
    ],
    ids=["total", "parts", "net"],
)
def test_amounts_may_miss_by_their_rounding(rows):
    assert broken_law(rows, Measure.AMOUNT, 100) is None


def test_of_net_figures_alone_only_their_own_laws_are_asked():
    assert broken_law({Side.NET: NET}, Measure.QUANTITY, 100) is None


def dated(*flows):
    return DatedRow(date(2026, 11, 20), 100, 0, Decimal("0.00"), 100, 1, flows[:-1], flows[-1])


def test_sells_count_by_either_sign():
    assert figures(dated(*(-value for value in SELL)), Side.SELL) == SELL
    assert figures(dated(*SELL), Side.SELL) == SELL


@pytest.mark.parametrize(
    "flows", [(-1, *SELL[1:]), (None, *SELL[1:]), (*SELL[:-1], None)], ids=["mixed", "blank", "natfor"]
)
def test_sells_of_both_signs_and_blanks_are_no_figures(flows):
    assert figures(dated(*flows), Side.SELL) is None
