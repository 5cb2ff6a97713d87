"""Is it this session's data: what the proof's entries, the dated rows and the session before say."""

from __future__ import annotations

from datetime import date

import pytest

from kiwoom_provider.locale import message
from kiwoom_provider.proof.session_proof import Outcome, ReferenceRow, SessionProof, SetProof
from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.rules.session import (
    base_price_goes_on,
    not_previous_session,
    reference_rows,
    session_proof,
    turnover_is_usual,
)
from small_tables import BUY, DAY_BEFORE, ELEMENTS, NET, OF_BUY, OF_NET, counts, input_of, put, set_of, table_of, told

SHARES = "KOSPI KRX quantity net"
FLOWS = [10, 20, 30, 0, 0, 0, 0, 0, 0, 0, 0, 40]


def proof(*sets, rows=(), outcome=Outcome.PROVED):
    return SessionProof(outcome=outcome, how=(message("it is so"),), sets=sets, rows=rows)


def entry(text, **what):
    return SetProof(**SetProof.of(set_of(text)), outcome=Outcome.PROVED, **what)


def row(text, code, flows):
    return ReferenceRow(**ReferenceRow.of(set_of(text)), stock_code=code, dated=dict(zip(ELEMENTS, flows, strict=True)))


def off(column, by):
    return [value + by * (n == column) for n, value in enumerate(FLOWS)]


@pytest.mark.parametrize(
    ("outcome", "seen", "releasable"),
    [
        (Outcome.PROVED, None, True),
        (Outcome.UNPROVED, "unproved: it is so", True),
        (Outcome.DISPROVED, "disproved: it is so", False),
    ],
)
def test_only_a_proved_session_passes_and_a_disproved_one_is_never_released(outcome, seen, releasable):
    result = session_proof.check(input_of({NET: table_of([1])}, proof=proof(outcome=outcome)))
    assert (counts(result), result.is_releasable) == ((1, int(seen is not None), 0), releasable)
    assert [seen for *_, seen in told(result)] == ([seen] if seen else [])


def test_without_a_proof_nothing_is_checked():
    result = session_proof.check(input_of({NET: table_of([1])}))
    assert (counts(result), result.unchecked) == (
        (0, 0, 0),
        [message("no settlement evidence was given to the audit")],
    )


@pytest.mark.parametrize(("text", "by", "failing"), [(NET, 1, 0), (NET, 2, 1), (NET, -2, 1), (SHARES, 1, 1)])
@pytest.mark.parametrize("column", [0, 11])
def test_a_reference_stock_is_its_dated_row_to_a_million_won_and_to_the_share(text, by, failing, column):
    table = table_of([[0] * 12, FLOWS, [0] * 12])
    given = input_of({text: table}, proof=proof(rows=(row(text, "000001", off(column, by)),)))
    result = reference_rows.check(given)
    assert (counts(result), result.is_releasable) == ((12, failing, 0), not failing)
    if failing:
        assert told(result)[0][1:] == ("000001", str(FLOWS[column] + by), str(FLOWS[column]))


@pytest.mark.parametrize("code", ["0000005", "zzzzzz", "000000"])
def test_a_reference_stock_that_was_not_fetched_is_not_checked(code):
    table = put(table_of([[0] * 12, FLOWS]), stk_cd=["000001", "000002"])
    rows = (row(NET, code, FLOWS), row(NET, "000002", FLOWS))
    result = reference_rows.check(input_of({NET: table}, proof=proof(rows=rows)))
    assert (counts(result), [str(one) for one in result.unchecked]) == (
        (12, 0, 0),
        [f"{OF_NET}: reference stock {code} was not fetched"],
    )


def test_a_set_that_cannot_be_read_is_not_checked_and_one_that_was_not_asked_for_is_left():
    rows = (row(NET, "000000", FLOWS), row(SHARES, "000000", FLOWS), row(BUY, "000000", FLOWS))
    tables = {NET: table_of([FLOWS]).drop_columns("bank"), BUY: table_of([FLOWS])}
    result = reference_rows.check(input_of(tables, proof=proof(rows=rows)))
    assert (counts(result), [str(one) for one in result.unchecked]) == (
        (12, 0, 0),
        [f"{OF_NET}: column bank is missing"],
    )


def test_an_earlier_days_row_is_told_first_and_never_released_and_an_unexplained_one_may_be():
    unexplained = entry(BUY, unexplained=("000002", "000003"))
    left = entry(SHARES, unexplained=("000009",))
    tables = {NET: table_of([1]), BUY: table_of([1])}
    result = reference_rows.check(input_of(tables, proof=proof(unexplained, left)))
    assert (counts(result), result.is_releasable) == ((2, 2, 0), True)
    earlier = entry(NET, earlier_days={"000001": DAY_BEFORE})
    result = reference_rows.check(input_of(tables, proof=proof(earlier)))
    assert (counts(result), result.is_releasable) == ((1, 1, 0), False)
    result = reference_rows.check(input_of(tables, proof=proof(unexplained, earlier)))
    assert (counts(result), result.is_releasable, told(result)) == (
        (3, 3, 0),
        False,
        [
            (OF_NET, "000001", "other flows", "as on 2026-11-19"),
            (OF_BUY, "000002", "as in the dated row", "as on none of the dated days"),
            (OF_BUY, "000003", "as in the dated row", "as on none of the dated days"),
        ],
    )


@pytest.mark.parametrize("said", [None, proof(), proof(entry(NET)), proof(entry(BUY, unexplained=("000002",)))])
def test_where_the_proof_holds_no_dated_row_of_an_asked_set_the_law_does_not_apply(said):
    with pytest.raises(NotApplicable, match="holds no dated row of an asked set"):
        reference_rows.check(input_of({NET: table_of([1])}, proof=said))


def test_a_set_that_is_still_an_earlier_sessions_is_told_the_largest_part_first():
    compared = (DAY_BEFORE, date(2026, 11, 18))
    sets = (
        entry(NET, compared_with=compared, unchanged_since=DAY_BEFORE, unchanged_stocks=7),
        entry(BUY, compared_with=compared[:1], unchanged_since=compared[1], unchanged_stocks=70),
        entry(SHARES, compared_with=compared),
    )
    result = not_previous_session.check(input_of({NET: table_of([1])}, proof=proof(*sets)))
    assert (counts(result), result.is_releasable, told(result)) == (
        (5, 2, 0),
        False,
        [
            (OF_BUY, None, "other flows", "70 stocks as on 2026-11-18"),
            (OF_NET, None, "other flows", "7 stocks as on 2026-11-19"),
        ],
    )


@pytest.mark.parametrize("said", [None, proof(entry(NET))])
def test_where_no_earlier_session_was_compared_with_the_law_does_not_apply(said):
    with pytest.raises(NotApplicable, match="none of these sets is stored for an earlier session"):
        not_previous_session.check(input_of({NET: table_of([1])}, proof=said))


def priced(*prices, **columns):
    return table_of([0] * len(prices), cur_prc=list(prices), **columns)


@pytest.mark.parametrize(("moved", "failing"), [(2, 0), (3, 3)])
@pytest.mark.parametrize("price", [13_001, 6_999])
def test_two_in_a_hundred_base_prices_may_have_moved_by_more_than_thirty_percent(moved, failing, price):
    now, before = [price] * moved + [13_000, 7_000] + [10_000] * (98 - moved), [10_000] * 100
    result = base_price_goes_on.check(input_of({NET: priced(*now)}, published={NET: priced(*before)}))
    assert counts(result) == (100, failing, 0)
    if failing:
        assert told(result)[0] == ("KOSPI · KRX", "000000", "near 10,000", str(price))


def test_the_base_price_is_compared_and_stocks_without_one_or_without_a_last_price_are_not():
    now = priced(20_000, 0, 20_000, 20_000, 1, pred_pre=[10_000, 0, 0, 0, 0], stk_cd=["a", "b", "c", "d", "e"])
    before = priced(10_000, 5, 0, 1, stk_cd=["a", "b", "c", "e"])
    result = base_price_goes_on.check(input_of({NET: now}, published={NET: before}))
    assert counts(result) == (2, 0, 0)


@pytest.mark.parametrize(
    ("side", "now", "before", "found"),
    [
        ("buy", 500, 100, None),
        ("buy", 501, 100, ("about 100", "501", 401)),
        ("sell", 20, 100, None),
        ("sell", 19, 100, ("about 100", "19", -81)),
        ("net", -2_000, 100, None),
        ("net", 2_001, -100, ("about 100", "2001", 1901)),
        ("net", 5, 100, None),
        ("net", 4, 100, ("about 100", "4", -96)),
        ("buy", 5, 0, None),
    ],
)
def test_a_total_is_within_a_factor_of_the_session_before(side, now, before, found):
    text = f"KOSPI KRX amount {side}"
    tables = {NET.replace("net", side): table_of([[now, *[0] * 4, 9**9, *[0] * 6]])}
    result = turnover_is_usual.check(input_of(tables, published={text: table_of([[0] * 11 + [before]])}))
    assert counts(result) == (1, int(found is not None), 0)
    assert [(*shown[2:], one.difference) for shown, one in zip(told(result), result.offenders, strict=True)] == (
        [found] if found else []
    )
