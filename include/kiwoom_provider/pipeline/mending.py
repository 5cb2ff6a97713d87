"""While the window is open: have once more what the proof lacks, and what turned out another session's."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from kiwoom_provider.api.errors import KiwoomError
from kiwoom_provider.pipeline.errors import SessionError
from kiwoom_provider.pipeline.settlement import Counted, Looker, ProofSetting, Source, calls_of
from kiwoom_provider.pipeline.sweep import Collector, PageSource

if TYPE_CHECKING:
    from kiwoom_provider.clock import Clock
    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.pipeline.publish import Examination, Publisher

log = logging.getLogger(__name__)


class Api(Source, PageSource, Protocol):
    """What mending needs of the hook."""


@dataclass(frozen=True, slots=True)
class Mender:
    """
    Mends a session's stored sets before they are audited. Whatever cannot be mended is left as it is.

    :ivar calls: what it has cost, as :data:`kiwoom_provider.pipeline.summary.CALLS` names it.
    """

    publisher: Publisher
    api: Api
    clock: Clock
    calls: Counter[str] = field(default_factory=Counter)

    def mend(self, examined: Examination) -> Examination:
        """Return the session as it is stored after one try; outside its window nothing is tried."""
        if not self.publisher.can_fetch(self.clock.now()):
            return examined
        if examined.silent and self.publisher.setting is not ProofSetting.CHANGED:
            for parameters in examined.silent:
                self._gather(parameters)
            examined = self.publisher.examine()
        if examined.stale and self._has_settled():
            self._fetch_again(examined)
            examined = self.publisher.examine()
        return examined

    def _has_settled(self) -> bool:
        """Look once more: without settlement another sweep would bring the same."""
        given, counted = self.publisher, Counted(self.api)
        looker = Looker(counted, given.store, given.session, given.plan.session_before, given.setting)
        try:
            seen = looker.look(given.plan.sets)
        except KiwoomError as error:
            log.warning("The API could not be asked: %s", error)
            return False
        finally:
            self.calls.update(calls_of(counted))
        for sentence in seen.seen:
            log.info("%s", sentence)
        return seen.settled

    def _fetch_again(self, examined: Examination) -> None:
        given = self.publisher
        collector = Collector(given.store, self.api, given.session, given.run_id, self.clock)
        for parameters in examined.stale:
            log.warning("%s is another session's, wholly or in part: fetching it again", parameters.label)
            try:
                self.calls["calls"] += collector.collect(parameters, anew=True).calls
            except (KiwoomError, SessionError) as error:
                log.warning("%s could not be fetched again: %s", parameters.label, error)
                return
            self._gather(parameters, anew=True)

    def _gather(self, parameters: ParameterSet, *, anew: bool = False) -> None:
        self.calls["reference_calls"] += self.publisher.evidence.gather(self.api, parameters, anew=anew)
