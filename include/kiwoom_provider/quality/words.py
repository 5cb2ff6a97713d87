"""The words of the report page that are not a rule's own, in both languages."""

from __future__ import annotations

from kiwoom_provider.quality.results import Severity, Status, Verdict
from kiwoom_provider.quality.rule import Text

VERDICTS = {
    Verdict.PASSED: Text("Passed", "통과"),
    Verdict.WARNED: Text("Passed with warnings", "경고와 함께 통과"),
    Verdict.BLOCKED: Text("Blocked", "차단"),
    Verdict.RELEASED: Text("Released by a person", "사람이 공개함"),
}
STATUSES = {
    Status.PASS: Text("pass", "통과"),
    Status.WARN: Text("warn", "경고"),
    Status.FAIL: Text("fail", "위반"),
    Status.ERROR: Text("error", "오류"),
    Status.NOT_APPLICABLE: Text("not applicable", "해당 없음"),
}
SEVERITIES = {Severity.BLOCK: Text("blocks", "차단"), Severity.WARN: Text("warns", "경고")}
OUTCOMES = {
    "proved": Text("proved", "증명됨"),
    "unproved": Text("not proved", "미증명"),
    "disproved": Text("disproved", "반증됨"),
    None: Text("no evidence was given", "증거 없음"),
}
COUNTED = Text("{failing} of {checked} fail", "{checked}건 중 {failing}건 위반")
WORDS = {
    "title": Text("Audit of investor trading", "투자자별 매매 감사 보고서"),
    "session": Text("Session", "거래일"),
    "run": Text("Run", "실행"),
    "audited_at": Text("Audited at (KST)", "감사 시각 (KST)"),
    "rules": Text("Rules", "규칙"),
    "rule": Text("Rule", "규칙"),
    "status": Text("Status", "결과"),
    "severity": Text("When it fails", "위반 시"),
    "found": Text("Found", "확인 결과"),
    "looks_at": Text("Looks at", "확인 대상"),
    "tolerance": Text("Tolerance", "허용 범위"),
    "reason": Text("Reason", "이유"),
    "findings": Text("Findings", "발견 사항"),
    "no_findings": Text("No rule failed.", "위반된 규칙이 없습니다."),
    "could_not_run": Text("Rules that could not run", "실행할 수 없었던 규칙"),
    "never": Text("Nobody can release this session under this day.", "이 거래일로는 누구도 공개할 수 없습니다."),
    "do": Text("What to do", "조치"),
    "set": Text("Set", "세트"),
    "stock": Text("Stock", "종목"),
    "investor": Text("Investor or field", "투자자 또는 항목"),
    "expected": Text("Expected", "기대값"),
    "seen": Text("Seen", "실제값"),
    "difference": Text("Difference", "차이"),
    "flows": Text("Net flows by investor", "투자자별 순매수"),
    "no_flows": Text("No net set was asked for.", "순매수 세트를 요청하지 않았습니다."),
    "KRW million": Text("KRW million", "백만원"),
    "shares": Text("shares", "주"),
    "proof": Text("How the session was proved", "거래일 증명"),
    "dated": Text("Reference rows from ka10059", "ka10059 기준 행"),
    "release": Text("Released", "공개 결정"),
    "sets": Text("Sets", "세트"),
    "rows": Text("Rows", "행"),
    "pages": Text("Pages", "페이지"),
}
