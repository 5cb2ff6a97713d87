"""
Whether a day's figures are its last: balanced is not final.

KRX's after-market ends at 20:00 and is added to a day's flows between 20:05 and 21:05 KST (measured on the dated
siblings since 2026-09-14); before that they balance, agree in both TRs, and lack what was traded in it. In the
exchange's own figures the buys of all five investors sum to the volume exactly, and so do the sells. Whether
Kiwoom's do so is told by the same answer's earlier days, which are long final: where the law holds on them, it
decides of the session's day. Where it does not hold, a row is final that stood still over two looks ten minutes
apart, both at or after 21:10 KST.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, TypeAlias

from kiwoom_provider.krx import KST
from kiwoom_provider.parameters import Measure, ParameterSet, Side
from kiwoom_provider.proof.session_proof import FinalityLaw

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kiwoom_provider.proof.dated_rows import DatedAnswer, DatedFlows

STANDS_FROM, STANDS_FOR = time(21, 10), timedelta(minutes=10)
"""The after-market was in the figures by 21:05; two looks, five minutes later and ten apart, see that it is over."""

LAW_DAYS, LAW_LEAST, LAW_MISSES = 20, 5, 0.1
"""The newest 20 earlier days with trades tell whether the law holds: on 5 at least, and on all but a tenth."""

NEVER = datetime.max.replace(tzinfo=UTC)

AnswersByStock: TypeAlias = "dict[str, tuple[DatedAnswer, ...]]"
"""Oldest first: a refusal alone, or answers with rows."""


@dataclass(frozen=True, slots=True)
class Finality:
    """
    What is known of one stock, or of a market and venue.

    :param since: from when its figures are final, UTC; None while they are not.
    :param coverage: the part of the volume that the flows cover, where the law holds and it is not all.
    """

    since: datetime | None = None
    law: FinalityLaw | None = None
    coverage: float | None = None

    def covers(self, fetched_at: datetime | None) -> bool:
        """Whether what was answered at that moment is final."""
        return self.since is not None and fetched_at is not None and fetched_at >= self.since


def companions(parameters: ParameterSet) -> tuple[ParameterSet, ParameterSet]:
    """Return the sets whose rows show whether a set's are final: buys and sells in shares."""
    place = parameters.market, parameters.venue
    return (
        ParameterSet(*place, Measure.QUANTITY, Side.BUY),
        ParameterSet(*place, Measure.QUANTITY, Side.SELL),
    )


def by_stock(buys: AnswersByStock, sells: AnswersByStock) -> dict[str, Finality]:
    """
    Return the finality of every stock of one market and venue of which buys and sells in shares are there.

    :param buys: the answers by stock, oldest first: a version each, or the first and the last that say the same.
    """
    both = {code: [buys[code], sells[code]] for code in sorted(buys.keys() & sells.keys())}
    holds = _law_holds(answers[-1] for pair in both.values() for answers in pair)
    return {code: (holds and _by_volume(pair)) or _by_clock(pair) for code, pair in both.items()}


def of_place(stocks: Mapping[str, Finality]) -> Finality:
    """Return what a market and venue's stocks show together: since its first stock was final."""
    return min(stocks.values(), key=lambda stock: stock.since or NEVER, default=Finality())


def stands_from(session_date: date) -> datetime:
    """Return the moment from which figures that stand still are a session's last."""
    return datetime.combine(session_date, STANDS_FROM, KST)


def _law_holds(answers: Iterable[DatedAnswer]) -> bool:
    told = [row.total == row.volume for answer in answers for row in _with_trades(answer)]
    return len(told) >= LAW_LEAST and told.count(False) <= LAW_MISSES * len(told)


def _with_trades(answer: DatedAnswer) -> list[DatedFlows]:
    rows = (row for row in answer.earlier if row.volume and not row.is_empty)
    return [row for row, _ in zip(rows, range(LAW_DAYS), strict=False)]


def _by_volume(pair: Sequence[Sequence[DatedAnswer]]) -> Finality | None:
    """Take both as final when they cover their volume: since the first of the two was seen so; None without one."""
    rows = [answers[-1].row for answers in pair]
    shares = [row.total / row.volume for row in rows if row and row.volume]
    if len(shares) < len(pair):
        return None
    if min(shares) != 1:
        return Finality(law=FinalityLaw.VOLUME, coverage=min(shares))
    return Finality(min(_time_first_seen(answers) for answers in pair), FinalityLaw.VOLUME)


def _by_clock(pair: Sequence[Sequence[DatedAnswer]]) -> Finality:
    since = []
    for answers in pair:
        newest = answers[-1]
        first = _time_first_seen(answers, not_before=stands_from(newest.session_date))
        if newest.fetched_at is None or newest.fetched_at - first < STANDS_FOR:
            return Finality(law=FinalityLaw.CLOCK)
        since.append(first)
    return Finality(min(since), FinalityLaw.CLOCK)


def _time_first_seen(answers: Sequence[DatedAnswer], not_before: datetime | None = None) -> datetime:
    """Return when the newest figures were first answered, of the answers that came no earlier than asked for."""
    seen = NEVER
    for answer in reversed(answers):
        if answer.row != answers[-1].row or answer.fetched_at is None:
            break
        if not_before is None or answer.fetched_at >= not_before:
            seen = answer.fetched_at
    return seen
