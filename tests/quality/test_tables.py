"""A set's arrays, the groups of sets that laws look at, and the figures that the report shows of them."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from kiwoom_provider.locale import message
from kiwoom_provider.parameters import Market, Side, Venue
from kiwoom_provider.quality.audit import audit
from kiwoom_provider.quality.audit_input import AuditInput
from kiwoom_provider.quality.check import CheckResult, NotApplicable
from kiwoom_provider.quality.results import SetSize
from kiwoom_provider.quality.table import SetTable, UnreadableTableError, common_rows
from small_tables import BUY, NET, SELL, input_of, market, put, set_of, table_of

SHARES, NXT, OTHER = "KOSPI KRX quantity net", "KOSPI NXT amount net", "KOSDAQ KRX amount net"
OTHERWISE = message("not so")


def read(table, text=NET):
    return SetTable.of(set_of(text), table)


def rates(*texts):
    return pa.array([text and Decimal(text) for text in texts], pa.decimal128(9, 2))


# --- one set ---------------------------------------------------------------------------------------


def test_stocks_stand_once_by_their_codes_with_the_first_row_of_each():
    table = read(table_of([1, 2, 3, 4], stk_cd=["c", "a", "c", None], stk_nm=["first", "x", "second", None]))
    assert (table.codes.tolist(), table.names.tolist()) == (["", "a", "c"], ["", "x", "first"])
    assert table.flows[:, 0].tolist() == [4, 2, 1]
    assert table.stock(2) == {"stock_code": "c", "stock_name": "first"}


def test_a_blank_counts_zero_and_is_known_to_be_one():
    table = put(table_of([[7] * 12, [8] * 12]), bank=[None, 8], cur_prc=[5, None], flu_rt=rates(None, "0.29"))
    table = read(table)
    assert table.flows.tolist() == [[7] * 7 + [0] + [7] * 4, [8] * 12]
    assert table.known.tolist() == [[True] * 7 + [False] + [True] * 4, [True] * 12]
    assert {name: table.prices[name].tolist() for name in ("cur_prc", "flu_rt")} == {
        "cur_prc": [5, 0],
        "flu_rt": [0, 29],
    }
    assert {name: table.priced[name].tolist() for name in ("cur_prc", "flu_rt")} == {
        "cur_prc": [True, False],
        "flu_rt": [False, True],
    }


def test_rates_are_whole_hundredths():
    texts = ["-29.97", "-0.07", "0.00", "0.29", "1.15", "9999999.99"]
    assert read(put(market(range(6)), flu_rt=rates(*texts))).prices["flu_rt"].tolist() == [
        -2_997,
        -7,
        0,
        29,
        115,
        999_999_999,
    ]


def test_a_base_price_is_the_price_less_the_change_where_both_are_known():
    table = read(market(range(4), cur_prc=[110, 0, None, 110], pred_pre=[10, 10, 10, None]))
    assert table.base_price.tolist() == [100, 0, 0, 0]


def test_trading_is_in_the_unit_of_the_investor_fields():
    table = market(range(3), cur_prc=[2_000, 2_000, None], trde_qty=[1_500, None, 7])
    assert read(table).turnover.tolist() == [3, 0, 0]
    assert read(table).traded.tolist() == [3, 0, 0]
    assert read(table, SHARES).traded.tolist() == [1_500, 0, 7]
    assert read(table).place == message("KOSPI · KRX")


def test_which_stocks_another_set_has_and_the_rows_of_those_that_all_have():
    one, other, third = (read(market(numbers)) for numbers in ([1, 2, 4], [2, 3, 4], [4, 2, 9]))
    assert one.has(other).tolist() == [False, True, True]
    assert one.has(read(market([1, 2, 4]))).tolist() == [True, True, True]
    assert [rows.tolist() for rows in common_rows(one, other, third)] == [[1, 2], [0, 2], [0, 1]]
    assert [rows.tolist() for rows in common_rows(one, one)] == [[0, 1, 2]] * 2


def test_values_are_spread_over_other_stocks():
    table = read(table_of([5, 6], stk_cd=["b", "e"]))
    codes = np.array(["a", "b", "c", "d"])
    assert table.spread(table.flows[:, 0], codes, -1).tolist() == [-1, 5, -1, -1]
    assert table.spread(table.known, codes, absent=True).all()
    assert table.spread(table.flows, codes, 0).tolist() == [[0] * 12, [5] + [0] * 11, [0] * 12, [0] * 12]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (None, "was asked for and is not there"),
        (table_of([1]).slice(0, 0), "is empty"),
        (table_of([1]).drop_columns("bank"), "column bank is missing"),
        (table_of([1]).drop_columns(["bank", "natn", "stk_cd"]), "column stk_cd is missing and 2 more"),
    ],
    ids=["no table", "no rows", "no bank", "three columns less"],
)
def test_why_a_table_cannot_be_read(table, reason):
    with pytest.raises(UnreadableTableError) as told:
        read(table)
    assert str(told.value.reason) == f"KOSPI · KRX · amount · net: {reason}"


def test_more_columns_and_another_order_of_them_can_be_read():
    table = table_of([1])
    names = [*reversed(table.column_names)]
    assert read(table.select(names).append_column("natfor", [[1]])).codes.tolist() == ["000000"]


# --- groups of sets --------------------------------------------------------------------------------


def labels(groups):
    return [{str(member): str(table.label) for member, table in group.items()} for group in groups]


def test_sets_that_differ_in_one_parameter_are_looked_at_together_where_all_were_asked_for():
    given = input_of({name: market([1]) for name in (NET, BUY, SELL, NXT, OTHER)})
    assert labels(given.along("side", tuple(Side), CheckResult(), OTHERWISE)) == [
        {
            "net": "KOSPI · KRX · amount · net",
            "buy": "KOSPI · KRX · amount · buy",
            "sell": "KOSPI · KRX · amount · sell",
        }
    ]
    assert labels(given.along("market", (Market.KOSPI, Market.KOSDAQ), CheckResult(), OTHERWISE)) == [
        {"KOSPI": "KOSPI · KRX · amount · net", "KOSDAQ": "KOSDAQ · KRX · amount · net"}
    ]
    with pytest.raises(NotApplicable, match="not so"):
        list(given.along("venue", tuple(Venue), CheckResult(), OTHERWISE))


def test_a_group_with_a_set_that_cannot_be_read_is_told_and_the_others_are_looked_at():
    tables = {name: market([1]) for name in (NET, NXT, OTHER)}
    asked = tuple(map(set_of, (NET, NXT, OTHER, "KOSDAQ NXT amount net")))
    result = CheckResult()
    groups = list(input_of(tables, asked=asked).along("venue", (Venue.KRX, Venue.NXT), result, OTHERWISE))
    assert labels(groups) == [{"KRX": "KOSPI · KRX · amount · net", "NXT": "KOSPI · NXT · amount · net"}]
    assert [str(one) for one in result.unchecked] == ["KOSDAQ · NXT · amount · net: was asked for and is not there"]


def test_where_nothing_was_asked_for_no_set_is_looked_at():
    for look in (AuditInput.each, AuditInput.places, AuditInput.universes):
        with pytest.raises(NotApplicable, match="no set was asked for"):
            list(look(input_of({}), CheckResult()))


def test_one_readable_set_of_each_market_and_venue_stands_for_its_stocks():
    tables = {NET: market([1]).slice(0, 0), BUY: market([2]), SELL: market([3]), OTHER: market([4])}
    result = CheckResult()
    found = input_of(tables).universes(result)
    assert {" ".join(place): table.codes.tolist() for place, table in found.items()} == {
        "KOSPI KRX": ["000002"],
        "KOSDAQ KRX": ["000004"],
    }
    assert [str(one) for one in result.unchecked] == ["KOSPI · KRX · amount · net: is empty"]


def test_of_the_session_before_one_readable_set_of_each_market_and_venue_is_compared():
    published = {
        SELL: market([3]),
        NET: market([2]),
        BUY: market([1]),
        OTHER: market([5]).slice(0, 0),
        NXT: market([6]),
    }
    given = input_of({NET: market([9]), OTHER: market([8])}, published=published)
    result = CheckResult()
    pairs = [(now.codes.tolist(), before.codes.tolist()) for now, before in given.universe_changes(result)]
    assert pairs == [(["000009"], ["000001"])]
    assert [str(one) for one in result.uncompared] == ["KOSDAQ · KRX · amount · net: is empty"]


def test_each_set_is_compared_with_itself_as_published_and_the_lost_are_told_apart():
    tables = {NET: market([1]), BUY: market([2]).slice(0, 0), SELL: market([3]), SHARES: market([4])}
    published = {NET: market([5]), BUY: market([6]), SELL: market([7]).slice(0, 0)}
    given, result = input_of(tables, published=published), CheckResult()
    pairs = [(now.codes.tolist(), before.codes.tolist()) for now, before in given.against_published(result)]
    assert pairs == [(["000001"], ["000005"])]
    assert [str(one) for one in result.unchecked] == ["KOSPI · KRX · amount · buy: is empty"]
    assert [str(one) for one in result.uncompared] == ["KOSPI · KRX · amount · sell: is empty"]
    with pytest.raises(NotApplicable, match="none of these sets is published"):
        list(input_of({NET: market([1])}, published={BUY: market([1])}).against_published(result))


# --- what the report shows of them -----------------------------------------------------------------


def test_the_report_has_the_size_of_each_asked_set_as_far_as_it_is_known():
    sells = market([1, 2]).replace_schema_metadata({"kiwoom.sell_sign": "negative"})
    asked = tuple(map(set_of, (NET, SELL, BUY)))
    sizes = {set_of(NET): (1,), set_of(BUY): (100, 3)}
    given = input_of({NET: market([1]), SELL: sells, NXT: market([7])}, asked=asked, page_sizes=sizes)
    assert audit(given, rules=()).sets == (
        SetSize(parameters=asked[0], rows=1, pages=1),
        SetSize(parameters=asked[1], rows=2, sells="negative"),
        SetSize(parameters=asked[2], pages=2),
    )


def flows(*names):
    tables = {name: table_of([[n + 1] * 12, [10] * 12]) for n, name in enumerate(names)}
    return [
        (f"{flow.market} {flow.venue}", flow.net, flow.unit)
        for flow in audit(input_of(tables), rules=()).flows
        if flow.investor == "bank"
    ]


def test_net_flows_are_of_amounts_and_of_quantities_where_no_net_amount_was_asked_for():
    assert flows(SHARES, NET, BUY, NXT) == [("KOSPI KRX", 12, "KRW million"), ("KOSPI NXT", 14, "KRW million")]
    assert flows(SHARES, BUY, "KOSDAQ NXT quantity net") == [("KOSPI KRX", 11, "shares"), ("KOSDAQ NXT", 13, "shares")]


def test_an_investors_flow_is_that_of_its_element():
    table = table_of([[2**n for n in range(12)]] * 2)
    assert [(flow.investor, flow.net) for flow in audit(input_of({NET: table}), rules=()).flows] == [
        ("individual", 2),
        ("foreigner", 4),
        ("institution", 8),
        ("financial_investment", 16),
        ("insurance", 32),
        ("investment_trust", 64),
        ("other_financial", 128),
        ("bank", 256),
        ("pension_fund", 512),
        ("private_fund", 1_024),
        ("state", 2_048),
        ("other_corporation", 4_096),
    ]
