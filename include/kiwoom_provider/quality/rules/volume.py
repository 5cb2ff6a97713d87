"""Buys and sells against the volume: do they cover it, and what is left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.api.identities import main_sum
from kiwoom_provider.api.ka10066 import MAIN
from kiwoom_provider.locale import message
from kiwoom_provider.parameters import Measure, Side
from kiwoom_provider.proof.session_proof import FinalityLaw
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import REFETCH, WATCH, percent, rule
from kiwoom_provider.quality.tolerances import (
    ACTIVE_TURNOVER,
    MAIN_ROUNDING,
    OTHER_FOREIGN_SEEN,
    RESIDUAL_MARKET,
    RESIDUAL_STOCK,
    UNCOVERED,
    UNCOVERED_STOCKS,
    UNCOVERED_TIMES,
)

if TYPE_CHECKING:
    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult
    from kiwoom_provider.quality.table import SetTable


@rule(
    title=message("Buys, and sells, are at most the volume"),
    looks_at=message("each stock of buy and sell quantities"),
    tolerance=message("none; below is right, as other foreigners are not in the answer"),
    reason=message("volume is live and flows are settled; not seen on live data yet"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def within_volume(given: AuditInput, result: CheckResult) -> None:
    """Check that all investors' buys, and all their sells, are at most the stock's volume."""
    for table in given.each(result):
        if table.parameters.side is Side.NET or table.parameters.measure is Measure.AMOUNT:
            continue
        total, volume = main_sum(table.by_investor), table.prices["trde_qty"]
        known = table.known[:, MAIN].all(axis=1) & table.priced["trde_qty"]
        result.compare_column(table, message("all four").id, np.minimum(total, volume), total, known)
    result.need(message("neither buy nor sell quantities were asked for"))


@rule(
    title=message("Buys, and sells, cover the volume"),
    looks_at=message("buys and sells in shares of each market and venue"),
    tolerance=message(
        "{share} % of the volume, or {times} times what the session published before left over",
        share=percent(UNCOVERED),
        times=UNCOVERED_TIMES,
    ),
    reason=message(
        "what is left over is 기타외국인, {low} to {high} % of a market; before 21:05 KST it is the after-market too",
        low=percent(OTHER_FOREIGN_SEEN[0]),
        high=percent(OTHER_FOREIGN_SEEN[1]),
    ),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def flows_cover_volume(given: AuditInput, result: CheckResult) -> None:
    """
    Check that all investors' buys, and all their sells, are nearly the volume of their market and venue.

    It blocks only where the law is known to hold there: the published session before covered its volume, or ka10059's
    earlier days do; and where more than a few stocks are short. Elsewhere it warns.
    """
    for table in given.each(result):
        if table.parameters.side is Side.NET or table.parameters.measure is Measure.AMOUNT:
            continue
        before = given.published_set(table.parameters, result)
        left, usual = _uncovered_share(table), _uncovered_share(before) if before else None
        if left is None:
            continue
        result.checked += 1
        bound = max(UNCOVERED, UNCOVERED_TIMES * (usual or 0))
        if left > bound:
            holds = (usual is not None and usual <= UNCOVERED) or _law_holds(given, table.parameters)
            many = (_uncovered_share(table, without=UNCOVERED_STOCKS) or 0) > bound
            expected = message("at least {share} % of the volume", share=percent(1 - bound))
            seen = message(
                "the flows cover {share} % of the volume: the after-market is not in yet",
                share=f"{100 * (1 - left):.1f}",
            )
            result.fault(table.label, expected, seen, size=left, unusual=not (holds and many))
    result.need(message("neither buy nor sell quantities were asked for"))


def _uncovered_share(table: SetTable, without: int = 0) -> float | None:
    """Return the part of a set's volume that its flows leave over, some worst stocks left out; None without trading."""
    known = table.known[:, MAIN].all(axis=1) & table.priced["trde_qty"]
    volume = table.prices["trde_qty"][known]
    short = volume - main_sum(table.by_investor)[known]
    kept = np.argsort(short)[: max(0, len(short) - without)]
    whole = int(volume[kept].sum())
    return float(short[kept].sum()) / whole if whole else None


def _law_holds(given: AuditInput, parameters: ParameterSet) -> bool:
    """Whether ka10059's earlier days show that flows cover the volume at a market and venue."""
    place = (parameters.market, parameters.venue)
    return any(
        (entry.market, entry.venue) == place and entry.finality is FinalityLaw.VOLUME for entry in given.set_proofs
    )


@rule(
    title=message("What the four main investors leave over is small"),
    looks_at=message("each active stock, and each set of net figures as a whole"),
    tolerance=message(
        "{stock} % of one stock's trading, {market} % of a set's",
        stock=percent(RESIDUAL_STOCK),
        market=percent(RESIDUAL_MARKET),
    ),
    reason=message(
        "the rest is 기타외국인, which the answer lacks: {low} to {high} % of a market",
        low=percent(OTHER_FOREIGN_SEEN[0]),
        high=percent(OTHER_FOREIGN_SEEN[1]),
    ),
    severity=Severity.WARN,
    remedy=WATCH,
)
def other_foreigners_are_few(given: AuditInput, result: CheckResult) -> None:
    """Check that what the four main investors leave over, the flow of 기타외국인, is small."""
    for table in given.each(result):
        rest, whole = main_sum(table.by_investor), table.traded
        if table.parameters.side is Side.NET:
            _residual(result, table, np.abs(rest), whole)
        elif table.parameters.measure is Measure.QUANTITY:
            _residual(result, table, np.abs(whole - rest), whole)
    result.need(message("buy or sell amounts alone do not show it: they are paid at many prices"))


def _residual(result: CheckResult, table: SetTable, rest: np.ndarray, whole: np.ndarray) -> None:
    """Compare one set's leftover with its trading, by active stock; net figures in all, too."""
    rows = np.flatnonzero(table.turnover >= ACTIVE_TURNOVER)
    bound = RESIDUAL_STOCK * whole[rows]
    result.checked += len(rows) + 1
    for row, most in zip(rows[rest[rows] > bound], bound[rest[rows] > bound], strict=True):
        expected = message("at most {figure}", figure=round(most))
        result.fault(table.label, expected, round(rest[row]), size=float(rest[row] - most), stock=table.stock(row))
    total, most_all = float(rest.sum()), RESIDUAL_MARKET * float(whole.sum())
    slack = len(rest) * MAIN_ROUNDING[table.parameters.measure]
    if table.parameters.side is Side.NET and total > most_all + slack:
        expected = message("at most {figure} in all", figure=round(most_all))
        result.fault(table.label, expected, round(total), size=total)
