"""Whether a day's figures are its last: by the volume where that law holds, else by the clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dated import DAY, EVENING, NIGHT, answer, evidence, gross, row, sets
from kiwoom_provider.proof.dated_rows import DatedAnswer
from kiwoom_provider.proof.finality import Finality
from kiwoom_provider.proof.session_proof import FinalityLaw

NET, BUY, SELL = sets().values()
MINUTES = timedelta(minutes=1)


def at_place(*answers):
    return evidence(*answers).finality_at(NET)


def unlawful(at=NIGHT, traded=60, holding=0):
    """Return buys and sells of a vendor whose flows do not sum to the volume, but for ``holding`` of 20 days."""
    before = [row(DAY - timedelta(days=n), [100, *[0] * 11], 100 if n <= holding else 103) for n in range(1, 21)]
    today = row(DAY, [traded, *[0] * 11], 62)
    return [answer(of, "000006", [today, *before], at) for of in (BUY, SELL)]


def test_flows_that_cover_the_volume_are_final_at_any_hour():
    found = at_place(*gross(at=EVENING))
    assert (found.law, found.since) == (FinalityLaw.VOLUME, EVENING)


@pytest.mark.parametrize(("traded", "share"), [(54, 0.9), (59, 59 / 60), (61, 61 / 60)])
def test_flows_that_do_not_are_not_and_the_share_is_told(traded, share):
    found = at_place(*gross(traded=traded))
    assert (found.since, found.law, found.coverage) == (None, FinalityLaw.VOLUME, share)


def test_sells_must_cover_it_too():
    buys, _ = gross()
    _, sells = gross(traded=54)
    assert at_place(buys, sells).coverage == 0.9


def test_buys_alone_show_nothing():
    assert at_place(gross()[0]).law is None


def test_natfor_is_one_of_the_five():
    buys, sells = (replace(one, rows=(row(DAY, [50, *[0] * 11], 60, 10), *one.rows[1:])) for one in gross())
    assert at_place(buys, sells).since == NIGHT


@pytest.mark.parametrize(
    ("holding", "law"), [(20, FinalityLaw.VOLUME), (18, FinalityLaw.VOLUME), (17, FinalityLaw.CLOCK)]
)
def test_the_law_decides_where_it_holds_on_all_but_a_tenth_of_the_earlier_days(holding, law):
    assert at_place(*unlawful(holding=holding)).law is law


@pytest.mark.parametrize(("days", "law"), [((3, 2), FinalityLaw.VOLUME), ((2, 2), FinalityLaw.CLOCK)])
def test_a_stock_without_enough_earlier_days_tells_nothing_of_the_law(days, law):
    buys, sells = (gross(days=count)[side] for side, count in enumerate(days))
    assert at_place(buys, sells).law is law


def test_days_beyond_the_newest_twenty_tell_nothing_of_the_law():
    older = [row(DAY - timedelta(days=n), [100, *[0] * 11], 103) for n in range(21, 100)]
    answers = (replace(one, rows=(*one.rows, *older)) for one in gross(days=20))
    assert at_place(*answers).law is FinalityLaw.VOLUME


@pytest.mark.parametrize(
    ("days", "held", "law"),
    [
        (0, row(DAY, [0] * 12, 0), FinalityLaw.CLOCK),  # what no trade covers is no law
        (20, row(DAY, [0] * 12, 100), FinalityLaw.VOLUME),  # a day whose figures were never given breaks none
    ],
)
def test_a_day_without_trades_or_without_figures_tells_nothing_of_the_law(days, held, law):
    silent = [replace(held, day=DAY - timedelta(days=100 + n)) for n in range(20)]
    answers = [replace(one, rows=(one.rows[0], *silent[:10], *one.rows[1:])) for one in gross(days=days)]
    assert at_place(*answers).law is law


def test_the_newest_answer_tells_of_the_law_and_of_the_volume():
    for first, since in ((gross(days=0), 0), (gross(volume=None), 1), (gross(traded=54), 1)):
        found = at_place(*first, *gross(at=NIGHT + MINUTES))
        assert (found.law, found.since) == (FinalityLaw.VOLUME, NIGHT + since * MINUTES)


def test_a_place_is_final_since_the_first_of_its_stocks_was_and_that_since_its_first_side():
    lacking, late, early = gross("000005", traded=54), gross("000006"), gross("000007", at=EVENING)
    assert at_place(*lacking, *late).since == NIGHT
    assert at_place(*lacking, *late, *early).since == EVENING
    assert at_place(early[0], gross("000007")[1]).since == EVENING


def test_other_stocks_of_the_place_tell_of_the_law_for_it():
    assert evidence(*gross(days=0), *gross(code="000005")).finality_of(gross(days=0)[0]).law is FinalityLaw.VOLUME


def test_a_volume_that_is_no_number_leaves_it_to_the_clock():
    assert at_place(*gross(volume=None), *gross(code="000005")).law is FinalityLaw.VOLUME
    assert at_place(*gross(volume=None)).law is FinalityLaw.CLOCK
    assert at_place(gross()[0], gross(volume=None)[1]).law is FinalityLaw.CLOCK


# By the clock


@pytest.mark.parametrize(
    ("first", "second", "final"),
    [
        (NIGHT, NIGHT + 10 * MINUTES, True),
        (NIGHT, NIGHT + 9 * MINUTES, False),
        (EVENING, EVENING + 10 * MINUTES, False),
        (NIGHT - 6 * MINUTES, NIGHT + 4 * MINUTES, False),  # 21:09 is too early
        (NIGHT - 5 * MINUTES, NIGHT + 5 * MINUTES, True),  # 21:10 is not
    ],
)
def test_figures_that_stand_still_over_two_looks_are_final(first, second, final):
    found = at_place(*unlawful(first), *unlawful(second))
    assert (found.law, found.since) == (FinalityLaw.CLOCK, first if final else None)


def test_figures_that_changed_between_two_looks_are_not():
    assert at_place(*unlawful(), *unlawful(NIGHT + 10 * MINUTES, traded=61)).since is None


def test_figures_that_changed_and_came_back_stand_still_from_then_on():
    looks = [*unlawful(), *unlawful(NIGHT + 5 * MINUTES, traded=61), *unlawful(NIGHT + 10 * MINUTES)]
    assert at_place(*looks).since is None
    assert at_place(*looks, *unlawful(NIGHT + 20 * MINUTES)).since == NIGHT + 10 * MINUTES


def test_both_sides_must_stand_still_and_do_since_the_first_of_them():
    buys, sells = unlawful(NIGHT + 10 * MINUTES)
    assert at_place(unlawful()[0], buys, sells).since is None
    assert at_place(unlawful()[0], buys, unlawful(NIGHT - 3 * MINUTES)[1], sells).since == NIGHT - 3 * MINUTES


def test_where_buys_and_sells_are_not_served_net_rows_must_stand_still():
    rows = [row(DAY, [60, -60, *[0] * 10], 62)]
    refused, once = DatedAnswer(BUY, "000006", DAY, is_refused=True), answer(NET, "000006", rows)
    assert at_place(refused, once).law is FinalityLaw.CLOCK
    twice = [refused, once, answer(NET, "000006", rows, NIGHT + 10 * MINUTES)]
    assert at_place(*twice).since == NIGHT
    amounts = answer(sets(measure="amount")["net"], "000006", rows, NIGHT + 20 * MINUTES)
    assert at_place(*twice, amounts).since == NIGHT  # the net rows in shares tell


def test_net_rows_show_nothing_where_buys_and_sells_were_not_asked_for():
    rows = [row(DAY, [60, -60, *[0] * 10], 62)]
    assert at_place(answer(NET, "000006", rows), answer(NET, "000006", rows, NIGHT + 10 * MINUTES)) == Finality()


def test_what_is_answered_after_a_place_is_final_is_final_and_before_it_is_not():
    known = evidence(*unlawful(NIGHT), *unlawful(NIGHT + 10 * MINUTES))
    other = [row(DAY, [1, -1, *[0] * 10], 9)]
    assert known.finality_of(answer(NET, "000001", other, NIGHT + MINUTES)).since == NIGHT
    assert known.finality_of(answer(NET, "000001", other, NIGHT - MINUTES)).since is None


def test_a_net_row_that_its_stocks_buys_and_sells_explain_is_final_only_when_they_are():
    figures = {NET: [60, -60], BUY: [80, 20], SELL: [20, 80]}
    known = {of: answer(of, "000005", [row(DAY, [*two, *[0] * 10])], EVENING) for of, two in figures.items()}
    given = evidence(*gross(at=NIGHT), *known.values())
    assert given.finality_at(NET).since == NIGHT
    assert given.finality_of(known[NET]).since is None


# Whatever the figures are


SHARES = st.integers(0, 10**12)


@given(st.tuples(SHARES, SHARES, SHARES, SHARES), st.integers(1, 10**12), st.booleans())
def test_a_row_is_final_by_its_volume_when_and_only_when_buys_and_sells_are_the_volume(five, missing, lacks):
    first, second, third, other = five
    fields = [first, second, 0, 0, 0, 0, 0, 0, 0, 0, 0, third]
    total = sum(five)
    volume = total + missing * lacks
    buys, sells = (replace(one, rows=(row(DAY, fields, volume, other), *one.rows[1:])) for one in gross())
    assert (at_place(buys, sells).since is not None) == (not lacks and total > 0)
