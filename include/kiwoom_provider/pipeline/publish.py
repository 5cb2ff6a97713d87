"""Audit a session and publish it in one step, or leave what is published as it was."""

from __future__ import annotations

import hashlib
import io
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets import investor_trading, layout
from kiwoom_provider.datasets.published import file_metadata
from kiwoom_provider.pipeline import proof, references
from kiwoom_provider.pipeline.assemble import SessionTables, assemble
from kiwoom_provider.pipeline.errors import AuditFailedError, UnprovedSessionError
from kiwoom_provider.pipeline.previous import previous_session, read_tables
from kiwoom_provider.pipeline.settlement import ProofSetting
from kiwoom_provider.quality.audit import audit
from kiwoom_provider.quality.proof import Outcome, SessionProof
from kiwoom_provider.quality.results import AuditReport, Release, Verdict
from kiwoom_provider.quality.subject import AuditInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import pyarrow as pa

    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import Session
    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.pipeline.plan import Plan

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Examination:
    """The session as it lies in the store, with what the evidence says of every set."""

    session: SessionTables
    findings: Mapping[ParameterSet, proof.Finding]
    proof: SessionProof
    before: Mapping[ParameterSet, pa.Table]

    @property
    def stale(self) -> list[ParameterSet]:
        """Sets that are another session's, wholly or in part."""
        return [parameters for parameters, finding in self.findings.items() if finding.is_stale]

    def reference_stocks(self, parameters: ParameterSet) -> tuple[str, ...]:
        """Return the stocks that the set is proved by."""
        finding = self.findings[parameters]
        return (*finding.agreeing, *finding.contradicting)


@dataclass(frozen=True)
class Publisher:
    """
    The gate between evidence and what quants read.

    :param run_id: names the report and the candidate.
    :param setting: which proof of the session is asked for.
    :param severities: rule ids whose severity the deployment changed.
    :param release: a person's decision to publish in spite of named findings.
    """

    store: Store
    plan: Plan
    session: Session
    run_id: str
    setting: ProofSetting = ProofSetting.BOTH
    severities: Mapping[str, str] = field(default_factory=dict)
    release: Release | None = None

    def can_fetch(self, now: datetime) -> bool:
        """Whether the session can still be fetched at ``now``."""
        return self.session.settles_at <= now < self.session.window_ends_at

    def examine(self) -> Examination:
        """Hold what is stored against the dated rows and the previous stored session."""
        session = SessionTables.read(self.store, self.plan)
        dated = references.load(self.store, session.session_date)
        day_before = previous_session(self.store, session.session_date)
        before = read_tables(self.store, day_before, session.tables)
        findings = proof.examine(session.tables, dated, before)
        unsupported = references.is_unsupported(self.store, session.session_date)
        concluded = proof.conclude(session.session_date, findings, dated, self.setting, unsupported=unsupported)
        return Examination(session, findings, concluded, before)

    def audit(self, examined: Examination, audited_at: datetime) -> AuditReport:
        """Run every rule, and write the report before anything is raised."""
        given = AuditInput(
            session_date=self.plan.session_date,
            asked=tuple(examined.session.tables),
            tables=examined.session.tables,
            previous=examined.before,
            page_sizes=examined.session.parsed("page_sizes"),
            extra_elements=examined.session.parsed("extra_elements"),
            proof=examined.proof,
            window=(self.session.settles_at, self.session.window_ends_at),
        )
        report = audit(given, run_id=self.run_id, audited_at=audited_at, severities=self.severities)
        if self.release:
            report = report.released(self.release)
        return report

    def write_report(self, report: AuditReport, audited_at: datetime) -> str:
        """Keep the report, as JSON and as a page for people; return the page's URL."""
        from kiwoom_provider.quality.page import render_html

        json_key, html_key = (
            layout.report_key(self.plan.session_date, self.run_id, audited_at, suffix) for suffix in ("json", "html")
        )
        self.store.write(json_key, report.to_json().encode())
        self.store.write(html_key, render_html(report).encode())
        return self.store.url(html_key)

    def publish(self, examined: Examination, report: AuditReport) -> dict[str, Any]:
        """
        Put the audited candidate in the published place, or refuse and leave that place as it was.

        :returns: rows, bytes, SHA-256 and URL of the published file.
        :raises UnprovedSessionError: when only the proof is lacking.
        :raises AuditFailedError: when a rule blocks.
        """
        if report.status is Verdict.BLOCKED:
            only_proof = examined.proof.outcome is Outcome.UNPROVED and len(report.blocking) == 1
            raise (UnprovedSessionError if only_proof else AuditFailedError)(report.message())
        table = self._candidate(examined)
        release = {"rule_ids": list(self.release.rule_ids), "reason": self.release.reason} if self.release else None
        provenance = examined.session.provenance(examined.proof.to_json(), release)
        data = investor_trading.encode(table, provenance.to_metadata())
        key = layout.published_key(self.plan.session_date)
        self.store.write(key, data)
        self.store.remove([layout.candidate_key(self.plan.session_date, self.run_id)])
        return {
            "rows": table.num_rows,
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "path": self.store.url(key),
        }

    def _candidate(self, examined: Examination) -> Any:
        """Return the run's candidate, made anew when it is not of the very sweeps that were audited."""
        import pyarrow.parquet as pq

        key = layout.candidate_key(self.plan.session_date, self.run_id)
        wanted = examined.session.provenance({}).to_metadata()["sweeps"]
        for attempt in (1, 2):
            try:
                table = pq.read_table(io.BytesIO(self.store.read(key)))
            except FileNotFoundError:
                table = None
            if table is not None and file_metadata(table.schema)["sweeps"] == wanted:
                return table
            if attempt == 1:
                assemble(self.store, self.plan, self.run_id)
        raise AuditFailedError(
            "the stored sets change while they are published: is another run of this session active?"
        )
