"""Reports are facts: they survive JSON unchanged, say what blocks, and record who released what."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from kiwoom_provider.datasets.published import CoverageNote, Release
from kiwoom_provider.documents import DocumentError
from kiwoom_provider.locale import message
from kiwoom_provider.parameters import Market, ParameterSet, Venue
from kiwoom_provider.proof.session_proof import Outcome, ReferenceRow, SessionProof
from kiwoom_provider.quality.results import (
    AuditReport,
    Coverage,
    NetFlow,
    Offender,
    ReleaseError,
    RuleResult,
    SetSize,
    Severity,
    Status,
    Verdict,
)

OFFENDER = Offender(
    where=message("KOSPI · KRX · amount · net"),
    stock_code="005930",
    stock_name="삼성전자",
    investor=message("foreigner"),
    expected=5,
    seen=9,
    difference=4,
)


def result(rule_id, status, *, releasable=True, offenders=(), severity=Severity.BLOCK):
    return RuleResult(
        id=rule_id,
        title=message("a title"),
        severity=severity,
        default_severity=Severity.BLOCK,
        status=status,
        checked=10,
        failing=1,
        found=message("{failing} of {checked} fail", failing=1, checked=10),
        looks_at=message("all"),
        tolerance=message("none"),
        reason=message("why"),
        remedy=message("look"),
        offenders=offenders,
        releasable=releasable,
    )


def report(*results):
    at = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    return AuditReport(run_id="run-1", session_date=dt.date(2026, 11, 20), results=results, audited_at=at)


def release(*rule_ids, reason="looked at it", by="kim"):
    return Release(rule_ids=rule_ids, reason=reason, by=by)


def test_a_report_survives_json_unchanged():
    key = ParameterSet.parse("KOSPI", "KRX", "amount", "net")
    rows = (ReferenceRow(**ReferenceRow.of(key), stock_code="005930", dated={"ind_invsr": -3}),)
    whole = AuditReport(
        run_id="run-1",
        session_date=dt.date(2026, 11, 20),
        results=(result("a", Status.FAIL, offenders=(OFFENDER,)), result("b", Status.PASS)),
        audited_at=dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC),
        sets=(SetSize(parameters=key, rows=1330, pages=14),),
        flows=(NetFlow(market=Market.KOSPI, venue=Venue.KRX, investor="bank", net=-7, unit="KRW million"),),
        proof=SessionProof(outcome=Outcome.PROVED, how=(message("silent"),), rows=rows),
        release=release("a"),
    )
    assert AuditReport.from_bytes(whole.to_bytes(), "a report") == whole


def test_the_json_keeps_korean_readable_and_tells_the_verdict():
    text = report(result("a", Status.FAIL, offenders=(OFFENDER,))).to_bytes().decode()
    assert "삼성전자" in text
    assert json.loads(text)["status"] == "blocked"


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (Status.PASS, Verdict.PASSED),
        (Status.NOT_APPLICABLE, Verdict.PASSED),
        (Status.WARN, Verdict.WARNED),
        (Status.FAIL, Verdict.BLOCKED),
        (Status.ERROR, Verdict.BLOCKED),
    ],
)
def test_only_failures_and_errors_keep_a_session_from_publication(status, verdict):
    assert report(result("a", status)).status is verdict


def test_what_nobody_can_release_comes_first_then_failures_then_errors():
    whole = report(result("e", Status.ERROR), result("f", Status.FAIL), result("d", Status.FAIL, releasable=False))
    assert [one.id for one in whole.worst()] == ["d", "f", "e"]


def test_the_message_counts_the_rules_and_tells_the_three_worst_with_their_worst_offender():
    whole = report(
        result("a", Status.FAIL, offenders=(OFFENDER,)),
        *(result(name, Status.FAIL) for name in ("b", "c", "d")),
    )
    assert whole.message() == (
        "the audit blocks session 2026-11-20: 4 rule(s)\n"
        "- a (fail): a title: 1 of 10 fail; worst KOSPI · KRX · amount · net 005930 삼성전자 foreigner: "
        "expected 5, seen 9\n"
        "- b (fail): a title: 1 of 10 fail\n"
        "- c (fail): a title: 1 of 10 fail"
    )


def test_a_release_of_every_blocking_rule_is_recorded_and_publishes():
    released = report(result("a", Status.FAIL)).with_release(release("a"))
    assert (released.status, released.blocking) == (Verdict.RELEASED, ())


def test_a_session_is_released_whatever_passed_or_warned_beside_it():
    whole = report(result("p", Status.PASS), result("a", Status.FAIL), result("w", Status.WARN, releasable=False))
    assert whole.with_release(release("a")).status is Verdict.RELEASED


def test_a_rule_is_told_with_the_first_of_its_offenders_and_with_what_is_known_of_it():
    told = result("a", Status.FAIL, offenders=(Offender(where=message("the session")), OFFENDER)).sentence()
    assert str(told) == "a (fail): a title: 1 of 10 fail; worst the session  : expected , seen "
    named = Offender(where=message("KOSPI"), stock_name="삼성전자", seen=0)
    assert str(result("a", Status.FAIL, offenders=(named,)).sentence()).endswith("KOSPI 삼성전자 : expected , seen 0")


@pytest.mark.parametrize("named", [("a",), ("a", "b", "z"), ("z",)])
def test_a_release_names_exactly_the_rules_that_block(named):
    with pytest.raises(
        ReleaseError, match=f"is blocked by a, b, and the release names {', '.join(named)}: name exactly"
    ):
        report(result("a", Status.FAIL), result("b", Status.FAIL), result("z", Status.PASS)).with_release(
            release(*named)
        )


def test_a_session_that_nothing_blocks_needs_no_release():
    with pytest.raises(ReleaseError, match="is blocked by nothing"):
        report(result("a", Status.PASS)).with_release(release("a"))


def test_a_release_without_a_reason_is_refused():
    with pytest.raises(ReleaseError, match="needs a reason"):
        report(result("a", Status.FAIL)).with_release(release("a", reason="  "))


def test_a_disproved_session_is_never_released_whatever_rule_is_named():
    whole = report(result("a", Status.FAIL), result("session_proof", Status.FAIL, releasable=False))
    with pytest.raises(ReleaseError, match="disproved by session_proof"):
        whole.with_release(release("a", "session_proof"))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data | {"results": [{"id": "a", "title": "a text of an older format"}]},
        lambda data: data | {"session_date": "yesterday"},
        lambda data: data | {"audited_at": "2026-11-20T12:00:00"},
        lambda data: data | {"more": 1},
        lambda data: data | {"run_id": "x" * 2001},
        lambda data: {name: value for name, value in data.items() if name != "results"},
        lambda _: [],
    ],
    ids=["older", "no day", "no zone", "unknown element", "long text", "no results", "no object"],
)
def test_what_is_no_report_of_this_format_is_refused_with_one_error_that_names_it(change):
    data = json.dumps(change(report(result("a", Status.PASS)).to_json())).encode()
    with pytest.raises(DocumentError, match=r"quality/a-run\.json cannot be read: "):
        AuditReport.from_bytes(data, "quality/a-run.json")


@pytest.mark.parametrize(
    ("known", "sentence", "brief"),
    [
        ({}, "KOSPI · KRX: 7 of 9 stocks", {}),
        ({"asked": 8}, "KOSPI · KRX: 7 of 9 stocks", {"asked": 8}),
        (
            {"volume": 0.98765},
            "KOSPI · KRX: 7 of 9 stocks, 98.77 % of the market's volume",
            {"volume": 0.98765},
        ),
    ],
)
def test_what_a_rebuilt_session_covers_is_told_as_far_as_it_is_known(known, sentence, brief):
    covered = Coverage(market=Market.KOSPI, venue=Venue.KRX, stocks=7, of=9, **known)
    assert (str(covered.sentence), covered.brief()) == (sentence, CoverageNote(stocks=7, of=9, **brief))


def test_more_offenders_than_a_report_keeps_are_refused():
    with pytest.raises(ValueError, match="at most 10"):
        result("a", Status.FAIL, offenders=(OFFENDER,) * 11)


def test_a_rule_that_warns_by_a_deployments_choice_is_lowered():
    whole = report(result("a", Status.WARN, severity=Severity.WARN), result("b", Status.PASS))
    assert whole.lowered == ("a",)
    assert whole.status is Verdict.WARNED
