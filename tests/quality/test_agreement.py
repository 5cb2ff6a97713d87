"""Sets of one session against each other: stocks, names, prices, flows."""

from __future__ import annotations

import pytest

from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.rules.agreement import (
    same_base_price,
    same_names,
    same_prices,
    same_stocks,
    sets_distinct,
)
from kiwoom_provider.quality.rules.universe import (
    all_is_both_markets,
    consolidated_is_krx,
    markets_disjoint,
    nxt_within_krx,
    usual_size,
)
from small_tables import BUY, NET, OF_BUY, OF_NET, OF_SELL, SELL, counts, input_of, put, set_of, table_of, told


def coded(codes, **columns):
    return table_of([0] * len(codes), stk_cd=list(codes), **columns)


def flowing(codes, *figures):
    return put(table_of(figures), stk_cd=list(codes))


def blank(table, row, name):
    values = table[name].to_pylist()
    values[row] = None
    return put(table, **{name: values})


def test_a_stock_that_any_set_of_a_market_and_venue_has_is_wanted_in_all_of_them():
    tables = {NET: coded("abd"), BUY: coded("abd"), SELL: coded("bcd"), "KOSPI NXT amount net": coded("x")}
    result = same_stocks.check(input_of(tables))
    assert (counts(result), told(result)) == (
        (12, 3, 0),
        [
            (OF_NET, "c", "as in the other sets", "no such stock"),
            (OF_BUY, "c", "as in the other sets", "no such stock"),
            (OF_SELL, "a", "as in the other sets", "no such stock"),
        ],
    )


@pytest.mark.parametrize("law", [same_stocks, same_prices])
def test_one_set_of_each_market_and_venue_has_no_other_to_agree_with(law):
    with pytest.raises(NotApplicable, match="fewer than two sets of one market and venue were asked for"):
        law.check(input_of({NET: coded("a"), "KOSPI NXT amount net": coded("a"), "KOSDAQ KRX amount net": coded("a")}))


@pytest.mark.parametrize("law", [same_stocks, same_prices])
def test_where_the_second_of_two_sets_is_missing_the_law_is_not_checked(law):
    result = law.check(input_of({NET: coded("a")}, asked=(set_of(NET), set_of(BUY))))
    assert [str(one) for one in result.unchecked] == [f"{OF_BUY}: was asked for and is not there"]


def test_a_stock_has_the_name_of_the_first_set_that_has_it_at_any_venue():
    tables = {
        NET: coded("ab", stk_nm=["one", "two"]),
        BUY: coded("ac", stk_nm=["one", "three"]),
        "KOSPI NXT amount net": coded("bc", stk_nm=["two", "four"]),
    }
    result = same_names.check(input_of(tables))
    assert (counts(result), told(result)) == ((6, 1, 0), [("KOSPI · NXT · amount · net", "c", "three", "four")])
    assert result.offenders[0].stock_name == "four"


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("cur_prc", 50, 51),
        ("pre_sig", 2, 5),
        ("pred_pre", -3, 3),
        ("trde_qty", 7, 8),
    ],
)
def test_each_price_field_is_the_same_to_the_unit(name, one, other):
    tables = {NET: coded("ab", **{name: [one, one]}), BUY: coded("bc", **{name: [other, one]})}
    result = same_prices.check(input_of(tables))
    assert (counts(result), told(result)) == ((5, 1, 0), [(OF_BUY, "b", str(one), str(other))])
    assert str(result.offenders[0].investor) == name


def test_a_price_that_is_blank_in_one_of_two_sets_is_a_difference_and_in_both_it_is_none():
    first = blank(blank(coded("abc", cur_prc=[5, 6, 7]), 1, "cur_prc"), 2, "cur_prc")
    second = blank(blank(coded("abc", cur_prc=[5, 6, 7]), 0, "cur_prc"), 2, "cur_prc")
    result = same_prices.check(input_of({NET: first, BUY: second}))
    assert (counts(result), told(result)) == ((15, 2, 0), [(OF_BUY, "a", "5", "blank"), (OF_BUY, "b", "blank", "6")])
    assert str(result.offenders[0].investor) == "cur_prc"


def test_a_stock_has_one_base_price_at_all_venues_of_its_market():
    tables = {
        NET: coded("abcd", cur_prc=[100, 100, 100, 0]),
        BUY: coded("abcd", cur_prc=[1, 1, 1, 1]),
        "KOSPI NXT amount net": coded("0abcd", cur_prc=[1, 90, 100, 0, 5], pred_pre=[0, -10, 1, 0, 0]),
        "KOSDAQ KRX amount net": coded("a", cur_prc=[7]),
        "KOSDAQ NXT amount net": coded("a", cur_prc=[7], pred_pre=[8]),
    }
    result = same_base_price.check(input_of(tables))
    assert (counts(result), told(result)) == ((2, 1, 0), [("KOSPI · NXT", "b", "100", "99")])
    assert str(result.offenders[0].investor) == "cur_prc"
    with pytest.raises(NotApplicable, match="fewer than two venues of one market"):
        same_base_price.check(input_of({NET: coded("a"), BUY: coded("a"), "KOSDAQ NXT amount net": coded("a")}))


def test_sets_of_a_market_with_the_same_flows_are_told_and_those_of_two_markets_are_not():
    tables = {
        NET: flowing("abc", 1, 2, 3),
        "KOSDAQ KRX amount net": flowing("abc", 1, 2, 3),
        "KOSPI NXT amount net": flowing("bcd", 2, 3, 9),
        BUY: flowing("abc", 1, 2, 4),
    }
    result = sets_distinct.check(input_of(tables))
    pair = f"{OF_NET} = KOSPI · NXT · amount · net"
    assert (counts(result), told(result)) == ((3, 1, 0), [(pair, None, "different flows", "2 stocks equal")])


def test_of_equal_sets_the_larger_pair_is_told_first_and_sets_of_zeros_are_not_told():
    tables = {
        NET: flowing("ab", 1, 2),
        BUY: flowing("ab", 1, 2),
        "KOSDAQ KRX amount net": flowing("abc", 1, 2, 3),
        "KOSDAQ KRX amount buy": flowing("abc", 1, 2, 3),
        "ALL KRX amount net": flowing("ab", 0, 0),
        "ALL KRX amount buy": flowing("ab", 0, 0),
    }
    result = sets_distinct.check(input_of(tables))
    assert (counts(result), [seen for *_, seen in told(result)]) == ((3, 2, 0), ["3 stocks equal", "2 stocks equal"])
    with pytest.raises(NotApplicable, match="fewer than two sets of one market"):
        sets_distinct.check(input_of({NET: flowing("a", 1), "KOSDAQ KRX amount net": flowing("a", 1)}))


def places(**tables):
    return input_of({f"{name.replace('_', ' ')} amount net": table for name, table in tables.items()})


def test_a_stock_of_both_markets_is_told_once():
    result = markets_disjoint.check(places(KOSPI_KRX=coded("abc"), KOSDAQ_KRX=coded("cd")))
    assert (counts(result), told(result)) == ((3, 1, 0), [(OF_NET, "c", "not in KOSDAQ", "not so")])


def test_a_stock_on_nxt_is_one_of_krx():
    result = nxt_within_krx.check(places(KOSPI_KRX=coded("abc"), KOSPI_NXT=coded("bd")))
    assert (counts(result), told(result)) == (
        (2, 1, 0),
        [("KOSPI · NXT · amount · net", "d", "a stock of KRX", "not so")],
    )


def test_consolidated_has_the_stocks_of_krx_neither_more_nor_fewer():
    result = consolidated_is_krx.check(places(KOSPI_KRX=coded("abc"), KOSPI_CONSOLIDATED=coded("bcd")))
    assert (counts(result), told(result)) == (
        (6, 2, 0),
        [
            ("KOSPI · CONSOLIDATED · amount · net", "d", "a stock of KRX", "not so"),
            (OF_NET, "a", "a stock of CONSOLIDATED", "not so"),
        ],
    )


def test_all_is_both_markets_with_their_flows():
    tables = {"KOSPI_KRX": flowing("abc", 1, 2, 3), "KOSDAQ_KRX": flowing("xy", 4, 5)}
    result = all_is_both_markets.check(places(**tables, ALL_KRX=flowing("abxyz", 1, 9, 4, 5, 6)))
    assert (counts(result), told(result)) == (
        (10, 3, 0),
        [
            (OF_NET, "c", "a stock of ALL", "not so"),
            (OF_NET, "b", "the same flows in ALL", "others"),
            ("ALL · KRX · amount · net", "z", "a stock of KOSPI or KOSDAQ", "not so"),
        ],
    )


@pytest.mark.parametrize(
    ("market", "count", "within"),
    [
        ("KOSPI", 1_064, None),
        ("KOSPI", 1_063, "1,064 to 1,596 stocks"),
        ("KOSPI", 1_596, None),
        ("KOSPI", 1_597, "1,064 to 1,596 stocks"),
        ("KOSDAQ", 1_459, None),
        ("KOSDAQ", 1_458, "1,459 to 2,189 stocks"),
        ("KOSDAQ", 2_189, None),
        ("KOSDAQ", 2_190, "1,459 to 2,189 stocks"),
    ],
)
def test_a_first_nights_market_has_its_usual_number_of_stocks(market, count, within):
    tables = {f"{market}_KRX": table_of([0] * count), f"{market}_NXT": coded("a"), "ALL_KRX": coded("a")}
    result = usual_size.check(places(**tables))
    assert (counts(result), told(result)) == (
        (1, int(within is not None), 0),
        [(f"{market} · KRX", None, within, str(count))] if within else [],
    )


def test_where_something_is_published_or_only_nxt_was_asked_for_the_number_says_nothing():
    table = coded("a")
    with pytest.raises(NotApplicable, match="neither KRX nor CONSOLIDATED of one market"):
        usual_size.check(places(KOSPI_NXT=table, ALL_KRX=table))
    with pytest.raises(NotApplicable, match="compared with the session published before"):
        usual_size.check(input_of({NET: table}, published={NET: table}))
