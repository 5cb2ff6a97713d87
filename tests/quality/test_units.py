"""Amounts and quantities against the prices and the trading of the day, at the bounds."""

from __future__ import annotations

import numpy as np
import pytest

from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.rules.units import amount_and_quantity_meet, scale_of_sets, units_of_sets
from small_tables import ELEMENTS, counts, input_of, put, table_of, told

OF_BUY = "KOSPI · KRX · amount · buy"
INSTITUTION = ELEMENTS.index("orgn")


def pair(amount, quantity, side="buy"):
    return input_of({f"KOSPI KRX amount {side}": amount, f"KOSPI KRX quantity {side}": quantity})


def blank(table, row, name):
    values = table[name].to_pylist()
    values[row] = None
    return put(table, **{name: values})


@pytest.mark.parametrize(
    ("amount", "found"),
    [
        (4_000 - 2, None),  # 0.4 times 10,000 won, and a million for each of two stocks
        (3_997, ("4,000 to 16,000 million won", "3,997 million won")),
        (16_000 + 2, None),
        (16_003, ("4,000 to 16,000 million won", "16,003 million won")),
    ],
)
def test_amounts_of_a_set_are_its_quantities_at_prices_of_the_day(amount, found):
    flows = blank(table_of([amount - 1_000, 1_000, 0]), 2, "ind_invsr")
    result = units_of_sets.check(pair(flows, table_of([900_000, 100_000, 0])))
    assert counts(result) == (12, int(found is not None), 0)
    assert told(result) == ([(OF_BUY, None, *found)] if found else [])
    assert [str(one.investor) for one in result.offenders] == ["individual"] * bool(found)


@pytest.mark.parametrize(
    ("price", "change", "amount", "failing"),
    [
        (36_000, 26_000, 36_001, 0),  # a first day at 3.6 times the base price
        (36_000, 26_000, 36_002, 1),
        (200, -9_800, 199, 0),  # a last one at a fiftieth
        (200, -9_800, 198, 1),
    ],
)
def test_a_last_price_beyond_the_range_widens_it(price, change, amount, failing):
    columns = {"cur_prc": [price], "pred_pre": [change]}
    result = units_of_sets.check(pair(table_of([amount], **columns), table_of([1_000_000], **columns)))
    assert counts(result) == (12, failing, 0)


@pytest.mark.parametrize(
    ("amounts", "quantities", "failing"),
    [([39, 0], [10_000, 10], 0), ([38, 0], [10_000, 10], 1), ([161, 1], [10_000, 0], 0), ([162, 1], [10_000, 0], 1)],
)
def test_a_million_may_be_missed_for_each_stock_of_an_investor_with_a_figure_in_either_measure(
    amounts, quantities, failing
):
    tables = []
    for figures, foreigners in ((amounts, 100), (quantities, 10_000)):
        flows = np.zeros((2, 12), np.int64)
        flows[:, 0], flows[:, 1] = figures, foreigners
        tables.append(table_of(flows))
    assert counts(units_of_sets.check(pair(*tables))) == (12, failing, 0)


@pytest.mark.parametrize(("amounts", "quantities"), [(0, 1_000_000), (10_000, 0)])
def test_stocks_without_a_base_price_or_with_a_blank_tell_nothing_of_units(amounts, quantities):
    whole, shares = table_of([amounts] * 5), table_of([quantities] * 5)
    amount = put(blank(blank(whole, 3, "ind_invsr"), 2, "pred_pre"), cur_prc=[0, 10_000, 10_000, 10_000, 10_000])
    quantity = put(blank(shares, 1, "ind_invsr"), stk_cd=["000000", "000001", "000002", "000003", "000009"])
    assert counts(units_of_sets.check(pair(amount, quantity))) == (12, 0, 0)


def test_the_largest_amount_out_of_range_is_told_first():
    amount, quantity = np.zeros((1, 12), np.int64), np.zeros((1, 12), np.int64)
    amount[0, [1, 4, 7]] = 50, 70, 60
    quantity[0, 7] = 6_000
    result = units_of_sets.check(pair(table_of(amount), table_of(quantity)))
    assert [(str(one.investor), str(one.expected)) for one in result.offenders] == [
        ("insurance", "0 to 0 million won"),
        ("foreigner", "0 to 0 million won"),
    ]


@pytest.mark.parametrize("law", [units_of_sets, amount_and_quantity_meet])
def test_nets_have_no_price_and_one_measure_alone_has_none_either(law):
    with pytest.raises(NotApplicable, match="amount and quantity of buy or sell were not asked for together"):
        law.check(pair(table_of([5]), table_of([5]), "net"))
    with pytest.raises(NotApplicable, match="amount and quantity were not asked for together"):
        law.check(input_of({"KOSPI KRX amount buy": table_of([5])}))


VOLUME = 10**6
"""Shares of each of two stocks, at 10,000 won: 20,000 million won in all."""


@pytest.mark.parametrize(
    ("text", "total", "found"),
    [
        ("quantity buy", 100_000, None),
        ("quantity buy", 99_999, ("0.05 to 3 times 2,000,000", "99999")),
        ("quantity sell", 6_000_000, None),
        ("quantity sell", 6_000_001, ("0.05 to 3 times 2,000,000", "6000001")),
        ("quantity net", 12_000_000, None),
        ("quantity net", -12_000_002, ("0 to 3 times 2,000,000", "6000001")),
        ("quantity net", 0, None),
        ("amount buy", 996, None),  # 5 % of 20,000, and two for each of two stocks
        ("amount buy", 995, ("0.05 to 3 times 20,000", "995")),
        ("amount sell", 60_004, None),
        ("amount sell", 60_005, ("0.05 to 3 times 20,000", "60005")),
        ("amount net", 120_008, None),
        ("amount net", -120_010, ("0 to 3 times 20,000", "60005")),
    ],
)
def test_a_set_is_of_the_order_of_its_trading(text, total, found):
    table = table_of([[total, *[0] * 11], [0] * 12], trde_qty=[VOLUME] * 2)
    result = scale_of_sets.check(input_of({f"KOSPI KRX {text}": table}))
    assert counts(result) == (1, int(found is not None), 0)
    assert [shown[2:] for shown in told(result)] == ([found] if found else [])


def test_only_the_four_main_investors_count_as_a_sets_total():
    flows = [[500_000, 500_000, 500_000, *[10**9] * 8, 500_000]]
    assert counts(scale_of_sets.check(input_of({"KOSPI KRX quantity buy": table_of(flows, trde_qty=[VOLUME])})))[1] == 0


@pytest.mark.parametrize(
    ("shares", "amount", "expected"),
    [
        (10_000, 70, None),  # 0.7 to 1.3 times 100 million won
        (10_000, 130, None),
        (10_000, 69, "70"),
        (10_000, 131, "130"),
        (10_050, 70, None),  # 70.35 to 130.65
        (10_050, 131, None),
        (10_050, 69, "70"),
        (10_050, 132, "131"),
        (0, 1, "0"),
    ],
)
def test_an_amount_is_its_quantity_within_the_price_limits_to_the_next_million(shares, amount, expected):
    result = amount_and_quantity_meet.check(pair(table_of([amount]), table_of([shares])))
    assert counts(result) == (12, int(expected is not None), 0)
    assert told(result) == ([(OF_BUY, "000000", expected, str(amount))] if expected else [])


@pytest.mark.parametrize(("column", "failing"), [(INSTITUTION, 0), (INSTITUTION - 1, 1), (INSTITUTION + 1, 1)])
@pytest.mark.parametrize("amount", [63, 137])
def test_an_institution_may_miss_by_seven_million_more(column, failing, amount):
    amounts, quantities = np.zeros((1, 12), np.int64), np.zeros((1, 12), np.int64)
    amounts[0, column], quantities[0, column] = amount, 10_000
    assert counts(amount_and_quantity_meet.check(pair(table_of(amounts), table_of(quantities)))) == (12, failing, 0)
    amounts[0, column] += 1 if amount > 100 else -1
    assert amount_and_quantity_meet.check(pair(table_of(amounts), table_of(quantities))).failing == 1


@pytest.mark.parametrize(
    ("price", "change", "checked"),
    [
        (7_000, -3_000, 12),
        (6_999, -3_001, 0),
        (13_000, 3_000, 12),
        (13_001, 3_001, 0),
        (0, 0, 0),
        (0, -10_000, 0),
        (5, 5, 0),
    ],
)
def test_only_stocks_whose_price_is_within_the_limits_are_compared(price, change, checked):
    table = table_of([0, 0], cur_prc=[10_000, price], pred_pre=[0, change])
    assert amount_and_quantity_meet.check(pair(table, table)).checked == 12 + checked


@pytest.mark.parametrize("blanks", [(True, False), (False, True)])
def test_a_figure_that_is_blank_in_one_measure_is_not_compared(blanks):
    tables = [blank(table_of([0, 0]), 1, "bank") if is_blank else table_of([0, 0]) for is_blank in blanks]
    assert counts(amount_and_quantity_meet.check(pair(*tables))) == (23, 0, 0)


def test_stocks_are_compared_by_their_codes():
    amount, quantity = table_of([100, 300], stk_cd=["b", "c"]), table_of([50_000, 10_000], stk_cd=["a", "b"])
    assert counts(amount_and_quantity_meet.check(pair(amount, quantity))) == (12, 0, 0)
    assert counts(units_of_sets.check(pair(amount, quantity))) == (12, 0, 0)
