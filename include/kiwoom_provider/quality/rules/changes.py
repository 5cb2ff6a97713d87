"""Which stocks there are, against the session published before: who is gone, new, moved or renamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.locale import message
from kiwoom_provider.parameters import DEFAULT_MARKETS, Venue
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import EACH_STOCK, LOOK, REFETCH, percent, rule
from kiwoom_provider.quality.rules.explanations import listed_codes, report_stocks, set_of, traded_on_nxt
from kiwoom_provider.quality.table import common_rows
from kiwoom_provider.quality.tolerances import (
    BASE_MOVE,
    GAP_ROWS,
    MOVED_STOCKS,
    NXT_CHURN,
    RENAMED_LEAST,
    RENAMED_SHARE,
    TAIL_ROWS,
    UNIVERSE_A_DAY,
    UNIVERSE_DAYS,
    UNIVERSE_LEAST,
    UNIVERSE_SHARE,
)

if TYPE_CHECKING:
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult
    from kiwoom_provider.quality.table import SetTable

EACH_STOCK_BEFORE = message("each stock of the session published before")

CHURN = message(
    "{share} % of a market and venue, at least {least}", share=percent(UNIVERSE_SHARE), least=UNIVERSE_LEAST
)


@rule(
    title=message("Few stocks are gone since the session published before"),
    looks_at=EACH_STOCK_BEFORE,
    tolerance=CHURN,
    reason=message("a lost page is 100 of 1,330, or 7.5 %; of 184 days none lost more than 5 stocks and 21 ETNs"),
    severity=Severity.BLOCK,
    remedy=LOOK,
)
def stocks_stay(given: AuditInput, result: CheckResult) -> None:
    """Check that few of the last published session's stocks are gone, but for those that the master explains."""
    for now, before in given.universe_changes(result):
        gone = before.codes[~before.has(now)]
        result.checked += len(before.codes)
        bound = _bound(given, len(before.codes))
        if len(gone) > bound:
            expected = message("at most {count} of {all} gone", count=bound, all=len(before.codes))
            seen = message("gone, one of {count}", count=len(gone))
            report_stocks(result, now, gone, expected, seen, unusual=_may_be_gone(given, now, before, gone))


@rule(
    title=message("No stretch of neighbouring stocks is gone"),
    looks_at=EACH_STOCK_BEFORE,
    tolerance=message("{gap} neighbours, or {tail} at the end", gap=GAP_ROWS, tail=TAIL_ROWS),
    reason=message("a sweep cut short loses its tail; of maturing ETNs at most 8 neighbours were gone on a day"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def no_gap(given: AuditInput, result: CheckResult) -> None:
    """Check that no stretch of the last published stocks is missing, in the middle or at the end."""
    for now, before in given.universe_changes(result):
        here = before.has(now)
        if (listed := listed_codes(given, now, before.codes)) is not None:
            here |= ~listed
        edges = np.flatnonzero(np.concatenate(([True], here, [True]))) - 1
        result.checked += len(before.codes)
        for start, end in zip(edges[:-1] + 1, edges[1:], strict=True):
            most = TAIL_ROWS if end == len(before.codes) else GAP_ROWS
            if end - start > most:
                expected = message("at most {count} neighbours gone", count=most)
                gone = message("gone, one of {count}", count=int(end - start))
                report_stocks(result, now, before.codes[start:end], expected, gone)


@rule(
    title=message("Few stocks are new since the session published before"),
    looks_at=EACH_STOCK,
    tolerance=CHURN,
    reason=message("a day's listings are a handful, of ETNs at most 21; more is another market's set"),
    severity=Severity.BLOCK,
    remedy=LOOK,
)
def few_are_new(given: AuditInput, result: CheckResult) -> None:
    """Check that few stocks were not there in the last published session, but for those that the master has."""
    for now, before in given.universe_changes(result):
        new = now.codes[~now.has(before)]
        result.checked += len(now.codes)
        bound = _bound(given, len(before.codes))
        if len(new) > bound:
            expected = message("at most {count} new", count=bound)
            seen = message("new, one of {count}", count=len(new))
            report_stocks(result, now, new, expected, seen, unusual=_may_be_new(given, now, new))


@rule(
    title=message("Stocks stay in their market"),
    looks_at=EACH_STOCK,
    tolerance=message("{count} a market and venue", count=MOVED_STOCKS),
    reason=message("a move from KOSDAQ to KOSPI is a rare single event: of 184 days none had two"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def stocks_keep_their_market(given: AuditInput, result: CheckResult) -> None:
    """Check that few stocks are in another market than in the last published session."""
    published = given.published_universes(result)
    of_one = {place: table for place, table in published.items() if place[0] in DEFAULT_MARKETS}
    before = {code: market for (market, _), table in of_one.items() for code in table.codes.tolist()}
    for (market, _), now in given.universes(result).items():
        codes = now.codes.tolist() if market in DEFAULT_MARKETS else []
        moved = [code for code in codes if before.get(code, market) is not market]
        result.checked += len(now.codes)
        if len(moved) > MOVED_STOCKS:
            expected = message("at most {count} from another market", count=MOVED_STOCKS)
            seen = message("of the other market, one of {count}", count=len(moved))
            report_stocks(result, now, np.array(moved), expected, seen)


@rule(
    title=message("Few stocks have another name"),
    looks_at=EACH_STOCK,
    tolerance=message(
        "{share} % of a market and venue, at least {least}", share=percent(RENAMED_SHARE), least=RENAMED_LEAST
    ),
    reason=message("an issuer may rename all its 69 ETNs in a night; rows that shifted carry their neighbours' names"),
    severity=Severity.BLOCK,
    remedy=LOOK,
)
def names_stay(given: AuditInput, result: CheckResult) -> None:
    """Check that few stocks have another name; to block, the names must be other stocks', or base prices shift too."""
    for now, before in given.universe_changes(result):
        rows, earlier = common_rows(now, before)
        renamed = before.names[earlier] != now.names[rows]
        result.checked += len(rows)
        bound = max(RENAMED_LEAST, int(RENAMED_SHARE * len(rows)))
        if renamed.sum() > bound:
            rows, earlier = rows[renamed], earlier[renamed]
            base, last = now.base_price[rows], before.prices["cur_prc"][earlier]
            shifted = (base > 0) & (last > 0) & (np.abs(base - last) > BASE_MOVE * last)
            taken = np.isin(now.names[rows], before.names)
            unusual = np.full(len(rows), (shifted | taken).sum() <= bound)
            expected = message("at most {count} renamed", count=bound)
            seen = message("another name, one of {count}", count=len(rows))
            report_stocks(result, now, now.codes[rows], expected, seen, unusual=unusual)


def _may_be_gone(given: AuditInput, now: SetTable, before: SetTable, gone: np.ndarray) -> np.ndarray | None:
    """
    Return which of the gone stocks only warn; None for none of them.

    They are not listed any more; or they left NXT alone, whose list is made anew every quarter, and no second sign
    says that they were traded there.
    """
    listed = listed_codes(given, now, gone)
    if now.parameters.venue is Venue.NXT:
        traded = traded_on_nxt(given, now, gone)
        if traded is not None:
            return ~traded
        if listed is None:
            return np.full(len(gone), len(gone) <= NXT_CHURN * len(before.codes))
    return None if listed is None else ~listed


def _may_be_new(given: AuditInput, now: SetTable, new: np.ndarray) -> np.ndarray | None:
    """
    Return which of the new stocks only warn; None for none of them.

    They are listed, or KRX has them and NXT takes them up.
    """
    if now.parameters.venue is Venue.NXT:
        krx = set_of(given, now.parameters.market, Venue.KRX)
        return np.isin(new, krx.codes) if krx else np.ones(len(new), dtype=bool)
    return listed_codes(given, now, new)


def _bound(given: AuditInput, stocks: int) -> int:
    """Return how many stocks may come or go, with some more for each day since the session published before."""
    days = (given.session_date - given.published_on).days if given.published_on else 0
    return max(UNIVERSE_LEAST, int(stocks * UNIVERSE_SHARE)) + max(0, days - UNIVERSE_DAYS) * UNIVERSE_A_DAY
