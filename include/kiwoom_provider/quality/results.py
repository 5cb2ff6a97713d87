"""What an audit found, as documents: frozen, bounded, written and read back unchanged."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import Field, computed_field, model_validator

from kiwoom_provider.datasets.published import CoverageNote, Release
from kiwoom_provider.documents import Count, Document, Figure, Instant, Text
from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.locale import Argument, Message, message
from kiwoom_provider.parameters import Market, ParameterSet, Venue
from kiwoom_provider.proof.session_proof import SessionProof

MOST_OFFENDERS = 10
MOST_ROWS = 10_000
"""Rows of any table in a report: rules, sets, flows."""


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


class Verdict(StrEnum):
    """What the audit says of the session as a whole."""

    PASSED = "passed"
    WARNED = "warned"
    BLOCKED = "blocked"
    RELEASED = "released"


class ReleaseError(KiwoomProviderError, ValueError):
    """A quarantined session cannot be released as asked; the message says why."""

    is_final = True
    remedy = "give a reason, and the ids of the rules that block in the report; a disproved session is never released"


Value: TypeAlias = Argument | None


class Offender(Document):
    """
    One thing that broke a rule.

    :param where: the set, or market and venue, that it stands in.
    :param investor: the investor or column.
    :param difference: seen less expected, in the set's unit.
    """

    where: Message
    stock_code: Text | None = None
    stock_name: Text | None = None
    investor: Message | None = None
    expected: Value = None
    seen: Value = None
    difference: Value = None


class RuleResult(Document):
    """
    What one rule found.

    :param severity: what a failure does here; ``default_severity`` what it does unless a deployment says otherwise.
    :param checked: how many things were looked at (cells, stocks or sets, by the rule).
    :param failing: how many of them broke the rule, or are only unusual.
    :param found: what was seen; for ``error`` and ``not_applicable`` the reason.
    :param reason: why the tolerance is what it is.
    :param offenders: the worst of them.
    :param releasable: False when the finding shows that the data are another session's.
    """

    id: Text
    title: Message
    severity: Severity
    default_severity: Severity
    status: Status
    checked: Count = 0
    failing: Count = 0
    found: Message
    looks_at: Message
    tolerance: Message
    reason: Message
    remedy: Message
    offenders: Annotated[tuple[Offender, ...], Field(max_length=MOST_OFFENDERS)] = ()
    releasable: bool = True

    @property
    def blocks(self) -> bool:
        """Whether this result alone keeps the session from publication."""
        return self.status in (Status.FAIL, Status.ERROR)

    @property
    def is_lowered(self) -> bool:
        """Whether the deployment lets this rule warn that blocks by default."""
        return self.default_severity is Severity.BLOCK and self.severity is Severity.WARN

    def sentence(self) -> Message:
        """Return one line for a log or an error, with the worst offender."""
        line = message(
            "{rule} ({status}): {title}: {found}",
            rule=self.id,
            status=str(self.status),
            title=self.title,
            found=self.found,
        )
        if not self.offenders:
            return line
        worst = self.offenders[0]
        stock = " ".join(text for text in (worst.stock_code, worst.stock_name) if text)
        return message(
            "{line}; worst {where} {stock} {investor}: expected {expected}, seen {seen}",
            line=line,
            where=worst.where,
            stock=stock,
            investor=worst.investor or "",
            expected="" if worst.expected is None else worst.expected,
            seen="" if worst.seen is None else worst.seen,
        )


class SetSize(Document):
    """
    One parameter set of the audit: its rows and pages; None where they are not known.

    :param sells: of sells, which sign they came with: ``positive``, ``negative``, ``mixed`` or ``none``.
    """

    parameters: ParameterSet
    rows: Count | None = None
    pages: Count | None = None
    sells: Text | None = None


class NetFlow(Document):
    """One investor's net in a market and venue, in ``unit`` (KRW million, or shares)."""

    market: Market
    venue: Venue
    investor: Text
    net: Figure
    unit: Text


class Coverage(Document):
    """
    How much of a market and venue a session holds that was rebuilt from the dated sibling.

    :param stocks: stocks with a row.
    :param of: stocks that are listed there as of the rebuilding.
    :param asked: how many of these were asked for; None where all were.
    :param volume: the share of the market's volume by ka10051, ETNs left out; None where it could not be had.
    """

    market: Market
    venue: Venue
    stocks: Count
    of: Count
    asked: Count | None = None
    volume: Annotated[float, Field(ge=0, le=1e6)] | None = None

    def brief(self) -> CoverageNote:
        """Return the figures as the published file's metadata has them."""
        return CoverageNote(stocks=self.stocks, of=self.of, asked=self.asked, volume=self.volume)

    @property
    def sentence(self) -> Message:
        """The coverage in words."""
        place = f"{self.market} · {self.venue}"
        if self.volume is None:
            return message("{place}: {stocks} of {of} stocks", place=place, stocks=self.stocks, of=self.of)
        return message(
            "{place}: {stocks} of {of} stocks, {share} % of the market's volume",
            place=place,
            stocks=self.stocks,
            of=self.of,
            share=round(100 * self.volume, 2),
        )


class AuditReport(Document):
    """
    One run's audit of one session, whole.

    :param withheld: venues that are stored and not proved: they were neither audited nor published with the others.
    :param coverage: of markets and venues that were rebuilt from the dated sibling.
    """

    run_id: Text
    session_date: date
    results: Annotated[tuple[RuleResult, ...], Field(max_length=MOST_ROWS)]
    audited_at: Instant | None = None
    sets: Annotated[tuple[SetSize, ...], Field(max_length=MOST_ROWS)] = ()
    flows: Annotated[tuple[NetFlow, ...], Field(max_length=MOST_ROWS)] = ()
    proof: SessionProof | None = None
    release: Release | None = None
    withheld: tuple[Venue, ...] = ()
    coverage: Annotated[tuple[Coverage, ...], Field(max_length=MOST_ROWS)] = ()

    @model_validator(mode="before")
    @classmethod
    def _without_status(cls, data: object) -> object:
        """Leave out the verdict that :meth:`to_bytes` wrote for readers: it follows from the results."""
        return {name: value for name, value in data.items() if name != "status"} if isinstance(data, dict) else data

    @computed_field  # type: ignore[prop-decorator]
    @property
    def status(self) -> Verdict:
        """The session's verdict: only ``BLOCKED`` keeps it from publication."""
        if self.blocking:
            return Verdict.BLOCKED
        if any(result.blocks for result in self.results):
            return Verdict.RELEASED
        return Verdict.WARNED if self.count(Status.WARN) else Verdict.PASSED

    @property
    def blocking(self) -> tuple[RuleResult, ...]:
        """Results that keep the session from publication, worst first; those released are left out."""
        released = self.release.rule_ids if self.release else ()
        stops = [result for result in self.results if result.blocks and result.id not in released]
        return tuple(sorted(stops, key=lambda r: (r.releasable, r.status is Status.ERROR)))

    @property
    def lowered(self) -> tuple[str, ...]:
        """Ids of the rules that the deployment lets warn although they block by default."""
        return tuple(result.id for result in self.results if result.is_lowered)

    def verdict(self) -> str:
        """Return the status for a log, with the rules that the deployment has lowered."""
        return f"{self.status}, lowered to a warning: {', '.join(self.lowered)}" if self.lowered else str(self.status)

    def count(self, status: Status) -> int:
        """Return how many rules ended with ``status``."""
        return sum(result.status is status for result in self.results)

    def worst(self) -> tuple[RuleResult, ...]:
        """Return up to three blocking results, worst first."""
        return self.blocking[:3]

    def message(self) -> str:
        """Return what a failed task says: how many rules block, the three worst, and what was lowered."""
        lines = [f"the audit blocks session {self.session_date}: {len(self.blocking)} rule(s)"]
        lines += [str(result.sentence()) for result in self.worst()]
        if self.lowered:
            lines.append(f"lowered to a warning by this deployment: {', '.join(self.lowered)}")
        return "\n- ".join(lines)

    def with_release(self, release: Release) -> AuditReport:
        """
        Return this report with a person's release recorded.

        :raises ReleaseError: without a reason, for other rules than those that block, or when a finding shows
            that the data are another session's, which nobody can release.
        """
        if not release.reason.strip():
            raise ReleaseError("a release needs a reason: say what you looked at and why the session may be published")
        if never := [result.id for result in self.results if result.blocks and not result.releasable]:
            raise ReleaseError(
                f"session {self.session_date} is disproved by {', '.join(never)}: the data are another "
                "session's and cannot be released under this day. Raw and typed data are kept as evidence."
            )
        if set(release.rule_ids) != (now := {result.id for result in self.blocking}):
            raise ReleaseError(
                f"session {self.session_date} is blocked by {', '.join(sorted(now)) or 'nothing'}, and the release "
                f"names {', '.join(sorted(release.rule_ids))}: name exactly the rules that block, after looking at each"
            )
        return self.model_copy(update={"release": release})
