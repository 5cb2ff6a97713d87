"""What an audit found: frozen facts, ready for JSON and read back from it unchanged."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from kiwoom_provider.errors import KiwoomProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Status(StrEnum):
    """How a rule ended. A rule that could not run is ``ERROR``, never ``PASS``."""

    PASS = "pass"  # noqa: S105 - a status, no password
    WARN = "warn"
    FAIL = "fail"
    ERROR = "error"
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    """What a failing rule does: keep the session from publication, or say so and let it pass."""

    BLOCK = "block"
    WARN = "warn"


def parse_severities(given: Mapping[str, str] | str) -> dict[str, str]:
    """
    Read severities by rule id, from a mapping or from JSON text of one.

    :raises SeverityError: for text that is no JSON object.
    """
    try:
        found = json.loads(given) if isinstance(given, str) else dict(given)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SeverityError(f'severities {given!r} is not a JSON object such as {{"within_volume": "block"}}')
    return found


class Verdict(StrEnum):
    """What the audit says of the session as a whole."""

    PASSED = "passed"
    WARNED = "warned"
    BLOCKED = "blocked"
    RELEASED = "released"


class SeverityError(KiwoomProviderError, ValueError):
    """A severity setting names no rule, or no severity; the message says which."""

    is_final = True


class ReleaseError(KiwoomProviderError, ValueError):
    """A quarantined session cannot be released as asked; the message says why."""

    is_final = True


@dataclass(frozen=True, slots=True)
class RuleResult:
    """
    What one rule found.

    :param checked: how many things were looked at (cells, stocks or sets, by the rule).
    :param failing: how many of them broke the rule.
    :param seen: what was seen; for ``error`` and ``not_applicable`` the reason.
    :param reason: why the tolerance is what it is.
    :param offenders: up to 10 worst, each with ``set``, ``stock_code``, ``stock_name``, ``investor``,
        ``expected``, ``seen`` and ``difference``; what does not apply is None.
    :param releasable: False when the finding shows that the data are another session's.
    """

    id: str
    title: str
    severity: Severity
    status: Status
    checked: int
    failing: int
    expected: str
    seen: str
    tolerance: str
    reason: str
    offenders: tuple[Mapping[str, Any], ...] = ()
    releasable: bool = True

    @property
    def blocks(self) -> bool:
        """Whether this result alone keeps the session from publication."""
        return self.status in (Status.FAIL, Status.ERROR)

    def sentence(self) -> str:
        """One line for a log or an error message, with the worst offender."""
        line = f"{self.id} ({self.status}): {self.title}: {self.seen}"
        if not self.offenders:
            return line
        worst = self.offenders[0]
        where = " ".join(str(worst[key]) for key in ("set", "stock_code", "stock_name", "investor") if worst[key])
        return f"{line}; worst {where}: expected {worst['expected']}, seen {worst['seen']}"


@dataclass(frozen=True, slots=True)
class Release:
    """A person's decision to publish in spite of named findings, and why."""

    rule_ids: tuple[str, ...]
    reason: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """
    One run's audit of one session, whole.

    :param audited_at: UTC, or None when the caller gave no time.
    :param sets: one row a parameter set asked for: ``set``, ``rows``, ``pages``.
    :param flows: one row a market, venue and investor: ``net`` in ``unit`` (KRW million, or shares).
    :param proof: :meth:`SessionProof.to_json`, or None when none was given.
    """

    run_id: str
    session_date: date
    results: tuple[RuleResult, ...]
    audited_at: datetime | None = None
    sets: tuple[Mapping[str, Any], ...] = ()
    flows: tuple[Mapping[str, Any], ...] = ()
    proof: Mapping[str, Any] | None = None
    release: Release | None = None

    @property
    def blocking(self) -> tuple[RuleResult, ...]:
        """Results that keep the session from publication, worst first; those released are left out."""
        released = self.release.rule_ids if self.release else ()
        stops = [result for result in self.results if result.blocks and result.id not in released]
        return tuple(sorted(stops, key=lambda r: (r.releasable, r.status is Status.ERROR)))

    @property
    def status(self) -> Verdict:
        """The session's verdict: only ``BLOCKED`` keeps it from publication."""
        if self.blocking:
            return Verdict.BLOCKED
        if any(result.blocks for result in self.results):
            return Verdict.RELEASED
        return Verdict.WARNED if self.count(Status.WARN) else Verdict.PASSED

    def count(self, status: Status) -> int:
        """Return how many rules ended with ``status``."""
        return sum(result.status is status for result in self.results)

    def worst(self, most: int = 3) -> tuple[RuleResult, ...]:
        """Return up to ``most`` blocking results, worst first."""
        return self.blocking[:most]

    def message(self) -> str:
        """Return what a failed task says: how many rules block, and the three worst."""
        lines = [f"the audit blocks session {self.session_date}: {len(self.blocking)} rule(s)"]
        return "\n- ".join([*lines, *(result.sentence() for result in self.worst())])

    def released(self, release: Release) -> AuditReport:
        """
        Return this report with a person's release recorded.

        :raises ReleaseError: without a reason, for an unknown rule id, or when a finding shows that
            the data are another session's, which nobody can release.
        """
        _check_release(self, release)
        return replace(self, release=release)

    def to_json(self) -> str:
        """Return the report as JSON text, Korean readable."""
        data = asdict(self) | {"status": str(self.status), "session_date": self.session_date.isoformat()}
        data["audited_at"] = self.audited_at.isoformat() if self.audited_at else None
        return json.dumps(data, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> AuditReport:
        """
        Read :meth:`to_json` back.

        :raises ValueError: when the text is not a report's JSON.
        """
        data = json.loads(text)
        release, audited_at = data["release"], data["audited_at"]
        return cls(
            run_id=data["run_id"],
            session_date=date.fromisoformat(data["session_date"]),
            results=tuple(_result(entry) for entry in data["results"]),
            audited_at=datetime.fromisoformat(audited_at) if audited_at else None,
            sets=tuple(data["sets"]),
            flows=tuple(data["flows"]),
            proof=data["proof"],
            release=Release(tuple(release["rule_ids"]), release["reason"], release["by"]) if release else None,
        )


def _result(data: dict[str, Any]) -> RuleResult:
    kinds = {
        "severity": Severity(data["severity"]),
        "status": Status(data["status"]),
        "offenders": tuple(data["offenders"]),
    }
    return RuleResult(**(data | kinds))


def _check_release(report: AuditReport, release: Release) -> None:
    if not release.reason.strip():
        raise ReleaseError("a release needs a reason: say what you looked at and why the session may be published")
    known = {result.id for result in report.results}
    if unknown := sorted(set(release.rule_ids) - known):
        raise ReleaseError(f"no rule is called {', '.join(unknown)}; the report names every rule's id")
    never = [result.id for result in report.results if result.blocks and not result.releasable]
    if never:
        raise ReleaseError(
            f"session {report.session_date} is disproved by {', '.join(never)}: the data are another "
            "session's and cannot be released under this day. Raw and typed data are kept as evidence."
        )
