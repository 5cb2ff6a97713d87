"""Columns and single cells, to the last one that may pass."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.rules.cells import (
    gross_not_negative,
    investor_nulls,
    investor_range,
    new_elements,
    no_saturated_counters,
    other_nulls,
    price_range,
    schema,
    stock_codes,
)
from small_tables import BUY, ELEMENTS, NET, counts, input_of, put, table_of, told

SET = "KOSPI · KRX · amount · net"


def of(table, text=NET):
    return input_of({text: table})


def test_each_column_of_each_set_is_looked_at():
    table = table_of([1])
    result = schema.check(input_of({NET: table, BUY: table.drop_columns("bank").append_column("more", [["a"]])}))
    assert (counts(result), told(result)) == (
        (40, 1, 0),
        [("KOSPI · KRX · amount · buy", None, "bank: int64", "column bank is missing")],
    )


def test_a_column_of_another_type_or_twice_is_told():
    table = table_of([1]).append_column("bank", [[7]]).append_column("more", [[1]]).append_column("more", [[2]])
    result = schema.check(of(put_text(table, "natn")))
    assert told(result) == [
        (SET, None, "bank: int64", "column bank stands twice"),
        (SET, None, "natn: int64", "column natn is string, not int64"),
        (SET, None, "more: once", "column more stands twice"),
    ]


def put_text(table, name):
    return table.set_column(table.column_names.index(name), name, table[name].cast(pa.string()))


@pytest.mark.parametrize("law", [schema, new_elements])
def test_without_a_table_there_are_no_columns(law):
    with pytest.raises(NotApplicable, match="no table is there"):
        law.check(input_of({}))


def test_an_element_that_the_sheet_lacks_is_told_by_name():
    tables = {NET: table_of([1]).append_column("samo", [[1]]), BUY: table_of([1])}
    given = input_of(tables)
    first, second = given.asked
    result = new_elements.check(input_of(tables, extra_elements={first: ("zz", "aa"), second: ("natfor",)}))
    assert (counts(result), [seen for *_, seen in told(result)]) == ((2, 4, 0), ["aa", "samo", "zz", "natfor"])


def test_other_foreigners_of_a_set_rebuilt_from_the_dated_sibling_are_no_new_element():
    assert counts(new_elements.check(of(table_of([1]).append_column("natfor", [[1]])))) == (1, 0, 0)


def blank(table, rows, names=ELEMENTS):
    cells = {n: [None if i in rows else value for i, value in enumerate(table[n].to_pylist())] for n in names}
    return put(table, **{n: pa.array(values, table.schema.field(n).type) for n, values in cells.items()})


def test_a_blank_investor_field_is_told_and_only_warns_where_nothing_was_traded_and_all_are_blank():
    table = put(table_of([1] * 5), trde_qty=[0, 100, 0, None, 200])
    table = blank(blank(table, {0, 3}), {1, 2, 4}, ["natn"])
    result = investor_nulls.check(input_of({NET: table, BUY: table_of([1])}))
    assert counts(result) == (72, 12 + 1 + 1 + 12 + 1, 12)
    shown = [(code, str(one.investor)) for (_, code, *_), one in zip(told(result), result.offenders, strict=True)]
    assert shown[:3] == [("000004", "state"), ("000001", "state"), ("000002", "state")]
    assert {code for code, _ in shown[3:]} == {"000003"}
    assert told(result)[0] == (SET, "000004", "None", "blank")


def test_every_other_blank_is_told_and_an_empty_name_is_one():
    table = blank(put(table_of([1] * 3), stk_nm=["", None, "a"]), {2}, ["cur_prc", "flu_rt", "fetched_at"])
    result = other_nulls.check(of(blank(table, {0}, ["natn"])))
    assert counts(result) == (21, 5, 0)
    assert [(code, str(one.investor)) for (_, code, *_), one in zip(told(result), result.offenders, strict=True)] == [
        ("000002", "cur_prc"),
        ("000002", "flu_rt"),
        ("000002", "fetched_at"),
        ("000000", "stk_nm"),
        ("000001", "stk_nm"),
    ]
    assert {shown[2:] for shown in told(result)} == {("None", "blank")}


def test_a_code_is_six_digits_or_capital_letters():
    codes = ["005930", "0156T0", "00593", "0059300", "00593a", "A5930_", "", None]
    result = stock_codes.check(of(put(table_of([1] * 8), stk_cd=codes)))
    assert counts(result) == (8, 6, 0)
    assert [seen for *_, seen in told(result)] == ["00593", "0059300", "00593a", "A5930_", "blank", "blank"]
    assert told(result)[0] == (SET, "00593", "six digits or capital letters", "00593")


def test_all_bad_cells_are_counted_and_ten_are_shown():
    result = stock_codes.check(of(put(table_of([1] * 14), stk_cd=[f"{i}" for i in range(14)])))
    assert (counts(result), len(result.offenders)) == ((14, 14, 0), 10)


@pytest.mark.parametrize(
    ("name", "least", "most", "within"),
    [
        ("cur_prc", 0, 1_000_000_000, "0 to 1,000,000,000"),
        ("pred_pre", -1_000_000_000, 1_000_000_000, "-1,000,000,000 to 1,000,000,000"),
        ("trde_qty", 0, 1_000_000_000_000, "0 to 1,000,000,000,000"),
    ],
)
def test_prices_and_volumes_may_be_at_their_bounds_and_not_beyond(name, least, most, within):
    table = put(table_of([0] * 4), **{name: [least, least - 1, most, most + 1]})
    result = price_range.check(of(table))
    assert counts(result) == (12, 2, 0)
    assert told(result) == [(SET, "000001", within, str(least - 1)), (SET, "000003", within, str(most + 1))]


def test_investor_fields_may_be_at_their_bound_and_not_beyond():
    most = 10_000_000_000_000
    result = investor_range.check(of(table_of([most, most + 1, -most, -most - 1])))
    assert (counts(result), [code for _, code, *_ in told(result)]) == ((48, 2, 0), ["000001", "000003"])
    assert str(result.offenders[0].investor) == "individual"
    assert str(result.offenders[0].expected) == "±10,000,000,000,000"


def test_a_counter_at_its_end_is_told_with_its_text_and_only_warns_where_it_is_the_volume():
    cells = [["trde_qty", "000001", "4294967295"], ["ind_invsr", "000000", "2147483647"], ["cur_prc", "000000", "1"]]
    table = table_of([1, 1]).replace_schema_metadata({"kiwoom.saturated": json.dumps(cells)})
    result = no_saturated_counters.check(input_of({NET: table, BUY: table_of([1])}))
    assert (counts(result), told(result)) == (
        (45, 3, 1),
        [
            (SET, "000001", "a number", "4294967295"),
            (SET, "000000", "a number", "2147483647"),
            (SET, "000000", "a number", "1"),
        ],
    )
    assert [str(one.investor) for one in result.offenders] == ["trde_qty", "individual", "cur_prc"]


def test_buys_and_sells_may_be_nothing_and_not_below():
    result = gross_not_negative.check(input_of({NET: table_of([-5]), BUY: table_of([0, -1, 1])}))
    assert (counts(result), told(result)) == (
        (36, 1, 0),
        [("KOSPI · KRX · amount · buy", "000001", "not negative", "-1")],
    )
    with pytest.raises(NotApplicable, match="neither buy nor sell"):
        gross_not_negative.check(of(table_of([-5])))
