"""Audit a session and publish it in one step, or leave what is published as it was."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kiwoom_provider.datasets import layout, securities
from kiwoom_provider.datasets.published import FirstPublications, last_published_sweeps
from kiwoom_provider.datasets.store import StoreError
from kiwoom_provider.pipeline.assemble import SessionTables
from kiwoom_provider.pipeline.errors import AuditFailedError, DisprovedSessionError, UnprovedSessionError
from kiwoom_provider.pipeline.summary import PublishedFile, read_summaries, summarise, write_summary
from kiwoom_provider.proof.earlier import newest_published_tables
from kiwoom_provider.proof.evidence import EvidenceStore
from kiwoom_provider.proof.session_proof import Outcome, ProofSetting, SessionProof
from kiwoom_provider.quality.audit import audit
from kiwoom_provider.quality.audit_input import AuditInput
from kiwoom_provider.quality.results import AuditReport, ReleaseError, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    import pyarrow as pa

    from kiwoom_provider.api.ka10051 import Total
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.krx import SessionWindow
    from kiwoom_provider.parameters import ParameterSet, Venue
    from kiwoom_provider.pipeline.errors import SessionError
    from kiwoom_provider.pipeline.plan import Plan
    from kiwoom_provider.pipeline.summary import Summary
    from kiwoom_provider.proof.dated_evidence import DatedEvidence

log = logging.getLogger(__name__)


PROOF_RULES = {"session_proof", "reference_rows", "not_previous_session"}
"""Rules that only repeat what the proof says."""
AWAITED_RULES = {"listed_stocks_swept", "stocks_stay", "same_stocks", "flows_cover_volume"}
"""
What is not there may still come: Kiwoom has been seen to add stocks one by one until the next morning, and the
after-market's trades late in the evening.
"""


@dataclass(frozen=True)
class Examination:
    """
    The session as it lies in the store, with what the evidence says of every set.

    :param before: the newest published session before it, if there is one, and its typed sets.
    :param dated: what ka10059 has said of it, read once.
    :param totals: ka10051's totals of it by net set, alike.
    :param swept: the raw sweep's folder of every set that is stored, by the set's path: what a release covers.
    :param came_again: every set was fetched again in this try, after an audit of this run had blocked.
    """

    session: SessionTables
    proof: SessionProof
    before: tuple[date | None, Mapping[ParameterSet, pa.Table]]
    dated: DatedEvidence
    totals: Mapping[ParameterSet, Total]
    swept: Mapping[str, str] = field(default_factory=dict)
    came_again: bool = False

    @property
    def unproved_venues(self) -> list[Venue]:
        """The venues of which a set is not proved."""
        return [venue for venue, outcome in self.proof.venues.items() if outcome is not Outcome.PROVED]


@dataclass(frozen=True)
class Publisher:
    """
    Audits what is stored of a session, and publishes it or refuses it.

    :param run_id: names the report and what is quarantined.
    :param setting: which proof of the session is asked for.
    :param severities: rule ids whose severity the deployment changed.
    """

    store: Store
    plan: Plan
    run_id: str
    setting: ProofSetting = ProofSetting.BOTH
    severities: Mapping[str, str] = field(default_factory=dict)

    @property
    def session(self) -> SessionWindow:
        """The session, with its window."""
        return self.plan.session

    @property
    def evidence(self) -> EvidenceStore:
        """What the session is proved by."""
        return EvidenceStore(self.store, self.session.session_date, self.plan.session_before)

    def examine(self) -> Examination:
        """Hold what is stored against the dated rows and the earlier sessions."""
        session = SessionTables.read(self.store, self.plan)
        before = newest_published_tables(self.store, self.session.session_date, session.tables)
        dated, totals = self.evidence.read_dated(), self.evidence.read_totals()
        return Examination(session, self._prove(session, dated, totals), before, dated, totals, session.sweeps())

    def withhold(self, examined: Examination, now: datetime) -> Examination:
        """
        Leave out the venues that are not proved, once nothing more can be had of them: the others are published.

        While there is time nothing is left out, and neither is a venue that is published already, or what a person
        releases. Where no venue is proved, the session is refused as a whole.
        """
        venues = examined.unproved_venues
        waits = self.plan.can_fetch(now) and now < self.session.evidence_at
        published = {p.venue for p in last_published_sweeps(self.store, self.session.session_date)}
        if waits or self.plan.release or published.intersection(venues):
            return examined
        session = examined.session.without(venues)
        if not venues or not session.tables:
            return examined
        log.warning("Not proved, and withheld: %s. The other venues are audited without it.", ", ".join(venues))
        return replace(examined, session=session, proof=self._prove(session, examined.dated, examined.totals))

    def _prove(
        self, session: SessionTables, dated: DatedEvidence, totals: Mapping[ParameterSet, Total]
    ) -> SessionProof:
        return self.evidence.examine(session.tables, session.metadata("sweep"), self.setting, dated, totals)

    def audit_and_report(self, examined: Examination, audited_at: datetime) -> tuple[AuditReport, str]:
        """
        Run every rule, and keep the report whatever it says; return it and the English page's URL.

        :raises ReleaseError: as :meth:`with_release`.
        """
        report = self.audit(examined, audited_at)
        try:
            report = self.with_release(report, examined)
        finally:
            url = self.write_report(report, audited_at)
        log.info("Audit of session %s: %s, report %s", self.session, report.verdict(), url)
        self.write_top(examined, audited_at)
        return report, url

    def audit(self, examined: Examination, audited_at: datetime) -> AuditReport:
        """Run every rule over the session as it is stored."""
        (day, published), documents = examined.before, examined.session.documents()
        given = AuditInput(
            session_date=self.session.session_date,
            asked=tuple(examined.session.tables),
            tables=examined.session.tables,
            published=published,
            published_on=day,
            page_sizes={p: said.page_sizes for p, said in documents.items()},
            extra_elements={p: said.extra_elements for p, said in documents.items()},
            proof=examined.proof,
            securities=self._securities(),
            totals=examined.totals,
            window=(self.session.settles_at, self.session.window_ends_at),
        )
        report = audit(given, run_id=self.run_id, audited_at=audited_at, severities=self.severities)
        return report.model_copy(update={"withheld": examined.session.withheld})

    def _securities(self) -> pa.Table | None:
        """Return the session's securities master; one that is not there or cannot be read is a witness less."""
        try:
            return securities.read(self.store, self.session.session_date)
        except securities.SecuritiesError as error:
            log.warning("The audit goes without the securities master: %s", error)
            return None

    def with_release(self, report: AuditReport, examined: Examination) -> AuditReport:
        """
        Return the report with a person's release recorded, if there is one.

        :raises ReleaseError: when these findings cannot be released, or other sets are stored than were looked at.
        """
        release = self.plan.release
        if release is None:
            return report
        if release.sweeps != examined.session.sweeps():
            raise ReleaseError(
                f"what is stored of session {self.session} is not what the report {release.report} is of: it was "
                "fetched again since. Look at its newest report, and release by that"
            )
        return report.with_release(release)

    def write_report(self, report: AuditReport, audited_at: datetime) -> str:
        """Keep the report, as JSON and as pages in English and Korean; return the English page's URL."""
        from kiwoom_provider.quality.report_page import render_html

        pages = {"html": render_html(report), "ko.html": render_html(report, "ko")}
        self._keep(audited_at, "json", report.to_bytes().decode())
        urls = {suffix: self._keep(audited_at, suffix, text) for suffix, text in pages.items()}
        return urls["html"]

    def write_top(self, examined: Examination, audited_at: datetime) -> None:
        """Keep the session's largest net trades beside the report, for the page: no reason to hold up the session."""
        from kiwoom_provider.pipeline.top import top_lists

        try:
            self._keep(audited_at, layout.TOP, top_lists(examined.session.tables).to_bytes().decode())
        except Exception:
            log.exception("%s: the largest trades could not be listed", self.session.key)

    def _keep(self, audited_at: datetime, suffix: str, text: str) -> str:
        key = layout.report_key(self.session.session_date, self.run_id, audited_at, suffix)
        self.store.write(key, text.encode())
        return self.store.url(key)

    def publish_and_summarise(
        self,
        examined: Examination,
        report: AuditReport,
        known_from: datetime,
        *,
        fetched: Iterable[Mapping[str, Any]] = (),
        beside: Mapping[str, int] | None = None,
        calendar_warnings: Iterable[object] = (),
    ) -> Summary:
        """
        Publish, and keep the run's summary whether that succeeds or is refused.

        :param fetched: what every ``fetch`` task returned.
        :param beside: calls that the run has made besides, named as :data:`.summary.CALLS`.
        :param calendar_warnings: what ``check_calendar`` returned.
        :raises: as :meth:`publish`.
        """
        published = None
        try:
            published = self.publish(examined, report, known_from)
        finally:
            summary = summarise(
                self.plan,
                report,
                fetched,
                beside or {},
                published,
                calendar_warnings=calendar_warnings,
                sweeps=examined.swept,
            )
            write_summary(self.store, summary)
        return summary

    def publish(self, examined: Examination, report: AuditReport, known_from: datetime) -> PublishedFile:
        """
        Put the published table, made of the audited sets, in its place; or refuse, and keep it in quarantine instead.

        :param known_from: now; figures that were published before keep their instant.
        :raises DisprovedSessionError: when the evidence contradicts the data.
        :raises UnprovedSessionError: when only the proof is lacking.
        :raises AuditFailedError: when a rule blocks; final when it did before, and does again on sets fetched again.
        """
        session, day = examined.session, self.session.session_date
        proof, release = examined.proof.brief(), report.release
        if report.status is Verdict.BLOCKED:
            self._quarantine(session.encode(proof, release)[1])
            raise self._refusal(examined, report)
        first = FirstPublications.read(self.store, day).with_published(session.metadata("sweep"), known_from)
        rows, data = session.encode(proof, release, first)
        if examined.proof.outcome is Outcome.PROVED:
            self.evidence.keep_proof(examined.proof, session.metadata("sweep"))
        key = layout.published_key(day)
        self.store.write(key, data)
        first.keep(self.store, day)
        digest = hashlib.sha256(data).hexdigest()
        return PublishedFile(rows=rows, bytes=len(data), sha256=digest, path=self.store.url(key))

    def _quarantine(self, data: bytes) -> None:
        """Keep what was refused, for whoever reads the report; that it was refused is said in any case."""
        key = layout.candidate_key(self.session.session_date, self.run_id)
        try:
            self.store.write(key, data)
        except StoreError as error:
            log.warning("%s could not be kept: %s", key, error)

    @cached_property
    def blocked_before(self) -> tuple[Summary, ...]:
        """This run's audits that kept it from publication, by figures and not by a lack of proof."""
        runs = read_summaries(self.store, layout.session_prefix(layout.REPORTS, self.session.session_date))
        return tuple(
            run
            for run in runs
            if run.run_id == self.run_id and run.audit is Verdict.BLOCKED and run.proof.outcome is Outcome.PROVED
        )

    def _refusal(self, examined: Examination, report: AuditReport) -> SessionError:
        """Say why: where figures are not the day's last, what other rules find is that they are not in yet."""
        proof, blocking = examined.proof, {result.id for result in report.blocking}
        if proof.outcome is Outcome.DISPROVED:
            return DisprovedSessionError(report.message())
        is_late = any(entry.is_late for entry in proof.sets)
        if proof.outcome is Outcome.UNPROVED and (is_late or blocking <= PROOF_RULES):
            return UnprovedSessionError(report.message())
        error = AuditFailedError(report.message())
        known = {rule for run in self.blocked_before for rule in run.blocking} - AWAITED_RULES
        error.is_final = examined.came_again and not known.isdisjoint(blocking)
        return error
