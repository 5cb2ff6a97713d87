"""Figures that are sums of each other: by how much they may miss, and which cells are compared."""

from __future__ import annotations

import pytest

from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.rules.sums import (
    buy_minus_sell_is_net,
    institution_is_its_parts,
    venues_add_up,
    volumes_add_up,
)
from small_tables import ELEMENTS, counts, input_of, put, table_of, told

SIDES, VENUES = ("buy", "sell", "net"), ("KRX", "NXT", "CONSOLIDATED")


def sides(measure, buy, sell, net):
    return input_of({f"KOSPI KRX {measure} {side}": table for side, table in zip(SIDES, (buy, sell, net), strict=True)})


def venues(krx, nxt, whole, *, of="quantity net", market="KOSPI"):
    return {f"{market} {venue} {of}": table for venue, table in zip(VENUES, (krx, nxt, whole), strict=True)}


def coded(table, *codes):
    return put(table, stk_cd=list(codes))


def cell(table, row, name, value=None):
    values = table[name].to_pylist()
    values[row] = value
    return put(table, **{name: values})


@pytest.mark.parametrize(
    ("measure", "net", "found"),
    [
        ("amount", [1, -1, 2, -2], [("000002", "0", "2"), ("000003", "0", "-2")]),
        ("quantity", [0, 1, -1, 0], [("000001", "0", "1"), ("000002", "0", "-1")]),
    ],
)
def test_net_may_miss_buy_less_sell_by_a_million_won_and_by_no_share(measure, net, found):
    result = buy_minus_sell_is_net.check(sides(measure, table_of([9] * 4), table_of([9] * 4), table_of(net)))
    label = f"KOSPI · KRX · {measure} · net"
    assert (counts(result), told(result)) == ((48, 2, 0), [(label, *shown) for shown in found])


@pytest.mark.parametrize("blank", [0, 1, 2])
def test_a_stock_is_compared_where_all_three_have_it_and_its_figure(blank):
    tables = [coded(table_of([5, 6, 7]), *codes) for codes in ("abc", "acd", "ace")]
    tables[blank] = cell(tables[blank], 0, "ind_invsr")
    result = buy_minus_sell_is_net.check(sides("quantity", *tables))
    assert counts(result) == (23, 1, 0)
    assert told(result)[0][1:] == ("c", "1", "6")


@pytest.mark.parametrize(("measure", "off", "failing"), [("amount", 7, 0), ("amount", 8, 1), ("quantity", 1, 1)])
@pytest.mark.parametrize("sign", [1, -1])
def test_an_institution_may_miss_its_parts_by_seven_million_won_and_by_no_share(measure, off, failing, sign):
    flows = [[1000, 1000, 36 + sign * off, 1, 2, 3, 4, 5, 6, 7, 8, 1000]]
    result = institution_is_its_parts.check(input_of({f"KOSPI KRX {measure} net": table_of(flows)}))
    assert counts(result) == (1, failing, 0)
    if failing:
        assert (str(result.offenders[0].investor), told(result)[0][2:]) == ("institution", ("36", str(36 + sign * off)))


@pytest.mark.parametrize("name", ELEMENTS)
def test_an_institution_is_not_compared_where_it_or_a_part_is_blank(name):
    table = cell(table_of([[5] * 12]), 0, name)
    result = institution_is_its_parts.check(input_of({"KOSPI KRX amount net": table}))
    assert result.checked == int(name in {"ind_invsr", "frgnr_invsr", "etc_corp"})


@pytest.mark.parametrize(("measure", "failing"), [("amount", 2), ("quantity", 3)])
def test_venues_add_up_and_a_stock_that_one_lacks_counts_nothing_there(measure, failing):
    krx, nxt = coded(table_of([10, 20, 30]), *"abd"), coded(table_of([1, 5]), *"ac")
    whole = coded(table_of([12, 22, 5, 28, 0]), *"abcde")
    result = venues_add_up.check(input_of(venues(krx, nxt, whole, of=f"{measure} net")))
    assert (result.checked, result.failing) == (60, failing)
    assert told(result)[:2] == [
        (f"KOSPI · CONSOLIDATED · {measure} · net", "b", "20", "22"),
        (f"KOSPI · CONSOLIDATED · {measure} · net", "d", "30", "28"),
    ]


@pytest.mark.parametrize("blank", [0, 1, 2])
@pytest.mark.parametrize(
    ("law", "name", "checked"), [(venues_add_up, "ind_invsr", 23), (volumes_add_up, "trde_qty", 1)]
)
def test_a_figure_that_is_blank_at_one_venue_is_not_compared(law, name, checked, blank):
    tables = [table_of([1, 1]), table_of([1, 1]), put(table_of([2, 2]), trde_qty=[2 * 10**9] * 2)]
    tables[blank] = cell(tables[blank], 1, name)
    assert counts(law.check(input_of(venues(*tables)))) == (checked, 0, 0)


def test_volumes_add_up_to_the_share_in_one_set_of_each_market():
    krx, nxt = put(table_of([1, 1]), trde_qty=[70, 40]), put(table_of([1]), trde_qty=[30])
    whole = put(table_of([1, 1]), trde_qty=[100, 41])
    good = put(whole, trde_qty=[100, 40])
    tables = (
        venues(krx, nxt, good) | venues(krx, nxt, whole, of="quantity buy") | venues(krx, nxt, whole, market="KOSDAQ")
    )
    result = volumes_add_up.check(input_of(tables))
    assert (counts(result), told(result)) == ((4, 1, 0), [("KOSDAQ · CONSOLIDATED", "000001", "40", "41")])
    assert str(result.offenders[0].investor) == "trde_qty"


@pytest.mark.parametrize("law", [venues_add_up, volumes_add_up])
def test_two_venues_alone_do_not_add_up(law):
    tables = venues(*[table_of([1])] * 3)
    for name in list(tables):
        with pytest.raises(NotApplicable, match="KRX, NXT and CONSOLIDATED of one market"):
            law.check(input_of({key: table for key, table in tables.items() if key != name}))
