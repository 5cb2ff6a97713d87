"""One look before the sweep: settled or not, and what was seen."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kiwoom_provider.api import ka10066
from kiwoom_provider.api.call_source import CallCounter
from kiwoom_provider.api.errors import AuthenticationError, KiwoomError
from kiwoom_provider.datasets import ka10066 as ka10066_set
from kiwoom_provider.datasets import layout, raw
from kiwoom_provider.parameters import ParameterError, ParameterSet, parameter_sets
from kiwoom_provider.proof.evidence import EvidenceStore
from kiwoom_provider.proof.finality import Finality
from kiwoom_provider.proof.session_proof import FinalityLaw, ProofSetting
from kiwoom_provider.proof.settlement_check import SettlementCheck, keep_first_pages

SESSION = date(2026, 11, 20)
WINDOW_ENDS = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
KRX = ParameterSet.parse("KOSPI", "KRX", "quantity", "net")
BOTH_MARKETS = [
    ParameterSet.parse(market, venue, "quantity", "net") for venue in ("KRX", "NXT") for market in ("KOSPI", "KOSDAQ")
]
LACKING = "the after-market is not in yet"
SETS = [KRX, ParameterSet.parse("KOSPI", "NXT", "amount", "buy"), ParameterSet.parse("KOSDAQ", "KRX", "amount", "net")]


@pytest.fixture
def evidence(store):
    return EvidenceStore(store, SESSION, date(2026, 11, 19))


@pytest.fixture
def counted(hook):
    return CallCounter(hook)


@pytest.fixture
def look(counted, evidence):
    def look(sets=(KRX,), proof="both"):
        return SettlementCheck(counted, evidence, ProofSetting(proof)).check(sets)

    return look


def test_a_settled_session_is_seen_at_every_market_and_venue(look):
    seen = look(SETS)
    assert seen.settled
    places = [sentence.partition(":")[0] for sentence in seen.sentences]
    assert places == ["KOSPI · KRX", "KOSPI · NXT", "KOSDAQ · KRX"]
    assert "ka10059 has the day's settled rows and they equal ka10066's" in seen.sentences[0]
    assert "no earlier session is stored to compare with" in seen.sentences[0]


def test_an_unsettled_session_is_seen_and_whose_rows_they_still_are(look, control):
    control.settle("never")
    seen = look()
    assert not seen.settled
    assert "ka10059 has no settled row for the day yet" in seen.sentences[0]
    assert "ka10066's row is that of 2026-11-19" in seen.sentences[0]


def test_one_venue_that_has_not_settled_is_enough_to_wait(look, control):
    control.settle("18:10,NXT=never")
    seen = look(SETS)
    assert not seen.settled
    assert "they equal ka10066's" in seen.sentences[0]
    assert "KOSPI · NXT: ka10059 has no settled row" in seen.sentences[1]


def test_a_session_that_settles_between_two_looks_is_seen_by_the_second(look, control):
    control.settle("never")
    assert not look().settled
    control.settle("18:10")
    assert look().settled


def test_a_sibling_ahead_of_the_sheet_is_a_difference_and_the_sheets_day_is_named(look, counted, control):
    control.settle("never,ka10059=18:10")
    seen = look()
    assert not seen.settled
    assert "ka10059's settled row for the day differs from ka10066's" in seen.sentences[0]
    assert "which is that of 2026-11-19" in seen.sentences[0]
    assert counted.counts() == {"calls": 1, "reference_calls": 1}


def test_a_sibling_that_fails_is_said_and_not_raised(look, control):
    control.fault("error=1517@ka10059")
    seen = look()
    assert not seen.settled
    assert "ka10059 could not be asked" in seen.sentences[0]
    assert "[1517]" in seen.sentences[0]


@pytest.mark.parametrize("final", [True, False], ids=["the key is refused", "the machine's clock is wrong"])
def test_a_sibling_that_refuses_the_key_is_raised_when_waiting_cannot_help(hook, evidence, final):
    error = AuthenticationError("refused", code="8001")
    error.is_final = final

    class Source:
        def call(self, api_id, path, body, **_):
            if api_id == "ka10059":
                raise error
            return hook.call(api_id, path, body)

    check = SettlementCheck(Source(), evidence, ProofSetting.BOTH).check
    if final:
        with pytest.raises(AuthenticationError):
            check([KRX])
    else:
        assert "ka10059 could not be asked" in check([KRX]).sentences[0]


def test_a_sheet_that_fails_is_raised(look, control):
    control.fault("error=1517@ka10066")
    with pytest.raises(KiwoomError):
        look()


def test_by_change_the_sibling_is_not_asked(look, control):
    seen = look(proof="changed")
    assert not seen.settled
    assert "ka10059 is not asked" in seen.sentences[0]
    assert control.count("ka10059").calls == 0


def test_a_look_costs_two_stocks_of_each_place_and_the_buys_and_sells_of_one_in_each_venue(look, counted):
    look(SETS)
    assert counted.counts() == {"calls": 3, "reference_calls": 10}


def test_from_four_places_on_one_dated_stock_of_each_is_enough(look, counted):
    assert look(parameter_sets({})).settled
    assert counted.counts() == {"calls": 6, "reference_calls": 10}


def test_of_four_places_one_stock_each_is_asked_for_and_of_three_two(look, evidence):
    four = [
        ParameterSet.parse(market, venue, "quantity", "net")
        for market in ("KOSPI", "KOSDAQ")
        for venue in ("KRX", "NXT")
    ]
    look(four)
    assert [len(evidence.read_dated().newest(place)) for place in four] == [1, 1, 1, 1]
    look(four[:3])
    assert [len(evidence.read_dated().newest(place)) for place in four] == [2, 2, 2, 1]


def test_a_look_in_vain_asks_one_row_a_place(look, counted, control):
    control.settle("never")
    look(parameter_sets({}))
    assert counted.counts() == {"calls": 6, "reference_calls": 6}


def test_a_stock_that_is_no_longer_on_the_first_page_holds_no_look_up(look, evidence, hook):
    evidence.ask(hook, evidence.read_dated(), KRX, "247540")
    assert look().settled


def test_a_market_that_is_proved_by_its_change_does_not_speak_for_the_others(look, hook, store, control):
    control.settle("never")
    sweep = raw.Sweep("raw/a", KRX, "run", (hook.call("ka10066", ka10066.PATH, ka10066.request_body(KRX)),))
    day, table = date(2026, 11, 19), ka10066_set.parse(sweep.pages, KRX)
    store.write(layout.partition_key(day, KRX), ka10066_set.encode(table, sweep, day, "1"))
    published = pa.table({"stock_code": ["005930"]})
    data = io.BytesIO()
    pq.write_table(published.replace_schema_metadata({"kiwoom.sweeps": json.dumps({KRX.path: "raw/a"})}), data)
    store.write(layout.published_key(day), data.getvalue())
    control.settle("18:10")
    control.fault("unsupported@ka10059:stock=005930")
    seen = look(BOTH_MARKETS[:2])
    assert seen.settled
    assert "this host does not serve ka10059 for them (005930" in seen.sentences[0]


def test_what_is_shown_to_be_final_is_not_asked_for_at_the_next_look(look, counted):
    look(parameter_sets({}))
    look(parameter_sets({}))
    assert counted.counts() == {"calls": 12, "reference_calls": 16}


def test_a_market_that_is_final_speaks_for_its_venue_and_for_no_other(look, counted, control):
    control.settle("16:00/20:50,NXT=16:00/22:50")
    seen = look(BOTH_MARKETS)
    assert not seen.settled
    assert [LACKING in sentence for sentence in seen.sentences] == [False, False, True, True]
    assert counted.counts() == {"calls": 4, "reference_calls": 4 + 2 + 2 * 2}  # the buys and sells of both on NXT


@pytest.mark.parametrize("late", ["KRX", "NXT"])
def test_where_one_of_the_two_venues_is_not_final_their_sum_is_asked_for_its_own(look, counted, control, late):
    control.settle(f"16:00/20:50,{late}=16:00/22:50")
    seen = look(parameter_sets({"markets": ["KOSPI"]}))
    assert [LACKING in sentence for sentence in seen.sentences] == [late == "KRX", late == "NXT", False]
    assert counted.counts() == {"calls": 3, "reference_calls": 12}


def test_the_sum_of_two_venues_that_are_final_has_only_to_agree(look, evidence, counted, control):
    sets = parameter_sets({"markets": ["KOSPI"]})
    assert look(sets).settled
    assert counted.counts() == {"calls": 3, "reference_calls": 10}
    evidence.gather_sides(counted, sets[-1])
    assert counted.counts()["reference_calls"] == 12
    control.settle("18:10,CONSOLIDATED=never")
    assert [not_settled(sentence) for sentence in look(sets).sentences] == [False, False, True]


def not_settled(sentence):
    return "has settled" not in sentence and "equal ka10066's" not in sentence


def test_where_the_first_market_is_not_final_the_other_is_asked_for_its_own(look, counted, control):
    control.settle("16:00/20:50,KOSPI=16:00/22:50")
    seen = look(BOTH_MARKETS[:2])
    assert not seen.settled
    assert [LACKING in sentence for sentence in seen.sentences] == [True, False]
    assert counted.counts() == {"calls": 2, "reference_calls": 8}


def test_a_market_whose_own_buys_and_sells_show_that_it_is_not_final_is_waited_for(look, evidence, hook, control):
    control.settle("16:00/20:50,KOSDAQ=16:00/22:50")
    assert look(BOTH_MARKETS[:2]).settled
    evidence.gather_sides(hook, BOTH_MARKETS[1])
    seen = look(BOTH_MARKETS[:2])
    assert not seen.settled
    assert LACKING in seen.sentences[1]


@pytest.mark.parametrize("settles", ["18:10,KOSDAQ=never", "18:10,KOSDAQ=never,ka10059=18:10"])
def test_the_other_market_s_net_row_must_agree_in_any_case(look, control, settles):
    control.settle(settles)
    assert not look(BOTH_MARKETS[:2]).settled


def test_the_other_market_s_row_that_could_not_be_asked_for_is_not_taken_for_final(look, control):
    assert look(BOTH_MARKETS[:2]).settled
    control.fault("error=1517@ka10059:stock=247540")
    seen = look(BOTH_MARKETS[:2])
    assert not seen.settled
    assert "KOSDAQ · KRX: ka10059 could not be asked" in seen.sentences[1]


def test_what_a_look_left_out_is_asked_for_once_before_the_sweep(look, evidence, counted):
    look(BOTH_MARKETS[:2])
    assert counted.counts() == {"calls": 2, "reference_calls": 6}
    for place in BOTH_MARKETS[:2] * 2:
        evidence.gather_sides(counted, place)
    assert counted.counts() == {"calls": 2, "reference_calls": 8}
    shown = [evidence.read_dated().finality_at(place) for place in BOTH_MARKETS[:2]]
    assert [found.law for found in shown] == [FinalityLaw.VOLUME] * 2
    assert all(found.since for found in shown)


def test_what_a_look_left_out_and_cannot_be_had_is_said_and_not_raised(look, evidence, hook, control, caplog):
    look(BOTH_MARKETS[:2])
    control.fault("error=1517@ka10059")
    evidence.gather_sides(hook, BOTH_MARKETS[1])
    assert "KOSDAQ · KRX · quantity · net: no dated buys and sells of 086520" in caplog.text
    assert evidence.read_dated().finality_at(BOTH_MARKETS[1]) == Finality()


def test_nothing_is_left_to_ask_for_where_no_look_saw_a_row_settle(look, evidence, counted, control):
    control.settle("never")
    look(BOTH_MARKETS[:2])
    evidence.gather_sides(counted, BOTH_MARKETS[1])
    assert counted.counts() == {"calls": 2, "reference_calls": 2}


def test_only_first_pages_of_asked_sets_are_kept(look, store, evidence):
    seen = look(SETS)
    keep_first_pages(evidence, WINDOW_ENDS, "run-a", seen, SETS)
    (key,) = store.list("raw/ka10066")
    assert "market=KOSPI/venue=KRX/measure=quantity/side=net" in key


def test_a_page_that_came_after_the_window_is_not_kept(look, store, evidence):
    seen = look()
    late = replace(seen.first_pages[KRX], fetched_at=WINDOW_ENDS)
    keep_first_pages(evidence, WINDOW_ENDS, "run-a", replace(seen, first_pages={KRX: late}), [KRX])
    assert store.list("raw/ka10066") == []


def test_a_setting_that_does_not_exist_is_named():
    with pytest.raises(ParameterError, match=r"proof 'no' .*kiwoom_proof.* is not one of: dated, changed, both"):
        ProofSetting.parse("no")
