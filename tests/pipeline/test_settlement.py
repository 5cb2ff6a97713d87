"""One look before the sweep: settled or not, and what was seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from kiwoom_provider.api.errors import KiwoomError
from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import ParameterError, ParameterSet, parameter_sets
from kiwoom_provider.pipeline.settlement import Counted, Looker, ProofSetting, calls_of, keep_first_pages

SESSION = calendar().session(date(2026, 11, 20))
KRX = ParameterSet.parse("KOSPI", "KRX", "quantity", "net")
SETS = [KRX, ParameterSet.parse("KOSPI", "NXT", "amount", "buy"), ParameterSet.parse("KOSDAQ", "KRX", "amount", "net")]


@pytest.fixture
def look(hook, store):
    def look(sets=(KRX,), proof="both"):
        return Looker(hook, store, SESSION, date(2026, 11, 19), ProofSetting(proof)).look(sets)

    return look


def test_a_settled_session_is_seen_at_every_market_and_venue(look):
    seen = look(SETS)
    assert seen.settled
    assert [sentence.partition(":")[0] for sentence in seen.seen] == ["KOSPI · KRX", "KOSPI · NXT", "KOSDAQ · KRX"]
    assert "ka10059 has the day's settled rows and they equal ka10066's" in seen.seen[0]
    assert "no earlier session is stored to compare with" in seen.seen[0]


def test_an_unsettled_session_is_seen(look, control):
    control.settle("never")
    seen = look()
    assert not seen.settled
    assert "ka10059 has no settled row for the day yet" in seen.seen[0]


def test_one_venue_that_has_not_settled_is_enough_to_wait(look, control):
    control.settle("18:10,NXT=never")
    seen = look(SETS)
    assert not seen.settled
    assert "they equal ka10066's" in seen.seen[0]
    assert "KOSPI · NXT: ka10059 has no settled row" in seen.seen[1]


def test_a_sibling_ahead_of_the_sheet_is_a_difference(look, control):
    control.settle("never,ka10059=18:10")
    seen = look()
    assert not seen.settled
    assert "ka10059's settled row for the day differs from ka10066's" in seen.seen[0]


def test_a_sibling_that_fails_is_said_and_not_raised(look, control):
    control.fault("error=1517@ka10059")
    seen = look()
    assert not seen.settled
    assert "ka10059 could not be asked" in seen.seen[0]
    assert "[1517]" in seen.seen[0]


def test_a_sheet_that_fails_is_raised(look, control):
    control.fault("error=1517@ka10066")
    with pytest.raises(KiwoomError):
        look()


def test_by_change_the_sibling_is_not_asked(look, control):
    assert not look(proof="changed").settled
    assert control.count("ka10059").calls == 0


def test_every_call_is_counted(hook, store):
    counted = Counted(hook)
    Looker(counted, store, SESSION, date(2026, 11, 19), ProofSetting.BOTH).look(SETS)
    assert calls_of(counted) == {"calls": 3, "reference_calls": 6}


def test_from_four_places_on_one_dated_stock_of_each_is_enough(hook, store):
    counted = Counted(hook)
    Looker(counted, store, SESSION, date(2026, 11, 19), ProofSetting.BOTH).look(parameter_sets({}))
    assert calls_of(counted) == {"calls": 6, "reference_calls": 6}


def test_only_first_pages_of_asked_sets_are_kept(look, store):
    seen = look(SETS)
    keep_first_pages(store, SESSION, "run-a", seen, SETS)
    (key,) = store.list("raw/ka10066")
    assert "market=KOSPI/venue=KRX/measure=quantity/side=net" in key


def test_a_page_that_came_after_the_window_is_not_kept(look, store):
    seen = look()
    late = replace(seen.first_pages[KRX], fetched_at=datetime(2026, 11, 22, 22, 0, tzinfo=UTC))
    keep_first_pages(store, SESSION, "run-a", replace(seen, first_pages={KRX: late}), [KRX])
    assert store.list("raw/ka10066") == []


def test_a_setting_that_does_not_exist_is_named():
    with pytest.raises(ParameterError, match=r"proof 'no' .*kiwoom_proof.* is not one of: dated, changed, both"):
        ProofSetting.parse("no")
