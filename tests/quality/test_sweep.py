"""Was everything fetched, whole, once and in its time: what is counted, and the last case that may pass."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.rules.sweep import (
    fetched_in_window,
    full_last_page,
    ordered_by_code,
    page_rows,
    page_sizes,
    sets_present,
    unique_stocks,
)
from small_tables import BUY, NET, OF_BUY, OF_NET, OF_SELL, SELL, counts, input_of, put, set_of, table_of, told

EMPTY = table_of([1]).slice(0, 0)
OPENS, ENDS = dt.datetime(2026, 11, 20, 11, 30, tzinfo=dt.UTC), dt.datetime(2026, 11, 22, 22, 0, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


def coded(*codes):
    return put(table_of([1] * len(codes)), stk_cd=list(codes))


def paged(pages, rows=None):
    """Return an input of one set, its pages and, where they say something else, the rows of its table."""
    return input_of({NET: table_of([1] * (sum(pages) if rows is None else rows))}, page_sizes={set_of(NET): pages})


def test_an_asked_set_without_a_row_is_told_before_one_that_was_not_asked_for():
    tables = {NET: table_of([1]), SELL: table_of([1, 2])}
    result = sets_present.check(input_of(tables, asked=(set_of(NET), set_of(BUY))))
    assert (counts(result), told(result)) == (
        (3, 2, 0),
        [(OF_BUY, None, "at least one row", "no table"), (OF_SELL, None, "not asked for", "2 rows")],
    )


def test_an_empty_set_is_told_and_one_that_was_not_asked_for_is_no_better_for_being_empty():
    result = sets_present.check(input_of({NET: EMPTY, BUY: EMPTY}, asked=(set_of(NET),)))
    assert told(result) == [(OF_NET, None, "at least one row", "no rows"), (OF_BUY, None, "not asked for", "0 rows")]


def test_each_stock_that_stands_twice_is_told_the_most_frequent_first():
    result = unique_stocks.check(input_of({NET: coded("000001", "000001", "000002", "000003", "000003", "000003")}))
    assert (counts(result), told(result)) == (
        (3, 2, 0),
        [(OF_NET, "000003", "1", "3"), (OF_NET, "000001", "1", "2")],
    )
    assert [one.difference for one in result.offenders] == [2, 1]


def test_each_row_that_stands_before_a_smaller_code_is_told():
    result = ordered_by_code.check(input_of({NET: coded("000002", "000002", "000001", "000004", "000003")}))
    assert (counts(result), told(result)) == (
        (5, 2, 0),
        [
            (OF_NET, "000001", "a code after 000002", "000001"),
            (OF_NET, "000003", "a code after 000004", "000003"),
        ],
    )


def test_a_row_without_a_code_stands_first_and_is_a_stock_too():
    given = input_of({NET: coded(None, None, "000001")})
    assert told(unique_stocks.check(given)) == [(OF_NET, "", "1", "2")]
    assert counts(ordered_by_code.check(given)) == (3, 0, 0)


@pytest.mark.parametrize("law", [unique_stocks, ordered_by_code])
def test_a_set_whose_codes_cannot_be_read_is_not_checked_and_one_without_another_column_is(law):
    tables = {NET: table_of([1]).drop_columns("stk_cd"), BUY: table_of([1, 2]).drop_columns("bank")}
    asked = (set_of(NET), set_of(BUY), set_of(SELL))
    result = law.check(input_of(tables, asked=asked))
    assert (counts(result), [str(one) for one in result.unchecked]) == (
        (2, 0, 0),
        [f"{OF_NET}: column stk_cd is missing", f"{OF_SELL}: was asked for and is not there"],
    )


@pytest.mark.parametrize("law", [sets_present, unique_stocks, ordered_by_code])
def test_where_nothing_was_asked_for_nothing_is_missing(law):
    with pytest.raises(NotApplicable, match="no set was asked for"):
        law.check(input_of({}))


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        ((100, 100, 50), []),
        ((100, 100, 100), []),
        ((60, 60, 1), []),
        ((7,), []),
        ((100, 90, 50), [("page 2", "100", "90")]),
        ((100, 100, 101), [("page 3", "100", "101")]),
        ((100, 60, 60), [("page 2", "100", "60")]),
        ((90, 100, 100, 90), [("page 1", "100", "90")]),
        ((100, 100, 90, 110, 50), [("page 3", "100", "90"), ("page 4", "100", "110")]),
        ((100, 100, 0), [("page 3", "100", "0")]),
        ((0,), [("page 1", "0", "0")]),
        ((), []),
    ],
)
def test_all_pages_but_the_last_have_one_size_and_the_last_has_one_to_as_many_rows(pages, found):
    result = page_sizes.check(paged(pages))
    assert counts(result) == (len(pages) + 1, len(found), 0)
    assert told(result) == [(f"{OF_NET} · {page}", None, full, size) for page, full, size in found]


def test_pages_make_up_the_table_and_what_does_not_is_told_first():
    result = page_sizes.check(paged((100, 90, 50), rows=239))
    assert (counts(result), told(result)) == (
        (4, 2, 0),
        [
            (OF_NET, None, "240 rows on its pages", "239 rows in the table"),
            (f"{OF_NET} · page 2", None, "100", "90"),
        ],
    )


def test_a_set_without_its_pages_or_its_table_is_not_checked_and_the_others_are():
    tables = {NET: table_of([1]), BUY: table_of([1, 2])}
    asked = (set_of(NET), set_of(SELL), set_of(BUY))
    sizes = {set_of(SELL): (1,), set_of(BUY): (2,)}
    result = page_sizes.check(input_of(tables, asked=asked, page_sizes=sizes))
    assert (counts(result), [str(one) for one in result.unchecked]) == (
        (2, 0, 0),
        [f"{OF_NET}: its page sizes are not known", f"{OF_SELL}: its page sizes are not known"],
    )


@pytest.mark.parametrize(
    ("pages", "seen"),
    [
        ((100, 60, 60), None),
        ((100, 3), None),
        ((99,), None),
        ((100,), None),
        ((), None),
        ((101,), "101"),
        ((99, 3), "99"),
        ((101, 3), "101"),
    ],
)
def test_a_full_page_has_a_hundred_rows(pages, seen):
    result = page_rows.check(paged(pages))
    assert (result.checked, told(result)) == (1, [(OF_NET, None, "100", seen)] if seen else [])


@pytest.mark.parametrize(
    ("pages", "seen"),
    [((100, 99), None), ((60,), None), ((), None), ((101,), None), ((100,), "1"), ((60, 60), "2"), ((100, 100), "2")],
)
def test_no_sweep_of_a_first_night_ends_on_a_full_page(pages, seen):
    result = full_last_page.check(paged(pages))
    shown = [(OF_NET, None, "a last page that is not full", f"{seen} full pages")]
    assert (result.checked, told(result)) == (1, shown if seen else [])


def test_on_a_later_night_the_last_page_may_be_full():
    table = table_of([1])
    given = input_of({NET: table}, published={NET: table}, page_sizes={set_of(NET): (100,)})
    with pytest.raises(NotApplicable, match="compared with the session published before"):
        full_last_page.check(given)


@pytest.mark.parametrize("law", [page_sizes, page_rows, full_last_page])
def test_where_pages_are_not_known_their_laws_do_not_apply(law):
    with pytest.raises(NotApplicable, match="page sizes were not given"):
        law.check(input_of({NET: table_of([1])}))


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (OPENS, ENDS, None),
        (OPENS - MICROSECOND, ENDS, "2026-11-20 11:29:59.999999+00:00 to 2026-11-22 22:00:00+00:00, 0 without"),
        (OPENS, ENDS + MICROSECOND, "2026-11-20 11:30:00+00:00 to 2026-11-22 22:00:00.000001+00:00, 0 without"),
    ],
)
def test_rows_are_fetched_from_the_first_to_the_last_instant_of_the_window(first, last, found):
    result = fetched_in_window.check(fetched(last, OPENS, first))
    expected = "2026-11-20T11:30:00+00:00 to 2026-11-22T22:00:00+00:00"
    assert (counts(result), told(result)) == (
        (3, int(found is not None), 0),
        [(OF_NET, None, expected, found)] if found else [],
    )


@pytest.mark.parametrize(
    ("instants", "seen"),
    [
        ([OPENS, None, ENDS], "2026-11-20 11:30:00+00:00 to 2026-11-22 22:00:00+00:00, 1 without"),
        ([None], "1970-01-01 00:00:00+00:00 to 1970-01-01 00:00:00+00:00, 1 without"),
    ],
)
def test_a_row_without_its_time_is_told(instants, seen):
    assert told(fetched_in_window.check(fetched(*instants)))[0][3] == seen


def test_without_a_window_no_row_is_outside_it():
    with pytest.raises(NotApplicable, match="window was not given"):
        fetched_in_window.check(input_of({NET: table_of([1])}))


def fetched(*instants):
    table = put(table_of([1] * len(instants)), fetched_at=pa.array(instants, pa.timestamp("us", tz="UTC")))
    return input_of({NET: table}, window=(OPENS, ENDS))
