"""While the window is open: ask again for what the proof lacks, and fetch again what is not the session's last word."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kiwoom_provider.api.call_source import CallCounter
from kiwoom_provider.api.errors import KiwoomError
from kiwoom_provider.errors import KiwoomProviderError
from kiwoom_provider.parameters import Measure, Side
from kiwoom_provider.pipeline.errors import SessionError
from kiwoom_provider.pipeline.sweep import SweepRunner
from kiwoom_provider.proof.evidence import EvidenceStore
from kiwoom_provider.proof.restatements import look_again
from kiwoom_provider.proof.session_proof import Outcome, ProofSetting
from kiwoom_provider.proof.settlement_check import SettlementCheck
from kiwoom_provider.proof.tables import FlowTable, doubtful_stocks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiwoom_provider.clock import Clock
    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.pipeline.publish import Examination, Publisher
    from kiwoom_provider.pipeline.sweep import Api
    from kiwoom_provider.proof.dated_evidence import DatedEvidence
    from kiwoom_provider.proof.session_proof import SetProof

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refetch:
    """
    Improves a session's stored sets before they are audited. What cannot be improved is left as it is.

    A replay and a release call nothing: what is published is what is stored.

    :ivar calls: what it has cost, as :data:`kiwoom_provider.pipeline.summary.CALLS` names it.
    :ivar restated: ``rows`` of the session before that ka10059 states otherwise now, of how many ``compared``.
    """

    publisher: Publisher
    api: Api
    clock: Clock
    calls: Counter[str] = field(default_factory=Counter)
    restated: Counter[str] = field(default_factory=Counter)

    def improve(self, examined: Examination) -> Examination:
        """Return the session as it is stored after one try; outside its window nothing is tried."""
        given = self.publisher
        if not given.plan.can_fetch(self.clock.now()):
            return examined
        if given.blocked_before:
            log.warning("This run was kept from publication before: every set is fetched again")
            came_again = self._fetch_again(list(examined.session.tables), "%s is fetched again")
            return replace(self._ask_for_doubtful(given.examine()), came_again=came_again)
        examined = self._ask_for_doubtful(self._ask_again(examined))
        if (wrong := _find_wrong(examined)) and self._has_settled():
            self._fetch_again(wrong, "%s is another session's, wholly or in part: fetching it again")
            examined = self._ask_for_doubtful(self._ask_again(given.examine()))
        if examined.proof.outcome is Outcome.PROVED:
            self._look_at_the_session_before(examined.dated)
        return examined

    def _look_at_the_session_before(self, tonight: DatedEvidence) -> None:
        """Keep what has been restated of it since it was published; that costs no night."""
        given = self.publisher
        before = EvidenceStore(given.store, given.plan.session_before, given.plan.session_before)
        try:
            seen, calls = look_again(before, tonight, self.api, self.clock.now(), since=given.session.settles_at)
        except KiwoomProviderError as error:
            log.warning("Session %s could not be looked at again: %s", before.session_date, error)
            return
        self.calls["reference_calls"] += calls
        if seen:
            self.restated.update(rows=len(seen.rows), compared=seen.compared)
        if seen and seen.rows:
            log.warning("%d of %d rows of session %s are restated", len(seen.rows), seen.compared, seen.session_date)

    def _ask_again(self, examined: Examination) -> Examination:
        """Ask for totals where a page is silent, then for missing dated rows: net ones first, the others are tied."""
        given = self.publisher
        if given.setting is ProofSetting.CHANGED:
            return examined
        net = [entry for entry in _find_lacking(examined) if entry.side is Side.NET]
        if silent := [entry.parameters for entry in net if entry.silent_pages and not entry.total_agrees]:
            self.calls["total_calls"] += given.evidence.gather_totals(self.api, silent)
            examined = given.examine()
        for sides in ([Side.NET], [Side.BUY, Side.SELL]):
            if lacking := [entry for entry in _find_lacking(examined) if entry.side in sides]:
                for entry in lacking:
                    others = (*entry.unexplained, *entry.not_final, *entry.silent_pages)
                    self._gather(entry.parameters, others, anew=bool(entry.unexplained))
                examined = given.examine()
        return examined

    def _ask_for_doubtful(self, examined: Examination) -> Examination:
        """Ask for the dated rows of single stocks that may not have settled yet; all else is proved without them."""
        given = self.publisher
        if given.setting is ProofSetting.CHANGED or examined.proof.outcome is not Outcome.PROVED:
            return examined
        asked = False
        tables = {p: FlowTable.of(examined.session.tables[p]) for p in _telling_sets(examined.session.tables)}
        for parameters, now in tables.items():
            earlier = examined.before[1].get(parameters)
            there = {code for p, table in tables.items() if p.venue is parameters.venue for code in table.codes}
            if codes := doubtful_stocks(now, FlowTable.of(earlier) if earlier is not None else None, there):
                self._gather(parameters, codes)
                asked = True
        return given.examine() if asked else examined

    def _has_settled(self) -> bool:
        """Look once more: without settlement another sweep would bring the same."""
        given, counted = self.publisher, CallCounter(self.api)
        try:
            seen = SettlementCheck(counted, given.evidence, given.setting).check(given.plan.sets)
        except KiwoomError as error:
            log.warning("The API could not be asked: %s", error)
            return False
        finally:
            self.calls.update(counted.counts())
        for sentence in seen.sentences:
            log.info("%s", sentence)
        return seen.settled

    def _fetch_again(self, sets: list[ParameterSet], message: str) -> bool:
        """Return whether all of them could be fetched."""
        given = self.publisher
        runner = SweepRunner(given.store, self.api, given.session, given.run_id, self.clock)
        for parameters in sets:
            log.warning(message, parameters.label)
            try:
                self.calls["calls"] += runner.collect(parameters, anew=True)[0].calls
            except (KiwoomError, SessionError) as error:
                log.warning("%s could not be fetched again: %s", parameters.label, error)
                return False
            self._gather(parameters, anew=True)
        return True

    def _gather(self, parameters: ParameterSet, others: Iterable[str] = (), *, anew: bool = False) -> None:
        counted = CallCounter(self.api)
        self.publisher.evidence.gather(counted, parameters, others, anew=anew)
        self.calls.update(counted.counts())


def _telling_sets(sets: Iterable[ParameterSet]) -> list[ParameterSet]:
    """Return a set of each market and venue, of those that are there: buys show best whether a stock has figures."""
    order = [Side.BUY, Side.SELL, Side.NET]
    ranked = sorted(sets, key=lambda p: (order.index(p.side), p.measure is not Measure.QUANTITY))
    return list({(p.market, p.venue): p for p in reversed(ranked)}.values())


def _find_lacking(examined: Examination) -> list[SetProof]:
    """Return the sets of which a dated row that is missing, not final or revised could be had."""
    return [
        entry
        for entry in examined.proof.sets
        if entry.outcome is Outcome.UNPROVED
        and not entry.is_refused
        and (entry.silent_pages or entry.not_final or entry.unexplained or not entry.agreeing)
    ]


def _find_wrong(examined: Examination) -> list[ParameterSet]:
    """Return the sets that are another session's or not its last word, wholly or in part; a place's sets together."""
    wrong = [entry for entry in examined.proof.sets if entry.is_stale or entry.is_late or entry.unexplained]
    late = {(entry.market, entry.venue) for entry in wrong if entry.is_late}
    return [entry.parameters for entry in examined.proof.sets if entry in wrong or (entry.market, entry.venue) in late]
