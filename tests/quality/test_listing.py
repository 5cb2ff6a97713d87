"""Stocks and names against the securities master, and net figures against the market's dated totals."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from kiwoom_provider.api.ka10051 import Total
from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.rules.listing import listed_stocks_swept, names_as_listed, swept_stocks_listed
from kiwoom_provider.quality.rules.totals import totals_agree
from small_tables import DAY_BEFORE, board, counts, input_of, market, put, set_of, table_of, told

KRX, NXT, WHOLE = (f"KOSPI {venue} amount net" for venue in ("KRX", "NXT", "CONSOLIDATED"))
OTHER = "KOSDAQ KRX amount net"


# --- the securities master -------------------------------------------------------------------------


@pytest.mark.parametrize(("missing", "unusual"), [(3, 3), (4, 0)])
def test_three_stocks_of_the_days_master_may_be_missing(missing, unusual):
    result = listed_stocks_swept.check(input_of({KRX: market(range(missing, 100))}, securities=board(range(100))))
    assert counts(result) == (100, missing, unusual)
    shown = ("KOSPI · KRX", "000000", "as the master lists it", f"gone, one of {missing}")
    assert told(result)[0] == shown


@pytest.mark.parametrize(("missing", "unusual"), [(20, 20), (21, 0)])
@pytest.mark.parametrize(
    "securities", [board(range(100), day=DAY_BEFORE), board(range(100), day=None, kept="2026-11-19"), board(range(99))]
)
def test_twenty_of_an_older_copy_and_on_later_nights_any_number(missing, unusual, securities):
    now = {KRX: market([*range(missing, 100)])}
    counted = securities.num_rows
    assert counts(listed_stocks_swept.check(input_of(now, securities=securities))) == (counted, missing, unusual)
    later = listed_stocks_swept.check(input_of(now, published=now, securities=securities))
    assert counts(later) == (counted, missing, missing)


def test_on_a_later_night_the_days_master_still_tells_what_is_missing():
    now = {KRX: market(range(4, 100))}
    assert counts(listed_stocks_swept.check(input_of(now, published=now, securities=board(range(100))))) == (100, 4, 0)


def test_a_master_is_older_for_the_market_whose_stock_it_lacks_alone():
    both = {KRX: market([*range(4, 100), 900]), OTHER: market(range(204, 300))}
    boards = [board(range(100)), board(range(200, 300), of="KOSDAQ")]
    securities = pa.concat_tables(boards).replace_schema_metadata(boards[0].schema.metadata)
    result = listed_stocks_swept.check(input_of(both, securities=securities))
    assert (counts(result), told(result)[0][0]) == ((200, 8, 4), "KOSDAQ · KRX")


def test_of_nxt_only_what_the_master_has_there_is_wanted_and_what_was_not_traded_there_only_warns():
    listed = board(range(100), on_nxt=range(50))
    now = {NXT: market(range(5, 45))}
    assert counts(listed_stocks_swept.check(input_of(now, securities=listed))) == (50, 10, 10)
    volume = [10 + (number in {0, 45, *range(5, 45)}) for number in range(100)]
    both = {KRX: market(range(100), trde_qty=[10] * 100), WHOLE: market(range(100), trde_qty=volume)}
    result = listed_stocks_swept.check(input_of(now | both, securities=listed))
    assert (counts(result), [code for _, code, *_ in told(result)][:2]) == ((250, 10, 8), ["000000", "000045"])


def test_of_nxt_too_three_stocks_that_were_traded_there_may_be_missing():
    now = {NXT: market(range(3, 50)), KRX: market(range(100), trde_qty=[10] * 100)}
    now |= {WHOLE: market(range(100), trde_qty=[10 + (number < 50) for number in range(100)])}
    result = listed_stocks_swept.check(input_of(now, securities=board(range(100), on_nxt=range(50))))
    assert counts(result) == (250, 3, 3)


def test_a_stock_of_nxt_alone_does_not_make_the_master_an_older_one():
    now = {NXT: market([900]), KRX: market(range(4, 100))}
    result = listed_stocks_swept.check(input_of(now, securities=board(range(100))))
    assert counts(result) == (100, 4, 0)


@pytest.mark.parametrize(("lacks", "usable"), [(2, True), (3, False)])
def test_a_master_that_lacks_more_than_two_in_a_hundred_is_not_the_board(lacks, usable):
    given = input_of({KRX: market(range(100)), NXT: market(range(5))}, securities=board(range(lacks, 100)))
    for law in (listed_stocks_swept, names_as_listed):
        if usable:
            assert law.check(given).failing == 0
        else:
            with pytest.raises(NotApplicable, match="not the board of these markets"):
                law.check(given)


def test_a_market_that_the_master_does_not_have_is_left_to_others():
    both = {KRX: market(range(10)), OTHER: market(range(50, 60))}
    assert counts(listed_stocks_swept.check(input_of(both, securities=board(range(10))))) == (10, 0, 0)
    with pytest.raises(NotApplicable, match="not the board of these markets"):
        listed_stocks_swept.check(input_of({NXT: market([1])}, securities=board(range(5), of="KOSDAQ")))


def test_each_swept_stock_of_a_market_that_the_master_lacks_is_told():
    tables = {KRX: market(range(10)), WHOLE: market(range(11)), NXT: market([77]), "ALL KRX amount net": market([88])}
    result = swept_stocks_listed.check(input_of(tables, securities=board(range(9))))
    assert (counts(result), told(result)) == (
        (21, 3, 0),
        [
            ("KOSPI · CONSOLIDATED", "000009", "listed", "not in the master, one of 2"),
            ("KOSPI · CONSOLIDATED", "000010", "listed", "not in the master, one of 2"),
            ("KOSPI · KRX", "000009", "listed", "not in the master, one of 1"),
        ],
    )


@pytest.mark.parametrize(
    ("securities", "found"),
    [
        (board(range(10), day=None), []),
        (board(range(10)).replace_schema_metadata(None), []),
        (board(range(10), day=DAY_BEFORE), ["the copy of 2026-11-19"]),
        (board(range(10), kept="2026-11-12"), ["the copy of 2026-11-12"]),
    ],
)
def test_a_copy_of_another_day_is_told(securities, found):
    result = swept_stocks_listed.check(input_of({KRX: market(range(10))}, securities=securities))
    assert counts(result) == (10, len(found), 0)
    assert told(result) == [("the securities master", None, "2026-11-20", seen) for seen in found]


def test_names_are_the_masters_but_for_blanks_around_them():
    securities = put(board(range(4)), stock_name=["one ", "two", None, "x"])
    tables = {KRX: market([0, 1, 2], stk_nm=[" one", "2", "three"]), NXT: market([3])}
    given = input_of(tables | {WHOLE: market([1], stk_nm=["two"])}, securities=securities)
    result = names_as_listed.check(given)
    assert (counts(result), told(result)) == (
        (4, 2, 0),
        [("KOSPI · KRX", "000001", "two", "2"), ("KOSPI · KRX", "000002", "", "three")],
    )


def test_a_stock_that_the_master_lacks_has_no_name_to_compare():
    given = input_of({KRX: market(range(100))}, securities=board(range(1, 100)))
    assert counts(names_as_listed.check(given)) == (99, 0, 0)


@pytest.mark.parametrize("law", [swept_stocks_listed, names_as_listed])
def test_of_nxt_alone_the_master_tells_no_name_and_no_stock(law):
    with pytest.raises(NotApplicable, match="neither KRX nor CONSOLIDATED"):
        law.check(input_of({NXT: market([1])}, securities=board([1])))


@pytest.mark.parametrize("law", [listed_stocks_swept, swept_stocks_listed, names_as_listed])
def test_without_the_master_its_laws_do_not_apply(law):
    with pytest.raises(NotApplicable, match="the securities master could not be had"):
        law.check(input_of({KRX: market([1])}))


# --- the dated totals ------------------------------------------------------------------------------

FLOWS = [[5_000, -5_000, *[0] * 9, 700], [0] * 12]


def totals(*figures, of=KRX, flows=FLOWS, **more):
    table = put(table_of(flows), stk_nm=["a stock", "an ETN"])
    totals_of = {set_of(of): Total((*figures, *[0] * (12 - len(figures))), 0)}
    return totals_agree.check(input_of({of: table}, totals=totals_of, **more))


def test_sums_without_etns_equal_the_totals_to_one_of_their_units():
    result = totals(51, -49, *[0] * 9, 8)
    assert counts(result) == (12, 0, 0)
    result = totals(52, -48, *[0] * 9, 7)
    assert (counts(result), told(result)) == (
        (12, 2, 0),
        [
            ("KOSPI · KRX · amount · net", None, "50.0", "52"),
            ("KOSPI · KRX · amount · net", None, "-50.0", "-48"),
        ],
    )
    assert [(str(one.investor), one.difference) for one in result.offenders] == [
        ("individual", 2.0),
        ("foreigner", 2.0),
    ]


def test_quantities_are_compared_in_thousands_and_etns_count_for_nothing():
    flows = [[5_000, -5_000, *[0] * 9, 700], [10**9] * 12]
    assert counts(totals(5, -5, of="KOSPI KRX quantity net", flows=flows)) == (12, 0, 0)
    result = totals(7, -5, *[0] * 9, 2, of="KOSPI KRX quantity net", flows=flows)
    assert [(str(one.expected), str(one.seen), one.difference) for one in result.offenders] == [
        ("5.0", "7", 2.0),
        ("0.7", "2", 1.3),
    ]


EVERY = [[1_234_567 * (n + 1) for n in range(12)], [0] * 12]
"""Figures by which a unit's factor is told: 12,345.67 억원 of the first, 148,148.04 of the last."""


@pytest.mark.parametrize(
    ("first", "seen"),
    [
        (123_456.7, "1,481,480: 10 times too large: another unit"),
        (1_234_567, "14,814,804: 100 times too large: another unit"),
        (12_345_670, "148,148,040: 1,000 times too large: another unit"),
        (123_456_700, "1,481,480,400: 10,000 times too large: another unit"),
        (1_234_567_000, "14,814,804,000: 100,000 times too large: another unit"),
        (12_345_670_000, "148,148,040,000: 1,000,000 times too large: another unit"),
        (1_234.567, "14,815: 10 times too small: another unit"),
        (0.1234567, "1: 100,000 times too small: another unit"),
        (0, "0"),
        (4_000, "48000"),
    ],
)
def test_totals_that_fit_nowhere_are_told_with_their_factor(first, seen):
    result = totals(*[round(first * (n + 1)) for n in range(12)], flows=EVERY)
    assert str(result.offenders[0].seen) == seen


@pytest.mark.parametrize("first", [123_457, 1_235])
def test_totals_of_which_one_alone_fits_a_factor_are_told_as_they_are_to_one_decimal(first):
    worst = totals(first, *[4_000 * (n + 1) for n in range(1, 12)], flows=EVERY).offenders[bool(first > 100_000)]
    assert (str(worst.investor), worst.expected, worst.seen, worst.difference) == (
        "other corporation",
        148_148.0,
        48_000,
        -100_148.0,
    )


def test_totals_of_the_session_published_before_are_told_with_its_day():
    published = {KRX: put(table_of(FLOWS), stk_nm=["a stock", "an ETN"])}
    flows = [[-value for value in EVERY[0]], [0] * 12]
    result = totals(51, -51, *[0] * 9, 8, flows=flows, published=published, published_on=DAY_BEFORE)
    assert str(result.offenders[0].seen) == "8: as on 2026-11-19"
    result = totals(52, -51, *[0] * 9, 8, flows=flows, published=published, published_on=DAY_BEFORE)
    assert str(result.offenders[0].seen) == "8"


@pytest.mark.parametrize(("wrong", "is_told"), [(6, False), (7, True)])
def test_only_where_most_investors_differ_a_reason_is_looked_for(wrong, is_told):
    sums = np.array(EVERY[0]) / 100
    figures = [round(value * (10 if n < wrong else 1)) for n, value in enumerate(sums)]
    flows = [[value if n < wrong else 0 for n, value in enumerate(EVERY[0])], [0] * 12]
    figures = [figure if n < wrong else 0 for n, figure in enumerate(figures)]
    result = totals(*figures, flows=flows)
    assert result.failing == wrong
    assert ("another unit" in str(result.offenders[0].seen)) is is_told


def test_totals_of_a_set_that_was_not_asked_for_are_left_and_without_totals_there_is_no_law():
    with pytest.raises(NotApplicable, match="no set of net figures was asked for"):
        totals_agree.check(input_of({KRX: table_of([1])}, totals={set_of(NXT): Total((0,) * 12, 0)}))
    with pytest.raises(NotApplicable, match="the market's totals could not be had"):
        totals_agree.check(input_of({KRX: table_of([1])}))
