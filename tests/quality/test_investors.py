"""Investors of a set, and figures that are all zero: which columns, pages and stretches may be silent."""

from __future__ import annotations

import numpy as np
import pytest

from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.rules.investors import columns_distinct, investors_trade, main_investors_trade
from kiwoom_provider.quality.rules.zeros import active_stocks_have_flows, no_zero_page, no_zero_stretch
from small_tables import BUY, NET, OF_BUY, OF_NET, counts, input_of, put, set_of, table_of, told


def of(table, text=NET):
    return input_of({text: table})


def names(result):
    return [str(one.investor) for one in result.offenders]


@pytest.mark.parametrize(("equal", "failing"), [(9, 0), (10, 1)])
def test_ten_equal_figures_of_two_investors_are_no_chance(equal, failing):
    flows = np.zeros((12, 12), np.int64)
    flows[:, 0], flows[:equal, 3], flows[:equal, 11] = range(1, 13), 7, 7
    result = columns_distinct.check(of(table_of(flows)))
    assert counts(result) == (66, failing, 0)
    if failing:
        assert told(result) == [(OF_NET, None, "different figures", "10 cells equal to those of other corporation")]
        assert names(result) == ["financial investment"]


def test_the_columns_with_more_equal_figures_are_told_first_and_one_that_differs_once_is_another():
    flows = np.zeros((20, 12), np.int64)
    flows[:10, [1, 2]], flows[:, [5, 6]], flows[:, [8, 9]] = 3, 4, 5
    flows[19, 9] = 6
    assert names(columns_distinct.check(of(table_of(flows)))) == ["investment trust", "foreigner"]


def trading(*columns):
    """Return one stock in which only these investors trade."""
    return table_of([[int(n in columns) for n in range(12)]])


def test_individuals_foreigners_and_institutions_all_trade():
    result = main_investors_trade.check(input_of({NET: trading(1, 2, 11), BUY: trading(0)}))
    assert (counts(result), told(result)[0][2:]) == ((6, 3, 0), ("not all zero", "all zero"))
    assert names(result) == ["individual", "foreigner", "institution"]


def test_of_the_others_each_is_told_that_is_silent_and_was_not_in_the_session_before():
    given = input_of(
        {NET: trading(*range(11)), BUY: trading(*range(10))}, published={NET: trading(0), BUY: trading(0, 4, 10)}
    )
    result = investors_trade.check(given)
    assert (counts(result), told(result), names(result)) == (
        (2, 1, 0),
        [(OF_BUY, None, "not all zero", "all zero")],
        ["state"],
    )
    result = investors_trade.check(of(trading(0, 1, 2, 3, 4, 5, 6, 7, 8)))
    assert (counts(result), names(result)) == ((9, 3, 0), ["private fund", "state", "other corporation"])


def silent(rows, count, **columns):
    """Return stocks of which these have no figures."""
    flows = np.zeros((count, 12), np.int64)
    flows[[n for n in range(count) if n not in rows], 10] = -1
    return table_of(flows, **columns)


@pytest.mark.parametrize(
    ("rows", "traded", "found"),
    [
        (range(100), range(5), ("page 1", "000000", "5 traded stocks are all zero")),
        (range(100), range(4), None),
        (range(1, 100), range(6), None),
        (range(1, 100), range(1, 100), ("page 1", "000000", "99 traded stocks are all zero")),
        (range(100, 150), range(150), ("page 2", "000100", "50 traded stocks are all zero")),
        (range(99, 149), range(150), None),
    ],
)
def test_a_page_with_five_traded_stocks_has_a_figure_of_one_of_them(rows, traded, found):
    """Each stock costs 10,000 won: 1,000 shares are 10 million won, the least that counts."""
    volume = [1_000 if n in traded else 999 for n in range(150)]
    result = no_zero_page.check(of(silent(rows, 150, trde_qty=volume)))
    assert counts(result) == (2, int(found is not None), 0)
    if found:
        page, code, seen = found
        assert told(result) == [(f"{OF_NET} · {page}", code, "some investor above zero", seen)]


def test_the_page_with_most_silent_stocks_is_told_first():
    volume = [1_000 * (n < 10 or n >= 100) for n in range(150)]
    result = no_zero_page.check(of(silent(range(150), 150, trde_qty=volume)))
    assert [where[-1] for where, *_ in told(result)] == ["2", "1"]


ACTIVE = 10_000
"""Shares at 10,000 won that are 100 million won: the least of an active stock."""


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (range(11), None),
        (range(12), ("000000", "12 from 000000")),
        (range(20, 33), ("000020", "13 from 000020")),
        (range(28, 40), ("000028", "12 from 000028")),
        ([*range(11), *range(12, 23)], None),
        ([*range(12), *range(20, 33)], ("000020", "13 from 000020")),
        ((), None),
    ],
)
def test_eleven_neighbouring_active_stocks_may_be_silent_and_not_twelve(rows, found):
    result = no_zero_stretch.check(of(silent(rows, 40, trde_qty=[ACTIVE] * 40)))
    assert counts(result) == (1, int(found is not None), 0)
    if found:
        code, seen = found
        assert told(result) == [(OF_NET, code, "fewer than 12", seen)]


def test_stocks_that_are_not_active_neither_count_nor_end_a_stretch():
    volume = [ACTIVE - (n % 2) for n in range(40)]
    quiet = {n for n in range(40) if n % 2 == 0}
    result = no_zero_stretch.check(of(silent(quiet, 40, trde_qty=volume)))
    assert told(result)[0][3] == "20 from 000000"
    assert counts(no_zero_stretch.check(of(silent({n for n in range(40) if n % 2}, 40, trde_qty=volume))))[1] == 0


def test_the_longest_stretch_is_told_first():
    tables = {NET: silent(range(12), 40, trde_qty=[ACTIVE] * 40), BUY: silent(range(13), 40, trde_qty=[ACTIVE] * 40)}
    assert [where for where, *_ in told(no_zero_stretch.check(input_of(tables)))] == [OF_BUY, OF_NET]


def test_active_stocks_have_buyers_and_sellers_the_most_active_is_told_first():
    table = silent([1, 2, 3], 5, trde_qty=[ACTIVE, ACTIVE - 1, ACTIVE, 2 * ACTIVE, ACTIVE])
    result = active_stocks_have_flows.check(input_of({NET: table, BUY: table}))
    assert (counts(result), told(result)) == (
        (4, 2, 0),
        [(OF_BUY, code, "some investor above zero", "all zero") for code in ("000003", "000002")],
    )


def test_where_only_nets_were_asked_for_or_no_stock_was_active_no_buyer_is_wanted():
    for given in (of(silent([0], 1)), of(silent([0], 1, trde_qty=[ACTIVE - 1]), BUY)):
        with pytest.raises(NotApplicable, match="neither buy nor sell was asked for, or no stock was active"):
            active_stocks_have_flows.check(given)


@pytest.mark.parametrize(
    "law", [columns_distinct, main_investors_trade, investors_trade, no_zero_page, no_zero_stretch]
)
def test_a_set_that_cannot_be_read_is_not_checked(law):
    result = law.check(input_of({NET: table_of([1])}, asked=(set_of(NET), set_of(BUY))))
    assert [str(one) for one in result.unchecked] == [f"{OF_BUY}: was asked for and is not there"]


def test_a_blank_field_is_no_figure():
    flows = put(silent(range(12), 12, trde_qty=[ACTIVE] * 12), bank=[None] * 12)
    assert counts(no_zero_stretch.check(of(flows)))[1] == 1
