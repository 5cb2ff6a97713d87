"""What ka10059 has said of a session, by set and stock, and which of it is the day's last word."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from kiwoom_provider.parameters import Measure, ParameterSet, Side
from kiwoom_provider.proof import finality
from kiwoom_provider.proof.session_proof import FinalityLaw

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from kiwoom_provider.proof.dated_rows import DatedAnswer
    from kiwoom_provider.proof.finality import AnswersByStock, Finality


@dataclass(frozen=True)
class DatedEvidence:
    """
    What ka10059 has said of a session, by set and stock.

    :param assumed: the finality of every market and venue, instead of what their own buys and sells show.
    """

    session_date: date
    answers: Mapping[ParameterSet, AnswersByStock] = field(default_factory=dict)
    assumed: Finality | None = None

    def newest(self, parameters: ParameterSet) -> dict[str, DatedAnswer]:
        """Return the answer that counts of every stock that was asked for."""
        return {code: versions[-1] for code, versions in self.answers.get(parameters, {}).items()}

    def versions(self, parameters: ParameterSet, stock_code: str) -> tuple[DatedAnswer, ...]:
        """Return the answers about one stock."""
        return self.answers.get(parameters, {}).get(stock_code, ())

    def about(self, parameters: ParameterSet, codes: Sequence[str]) -> DatedEvidence:
        """Return the evidence without a set's other stocks, which a first page need not have."""
        of_set = {code: found for code, found in self.answers.get(parameters, {}).items() if code in codes}
        return replace(self, answers={**self.answers, parameters: of_set})

    def with_answer(self, answer: DatedAnswer) -> DatedEvidence:
        """Return the evidence with one more answer; a refusal does not outweigh what was answered before."""
        before = self.versions(answer.parameters, answer.stock_code)
        if answer.is_refused and before:
            return self
        versions = (*(a for a in before if not a.is_refused), answer)
        of_set = self.answers.get(answer.parameters, {}) | {answer.stock_code: versions}
        return replace(self, answers={**self.answers, answer.parameters: of_set})

    def _is_tied(self, answer: DatedAnswer, own: Finality | None) -> bool:
        """Whether a net row is the difference of the stock's final buys and sells: as final as they are."""
        if own is None or own.since is None or answer.row is None or answer.parameters.measure is not Measure.QUANTITY:
            return False
        buys, sells = (self.newest(p)[answer.stock_code].row for p in finality.companions(answer.parameters))
        if buys is None or sells is None:
            return False
        differences = (buy - sell for buy, sell in zip(buys.fields, sells.fields, strict=True))
        return answer.row.fields == tuple(differences)

    @cached_property
    def _finality(self) -> dict[tuple[str, str], dict[str, Finality]]:
        """By market and venue and stock; where buys and sells are not served, net rows that stand still must do."""
        return {
            (p.market, p.venue): finality.by_stock(*map(self._settled_answers, finality.companions(p)))
            or self._by_net_rows(p)
            for p in self.answers
        }

    def _by_net_rows(self, place: ParameterSet) -> dict[str, Finality]:
        """Return what net rows show of themselves: nothing, unless buys or sells were refused."""
        asked = [answer for side in finality.companions(place) for answer in self.newest(side).values()]
        if not any(answer.is_refused for answer in asked):
            return {}
        net = self._settled_answers(replace(place, measure=Measure.QUANTITY, side=Side.NET))
        return finality.by_stock(net, net)

    def _settled_answers(self, parameters: ParameterSet) -> AnswersByStock:
        return {code: found for code, found in self.answers.get(parameters, {}).items() if found[-1].is_settled}

    def finality_at(self, parameters: ParameterSet) -> Finality:
        """Return whether a market and venue's figures are the day's last, as far as any stock of it shows."""
        return self.assumed or finality.of_place(self._finality.get((parameters.market, parameters.venue), {}))

    def finality_of(self, answer: DatedAnswer) -> Finality:
        """Return whether an answer is the day's last word: by the stock's own volume, else by its place."""
        place = self.finality_at(answer.parameters)
        own = self._finality.get((answer.parameters.market, answer.parameters.venue), {}).get(answer.stock_code)
        if own and own.law is FinalityLaw.VOLUME and own.since is None:
            return own
        return place if place.covers(answer.fetched_at) or self._is_tied(answer, own) else replace(place, since=None)

    def is_final(self, parameters: ParameterSet, stock_code: str) -> bool:
        """Whether the day's last figures of a stock are there, so that it need not be asked for again."""
        versions = self.versions(parameters, stock_code)
        return bool(versions) and versions[-1].is_settled and self.finality_of(versions[-1]).since is not None

    def is_refused(self, parameters: ParameterSet, stock_code: str) -> bool:
        """Whether the host said that it does not serve a stock, and nothing else."""
        versions = self.versions(parameters, stock_code)
        return bool(versions) and versions[-1].is_refused
