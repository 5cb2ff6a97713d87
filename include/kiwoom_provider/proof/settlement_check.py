"""
Has the API's investor data become the session's? One look, before the sweep.

For every asked market and venue: the first page of net quantities, examined as a whole sweep is later. A look costs
one page and one dated row each while nothing has settled; a row that agrees costs two more, its stock's buys and
sells, which show whether it is final.

Of a venue whose first market is final the others' rows have only to agree: the same after-market is added to all of
them, at about the same time. So have those of 통합 where both venues are final, whose sum it is. Their buys and sells
are asked for as the sweep begins, and nothing is published that they do not show to be final.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kiwoom_provider.api import ka10066 as api
from kiwoom_provider.api.errors import AuthenticationError, KiwoomError
from kiwoom_provider.datasets import ka10066, raw
from kiwoom_provider.parameters import Measure, ParameterSet, Side, Venue
from kiwoom_provider.proof.examination import examine
from kiwoom_provider.proof.finality import NEVER, companions
from kiwoom_provider.proof.session_proof import Outcome, ProofSetting
from kiwoom_provider.proof.tables import REFERENCES_PER_SET, FlowTable, reference_stocks
from kiwoom_provider.proof.wording import describe_look

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from kiwoom_provider.api.call_source import CallSource
    from kiwoom_provider.api.page import Page
    from kiwoom_provider.proof.dated_evidence import DatedEvidence
    from kiwoom_provider.proof.earlier import EarlierSessions
    from kiwoom_provider.proof.evidence import EvidenceStore
    from kiwoom_provider.proof.finality import Finality
    from kiwoom_provider.proof.session_proof import SetProof

ONE_STOCK_FROM = 4
"""Markets and venues, from which on one dated stock of each is enough: the sweep's own proof asks for more."""


@dataclass(frozen=True, slots=True)
class SettlementResult:
    """
    What one look saw.

    :param settled: whether the sweep may begin.
    :param sentences: one plain sentence a market and venue.
    :param first_pages: the pages that were looked at, by parameter set.
    """

    settled: bool
    sentences: tuple[str, ...]
    first_pages: Mapping[ParameterSet, Page]


@dataclass(frozen=True, slots=True)
class SettlementCheck:
    """Looks whether a session has settled, and keeps what it is told."""

    source: CallSource
    evidence: EvidenceStore
    setting: ProofSetting

    def check(self, sets: Iterable[ParameterSet]) -> SettlementResult:
        """
        Look once at every asked market and venue.

        :raises KiwoomError: when ka10066 cannot be asked, or breaks the spec.
        """
        probes = list(dict.fromkeys(ParameterSet(p.market, p.venue, Measure.QUANTITY, Side.NET) for p in sets))
        earlier = self.evidence.read_earlier(probes)
        stocks = REFERENCES_PER_SET if len(probes) < ONE_STOCK_FROM else 1
        pages, seen = {}, []
        final: dict[Venue, Finality] = {}
        for probe in probes:
            pages[probe] = self.source.call(api.API_ID, api.PATH, api.request_body(probe))
            entry, sentence, shown = self._at(probe, pages[probe], earlier, stocks, _finality_of(final, probe.venue))
            seen.append((entry, sentence))
            if entry.outcome is Outcome.PROVED and shown.since:
                final[probe.venue] = shown
        settled = all(entry.outcome is Outcome.PROVED for entry, _ in seen)
        return SettlementResult(settled, tuple(sentence for _, sentence in seen), pages)

    def _at(
        self, probe: ParameterSet, page: Page, earlier: EarlierSessions, stocks: int, shown: Finality | None
    ) -> tuple[SetProof, str, Finality]:
        """
        Look at one market and venue.

        :param shown: the finality that others show of the venue, if they are final.
        """
        table = ka10066.parse([page], probe)
        flows = FlowTable.of(table)
        codes = reference_stocks(flows)[:stocks]
        evidence, trouble = self.evidence.read_dated(probe), ""
        if self.setting is not ProofSetting.CHANGED:
            evidence, trouble = self._ask(probe, flows, codes, evidence, shown)
        (entry,) = examine({probe: table}, evidence.about(probe, codes), earlier, self.setting).sets
        newest = evidence.newest(probe)
        said = describe_look(
            entry,
            codes,
            trouble,
            asked=self.setting is not ProofSetting.CHANGED,
            has_row=any(newest[code].is_settled for code in codes if code in newest),
            has_earlier=bool(earlier.of(probe)),
            has_trusted=probe in earlier.trusted,
        )
        return entry, str(said), evidence.finality_at(probe)

    def _ask(
        self, probe: ParameterSet, flows: FlowTable, codes: list[str], evidence: DatedEvidence, shown: Finality | None
    ) -> tuple[DatedEvidence, str]:
        """
        Ask for net rows, and for the first stock's buys and sells where they agree; what fails is said.

        Where others show the venue to be final they are not asked for, unless they were before.
        """
        sides = companions(probe) if shown is None or any(map(evidence.newest, companions(probe))) else ()
        try:
            for code in codes:
                evidence = self.evidence.ask(self.source, evidence, probe, code)
                answer = evidence.versions(probe, code)[-1]
                fields = flows.fields(flows.codes.index(code))
                if not (answer.is_settled and answer.row and answer.row.equals(fields, probe.measure)):
                    break
                for parameters in sides if code == codes[0] else ():
                    if not evidence.is_final(parameters, code):
                        evidence = self.evidence.ask(self.source, evidence, parameters, code)
        except KiwoomError as error:
            if isinstance(error, AuthenticationError) and error.is_final:
                raise
            return evidence, str(error)
        return evidence if sides else replace(evidence, assumed=shown), ""


def _finality_of(final: Mapping[Venue, Finality], venue: Venue) -> Finality | None:
    """Return the finality of another market of the venue; of 통합, the sum of two venues, the later of theirs."""
    if venue in final or venue is not Venue.CONSOLIDATED:
        return final.get(venue)
    parts = [final[part] for part in (Venue.KRX, Venue.NXT) if part in final]
    return max(parts, key=lambda part: part.since or NEVER) if len(parts) == len(Venue) - 1 else None


def keep_first_pages(
    evidence: EvidenceStore, window_ends_at: datetime, run_id: str, seen: SettlementResult, sets: Iterable[ParameterSet]
) -> None:
    """
    Store the settled first pages as the run's own sweeps of those sets, so that no page is asked for twice.

    One that came after the session's window has closed is left out: it may be another session's.
    """
    for parameters in sets:
        page = seen.first_pages.get(parameters)
        if page and page.fetched_at < window_ends_at:
            prefix = raw.sweep_prefix(evidence.session_date, parameters, page.fetched_at)
            raw.write_page(evidence.store, prefix, page, run_id)
