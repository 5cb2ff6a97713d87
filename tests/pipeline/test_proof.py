"""Proved, unproved or disproved: told from evidence alone."""

from __future__ import annotations

from datetime import date

import pytest

from kiwoom_provider.locale import translate
from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.pipeline.previous import Before
from kiwoom_provider.pipeline.proof import conclude, examine
from kiwoom_provider.pipeline.references import Reference
from kiwoom_provider.pipeline.settlement import ProofSetting
from kiwoom_provider.quality.proof import Outcome
from sheets import flows, sheet, stocks

DAY, DAY_BEFORE = date(2026, 11, 20), date(2026, 11, 19)
KRX = ParameterSet.parse("KOSPI", "KRX", "quantity", "net")
NXT = ParameterSet.parse("KOSPI", "NXT", "quantity", "net")
AMOUNT = ParameterSet.parse("KOSPI", "KRX", "amount", "net")
NOW, YESTERDAY = sheet(stocks(6, first=10)), sheet(stocks(6, first=7))
BOTH, DATED, CHANGED = ProofSetting.BOTH, ProofSetting.DATED, ProofSetting.CHANGED


def dated(code="000006", first=60, parameters=KRX, **more):
    return Reference(parameters, code, tuple(flows(first)), **({"is_settled": True} | more))


def refused(code="000006", parameters=KRX):
    return Reference(parameters, code, None, is_settled=False, is_refused=True)


def before(table=YESTERDAY, sets=(KRX,), *, trusted=True):
    return Before(DAY_BEFORE, dict.fromkeys(sets, table), frozenset(sets) if trusted else frozenset())


def outcome(tables, references, stored, setting=BOTH):
    by_set = {}
    for reference in references:
        by_set.setdefault(reference.parameters, []).append(reference)
    return conclude(DAY, examine(tables, by_set, stored), by_set, setting)


@pytest.mark.parametrize(
    ("setting", "references", "stored", "expected"),
    [
        (BOTH, [dated()], before(), Outcome.PROVED),
        (BOTH, [dated()], Before(), Outcome.PROVED),
        (BOTH, [], before(), Outcome.UNPROVED),
        (BOTH, [], Before(), Outcome.UNPROVED),
        (BOTH, [dated(is_settled=False)], before(), Outcome.UNPROVED),
        (BOTH, [dated(first=61)], before(), Outcome.DISPROVED),
        (BOTH, [dated(code="999999")], before(), Outcome.DISPROVED),
        (BOTH, [dated()], before(NOW), Outcome.DISPROVED),
        (BOTH, [dated()], before(NOW, trusted=False), Outcome.DISPROVED),
        (BOTH, [refused()], before(), Outcome.PROVED),
        (BOTH, [refused()], before(trusted=False), Outcome.UNPROVED),
        (BOTH, [refused()], Before(), Outcome.UNPROVED),
        (DATED, [dated()], before(), Outcome.PROVED),
        (DATED, [refused()], before(), Outcome.UNPROVED),
        (DATED, [], before(), Outcome.UNPROVED),
        (CHANGED, [], before(), Outcome.PROVED),
        (CHANGED, [], before(trusted=False), Outcome.UNPROVED),
        (CHANGED, [], Before(), Outcome.UNPROVED),
        (CHANGED, [], before(NOW), Outcome.DISPROVED),
        (CHANGED, [dated(first=61)], before(), Outcome.DISPROVED),
    ],
)
def test_one_set_is_judged_by_what_is_known_of_it(setting, references, stored, expected):
    assert outcome({KRX: NOW}, references, stored, setting).outcome is expected


def test_one_unproved_set_keeps_the_session_unproved():
    concluded = outcome({KRX: NOW, NXT: NOW}, [dated()], Before())
    assert concluded.outcome is Outcome.UNPROVED
    assert "not proved: 1 sets, first KOSPI · NXT · quantity · net" in translate(concluded.how, "en")


def test_a_venue_without_the_dated_sibling_is_proved_by_its_own_change():
    references = [dated(), refused(parameters=NXT)]
    assert outcome({KRX: NOW, NXT: NOW}, references, before(sets=(KRX, NXT))).outcome is Outcome.PROVED
    assert outcome({KRX: NOW, NXT: NOW}, references, before(sets=(KRX,))).outcome is Outcome.UNPROVED


def test_a_page_that_nothing_speaks_for_keeps_the_set_unproved():
    now = sheet(stocks(6, first=10), stocks(3, first=5, letter="1"))
    concluded = outcome({KRX: now}, [dated()], Before())
    assert concluded.outcome is Outcome.UNPROVED
    assert "1 of 1 sets have pages that nothing speaks for" in translate(concluded.how, "en")


def test_a_page_whose_stocks_the_sibling_does_not_serve_is_let_pass():
    now = sheet(stocks(6, first=10), stocks(3, first=5, letter="1"))
    assert outcome({KRX: now}, [dated(), refused("100003")], Before()).outcome is Outcome.PROVED


def test_an_amount_may_be_a_million_off_and_a_quantity_may_not():
    assert outcome({AMOUNT: NOW}, [dated(first=61, parameters=AMOUNT)], Before()).outcome is Outcome.PROVED
    assert outcome({AMOUNT: NOW}, [dated(first=62, parameters=AMOUNT)], Before()).outcome is Outcome.DISPROVED


def test_no_set_proves_nothing():
    assert outcome({}, [], Before()).outcome is Outcome.UNPROVED


def test_the_dated_rows_of_the_examined_sets_go_into_the_proof():
    concluded = outcome({KRX: NOW}, [dated(), dated(parameters=NXT)], Before())
    assert [(row.parameters, row.stock_code, row.dated["ind_invsr"]) for row in concluded.rows] == [(KRX, "000006", 60)]
