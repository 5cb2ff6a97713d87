"""Runs every rule over a session. A rule that cannot run is an error, which blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiwoom_provider.parameters import Measure, Side
from kiwoom_provider.quality.catalogue import RULES
from kiwoom_provider.quality.results import AuditReport, RuleResult, Severity, SeverityError, Status
from kiwoom_provider.quality.subject import INVESTOR_NAMES, AuditInput, Subject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.quality.rule import Rule
    from kiwoom_provider.quality.tally import Finding


def audit(
    given: AuditInput,
    severities: Mapping[str, str] | None = None,
    rules: Sequence[Rule] = RULES,
    *,
    run_id: str = "",
    audited_at: datetime | None = None,
) -> AuditReport:
    """
    Judge a session by every rule.

    :param severities: a deployment's own severities by rule id, ``block`` or ``warn``.
    :raises SeverityError: as :func:`severity_of`, before anything is run.
    """
    chosen = severity_of(severities or {}, rules)
    subject = Subject.of(given)
    return AuditReport(
        run_id=run_id,
        session_date=given.session_date,
        results=tuple(_run(rule, subject, chosen[rule.id]) for rule in rules),
        audited_at=audited_at,
        sets=tuple(_size(subject, parameters) for parameters in given.asked),
        flows=tuple(_net_flows(subject)),
        proof=given.proof.to_json() | {"how": given.proof.said} if given.proof else None,
    )


def severity_of(severities: Mapping[str, str], rules: Sequence[Rule] = RULES) -> dict[str, Severity]:
    """
    Return every rule's severity, with a deployment's own in place of the defaults.

    :raises SeverityError: for a rule id or a severity that does not exist, and for a rule whose
        severity is fixed because it keeps data from being published under another session's day.
    """
    known = {rule.id: rule.severity for rule in rules}
    if unknown := sorted(set(severities) - set(known)):
        raise SeverityError(f"no rule is called {', '.join(unknown)}; the rules are: {', '.join(known)}")
    fixed = {rule.id for rule in rules if rule.fixed}
    for rule_id, name in severities.items():
        if name not in list(Severity):
            raise SeverityError(f"severity {name!r} of rule {rule_id} is not one of: {', '.join(Severity)}")
        if rule_id in fixed and name != known[rule_id]:
            raise SeverityError(f"rule {rule_id} always blocks: it keeps data from being filed under another day")
        known[rule_id] = Severity(name)
    return known


def _run(rule: Rule, subject: Subject, severity: Severity) -> RuleResult:
    try:
        finding = rule.law(subject)
    except Exception as error:  # noqa: BLE001 - whatever stops a rule must be told and must block
        return _result(rule, severity, Status.ERROR, f"the rule could not run: {type(error).__name__}: {error}")
    status, seen = _judge(rule, finding, severity)
    return _result(rule, severity, status, seen, finding)


def _judge(rule: Rule, finding: Finding, severity: Severity) -> tuple[Status, str]:
    """Return the status, and what was seen in words."""
    if finding.failing:
        within = severity is Severity.WARN or finding.failing <= int(rule.allowed_share * finding.checked)
        seen = f"{finding.failing:,} of {finding.checked:,} fail"
        if finding.broken:
            seen += f"; {_unchecked(finding)}"
        if within and finding.broken:
            return Status.ERROR, seen
        return (Status.WARN if within else Status.FAIL), seen
    if finding.broken:
        return Status.ERROR, _unchecked(finding)
    if finding.not_applicable:
        return Status.NOT_APPLICABLE, finding.not_applicable
    if not finding.checked:
        return Status.ERROR, "nothing could be checked"
    return Status.PASS, f"all {finding.checked:,} hold"


def _unchecked(finding: Finding) -> str:
    more = f" and {len(finding.broken) - 1} more" if len(finding.broken) > 1 else ""
    return f"could not be checked: {finding.broken[0]}{more}"


def _result(rule: Rule, severity: Severity, status: Status, seen: str, finding: Finding | None = None) -> RuleResult:
    return RuleResult(
        id=rule.id,
        title=rule.title.en,
        severity=severity,
        status=status,
        checked=finding.checked if finding else 0,
        failing=finding.failing if finding else 0,
        expected=f"{rule.title.en}, for {rule.looks_at.en}",
        seen=seen,
        tolerance=rule.tolerance.en,
        reason=rule.reason.en,
        offenders=finding.offenders if finding else (),
        releasable=finding.releasable if finding else True,
    )


def _size(subject: Subject, parameters: ParameterSet) -> dict[str, Any]:
    table = subject.given.tables.get(parameters)
    pages = subject.given.page_sizes.get(parameters)
    return {
        "set": parameters.label,
        "rows": table.num_rows if table is not None else None,
        "pages": len(pages) if pages is not None else None,
    }


def _net_flows(subject: Subject) -> list[dict[str, Any]]:
    """Return net flows by market, venue and investor: of amounts where asked for, else of quantities."""
    net = [sheet for sheet in subject.sheets.values() if sheet.parameters.side is Side.NET]
    measures = {sheet.parameters.measure for sheet in net}
    shown = Measure.AMOUNT if Measure.AMOUNT in measures else Measure.QUANTITY
    return [
        {
            "market": str(sheet.parameters.market),
            "venue": str(sheet.parameters.venue),
            "investor": name,
            "net": int(total),
            "unit": "KRW million" if shown is Measure.AMOUNT else "shares",
        }
        for sheet in net
        if sheet.parameters.measure is shown
        for name, total in zip(INVESTOR_NAMES, sheet.flows.sum(axis=0), strict=True)
    ]
