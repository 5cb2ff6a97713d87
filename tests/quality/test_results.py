"""Reports are facts: they survive JSON unchanged, say what blocks, and record who released what."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.proof.documents import Outcome, ReferenceRow, SessionProof
from kiwoom_provider.quality.results import (
    AuditReport,
    Release,
    ReleaseError,
    RuleResult,
    Severity,
    Status,
    Verdict,
)

OFFENDER = {
    "set": "KOSPI · KRX · amount · net",
    "stock_code": "005930",
    "stock_name": "삼성전자",
    "investor": "foreigner",
    "expected": 5,
    "seen": 9,
    "difference": 4,
}


def result(rule_id, status, *, releasable=True, offenders=()):
    return RuleResult(
        rule_id,
        "a title",
        Severity.BLOCK,
        status,
        10,
        1,
        "all",
        "1 of 10 fail",
        "none",
        "why",
        offenders,
        releasable,
    )


def report(*results):
    return AuditReport("run-1", dt.date(2026, 11, 20), results, dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC))


def test_a_report_survives_json_unchanged():
    key = ParameterSet.parse("KOSPI", "KRX", "amount", "net")
    proof = SessionProof(
        outcome=Outcome.PROVED,
        how="ka10059 agrees",
        rows=(ReferenceRow(**ReferenceRow.of(key), stock_code="005930", dated={"ind_invsr": -3}),),
    )
    whole = AuditReport(
        run_id="run-1",
        session_date=dt.date(2026, 11, 20),
        results=(result("a", Status.FAIL, offenders=(OFFENDER,)), result("b", Status.PASS)),
        audited_at=dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC),
        sets=({"set": "KOSPI · KRX · amount · net", "rows": 1330, "pages": 14},),
        flows=({"market": "KOSPI", "venue": "KRX", "investor": "bank", "net": -7, "unit": "KRW million"},),
        proof=proof.to_json(),
        release=Release(("a",), "looked at it", "kim"),
    )
    assert AuditReport.from_json(whole.to_json()) == whole


def test_a_proof_survives_json_unchanged():
    key = ParameterSet.parse("KOSDAQ", "NXT", "quantity", "sell")
    proof = SessionProof(
        outcome=Outcome.UNPROVED,
        how="silent",
        rows=(ReferenceRow(**ReferenceRow.of(key), stock_code="0156T0", dated={"natn": 0}),),
    )
    assert SessionProof.from_json(json.loads(json.dumps(proof.to_json())), "the proof") == proof


def test_the_json_keeps_korean_readable_and_tells_the_verdict():
    text = report(result("a", Status.FAIL, offenders=(OFFENDER,))).to_json()
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
    released = report(result("a", Status.FAIL)).released(Release(("a",), "checked against HTS", "kim"))
    assert (released.status, released.blocking) == (Verdict.RELEASED, ())


def test_a_release_of_some_blocking_rules_still_blocks_by_the_others():
    released = report(result("a", Status.FAIL), result("b", Status.FAIL)).released(Release(("a",), "seen"))
    assert [one.id for one in released.blocking] == ["b"]


def test_a_release_without_a_reason_is_refused():
    with pytest.raises(ReleaseError, match="needs a reason"):
        report(result("a", Status.FAIL)).released(Release(("a",), "  "))


def test_a_release_of_an_unknown_rule_is_refused_by_name():
    with pytest.raises(ReleaseError, match="no rule is called z"):
        report(result("a", Status.FAIL)).released(Release(("a", "z"), "seen"))


def test_a_disproved_session_is_never_released_whatever_rule_is_named():
    whole = report(result("a", Status.FAIL), result("session_proof", Status.FAIL, releasable=False))
    with pytest.raises(ReleaseError, match="disproved by session_proof"):
        whole.released(Release(("a", "session_proof"), "please"))
