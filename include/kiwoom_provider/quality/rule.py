"""A rule: one decorated function that is the law, and what people read of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_provider.locale import Message, message
from kiwoom_provider.quality.check import CheckResult, NotApplicable
from kiwoom_provider.quality.results import RuleResult, Severity, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiwoom_provider.quality.audit_input import AuditInput


EXACT = message("none")
BLANK = message("blank")
EACH_STOCK = message("each stock")
REFETCH = message("Fetch the named sets again while the window is open; the raw pages show what was served.")
LOOK = message(
    "Look at the named stocks: python -m kiwoom_provider.cell shows the text of the raw page. "
    "Release with a reason only if the figures are right."
)
WATCH = message("Nothing is withheld; look at the named stocks, and make the rule block once it holds on live data.")
API_CHANGED = message(
    "The API or our parser changed: compare a raw page with the sheet; raise an issue, replay when mended."
)
NEVER = message("The evidence contradicts the data: no release under this day. Fetch again while the window is open.")


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One rule of the audit.

    :param id: the function's name.
    :param law: counts into the result what holds and what does not.
    :param looks_at: what is counted as checked.
    :param reason: why the tolerance is what it is.
    :param severity: the default; a deployment can change it.
    :param remedy: what to do when it fires.
    :param allowed_share: share of what is checked that may fail with a warning only.
    :param fixed: whether no deployment can change the severity: the rule keeps one session's data
        from being published under another's day.
    """

    id: str
    law: Callable[[AuditInput, CheckResult], None]
    title: Message
    looks_at: Message
    tolerance: Message
    reason: Message
    severity: Severity
    remedy: Message
    allowed_share: float = 0.0
    fixed: bool = False

    def check(self, given: AuditInput) -> CheckResult:
        """
        Apply the law.

        :raises NotApplicable: when it does not apply.
        """
        result = CheckResult()
        self.law(given, result)
        return result

    def run(self, given: AuditInput, severity: Severity) -> RuleResult:
        """Return what the rule found; one that cannot run is an error."""
        try:
            result = self.check(given)
        except NotApplicable as told:
            return self._result(severity, Status.NOT_APPLICABLE, told.reason)
        except Exception as error:  # noqa: BLE001 - whatever stops a rule must be told and must block
            found = message(
                "the rule could not run: {error}: {text}", error=type(error).__name__, text=str(error)[:200]
            )
            return self._result(severity, Status.ERROR, found)
        return self._result(severity, *self._judge(result, severity), result)

    def _judge(self, result: CheckResult, severity: Severity) -> tuple[Status, Message]:
        """Return the status, and what was found in words."""
        if result.failing:
            found = message("{failing} of {checked} fail", failing=result.failing, checked=result.checked)
            allowed = int(self.allowed_share * result.checked)
            within = severity is Severity.WARN or result.failing - result.unusual <= allowed
            if result.unchecked:
                found = message("{found}; {unchecked}", found=found, unchecked=_describe_unchecked(result.unchecked))
            if within and result.unchecked:
                return Status.ERROR, found
            return (Status.WARN if within else Status.FAIL), found
        if result.unchecked:
            return Status.ERROR, _describe_unchecked(result.unchecked)
        if result.uncompared:
            lost = message("could not be compared: {reason}", reason=result.uncompared[0])
            return Status.WARN, lost
        if not result.checked:
            return Status.ERROR, message("nothing could be checked")
        return Status.PASS, message("all {checked} hold", checked=result.checked)

    def _result(
        self, severity: Severity, status: Status, found: Message, result: CheckResult | None = None
    ) -> RuleResult:
        result = result or CheckResult()
        return RuleResult(
            id=self.id,
            title=self.title,
            severity=severity,
            default_severity=self.severity,
            status=status,
            checked=result.checked,
            failing=result.failing,
            found=found,
            looks_at=self.looks_at,
            tolerance=self.tolerance,
            reason=self.reason,
            remedy=self.remedy,
            offenders=result.offenders,
            releasable=result.is_releasable or not result.failing,
        )


def rule(
    *,
    title: Message,
    looks_at: Message,
    reason: Message,
    severity: Severity,
    remedy: Message,
    tolerance: Message = EXACT,
    allowed_share: float = 0.0,
    fixed: bool = False,
) -> Callable[[Callable[[AuditInput, CheckResult], None]], Rule]:
    """Make a :class:`Rule` of the function below; its name becomes the rule's id."""

    def declare(law: Callable[[AuditInput, CheckResult], None]) -> Rule:
        return Rule(law.__name__, law, title, looks_at, tolerance, reason, severity, remedy, allowed_share, fixed)

    return declare


def percent(share: float) -> str:
    """Return a share in percent: ``0.2`` for 0.002."""
    return f"{100 * share:.6g}"


def _describe_unchecked(reasons: list[Message]) -> Message:
    first, others = reasons[0], len(reasons) - 1
    if others:
        first = message("{first} and {count} more", first=first, count=others)
    return message("could not be checked: {reason}", reason=first)
