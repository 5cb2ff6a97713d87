"""The dated sibling's rows: asked for, kept, read back, asked for again while they are not final."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from kiwoom_provider.api import ka10051, ka10066
from kiwoom_provider.api.call_source import CallCounter
from kiwoom_provider.api.errors import KiwoomError, ProtocolError, TransientError
from kiwoom_provider.datasets import ka10066 as ka10066_set
from kiwoom_provider.datasets import layout, raw
from kiwoom_provider.datasets.store import Store
from kiwoom_provider.parameters import Market, Measure, ParameterSet, Side
from kiwoom_provider.proof.dated_evidence import DatedEvidence
from kiwoom_provider.proof.evidence import EvidenceStore
from kiwoom_provider.proof.session_proof import KeptProof, Outcome, ProofSetting, SessionProof
from pages import FETCHED_AT, page, row
from sheets import sheet

SESSION = date(2026, 11, 20)
NET = ParameterSet.parse("KOSPI", "KRX", "quantity", "net")
AMOUNT = replace(NET, measure=Measure.AMOUNT)
SAMSUNG = "005930"
TELLING = [60, -60, 40, 40, 0, -40, 0, 0, 0, 0, 0, -40]
FOLDER = "raw/ka10059/session_date=2026-11-20/market=KOSPI/venue=KRX/measure=quantity/side=net"


@pytest.fixture
def evidence(store):
    return EvidenceStore(store, SESSION, date(2026, 11, 19))


@pytest.fixture
def ask(hook, evidence):
    def ask(code=SAMSUNG, parameters=NET):
        return evidence.ask(hook, evidence.read_dated(parameters), parameters, code).versions(parameters, code)[-1]

    return ask


def at_minute(minutes, figure=5):
    """Return an answer of ka10059 with one settled row of the session, so many minutes after 20:40 in Seoul."""
    fields = dict.fromkeys(ka10066.INVESTOR_ELEMENTS, "0") | {"dt": "20261120", "natfor": "0"}
    rows = [fields | {"ind_invsr": f"{figure}", "frgnr_invsr": f"{-figure}"}]
    body = json.dumps({"stk_invsr_orgn": rows, "return_code": 0}).encode()
    return replace(page([]), api_id="ka10059", body=body, fetched_at=FETCHED_AT + timedelta(minutes=minutes))


def kept(store):
    """Return the names of what is kept, without the stamps."""
    names = [key.rpartition("/")[2].split(".") for key in store.list("raw/ka10059")]
    return [".".join((name[0], *name[-2:])) for name in names]


def test_an_answer_is_kept_and_read_back_the_same(ask, evidence):
    fetched = ask()
    assert fetched.is_settled
    assert evidence.read_dated().newest(NET) == {SAMSUNG: fetched}
    assert (fetched.earlier[0].day, len(fetched.earlier)) == (date(2026, 11, 19), 99)


@pytest.mark.parametrize("side", ["net", "buy", "sell"])
@pytest.mark.parametrize("measure", ["amount", "quantity"])
@pytest.mark.parametrize("venue", ["KRX", "NXT", "CONSOLIDATED"])
def test_every_kind_of_set_has_settled_rows(ask, venue, measure, side):
    assert ask(parameters=ParameterSet.parse("KOSPI", venue, measure, side)).is_settled


def test_before_settlement_net_figures_are_not_settled_and_none_are_final(ask, evidence, control):
    control.settle("never")
    answers = [ask(parameters=ParameterSet.parse("KOSPI", "KRX", "quantity", side)) for side in ("net", "buy", "sell")]
    assert not answers[0].is_settled
    assert [evidence.read_dated().is_final(answer.parameters, SAMSUNG) for answer in answers] == [False] * 3


def test_a_closed_day_has_no_row(ask, control):
    control.close_day("2026-11-20")
    assert ask().row is None


def test_net_fields_that_do_not_balance_are_not_settled(ask, control):
    control.fault("cell-off@ka10059")
    assert not ask().is_settled


@pytest.mark.parametrize("fault", ["unsupported@ka10059", "error=0/20@ka10059", "error=1902@ka10059"])
def test_a_refusal_is_kept_as_evidence(ask, store, evidence, control, fault):
    control.fault(fault)
    assert ask().is_refused
    assert kept(store) == ["005930.refused.json"]
    assert evidence.read_dated().newest(NET)[SAMSUNG].is_refused


def test_an_answer_outweighs_an_earlier_refusal_and_a_later_one(ask, evidence, control):
    control.fault("unsupported@ka10059*1")
    ask()
    ask()
    assert evidence.read_dated().newest(NET)[SAMSUNG].is_settled
    control.fault("unsupported@ka10059*1")
    assert ask().is_settled


def test_a_wrong_request_is_no_refusal(ask, store, control):
    control.fault("error=1517@ka10059")
    with pytest.raises(KiwoomError, match="1517"):
        ask()
    assert kept(store) == []


@pytest.mark.parametrize("fault", ["missing-element=natfor", "null-cell=natn", "garbage-cell=natn"])
def test_a_row_that_breaks_the_spec_is_an_error(ask, store, control, fault):
    control.fault(f"{fault}@ka10059")
    with pytest.raises(ProtocolError):
        ask()
    assert kept(store) == []


def test_of_answers_that_say_the_same_the_first_and_the_last_are_kept(ask, store, evidence):
    first, _, last = ask(), ask(), ask()
    assert [one.fetched_at for one in evidence.read_dated().versions(NET, SAMSUNG)] == [
        first.fetched_at,
        last.fetched_at,
    ]
    assert kept(store) == ["005930.json.gz"] * 2


@pytest.mark.parametrize(
    ("minutes", "kept"),
    [((0, 20, 35, 50), [0, 35, 50]), ((0, 30, 45, 50), [0, 30, 50])],
    ids=["21:15", "21:10 itself"],
)
def test_the_first_answer_from_ten_past_nine_on_is_kept_too_because_figures_stand_still_from_it_on(
    evidence, minutes, kept
):
    assert minutes_kept(evidence, [at_minute(n) for n in minutes]) == kept


def test_of_revised_figures_the_first_answer_is_kept_too(evidence):
    given = [at_minute(0), *(at_minute(n, figure=6) for n in (5, 10, 15))]
    assert minutes_kept(evidence, given) == [0, 5, 15]


def test_an_answer_that_says_something_else_is_kept_between_two_that_say_the_same(evidence):
    given = [at_minute(minutes, figure) for minutes, figure in ((0, 5), (5, 6), (10, 6), (15, 7), (20, 6))]
    assert minutes_kept(evidence, given) == [0, 5, 10, 15, 20]


def minutes_kept(evidence, answers, parameters=NET):
    """Ask for these answers, one after the other; return the minutes after 20:40 of those that are kept."""
    source = Answers(answers)
    for _ in answers:
        evidence.ask(source, evidence.read_dated(), parameters, SAMSUNG)
    versions = evidence.read_dated().versions(parameters, SAMSUNG)
    return [(one.fetched_at - FETCHED_AT) // timedelta(minutes=1) for one in versions]


def test_a_revised_row_is_kept_beside_the_older(ask, evidence, control):
    first = ask()
    control.fault("cell-off@ka10059*1")
    second, third = ask(), ask()
    rows = [one.row for one in evidence.read_dated().versions(NET, SAMSUNG)]
    assert rows == [first.row, second.row, third.row]
    assert first.row == third.row != second.row


BROKEN = replace(at_minute(0), body=b'{"stk_invsr_orgn": [{"dt": "20261120", "ind_invsr": "five"}], "return_code": 0}')


@pytest.mark.parametrize("damage", [b"", b"half of", None, raw.pack(BROKEN, "")], ids=["empty", "no", "cut", "broken"])
def test_a_kept_answer_that_cannot_be_read_is_absent_and_asked_for_again(ask, store, evidence, damage, caplog):
    fetched = ask()
    (key,) = store.list("raw/ka10059")
    if damage is None:
        damage = store.read(key)[:-9]
    store.write(key, damage)
    assert evidence.read_dated() == DatedEvidence(SESSION)
    assert "it counts as absent" in caplog.text
    assert ask().row == fetched.row


def test_a_kept_answer_without_rows_is_absent(store, evidence):
    empty = replace(at_minute(0), body=b'{"stk_invsr_orgn": [], "return_code": 0}')
    store.write(f"{FOLDER}/005930.20261120T114000.000000Z.json.gz", raw.pack(empty, ""))
    assert evidence.read_dated() == DatedEvidence(SESSION)


def test_what_is_listed_and_gone_is_absent_and_what_comes_after_it_is_read(ask, store, evidence, monkeypatch):
    ask()
    evidence.gather_totals(Answers([total_page()]), [NET])
    there = {folder: store.list(folder) for folder in ("raw/ka10059", "raw/ka10051")}
    gone = {
        "raw/ka10059": f"{FOLDER}/000660.gone.json.gz",
        "raw/ka10051": f"{FOLDER}/gone".replace("ka10059", "ka10051"),
    }
    monkeypatch.setattr(Store, "list", lambda _self, prefix: [gone[prefix[:11]], *there[prefix[:11]]])
    assert list(evidence.read_dated().newest(NET)) == [SAMSUNG]
    assert evidence.read_totals()[NET].flows[0] == 5


def test_an_answer_that_an_older_release_kept_is_read(ask, store, evidence, control):
    fetched = ask()
    (key,) = store.list("raw/ka10059")
    store.write(f"{FOLDER}/005930.json.gz", store.read(key))
    store.remove([key])
    assert evidence.read_dated().newest(NET) == {SAMSUNG: fetched}
    control.fault("cell-off@ka10059*1")
    revised = ask()
    assert revised != fetched
    assert evidence.read_dated().newest(NET) == {SAMSUNG: revised}


# What a stored set is to be proved by


@pytest.fixture
def gather(collector, evidence, hook):
    """Return what asks for the net set's rows and returns the calls of ka10059."""
    collector.collect(NET)
    return lambda *others, **more: calls_of(evidence, hook, NET, others, **more)


def calls_of(evidence, source, *asked, **more):
    counted = CallCounter(source)
    evidence.gather(counted, *asked, **more)
    return counted.calls.get("ka10059", 0)


def test_two_stocks_are_asked_for_with_the_buys_and_sells_of_the_first(gather, evidence):
    assert gather() == 4
    answers = evidence.read_dated().answers
    assert len(answers[NET]) == 2
    assert [list(answers[replace(NET, side=side)]) for side in (Side.BUY, Side.SELL)] == [[SAMSUNG]] * 2
    assert gather("005380") == 1


def test_a_total_is_asked_for_with_a_net_set_unless_it_is_there_and_with_no_other(
    collector, evidence, hook, gather, control
):
    buys = replace(NET, side=Side.BUY)
    collector.collect(buys)
    evidence.gather(hook, buys)
    assert "ka10051" not in control.counts()
    evidence.gather_totals(hook, [AMOUNT])
    gather()
    gather()
    assert (control.count("ka10051").served, set(evidence.read_totals())) == (2, {AMOUNT, NET})


def test_buys_that_are_not_final_are_asked_for_once_each_with_the_sells_of_the_first(
    collector, evidence, hook, control
):
    control.settle("never")
    buys = replace(NET, side=Side.BUY)
    collector.collect(buys)
    assert calls_of(evidence, hook, buys) == 3


def keep_set(store, parameters, **cells):
    """Store a typed set of one stock."""
    sweep = raw.Sweep("raw/a", parameters, "run", (page([row(SAMSUNG, **cells)]),))
    data = ka10066_set.encode(ka10066_set.parse(sweep.pages, parameters), sweep, SESSION, "1")
    store.write(layout.partition_key(SESSION, parameters), data)


def test_a_set_in_which_nothing_traded_has_no_stock_to_ask_for(store, evidence):
    keep_set(store, NET, trde_qty="0", **dict.fromkeys(ka10066.INVESTOR_ELEMENTS, "0"))
    source = Answers([total_page()])
    assert (calls_of(evidence, source, NET), len(source.asked)) == (0, 1)  # the total alone


def test_amounts_are_final_with_the_net_shares_where_buys_and_sells_are_not_served(store, evidence):
    keep_set(store, AMOUNT)
    for side in (Side.BUY, Side.SELL):
        store.write(f"{FOLDER}/{SAMSUNG}.refused.json".replace("net", side), b"{}")
    for parameters in (NET, AMOUNT):
        minutes_kept(evidence, [at_minute(35), at_minute(150)], parameters)  # 21:15 and 23:10
    source = Answers([total_page()])
    assert (calls_of(evidence, source, AMOUNT), len(source.asked)) == (0, 1)


def test_what_is_final_is_not_asked_for_again(gather):
    gather()
    assert gather() == 0
    assert gather(anew=True) == 2


@pytest.mark.parametrize("measure", Measure)
def test_a_first_stock_that_is_not_served_ends_the_asking_and_is_known_of_the_set_itself(
    collector, evidence, hook, control, measure
):
    control.fault("unsupported@ka10059")
    asked = replace(NET, measure=measure)
    collector.collect(asked)
    assert calls_of(evidence, hook, asked) == 2  # its buys in shares, which are not served, and itself
    assert evidence.read_dated().is_refused(asked, SAMSUNG)
    assert calls_of(evidence, hook, asked) == 1


def test_a_later_stock_that_is_not_served_does_not_end_the_asking(gather, control):
    control.fault("unsupported@ka10059:stock=005380")
    assert gather("005380", "051910") == 6


def test_a_sibling_that_cannot_be_reached_ends_the_asking(gather, control):
    control.fault("error=1517@ka10059")
    assert gather() == 1


# The proof itself


PROOF = SessionProof(outcome=Outcome.PROVED, how=())


def test_a_proof_is_bound_to_its_sweeps(evidence):
    evidence.keep_proof(PROOF, {NET: "raw/a"})
    assert evidence.kept_proof({NET: "raw/a"}) == PROOF
    assert evidence.kept_proof({NET: "raw/b"}) is None
    assert evidence.kept_proof({NET: "raw/a", AMOUNT: "raw/b"}) is None
    assert evidence.kept_proof() == PROOF


def examined(evidence, folder):
    tables, kept = {NET: sheet({SAMSUNG: TELLING})}, (evidence.read_dated(), evidence.read_totals())
    return evidence.examine(tables, {NET: folder}, ProofSetting.BOTH, *kept).outcome


def test_a_proof_that_was_found_of_these_sweeps_holds_though_its_evidence_is_gone(evidence):
    assert examined(evidence, "raw/a") is Outcome.UNPROVED
    evidence.keep_proof(PROOF, {NET: "raw/a"})
    assert (examined(evidence, "raw/a"), examined(evidence, "raw/b")) == (Outcome.PROVED, Outcome.UNPROVED)


def test_rows_that_are_another_days_are_disproved_whatever_was_found_before(evidence):
    evidence.keep_proof(PROOF, {NET: "raw/a"})
    fields = dict(zip(ka10066.INVESTOR_ELEMENTS, map(str, TELLING), strict=True))
    body = json.dumps({"stk_invsr_orgn": [fields | {"dt": "20261119", "natfor": "0"}], "return_code": 0}).encode()
    evidence.ask(Answers([replace(at_minute(0), body=body)]), evidence.read_dated(), NET, SAMSUNG)
    assert examined(evidence, "raw/a") is Outcome.DISPROVED


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"sweeps": {}, "proof": {"outcome": "perhaps", "how": []}}'])
def test_a_kept_proof_that_cannot_be_read_is_absent(evidence, store, damage, caplog):
    evidence.keep_proof(PROOF, {NET: "raw/a"})
    store.write("raw/ka10059/session_date=2026-11-20/proved.json", damage)
    assert evidence.kept_proof({NET: "raw/a"}) is None
    assert "counts as absent" in caplog.text


def test_the_stored_form_of_a_proof():
    assert KeptProof.of(PROOF, {NET: "raw/a"}).to_json() == {
        "sweeps": {"market=KOSPI/venue=KRX/measure=quantity/side=net": "raw/a"},
        "proof": {"outcome": "proved", "how": [], "rows": [], "sets": []},
    }


# ka10051's totals


def total_page(figure="5", code="001"):
    row = dict.fromkeys(ka10051._ELEMENTS.values(), figure) | {"native_trmt_frgnr_netprps": "1", "inds_cd": code}
    body = json.dumps({"inds_netprps": [row], "return_code": 0}).encode()
    return replace(page([]), api_id="ka10051", body=body)


@dataclass
class Answers:
    """Answers of ka10051, one after the other; an error is raised."""

    given: list
    asked: list = field(default_factory=list)

    def call(self, _api_id, _path, body, **_):
        self.asked.append(dict(body))
        answer = self.given[min(len(self.asked), len(self.given)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_totals_are_asked_for_once_a_place_and_measure_kept_and_read_back(evidence):
    source = Answers([total_page()])
    sets = [replace(NET, side=side, measure=measure) for side in Side for measure in Measure]
    assert evidence.gather_totals(source, [*sets, replace(NET, market=Market.ALL)]) == 2
    assert {p.label: total.flows[0] for p, total in evidence.read_totals().items()} == {
        "KOSPI · KRX · amount · net": 5,
        "KOSPI · KRX · quantity · net": 5,
    }


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (TransientError("away"), "away"),
        (total_page(code="101"), "has no row 001 of KOSPI: it is another market's"),
        (total_page(figure="five"), "five"),
    ],
    ids=["away", "other", "bad"],
)
def test_a_total_that_cannot_be_one_is_named_kept_and_a_witness_less(evidence, store, answer, said, caplog):
    assert evidence.gather_totals(Answers([answer]), [NET]) == 1
    assert evidence.read_totals() == {}
    assert said in caplog.text
    assert len(store.list("raw/ka10051")) == (not isinstance(answer, Exception))


def test_the_newest_total_counts_and_a_damaged_one_is_absent(evidence, store):
    evidence.gather_totals(Answers([total_page()]), [NET])
    newer = total_page(figure="6")
    evidence.gather_totals(Answers([replace(newer, fetched_at=newer.fetched_at + timedelta(hours=1))]), [NET])
    assert evidence.read_totals()[NET].flows[0] == 6
    none = replace(newer, body=b'{"inds_netprps": [], "return_code": 0}', fetched_at=FETCHED_AT + timedelta(hours=2))
    evidence.gather_totals(Answers([none]), [NET])
    assert evidence.read_totals()[NET].flows[0] == 6
    store.remove([max(store.list("raw/ka10051"))])
    store.write(max(store.list("raw/ka10051")), b"half of")
    assert evidence.read_totals()[NET].flows[0] == 5
