"""What ka10059 says, made of literals: answers about one stock, with the sessions before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from kiwoom_provider.parameters import ParameterSet
from kiwoom_provider.proof.dated_evidence import DatedEvidence
from kiwoom_provider.proof.dated_rows import DatedAnswer, DatedFlows

DAY, DAY_BEFORE = date(2026, 11, 20), date(2026, 11, 19)
EVENING = datetime(2026, 11, 20, 11, 45, tzinfo=UTC)
"""20:45 in Seoul: before the after-market is surely in."""
NIGHT = datetime(2026, 11, 20, 12, 15, tzinfo=UTC)
"""21:15 in Seoul."""


def sets(place: str = "KOSPI/KRX", measure: str = "quantity") -> dict[str, ParameterSet]:
    """Return a place's sets of one measure by side."""
    market, venue = place.split("/")
    return {side: ParameterSet.parse(market, venue, measure, side) for side in ("net", "buy", "sell")}


def row(day: date, fields: list[int], volume: int | None = None, other_foreign: int = 0) -> DatedFlows:
    """Return a day's row."""
    return DatedFlows(day, tuple(fields), other_foreign, volume)


def answer(parameters, code, rows, at=NIGHT):
    return DatedAnswer(parameters, code, DAY, at, tuple(rows))


def refusal(parameters, code):
    return DatedAnswer(parameters, code, DAY, is_refused=True)


def gross(code="000006", volume=60, traded=60, at=NIGHT, days=30):
    """Return buys and sells in shares: the individuals' are ``traded``, on ``days`` earlier days all of the volume."""
    before = [row(DAY - timedelta(days=n), [100 + n, *[0] * 11], 100 + n) for n in range(1, days + 1)]
    today = row(DAY, [traded, *[0] * 11], volume)
    return [answer(sets()[side], code, [today, *before], at) for side in ("buy", "sell")]


def evidence(*answers: DatedAnswer) -> DatedEvidence:
    found = DatedEvidence(DAY)
    for one in answers:
        found = found.with_answer(one)
    return found
