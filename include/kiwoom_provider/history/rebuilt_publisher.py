"""Publish a rebuilt session by the same audit and the same step as a swept night."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiwoom_provider.api.ka10059 import OTHER_FOREIGN_ELEMENT
from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.parquet import file_metadata, read_table
from kiwoom_provider.datasets.published import PublishedMetadata
from kiwoom_provider.history import AFTER_MARKET_SINCE, NXT_SINCE
from kiwoom_provider.history.coverage import coverage_of, sets_with_totals, with_coverage
from kiwoom_provider.history.history_plan import HistoryError
from kiwoom_provider.locale import message
from kiwoom_provider.pipeline.assemble import SessionTables
from kiwoom_provider.pipeline.publish import Examination, Publisher
from kiwoom_provider.proof.dated_evidence import DatedEvidence
from kiwoom_provider.proof.session_proof import Outcome, SessionProof, SetProof
from kiwoom_provider.quality.audit import audit
from kiwoom_provider.quality.audit_input import AuditInput
from kiwoom_provider.quality.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    import pyarrow as pa

    from kiwoom_provider.api.call_source import CallSource
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.locale import Message
    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.pipeline.plan import Plan
    from kiwoom_provider.pipeline.summary import PublishedFile
    from kiwoom_provider.quality.results import AuditReport

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RebuiltPublisher(Publisher):
    """
    Audits and publishes sessions whose sets, or some of them, come from the dated sibling.

    Their proof is that every row carries its date. A set that was swept and published stays as it is, and those that
    lack are added to it.

    :param replace: whether swept sets that are published are replaced; the old file is kept in either case.
    """

    replace: bool = False

    def examine(self) -> Examination:
        """Take the rebuilt sets, and what is published of the session besides."""
        tables = session_tables(self.store, self.plan, replace=self.replace)
        totals = self.evidence.read_totals()
        tables = with_coverage(tables, coverage_of(tables, totals))
        proof = SessionProof(
            outcome=Outcome.PROVED,
            how=(
                message("every row carries its date: rebuilt from ka10059"),
                *_limits(self.session.session_date, tables),
            ),
            sets=tuple(SetProof(**SetProof.of(parameters), outcome=Outcome.PROVED) for parameters in sorted(tables)),
        )
        day = self.session.session_date
        return Examination(SessionTables(day, tables), proof, (None, {}), DatedEvidence(day), totals)

    def audit(self, examined: Examination, audited_at: datetime) -> AuditReport:
        """Run every rule; those of pages, of the window and of the sessions before have nothing to go by."""
        given = AuditInput(
            session_date=self.session.session_date,
            asked=tuple(examined.session.tables),
            tables={p: _as_swept(table) for p, table in examined.session.tables.items()},
            proof=examined.proof,
            totals=examined.totals,
        )
        report = audit(given, run_id=self.run_id, audited_at=audited_at, severities=self.severities)
        covered = coverage_of(examined.session.tables, examined.totals)
        for one in covered:
            log.info("Coverage: %s", one.sentence)
        return report.model_copy(update={"coverage": covered})

    def gather_totals(self, source: CallSource) -> int:
        """Ask ka10051 for the totals of the markets that are to be rebuilt, unless they are kept; return the calls."""
        wanted = sets_with_totals(self.session.session_date, self.plan.sets, self.evidence.read_totals())
        return self.evidence.gather_totals(source, wanted)

    def publish(self, examined: Examination, report: AuditReport, known_from: datetime) -> PublishedFile:
        """Publish as a swept night is; an older file is kept as evidence first."""
        if report.status is not Verdict.BLOCKED:
            self._keep_replaced(examined)
        return super().publish(examined, report, known_from)

    def _keep_replaced(self, examined: Examination) -> None:
        day = self.session.session_date
        if PublishedMetadata.read(self.store, day).sweeps == examined.session.metadata("sweep"):
            return
        try:
            data = self.store.read(layout.published_key(day))
        except FileNotFoundError:
            return
        key = layout.replaced_key(day, hashlib.sha256(data).hexdigest())
        log.info("Session %s: the file that was published is kept as %s", day, key)
        self.store.write(key, data)


def _limits(day: date, tables: Mapping[ParameterSet, pa.Table]) -> Iterator[Message]:
    """Yield what a session's rebuilt sets are not, in words."""
    said = sorted({text for table in tables.values() if (text := file_metadata(table.schema).get("stocks_of"))})
    if said:
        yield message(
            "names, markets and stocks are those of {day}: what was delisted before it is not there",
            day=", ".join(said),
        )
    if day >= AFTER_MARKET_SINCE:
        yield message(
            "the close is the after-market's last trade, as ka10059 has it since {day}", day=str(AFTER_MARKET_SINCE)
        )
    if day < NXT_SINCE:
        yield message("NXT did not exist before {day}", day=str(NXT_SINCE))


def _as_swept(table: pa.Table) -> pa.Table:
    """Return a set with ka10066's columns, which the rules are about; natfor was judged row by row."""
    return table.drop_columns([OTHER_FOREIGN_ELEMENT]) if OTHER_FOREIGN_ELEMENT in table.column_names else table


def session_tables(store: Store, plan: Plan, *, replace: bool = False) -> dict[ParameterSet, pa.Table]:
    """
    Return the typed sets to publish: rebuilt ones of the plan, and those that are published besides.

    :param replace: rebuilt ones also in the place of swept ones that are published.

    :raises HistoryError: when nothing of the plan was rebuilt, or a published set is not stored as it was published.
    """
    day = plan.session.session_date
    published = PublishedMetadata.read(store, day).sweeps
    wanted = [p for p in plan.sets if replace or not _is_swept(published.get(p))]
    rebuilt = {p: table for p in wanted if (table := _read(store, day, p, layout.REBUILT_PARTITIONS)) is not None}
    if not rebuilt:
        raise HistoryError(f"of session {day} nothing was rebuilt: ka10059 has no lawful row of it for these stocks")
    besides = {
        parameters: _read_published(store, day, parameters, sweep)
        for parameters, sweep in published.items()
        if parameters not in rebuilt
    }
    return dict(sorted([*rebuilt.items(), *besides.items()]))


def _is_swept(sweep: str | None) -> bool:
    """Tell whether a published set is a night's own."""
    return sweep is not None and not sweep.startswith(layout.RAW_HISTORY)


def _read_published(store: Store, day: date, parameters: ParameterSet, sweep: str) -> pa.Table:
    table = _read(store, day, parameters, layout.PARTITIONS if _is_swept(sweep) else layout.REBUILT_PARTITIONS)
    if table is None or file_metadata(table.schema).get("sweep") != sweep:
        raise HistoryError(
            f"{parameters.label} of session {day} is published and its typed set is not the one that it was made of: "
            "replay the session first"
        )
    return table


def _read(store: Store, day: date, parameters: ParameterSet, dataset: str) -> pa.Table | None:
    try:
        return read_table(store.read(layout.partition_key(day, parameters, dataset)))
    except FileNotFoundError:
        return None
