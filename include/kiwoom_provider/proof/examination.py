"""
Whose session are these rows? One examination, of the first pages before a sweep and of the whole sets after it.

It reads stored evidence alone, so a replay says the same. A fetched row is *identified* among the hundred dated
rows of its stock: the session's row proves, an earlier day's disproves and names the day, none of them is
unexplained, which a person may look at and release.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.api.identities import SUM_WITHIN, net_of
from kiwoom_provider.api.ka10066 import INVESTOR_ELEMENTS, MAIN
from kiwoom_provider.parameters import Measure, Side
from kiwoom_provider.proof.finality import stands_from
from kiwoom_provider.proof.session_proof import FinalityLaw, Outcome, ProofSetting, ReferenceRow, SessionProof, SetProof
from kiwoom_provider.proof.tables import FlowTable
from kiwoom_provider.proof.totals import agree, spoken_pages
from kiwoom_provider.proof.wording import describe

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from kiwoom_provider.api.ka10051 import Total
    from kiwoom_provider.parameters import Market, ParameterSet, Venue
    from kiwoom_provider.proof.dated_evidence import DatedEvidence
    from kiwoom_provider.proof.dated_rows import DatedAnswer
    from kiwoom_provider.proof.earlier import EarlierSessions

COVERED = 0.99
"""Part of a market's volume that the four investors of a set must cover: natfor, which it lacks, is 0.002 to 0.2 %."""


def examine(
    tables: Mapping[ParameterSet, pa.Table],
    evidence: DatedEvidence,
    earlier: EarlierSessions,
    setting: ProofSetting,
    totals: Mapping[ParameterSet, Total] | None = None,
) -> SessionProof:
    """
    Hold every set against ka10059's dated rows and the earlier stored sessions.

    Disproved when a set, or a part of it, is another session's; proved when every set is proved; else unproved.

    :param tables: typed sets; whole ones, or their first pages.
    :param totals: ka10051's of the day by net set, where they were had.
    """
    flows = {p: FlowTable.of(table) for p, table in tables.items()}
    given = _Evidence(flows, evidence, earlier, agree(flows, totals or {}), _lacking_coverage(flows, evidence))
    found: dict[ParameterSet, SetProof] = {}
    for parameters in sorted(flows, key=lambda p: p.side is not Side.NET):
        net = found.get(replace(parameters, side=Side.NET))
        found[parameters] = _Examination(parameters, flows[parameters], given, setting, net).result()
    sets = tuple(found[parameters] for parameters in flows)
    outcome = Outcome.worst([entry.outcome for entry in sets])
    how = describe(evidence.session_date, sets, setting, has_trusted=bool(earlier.trusted))
    rows = tuple(_row(evidence, entry, code) for entry in sets for code in entry.agreeing)
    return SessionProof(outcome=outcome, how=how, rows=rows, sets=sets)


@dataclass(frozen=True, slots=True)
class _Identified:
    """Reference stocks by what their fetched row is found to be; see :class:`SetProof`."""

    agreeing: list[str] = field(default_factory=list)
    earlier_days: dict[str, date] = field(default_factory=dict)
    unexplained: list[str] = field(default_factory=list)
    not_final: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    coverage: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """
    All that there is to judge by.

    :param totals: of every set that has a total, whether it agrees.
    :param lacking: the part of the volume that is covered, by market and venue where it is less than due.
    """

    tables: Mapping[ParameterSet, FlowTable]
    dated: DatedEvidence
    earlier: EarlierSessions
    totals: Mapping[ParameterSet, bool]
    lacking: Mapping[tuple[Market, Venue], float]


@dataclass(frozen=True, slots=True)
class _Examination:
    """One set, and what there is to judge it by; ``net`` is what was seen of its net set."""

    parameters: ParameterSet
    table: FlowTable
    given: _Evidence
    setting: ProofSetting
    net: SetProof | None

    def result(self) -> SetProof:
        """Return what the evidence says of the set."""
        found = self._identify()
        change = self.given.earlier.change(self.parameters, self.table)
        share = self.given.lacking.get((self.parameters.market, self.parameters.venue))
        silent = self._silent_pages(change.pages if change else {}, {*found.agreeing, *found.refused})
        since, unchanged = self.given.earlier.unchanged_since(self.parameters, self.table)
        agrees = self.given.totals.get(self.parameters)
        by_total = silent.keys() & spoken_pages(self.table) if agrees else set()
        tied = silent.keys() & self._tied_pages()
        entry = SetProof(
            **SetProof.of(self.parameters),
            outcome=Outcome.UNPROVED,
            agreeing=tuple(found.agreeing),
            earlier_days=found.earlier_days,
            unexplained=tuple(found.unexplained),
            not_final=tuple(found.not_final),
            refused=tuple(found.refused),
            compared_with=tuple(dict.fromkeys(e.session_date for e in self.given.earlier.of(self.parameters))),
            unchanged_since=since,
            unchanged_stocks=unchanged,
            changed=bool(change and change.is_changed),
            silent_pages=tuple(silent[page] for page in sorted(silent.keys() - by_total - tied)),
            total_agrees=agrees,
            total_pages=len(by_total),
            tied_pages=len(tied),
            late_stocks=(self.table.late_stocks() if self._volume_is_its_own() else 0) + len(found.late),
            coverage=min([*found.coverage, *([] if share is None else [share])], default=None),
        )
        law = self._find_law(entry)
        outcome = Outcome.DISPROVED if entry.is_stale else Outcome.PROVED if law else Outcome.UNPROVED
        return entry.model_copy(update={"outcome": outcome, "finality": law})

    def _identify(self) -> _Identified:
        found = _Identified()
        for code, answer in sorted(self.given.dated.newest(self.parameters).items()):
            if answer.is_refused:
                found.refused.append(code)
            else:
                self._sort(found, answer)
        return found

    def _sort(self, found: _Identified, answer: DatedAnswer) -> None:
        """Find a stock's fetched row among its dated ones."""
        code, at = answer.stock_code, self.table.row_of(answer.stock_code)
        fields = None if at is None else self.table.fields(at)
        day = answer.day_of(fields) if fields else None
        row = answer.row if answer.is_settled else None
        if row and fields and row.equals(fields, self.parameters.measure):
            final = self.given.dated.finality_of(answer)
            share = final.coverage if final.coverage is not None else self._behind(answer, at)
            if share is not None:
                found.coverage.append(share)
            (found.agreeing if final.since and share is None and day is None else found.not_final).append(code)
        elif day:
            found.earlier_days[code] = day
        elif row and fields and not any(fields):
            found.late.append(code)
        elif at is not None and self._is_awaited(answer, at):
            found.not_final.append(code)
        elif row:
            found.unexplained.append(code)

    def _is_awaited(self, answer: DatedAnswer, at: int) -> bool:
        """Whether a stock that traded has no buyers, or no sellers, in both TRs, and had them on earlier days."""
        if self.parameters.side is Side.NET or not self.table.is_active[at]:
            return False
        had = any(row.volume and not row.is_empty for row in answer.earlier)
        return had and not self.table.has_flow[at] and not (answer.row and not answer.row.volume)

    def _volume_is_its_own(self) -> bool:
        """Whether nothing shows that the volume counts another venue too: then no figures need not be late ones."""
        told = [a for a in self.given.dated.newest(self.parameters).values() if a.row and a.row.volume]
        return not told or any(_same_volume(answer, self.table) for answer in told)

    def _behind(self, answer: DatedAnswer, at: int | None) -> float | None:
        """Return which part of the live volume the dated one is, where it is behind before figures stand still."""
        live = int(self.table.volume[at]) if at is not None else 0
        dated = answer.row.volume if answer.row else None
        early = answer.fetched_at is not None and answer.fetched_at < stands_from(answer.session_date)
        return dated / live if early and dated and dated < live else None

    def _silent_pages(self, told: Mapping[int, bool], spoken_for: set[str]) -> dict[int, str]:
        """Return the pages that neither a change nor a dated row speaks for, with the busiest stock of each."""
        pages = self.table.busiest_by_page()
        silent = {page: codes for page, codes in pages.items() if page not in told and spoken_for.isdisjoint(codes)}
        return {page: codes[0] for page, codes in silent.items()}

    def _tied_pages(self) -> set[int]:
        """Return the pages of buys or sells of which every row is tied to a net row that is spoken for."""
        three = [self.given.tables.get(replace(self.parameters, side=side)) for side in (Side.BUY, Side.SELL, Side.NET)]
        if self.net is None or any(table is None or table.codes != self.table.codes for table in three):
            return set()
        buys, sells, net = (table for table in three if table)
        silent = [net.row_of(code) for code in self.net.silent_pages]
        spoken = ~np.isin(net.arrivals, net.arrivals[[row for row in silent if row is not None]])
        within = SUM_WITHIN[self.parameters.measure]
        tied = spoken & (np.abs(net_of(buys.flows, sells.flows) - net.flows) <= within).all(axis=1)
        return set(np.unique(self.table.arrivals).tolist()) - set(np.unique(self.table.arrivals[~tied]).tolist())

    def _find_law(self, entry: SetProof) -> FinalityLaw | None:
        """Return the law of finality by which the set is proved; None when it is not."""
        if entry.is_stale or entry.is_late or entry.unexplained:
            return None
        if self.setting is ProofSetting.CHANGED or (self.setting is ProofSetting.BOTH and entry.is_refused):
            return FinalityLaw.CLOCK if entry.changed and self._stood_still() else None
        if entry.not_final or entry.silent_pages or not entry.agreeing:
            return None
        return self.given.dated.finality_at(self.parameters).law

    def _stood_still(self) -> bool:
        """Whether every page came when the figures are the day's last by the clock."""
        first_us = int(self.table.arrivals.min())
        return datetime.fromtimestamp(first_us / 1e6, UTC) >= stands_from(self.given.dated.session_date)


def _row(evidence: DatedEvidence, entry: SetProof, code: str) -> ReferenceRow:
    versions = evidence.versions(entry.parameters, code)
    fields = versions[-1].row.fields if versions[-1].row else ()
    return ReferenceRow(
        **ReferenceRow.of(entry.parameters),
        stock_code=code,
        dated=dict(zip(INVESTOR_ELEMENTS, fields, strict=True)),
        fetched_at=versions[-1].fetched_at,
        versions=len({version.row for version in versions}),
    )


def _lacking_coverage(
    flows: Mapping[ParameterSet, FlowTable], evidence: DatedEvidence
) -> dict[tuple[Market, Venue], float]:
    """
    Return the part of the volume that buys or sells cover, by market and venue where it is less than due.

    Asked only where the law of the volume decides, and ka10066's volume is known to be the one that it speaks of:
    a reference stock has the same in both.
    """
    lacking: dict[tuple[Market, Venue], float] = {}
    for parameters, table in flows.items():
        if parameters.measure is not Measure.QUANTITY or parameters.side is Side.NET:
            continue
        rows = [a.row for a in evidence.newest(parameters).values() if a.row and _same_volume(a, table)]
        if not rows or evidence.finality_at(parameters).law is not FinalityLaw.VOLUME:
            continue
        others = sum(abs(row.other_foreign) for row in rows) / sum(row.volume or 0 for row in rows)
        share = abs(int(table.flows[:, MAIN].sum())) / int(table.volume.sum())
        if share < COVERED - 2 * others:
            place = parameters.market, parameters.venue
            lacking[place] = min(share, lacking.get(place, 1.0))
    return lacking


def _same_volume(answer: DatedAnswer, table: FlowTable) -> bool:
    at = table.row_of(answer.stock_code)
    return bool(answer.row and answer.row.volume and at is not None and table.volume[at] == answer.row.volume)
