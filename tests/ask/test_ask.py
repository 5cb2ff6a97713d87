"""What the API is asked, and what the table says when it is otherwise."""

from __future__ import annotations

from dataclasses import fields

import pytest

from ask.conftest import WIDE
from kiwoom_provider.api.errors import AuthenticationError
from kiwoom_provider.ask.assumption import ASSUMPTIONS, Assumption
from kiwoom_provider.ask.questions import AskError
from kiwoom_provider.ask.report import AskReport, AssumptionState
from kiwoom_provider.settings import HostKind, Settings
from kiwoom_simulator.assumptions import Assumptions, values_of

AS_ASSUMED, HANDLED, NOT_HANDLED, NOT_ASKED = AssumptionState


def test_an_api_that_is_as_assumed_is_safe(inquire):
    report, found = inquire("numbers=plain", "dated_rate=hundredths", "unknown_code=empty", stocks=WIDE)
    assert report.is_safe
    assert {name for name, finding in found.items() if finding.state is NOT_ASKED} == {
        "clock",
        "token_reissue",
        "totals_closed_day",
        "unsettled_row",
    }
    assert {name for name, finding in found.items() if finding.state is HANDLED} <= {"history"}
    assert report.calls <= 70


OTHERWISE = [
    ("numbers=padded", "number_forms", HANDLED),
    ("numbers=wild", "number_forms", HANDLED),
    ("headers=title", "headers", HANDLED),
    ("headers=upper", "headers", HANDLED),
    ("return_code=text", "return_code", HANDLED),
    ("page_rows=60", "page_rows", HANDLED),
    ("page_rows=150", "page_rows", HANDLED),
    ("page_order=volume", "page_order", HANDLED),
    ("next_key=token", "next_key", AS_ASSUMED),
    ("next_key=pause", "next_key", HANDLED),
    ("nxt_code=plain", "code_suffixes", HANDLED),
    ("sells=negative", "sells", HANDLED),
    ("dated_sells=negative", "dated_sells", HANDLED),
    ("rounding=cut", "rounding", HANDLED),
    ("untraded=blank", "untraded", HANDLED),
    ("coverage=short", "coverage", HANDLED),
    ("venues=more", "venues_add_up", HANDLED),
    ("dated_rate=hundredths", "dated_rate", AS_ASSUMED),
    ("dated_rate=percent", "dated_rate", HANDLED),
    ("dated_paging=none", "history", HANDLED),
    ("dated_etn=unknown", "dated_kinds", HANDLED),
    ("unknown_code=empty", "unknown_code", AS_ASSUMED),
    ("unknown_code=blank", "unknown_code", HANDLED),
    ("unknown_code=no-list", "unknown_code", HANDLED),
    ("unknown_code=1902", "unknown_code", HANDLED),
    ("consolidated_code=plain", "code_suffixes", HANDLED),
    ("pre_sig=zero", "pre_sig", HANDLED),
    ("dated_figures=other", "dated_equal", NOT_HANDLED),
    ("dated_depth=page", "history", HANDLED),
    ("totals=differ", "totals", HANDLED),
    ("totals=million", "totals", HANDLED),
]
ELSEWHERE = {"numbers=plain", "tokens=same", "tokens=keep", "mock_venues=all"}
ELSEWHERE |= {"limit_text=bare", "limit_status=200", "totals_closed_day=empty", "unsettled_row=zeros"}
"""What shows only with a flag, on the mock host, after a refusal, on a closed day or in the afternoon: see below."""


@pytest.mark.parametrize(("assume", "name", "state"), OTHERWISE)
def test_an_assumption_that_is_otherwise_is_said_to_be(assume, name, state, inquire):
    wide = {"stocks": WIDE} if name in ("page_rows", "untraded") else {}
    report, found = inquire(assume, **wide)
    assert found[name].state is state, found[name]
    assert report.is_safe is (state is not NOT_HANDLED)


def test_every_way_that_the_simulator_can_be_otherwise_is_tried():
    ways = {f"{one.name}={value}" for one in fields(Assumptions) for value in values_of(one.name)[1:]}
    assert {assume for assume, _, _ in OTHERWISE} | ELSEWHERE >= ways


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("missing-element=natn@ka10066", "readable"),
        ("garbage-cell=natn@ka10066:page=1,measure=quantity,side=net", "number_forms"),
        ("twice@ka10066:page=2,venue=KRX", "no_stock_twice"),
        ("cell-off=frgnr_invsr@ka10066:side=buy,measure=quantity", "buy_less_sell"),
        ("cell-off=fnnc_invt@ka10066:side=net,measure=quantity", "institutions_in_shares"),
        ("wrong-units@ka10066:measure=amount", "units"),
        ("missing-stock@ka10066:page=1-2,venue=KRX", "master"),
        ("missing-stock@ka10066:page=2,venue=KRX", "page_rows"),
        ("stale@ka10066:venue=KRX", "dated_equal"),
    ],
)
def test_what_the_package_cannot_handle_is_said_not_to_be_handled(fault, name, inquire):
    _, found = inquire(fault=fault, stocks="KOSPI=230,KOSDAQ=30")  # a middle page
    expected = HANDLED if name == "dated_equal" else NOT_HANDLED
    assert found[name].state is expected, found[name]


def test_everything_otherwise_at_once_is_told_line_by_line(inquire):
    report, found = inquire("otherwise")
    handled = {name for name, finding in found.items() if finding.state is HANDLED}
    assert handled >= {"return_code", "sells", "dated_sells", "coverage", "number_forms"}
    not_handled = {name for name, finding in found.items() if finding.state is NOT_HANDLED}
    assert not_handled == {"balance", "dated_equal"}
    assert not report.is_safe


def test_a_next_key_that_does_not_outlive_a_pause_is_said_to_be_with_the_refusal(inquire):
    _, found = inquire("next_key=pause")
    assert "1517" in found["next_key"].seen


@pytest.mark.parametrize(
    ("tokens", "state", "words"),
    [("same", AS_ASSUMED, "the same token"), ("keep", HANDLED, "lives on"), ("kill", HANDLED, "died")],
)
def test_a_second_token_is_asked_for_only_when_that_is_meant(tokens, state, words, inquire):
    _, found = inquire(f"tokens={tokens}", reissue=True)
    assert found["token_reissue"].state is state
    assert words in found["token_reissue"].seen
    _, found = inquire(f"tokens={tokens}")
    assert found["token_reissue"].state is NOT_ASKED


def test_before_settlement_the_day_served_is_named_and_it_says_what_to_ask_later(inquire):
    report, found = inquire(now="2026-11-20T16:30:00+09:00", settle_at="18:10")
    assert "2026-11-19" in found["dated_equal"].seen
    assert "until 21:10 ka10066 may still hold the investors of 2026-11-19" in report.moment
    assert found["unsettled_row"].state in (AS_ASSUMED, HANDLED)
    assert report.is_safe


def test_on_a_closed_day_everything_is_about_the_last_session(inquire):
    report, found = inquire(now="2026-11-21T11:00:00+09:00")
    assert "The exchange is closed: everything is about 2026-11-20" in report.moment
    assert "2026-11-20" in found["dated_equal"].seen
    assert report.is_safe


@pytest.mark.parametrize(("mock", "state"), [("krx", AS_ASSUMED), ("all", HANDLED)])
def test_what_the_mock_host_answers_for_other_venues_is_told(mock, state, inquire, monkeypatch):
    monkeypatch.setattr(Settings, "kind", property(lambda _: HostKind.MOCK))
    _, found = inquire(f"mock_venues={mock}", kind="mock")
    assert found["venues_served"].state is state


@pytest.mark.parametrize("status", ["429", "200"])
@pytest.mark.parametrize(("text", "words"), [("named", "유량=1, API ID=ka10051"), ("bare", "[1700:")])
def test_a_refusal_for_too_many_calls_is_told_with_its_text(text, words, status, inquire):
    """The two calls for totals follow each other at once here, and the simulator admits one a second."""
    report, found = inquire(f"limit_text={text}", f"limit_status={status}", rate="0,ka10051=1")
    assert found["quota"].state is HANDLED
    assert words in found["quota"].seen
    assert ("유량" in found["quota"].seen) is (text == "named")
    assert f"HTTP {status}" in found["quota"].seen
    assert report.refused >= 1


@pytest.mark.parametrize(("answer", "state"), [("last", AS_ASSUMED), ("empty", HANDLED)])
def test_totals_of_a_closed_day_are_told(answer, state, inquire):
    _, found = inquire(f"totals_closed_day={answer}", now="2026-11-21T11:00:00+09:00")
    assert found["totals_closed_day"].state is state


@pytest.mark.parametrize(("looks", "state"), [("zeros", AS_ASSUMED), ("broken", HANDLED)])
def test_todays_row_in_the_afternoon_is_told(looks, state, inquire):
    _, found = inquire(f"unsettled_row={looks}", now="2026-11-20T16:30:00+09:00", settle_at="18:10")
    assert found["unsettled_row"].state is state


def test_no_more_than_eighty_calls_are_made_however_many_fail(inquire):
    report, _ = inquire(fault="http=503@ka10059:call=2*4")
    assert report.calls <= 80


@pytest.mark.parametrize("api_id", ["ka10066", "ka10059", "ka10051", "ka10099"])
@pytest.mark.parametrize(
    "fault", ["empty-list", "null-list", "no-list", "bare-list", "no-code", "number-cell", "null-cell"]
)
def test_an_answer_of_another_shape_is_a_line_of_the_table(fault, api_id, inquire):
    report, _ = inquire(fault=f"{fault}@{api_id}", stocks="KOSPI=130,KOSDAQ=20")
    assert len(report.findings) == len(ASSUMPTIONS)


def test_a_line_that_cannot_be_made_out_costs_that_line_and_is_not_safe():
    found = Assumption("name", "assumed", lambda _: {}["rows"]).find(None)
    assert found.state is NOT_HANDLED
    assert "nobody foresaw (KeyError)" in found.seen


def test_a_second_page_that_is_refused_leaves_the_pause_unasked(inquire):
    _, found = inquire(fault="error=1517/2@ka10066:market=KOSPI,venue=KRX,measure=quantity,side=net,page=2,call=1")
    assert found["next_key"].state is NOT_ASKED


def test_an_api_that_goes_away_ends_the_asking(inquire):
    with pytest.raises(AskError, match=r"does not answer any more.*Ask again later"):
        inquire(fault="http=503@ka10066")


def test_wrong_keys_end_the_asking_at_once(inquire):
    with pytest.raises(AuthenticationError, match=r"8001|8002"):
        inquire(secret_key="another")


def test_a_report_reads_back(inquire):
    report, _ = inquire()
    assert AskReport.from_bytes(report.to_bytes(), "report") == report
