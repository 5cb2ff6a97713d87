"""
A session's evidence as it is stored beside the raw pages: ka10059's answers, its refusals, and a proof once found.

::

    raw/ka10059/session_date=…/market=…/venue=…/measure=…/side=…/
        005930.20261120T121000.123456Z.json.gz    an answer with dated rows
        005930.refused.json                       that the host does not serve the stock
    raw/ka10059/session_date=…/proved.json        the proof that let the session be published
    raw/ka10051/session_date=…/market=…/venue=…/measure=…/side=net/20261120T121000.123456Z.json.gz

Of answers that say the same, the first, the first from 21:10 on and the last are kept; a revised one is kept beside
the older.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from kiwoom_provider.api import ka10051
from kiwoom_provider.api.errors import KiwoomError
from kiwoom_provider.datasets import ka10066, layout, raw
from kiwoom_provider.documents import DocumentError
from kiwoom_provider.parameters import Market, ParameterSet, Side
from kiwoom_provider.proof import dated_rows, finality
from kiwoom_provider.proof.dated_evidence import DatedEvidence
from kiwoom_provider.proof.dated_rows import DatedAnswer
from kiwoom_provider.proof.earlier import EarlierSessions
from kiwoom_provider.proof.examination import examine
from kiwoom_provider.proof.session_proof import KeptProof, Outcome, Refusal, SessionProof
from kiwoom_provider.proof.tables import FlowTable, reference_stocks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    import pyarrow as pa

    from kiwoom_provider.api.call_source import CallSource
    from kiwoom_provider.api.ka10051 import Total
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.proof.session_proof import ProofSetting

log = logging.getLogger(__name__)

_ANSWER, _REFUSAL = ".json.gz", ".refused.json"


@lru_cache(maxsize=256)  # more than a night's answers, which every look at them reads again
def _parse(data: bytes, session_date: date, parameters: ParameterSet, code: str) -> DatedAnswer:
    """Read a kept answer. :raises RawError: and :raises KiwoomError: when it cannot be read."""
    return dated_rows.read(raw.unpack(data)[0], session_date, parameters, code)


@dataclass(frozen=True, slots=True)
class EvidenceStore:
    """
    Where a session's evidence is kept, and how it is added to.

    :param session_before: the session right before, by the calendar.
    """

    store: Store
    session_date: date
    session_before: date

    def read_earlier(self, sets: Iterable[ParameterSet]) -> EarlierSessions:
        """Return what is stored of the sessions before."""
        return EarlierSessions.read(self.store, self.session_date, self.session_before, sets)

    def read_dated(
        self, place: ParameterSet | None = None, sets: Collection[ParameterSet] | None = None
    ) -> DatedEvidence:
        """
        Return what is kept of ka10059, of all sets or of one market and venue.

        An object that cannot be read counts as absent, so the stock is asked for again.

        :param sets: those of the place that matter; None for all.
        """
        prefix = layout.session_prefix(layout.RAW_REFERENCE, self.session_date)
        if place:
            prefix = f"{prefix}/market={place.market}/venue={place.venue}"
        found = DatedEvidence(self.session_date)
        keys = [key for key in self.store.list(prefix) if sets is None or any(f"/{p.path}/" in key for p in sets)]
        answers = [answer for key in keys if (answer := self._read(key))]
        for answer in sorted(answers, key=lambda a: a.fetched_at or finality.NEVER):
            found = found.with_answer(answer)
        return found

    def ask(self, source: CallSource, evidence: DatedEvidence, parameters: ParameterSet, code: str) -> DatedEvidence:
        """
        Ask ka10059 for a stock's rows and keep the answer, or the refusal; return the evidence with it.

        :raises KiwoomError: as the API fails.
        """
        answer, page = dated_rows.ask(source, self.session_date, parameters, code)
        if page is None:
            log.info("%s: the host does not serve ka10059 for %s", parameters.label, code)
            note = Refusal(code="", message="no such stock, not supported, or an answer without rows")
            self.store.write(self._key(parameters, code) + _REFUSAL, note.to_bytes())
        else:
            key = f"{self._key(parameters, code)}.{layout.stamp(page.fetched_at)}{_ANSWER}"
            self.store.write(key, raw.pack(page, run_id=""))
            self._drop_repeated(evidence.versions(parameters, code), answer)
        return evidence.with_answer(answer)

    def gather_sides(self, source: CallSource, place: ParameterSet) -> None:
        """
        Ask for the buys and sells that a look left out, of the first stock whose net row it saw settled.

        Before the place's first set is swept, so that all of its sets find it final, or late, and none asks again.
        """
        evidence, sides = self.read_dated(place), finality.companions(place)
        net = evidence.newest(replace(sides[0], side=Side.NET))
        settled = [code for code, answer in net.items() if answer.is_settled]
        if any(map(evidence.newest, sides)):
            return
        try:
            for of, code in [(of, code) for code in settled[:1] for of in sides]:
                evidence = self.ask(source, evidence, of, code)
        except KiwoomError as error:
            log.warning("%s: no dated buys and sells of %s: %s", place.label, settled[0], error)

    def gather(
        self,
        source: CallSource,
        parameters: ParameterSet,
        others: Iterable[str] = (),
        *,
        table: pa.Table | None = None,
        anew: bool = False,
    ) -> DatedEvidence:
        """
        Ask for the dated rows that a stored set is to be proved by; return what is kept of them.

        A net set's total is asked for too, if there is none. What is kept and final is not asked for again. What the
        API does not answer is only missing evidence, said in the log: the asking ends there, and where ka10059 is not
        served for the first stock.

        :param others: stocks to ask for beside the first page's two.
        :param table: the set's rows, where they are at hand; None reads what is stored.
        :param anew: ask again for rows that are kept already: they may have been revised.
        """
        if table is None:
            table = ka10066.read_partition(self.store, self.session_date, parameters)
        codes = list(dict.fromkeys([*reference_stocks(FlowTable.of(table)), *others]))
        if parameters.side is Side.NET and not self.read_totals(parameters):
            self.gather_totals(source, [parameters])
        companions, wanted = finality.companions(parameters), [(parameters, code) for code in codes]
        telling = {parameters, *companions, replace(companions[0], side=Side.NET)}
        evidence = self.read_dated(parameters, telling)
        if codes and not evidence.finality_at(parameters).since:
            wanted = [(of, codes[0]) for of in companions if of != parameters] + wanted
        for of, code in wanted:
            is_silent = of != parameters and any(evidence.is_refused(other, code) for other in companions)
            if not anew and (is_silent or evidence.is_final(of, code)):
                continue
            try:
                evidence = self.ask(source, evidence, of, code)
            except KiwoomError as error:
                log.warning("%s: no dated reference for %s: %s", of.label, code, error)
                break
            if of == parameters and code == codes[0] and evidence.is_refused(of, code):
                break
        return evidence

    def gather_totals(self, source: CallSource, sets: Iterable[ParameterSet]) -> int:
        """
        Ask ka10051 for the day's totals of every market, venue and measure; return the calls made.

        What it does not answer is a witness less, said in the log; what comes is kept, even where it cannot be a total.
        """
        calls = 0
        for parameters in dict.fromkeys(replace(p, side=Side.NET) for p in sets if p.market is not Market.ALL):
            place = parameters.market, parameters.venue, parameters.measure
            calls += 1
            try:
                page = source.call(ka10051.API_ID, ka10051.PATH, ka10051.request_body(*place, self.session_date))
                key = f"{self._totals_prefix}/{parameters.path}/{layout.stamp(page.fetched_at)}{_ANSWER}"
                self.store.write(key, raw.pack(page, run_id=""))
            except KiwoomError as error:
                log.warning("%s: no total of the market: %s", parameters.label, error)
        return calls

    def read_totals(self, only: ParameterSet | None = None) -> dict[ParameterSet, Total]:
        """Return the newest kept totals by net set, of all or one; what cannot be read, or has no rows, is left out."""
        found = {}
        for key in self.store.list(f"{self._totals_prefix}/{only.path}" if only else self._totals_prefix):
            parameters = ParameterSet.from_path(key)
            try:
                total = ka10051.read_total(raw.unpack(self.store.read(key))[0], parameters.market)
            except (raw.RawError, KiwoomError, FileNotFoundError) as error:
                log.warning("%s cannot be read, so it counts as absent: %s", key, error)
                continue
            if total:
                found[parameters] = total
        return found

    def examine(
        self,
        tables: Mapping[ParameterSet, pa.Table],
        sweeps: Mapping[ParameterSet, str],
        setting: ProofSetting,
        dated: DatedEvidence,
        totals: Mapping[ParameterSet, Total],
    ) -> SessionProof:
        """
        Say whose session the stored sets are; a proof that was found of these sweeps before still holds.

        :param sweeps: the raw sweep's folder of every set.
        :param dated: as :meth:`read_dated` returns it.
        :param totals: as :meth:`read_totals` returns them.
        """
        found = examine(tables, dated, self.read_earlier(tables), setting, totals)
        kept = self.kept_proof(sweeps)
        return kept if kept and found.outcome is not Outcome.DISPROVED else found

    def keep_proof(self, proof: SessionProof, sweeps: Mapping[ParameterSet, str]) -> None:
        """Keep the proof of these raw sweeps, so that a rebuild from raw alone says the same."""
        self.store.write(self._proof_key, KeptProof.of(proof, sweeps).to_bytes())

    def kept_proof(self, sweeps: Mapping[ParameterSet, str] | None = None) -> SessionProof | None:
        """
        Return the proof that the session was published by; one that cannot be read counts as absent.

        :param sweeps: asks for a proof of these very sweeps; None for any.
        """
        try:
            kept = KeptProof.from_bytes(self.store.read(self._proof_key), self._proof_key)
        except FileNotFoundError:
            return None
        except DocumentError as error:
            log.warning("The kept proof counts as absent: %s", error)
            return None
        same = all(kept.sweeps.get(p.path) == folder for p, folder in (sweeps or {}).items())
        return kept.proof if same else None

    @property
    def _totals_prefix(self) -> str:
        return layout.session_prefix(layout.RAW_TOTALS, self.session_date)

    @property
    def _proof_key(self) -> str:
        return f"{layout.session_prefix(layout.RAW_REFERENCE, self.session_date)}/proved.json"

    def _key(self, parameters: ParameterSet, stock_code: str) -> str:
        return f"{layout.session_prefix(layout.RAW_REFERENCE, self.session_date)}/{parameters.path}/{stock_code}"

    def _read(self, key: str) -> DatedAnswer | None:
        name = key.rpartition("/")[2]
        code = name.partition(".")[0]
        if name.endswith(_REFUSAL):
            return DatedAnswer(ParameterSet.from_path(key), code, self.session_date, is_refused=True)
        if not name.endswith(_ANSWER):
            return None
        try:
            answer = _parse(self.store.read(key), self.session_date, ParameterSet.from_path(key), code)
        except (raw.RawError, KiwoomError, FileNotFoundError) as error:
            log.warning("%s cannot be read, so it counts as absent: %s", key, error)
            return None
        return None if answer.is_refused else answer

    def _drop_repeated(self, kept: tuple[DatedAnswer, ...], answer: DatedAnswer) -> None:
        """Drop the answer in the middle of three that say the same, unless figures stand still from it on."""
        if len(kept) < 2 or not kept[-2].row == kept[-1].row == answer.row:  # noqa: PLR2004 - first and middle
            return
        first, middle = kept[-2].fetched_at, kept[-1].fetched_at
        if first and middle and not first < finality.stands_from(self.session_date) <= middle:
            key = f"{self._key(answer.parameters, answer.stock_code)}.{layout.stamp(middle)}{_ANSWER}"
            self.store.remove([key])
