"""What holds of the judge whatever the figures are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dated import DAY, answer, evidence, refusal, row, sets
from kiwoom_provider.api.ka10051 import Total
from kiwoom_provider.proof.earlier import EarlierSessions
from kiwoom_provider.proof.examination import examine
from kiwoom_provider.proof.session_proof import Outcome, ProofSetting, SessionProof
from sheets import sheet

NET, BUY, SELL = sets().values()
CODES = ["000001", "000002", "000003"]


def balanced(eleven):
    """Return twelve fields whose four investors sum to zero: other corporations take the rest."""
    return [*eleven, -sum(eleven[:3])]


FIGURE = st.integers(-(10**9), 10**9).filter(bool)
FIELDS = st.lists(FIGURE, min_size=8, max_size=8).map(lambda nine: [nine[0], nine[1], sum(nine[2:8]), *nine[2:8], 0, 0])
ROWS = st.fixed_dictionaries({code: FIELDS.map(balanced) for code in CODES})


def dated(rows, volume=50, traded=50, moved=0):
    """Return ka10059's answers about the stocks; their rows of the day are the fetched ones plus ``moved``."""
    past = [row(DAY - timedelta(days=n), [100 + n, *[0] * 11], 100 + n) for n in range(1, 9)]
    found = []
    for code, fields in rows.items():
        today = [fields[0] + moved, fields[1] - moved, *fields[2:]]
        net = [answer(NET, code, [row(DAY, today, 50), row(DAY - timedelta(days=3), fields[::-1])])]
        both = [answer(of, code, [row(DAY, [traded, *[0] * 11], volume), *past]) for of in (BUY, SELL)]
        found += net + both
    return found


def judge(rows, answers, totals=None, setting=ProofSetting.BOTH):
    return examine({NET: sheet(rows)}, evidence(*answers), EarlierSessions(), setting, totals)


@settings(deadline=None)
@given(ROWS)
def test_rows_that_are_the_days_final_ones_are_proved(rows):
    assume(all(fields != fields[::-1] for fields in rows.values()))
    found = judge(rows, dated(rows))
    assert found.outcome is Outcome.PROVED
    assert SessionProof.from_bytes(found.to_bytes(), "it") == found


@settings(deadline=None)
@given(ROWS, st.sampled_from(CODES), st.integers(0, 11), FIGURE)
def test_one_figure_of_one_reference_stock_that_differs_is_never_proved(rows, code, at, by):
    answers = dated(rows)
    wrong = {name: list(fields) for name, fields in rows.items()}
    wrong[code][at] += by
    assert judge(wrong, answers).outcome is not Outcome.PROVED


@settings(deadline=None)
@given(ROWS, st.sampled_from(CODES))
def test_a_row_of_an_earlier_day_is_always_disproved_by_its_day(rows, code):
    assume(rows[code] != rows[code][::-1])
    answers = dated(rows)
    found = judge(rows | {code: rows[code][::-1]}, answers)
    assert found.outcome is Outcome.DISPROVED
    assert found.sets[0].earlier_days == {code: DAY - timedelta(days=3)}


@settings(deadline=None)
@given(ROWS, st.integers(1, 10**6))
def test_a_systematic_difference_between_the_two_trs_is_unproved_and_never_disproved(rows, moved):
    found = judge(rows, dated(rows, moved=moved))
    assert (found.outcome, set(found.sets[0].unexplained)) == (Outcome.UNPROVED, set(CODES))


@settings(deadline=None)
@given(ROWS, st.integers(1, 49))
def test_flows_that_lack_any_share_of_the_volume_are_never_proved(rows, missing):
    assert judge(rows, dated(rows, volume=50, traded=50 - missing)).outcome is Outcome.UNPROVED


@settings(deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_of_answers_changes_nothing(rows, random):
    answers = dated(rows)
    mixed, shuffled = list(rows.items()), list(answers)
    random.shuffle(mixed)
    random.shuffle(shuffled)
    assert judge(dict(mixed), shuffled) == judge(rows, answers)


@settings(deadline=None)
@given(ROWS, st.lists(FIGURE, min_size=12, max_size=12), st.booleans())
def test_totals_alone_never_change_what_dated_rows_say(rows, figures, proved):
    answers = dated(rows, traded=50 if proved else 40)
    without = judge(rows, answers).outcome
    assert judge(rows, answers, {NET: Total(tuple(figures), 0)}).outcome is without


@settings(deadline=None)
@given(ROWS, st.sampled_from(list(ProofSetting)))
def test_a_refusal_never_proves_by_itself(rows, setting):
    assert judge(rows, [refusal(NET, code) for code in CODES], setting=setting).outcome is Outcome.UNPROVED


@pytest.mark.parametrize("setting", list(ProofSetting))
def test_nothing_at_all_proves_nothing(setting):
    assert judge({"000001": [0] * 12}, [], setting=setting).outcome is Outcome.UNPROVED
