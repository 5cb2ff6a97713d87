"""Price, change, sign and rate of a stock: which of them agree, and which are not compared."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest

from kiwoom_provider.quality.rules.prices import (
    base_price_is_positive,
    change_has_its_sign,
    change_is_its_rate,
    pre_sig_codes,
    traded_stocks_have_prices,
)
from small_tables import counts, input_of, put, table_of, told

LAWS = [pre_sig_codes, traded_stocks_have_prices, change_has_its_sign, change_is_its_rate, base_price_is_positive]


def found(law, **columns):
    """Return what a law says of stocks with these columns: how many it looked at, and which it names."""
    result = law.check(
        input_of({"KOSPI KRX amount net": put(table_of([0] * len(next(iter(columns.values())))), **columns)})
    )
    assert {str(one.where) for one in result.offenders} <= {"KOSPI · KRX"}
    return result.checked, [(code, expected, seen) for _, code, expected, seen in told(result)]


def rates(*texts):
    return pa.array([text and Decimal(text) for text in texts], pa.decimal128(9, 2))


@pytest.mark.parametrize("law", LAWS)
def test_one_set_of_each_market_and_venue_is_looked_at(law):
    names = [f"KOSPI {place}" for place in ("KRX amount net", "KRX amount buy", "KRX quantity net", "NXT amount net")]
    result = law.check(input_of({name: table_of([0] * 5) for name in names}))
    assert counts(result) == (10, 0, 0)


def test_the_place_is_named_and_no_set():
    table = put(table_of([0]), pre_sig=[6])
    (only,) = pre_sig_codes.check(input_of({"KOSDAQ NXT amount net": table})).offenders
    assert (str(only.where), str(only.investor)) == ("KOSDAQ · NXT", "pre_sig")


def test_sign_codes_are_one_to_five():
    assert found(pre_sig_codes, pre_sig=[0, 1, 2, 3, 4, 5, 6, None]) == (
        7,
        [("000000", "1", "0"), ("000006", "5", "6")],
    )


def test_what_was_traded_has_a_price():
    shown = found(traded_stocks_have_prices, cur_prc=[0, 0, 1, None, 5], trde_qty=[1, 0, 1, 1, None])
    assert shown == (2, [("000000", "1", "0")])


@pytest.mark.parametrize(("sign", "direction"), [(1, 1), (2, 1), (3, 0), (4, -1), (5, -1)])
def test_a_change_has_the_direction_of_its_sign_code(sign, direction):
    assert found(change_has_its_sign, pre_sig=[sign] * 3, pred_pre=[70, 0, -70]) == (
        3,
        [
            (code, str(direction), str(seen))
            for code, seen in sorted(
                [("000000", 1), ("000001", 0), ("000002", -1)], key=lambda one: -abs(one[1] - direction)
            )
            if seen != direction
        ],
    )


def test_a_change_is_not_compared_with_a_code_that_names_no_direction_or_is_blank():
    shown = found(change_has_its_sign, pre_sig=[0, 6, -1, None, 2], pred_pre=[70, 70, 70, 70, None])
    assert shown == (0, [])


@pytest.mark.parametrize(
    ("price", "change", "rate", "expected"),
    [
        (13_000, 3_000, "30.00", None),
        (10_033, 33, "0.32", None),
        (10_033, 33, "0.34", None),
        (10_033, 33, "0.31", "33"),
        (10_033, 33, "0.35", "33"),
        (9_967, -33, "-0.34", None),
        (9_967, -33, "-0.35", "-33"),
        (9_967, -33, "0.33", "-33"),
        (7_003, -2_997, "-29.97", None),
        (36_000, 26_000, "260.01", None),
        (36_000, 26_000, "260.02", "26000"),
        (1, 0, "0.00", None),
    ],
)
def test_a_rate_is_the_change_by_the_base_price_to_a_hundredth(price, change, rate, expected):
    shown = found(change_is_its_rate, cur_prc=[price], pred_pre=[change], flu_rt=rates(rate))
    assert shown == (1, [("000000", expected, str(round(100 * float(rate))))] if expected else [])


def test_a_rate_is_not_compared_without_a_base_price_or_where_a_field_is_blank():
    shown = found(
        change_is_its_rate,
        cur_prc=[0, 50, 50, None, 50, 50],
        pred_pre=[0, 50, 60, 0, None, 0],
        flu_rt=rates("9", "9", "9", "9", "9", None),
    )
    assert shown == (0, [])


def test_price_less_change_is_one_won_at_least():
    shown = found(
        base_price_is_positive, cur_prc=[100, 100, 100, 0, None, 100, 1], pred_pre=[99, 100, 130, 5, 5, None, 0]
    )
    assert shown == (4, [("000002", "1", "-30"), ("000001", "1", "0")])


@pytest.mark.parametrize(
    ("law", "odd", "allowed"),
    [
        (pre_sig_codes, {"pre_sig": 9}, 100),
        (traded_stocks_have_prices, {"cur_prc": 0}, 0),
        (change_has_its_sign, {"pre_sig": 2}, 2),
        (change_is_its_rate, {"flu_rt": Decimal("0.02")}, 2),
        (base_price_is_positive, {"pred_pre": 10_000}, 2),
    ],
)
def test_of_a_thousand_stocks_so_many_may_be_odd_with_a_warning(law, odd, allowed):
    def status(count):
        table = table_of([0] * 1_000)
        for name, value in odd.items():
            table = put(table, **{name: [value] * count + table[name].to_pylist()[count:]})
        return law.run(input_of({"KOSPI KRX amount net": table}), law.severity).status

    assert (status(0), status(max(1, allowed)), status(allowed + 1)) == ("pass", "warn" if allowed else "fail", "fail")
