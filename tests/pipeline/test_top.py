"""The largest net trades of a session, by market and investor."""

from __future__ import annotations

import pytest

from kiwoom_provider.datasets import ka10066
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.pipeline.top import top_lists
from pages import page, row


def tables(*sets):
    """Return typed tables of (venue, measure, side, foreigners' fields by stock code), in KOSPI."""
    made = {}
    for venue, measure, side, flows in sets:
        parameters = ParameterSet.parse("KOSPI", venue, measure, side)
        rows = [row(code, stk_nm=f"주식{code}", frgnr_invsr=str(flow)) for code, flow in flows.items()]
        made[parameters] = ka10066.parse([page(rows)], parameters)
    return made


def foreigners(given):
    found = top_lists(given)
    (chosen,) = [entry for entry in found.lists if entry.investor == "foreigner"]
    return chosen


def test_net_buys_and_sells_are_listed_largest_first_with_code_name_and_amount():
    flows = {"000020": 5, "005930": 300, "000660": -40, "035420": -41, "000270": 0}
    chosen = foreigners(tables(("KRX", "amount", "net", flows)))
    assert chosen.buys == (("005930", "주식005930", 300), ("000020", "주식000020", 5))
    assert chosen.sells == (("035420", "주식035420", -41), ("000660", "주식000660", -40))


def test_ten_are_listed_and_equal_ones_by_code():
    flows = {f"{number:06d}": 7 for number in range(12, 0, -1)}
    buys = foreigners(tables(("KRX", "amount", "net", flows))).buys
    assert [code for code, _, _ in buys] == [f"{number:06d}" for number in range(1, 11)]


@pytest.mark.parametrize(
    ("venues", "widest"),
    [
        (("KRX", "NXT", "CONSOLIDATED"), "CONSOLIDATED"),
        (("NXT", "KRX"), "KRX"),
        (("NXT",), "NXT"),
    ],
)
def test_the_widest_venue_that_was_fetched_is_taken(venues, widest):
    given = tables(*((venue, "amount", "net", {"005930": 1}) for venue in venues))
    assert foreigners(given).venue == widest


def test_amounts_are_preferred_to_shares():
    both = tables(("KRX", "quantity", "net", {"005930": 900}), ("KRX", "amount", "net", {"005930": 3}))
    assert (top_lists(both).unit, foreigners(both).buys[0][2]) == ("KRW million", 3)


def test_shares_are_listed_where_no_amounts_were_asked_for():
    given = tables(("KRX", "quantity", "net", {"005930": 900}), ("KRX", "amount", "buy", {"005930": 3}))
    assert (top_lists(given).unit, foreigners(given).buys[0][2]) == ("shares", 900)


def test_every_investor_has_a_list():
    assert len(top_lists(tables(("KRX", "amount", "net", {"005930": 1}))).lists) == 12


def test_a_set_that_cannot_be_read_is_left_out():
    given = tables(("KRX", "amount", "net", {"005930": 1}))
    broken = {parameters: table.drop_columns("frgnr_invsr") for parameters, table in given.items()}
    assert top_lists(broken).lists == ()
