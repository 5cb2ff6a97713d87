"""What a law counts, and which offenders it keeps."""

from __future__ import annotations

import numpy as np
import pytest

from kiwoom_provider.locale import investor, message
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.quality.check import CheckResult, NotApplicable
from kiwoom_provider.quality.table import SetTable

NET = ParameterSet.parse("KOSPI", "KRX", "amount", "net")
WHERE = message("somewhere")


@pytest.fixture
def table(sheet_of):
    """Return a set of twenty stocks whose individuals bought 100 each."""
    return SetTable.of(NET, sheet_of([[100, *[0] * 11]] * 20))


@pytest.fixture
def found():
    return CheckResult()


def column(*values):
    return np.array(values)[:, None]


def compare(found, table, seen, **more):
    rows = np.arange(len(seen))
    found.compare(table, rows, ["individual"], expected=column(*[100] * len(seen)), seen=column(*seen), **more)


def test_a_cell_may_miss_by_its_tolerance_and_by_no_more(found, table):
    compare(found, table, [98, 102, 97, 103], tolerance=2)
    assert (found.checked, found.failing) == (4, 2)
    assert [(one.stock_code, one.expected, one.seen, one.difference) for one in found.offenders] == [
        ("000002", 100, 97, -3),
        ("000003", 100, 103, 3),
    ]
    assert {str(one.where) for one in found.offenders} == {"KOSPI · KRX · amount · net"}
    assert [one.investor for one in found.offenders] == [investor("individual")] * 2


def test_a_cell_that_cannot_be_compared_is_not_counted(found, table):
    compare(found, table, [97, 97, 100], valid=column(False, True, True))  # noqa: FBT003
    assert (found.checked, found.failing, [one.stock_code for one in found.offenders]) == (2, 1, ["000001"])


def test_all_are_counted_and_the_ten_worst_are_kept_the_worst_first(found, table):
    compare(found, table, range(100, 120), where=WHERE)
    assert (found.checked, found.failing, found.unusual) == (20, 19, 0)
    assert [one.difference for one in found.offenders] == [19, 18, 17, 16, 15, 14, 13, 12, 11, 10]
    assert found.offenders[0].where == WHERE


def test_of_two_laws_the_worst_of_both_are_kept(found, table):
    compare(found, table, range(90, 100))
    for size in (5.5, 20, 0.5):
        found.fault(WHERE, None, str(size), size=size, unusual=size == 20)
    assert [one.seen for one in found.offenders] == ["20", 90, 91, 92, 93, 94, "5.5", 95, 96, 97]
    assert (found.failing, found.unusual) == (13, 1)


def test_the_least_of_the_ten_worst_makes_room_for_one_that_is_a_little_worse(found):
    for size in (*range(10, 0, -1), 1.5, 0.5):
        found.fault(WHERE, None, str(size), size=size)
    assert [one.seen for one in found.offenders] == ["10", "9", "8", "7", "6", "5", "4", "3", "2", "1.5"]


def test_rows_say_which_stock_a_cell_is_of(found, table):
    wanted, seen = np.array([100, 100, 100]), np.array([109, 90, 91])
    valid = np.array([True, True, True])
    found.compare_column(table, "cur_prc", wanted, seen, valid, rows=np.array([7, 3, 5]), tolerance=9, where=WHERE)
    (only,) = found.offenders
    assert (only.stock_code, only.stock_name, str(only.investor), only.where) == ("000003", "000003", "cur_prc", WHERE)


def test_without_rows_a_column_is_compared_whole_and_to_the_unit(found, table):
    wanted, seen = np.full(20, 100), np.full(20, 100)
    seen[19] = 101
    found.compare_column(table, "cur_prc", wanted, seen, np.full(20, fill_value=True))
    assert (found.offenders[0].stock_code, found.checked, found.failing) == ("000019", 20, 1)


def test_a_fault_without_more_is_one_of_size_one(found):
    found.fault(WHERE, 1, 2)
    found.fault(WHERE, 1, 3, size=0.5)
    assert [(one.seen, one.investor, one.stock_code, one.difference) for one in found.offenders] == [
        (2, None, None, None),
        (3, None, None, None),
    ]


def test_a_reason_is_told_once(found):
    for _ in range(2):
        found.cannot_check(message("a"))
        found.cannot_compare(message("b"))
    assert (found.unchecked, found.uncompared) == ([message("a")], [message("b")])


@pytest.mark.parametrize("seen", [{"checked": 1}, {"unchecked": [WHERE]}, {"uncompared": [WHERE]}])
def test_a_law_applies_where_anything_was_there_to_look_at(seen):
    CheckResult(**seen).need(WHERE)


def test_a_law_without_anything_to_look_at_does_not_apply(found):
    with pytest.raises(NotApplicable, match="somewhere") as told:
        found.need(WHERE)
    assert told.value.reason == WHERE
