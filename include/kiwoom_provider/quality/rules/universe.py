"""Which stocks there are: between markets, between venues, and against the session published before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.locale import message
from kiwoom_provider.parameters import Market, Venue
from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import LOOK, REFETCH, WATCH, percent, rule
from kiwoom_provider.quality.table import common
from kiwoom_provider.quality.tolerances import (
    GAP_ROWS,
    MOVED_STOCKS,
    RENAMED_LEAST,
    RENAMED_SHARE,
    TAIL_ROWS,
    UNIVERSE_LEAST,
    UNIVERSE_SHARE,
    USUAL_STOCKS,
)

if TYPE_CHECKING:
    from kiwoom_provider.locale import Message
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult
    from kiwoom_provider.quality.results import Value
    from kiwoom_provider.quality.table import SetTable

PAIR = (Market.KOSPI, Market.KOSDAQ)
EACH_STOCK = message("each stock")
EACH_STOCK_BEFORE = message("each stock of the session published before")
CHURN = message(
    "{share} % of a market and venue, at least {least}", share=percent(UNIVERSE_SHARE), least=UNIVERSE_LEAST
)
OF_KRX = message("a stock of KRX")


@rule(
    title=message("No stock is in both KOSPI and KOSDAQ"),
    looks_at=EACH_STOCK,
    reason=message("a stock is listed on one market; both would mean swapped or merged sets"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def markets_disjoint(given: AuditInput, result: CheckResult) -> None:
    """Check that no stock is in both KOSPI and KOSDAQ."""
    for tables in given.along("market", PAIR, result, message("KOSPI and KOSDAQ were not asked for together")):
        kospi, kosdaq = tables[Market.KOSPI], tables[Market.KOSDAQ]
        _outside(result, kospi, ~kospi.has(kosdaq), message("not in KOSDAQ"))


@rule(
    title=message("Every stock on NXT is one of KRX's"),
    looks_at=message("each stock on NXT"),
    reason=message("NXT trades a selection of listed stocks"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def nxt_within_krx(given: AuditInput, result: CheckResult) -> None:
    """Check that every stock on NXT is one of KRX's."""
    otherwise = message("KRX and NXT of one market were not asked for together")
    for tables in given.along("venue", (Venue.KRX, Venue.NXT), result, otherwise):
        _outside(result, tables[Venue.NXT], tables[Venue.NXT].has(tables[Venue.KRX]), OF_KRX)


@rule(
    title=message("Consolidated has the stocks of KRX"),
    looks_at=EACH_STOCK,
    reason=message("not seen on live data yet"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def consolidated_is_krx(given: AuditInput, result: CheckResult) -> None:
    """Check that 통합 has the stocks of KRX, neither more nor fewer."""
    otherwise = message("KRX and CONSOLIDATED of one market were not asked for together")
    for tables in given.along("venue", (Venue.KRX, Venue.CONSOLIDATED), result, otherwise):
        krx, whole = tables[Venue.KRX], tables[Venue.CONSOLIDATED]
        _outside(result, whole, whole.has(krx), OF_KRX)
        _outside(result, krx, krx.has(whole), message("a stock of CONSOLIDATED"))


@rule(
    title=message("ALL is KOSPI and KOSDAQ together"),
    looks_at=EACH_STOCK,
    reason=message("about 3,139 against 1,330 + 1,824 were measured, on different days"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def all_is_both_markets(given: AuditInput, result: CheckResult) -> None:
    """Check that ALL has the stocks of KOSPI and of KOSDAQ, with the same flows."""
    otherwise = message("ALL was not asked for together with KOSPI and KOSDAQ")
    for tables in given.along("market", (Market.ALL, *PAIR), result, otherwise):
        whole = tables[Market.ALL]
        found = np.zeros(len(whole.codes), dtype=bool)
        for market in PAIR:
            part = tables[market]
            _outside(result, part, part.has(whole), message("a stock of ALL"))
            found |= whole.has(part)
            inside, rows = common(part, whole)
            for row in inside[(whole.flows[rows] != part.flows[inside]).any(axis=1)]:
                result.fault(part.label, message("the same flows in ALL"), message("others"), stock=part.stock(row))
        _outside(result, whole, found, message("a stock of KOSPI or KOSDAQ"))


@rule(
    title=message("On a first night: KRX and consolidated have their usual number of stocks"),
    looks_at=message("each market on KRX and consolidated"),
    tolerance=message(
        "{kospi_least} to {kospi_most} KOSPI and {kosdaq_least} to {kosdaq_most} KOSDAQ stocks",
        kospi_least=USUAL_STOCKS[Market.KOSPI][0],
        kospi_most=USUAL_STOCKS[Market.KOSPI][1],
        kosdaq_least=USUAL_STOCKS[Market.KOSDAQ][0],
        kosdaq_most=USUAL_STOCKS[Market.KOSDAQ][1],
    ),
    reason=message("with nothing to compare with; markets grow, so it warns"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def usual_size(given: AuditInput, result: CheckResult) -> None:
    """Check that KRX and 통합 have about as many stocks as were measured, with nothing to compare with."""
    if given.published:
        raise NotApplicable(message("the stocks are compared with the session published before"))
    for (market, venue), table in given.universes(result).items():
        if venue is not Venue.NXT and market in USUAL_STOCKS:
            least, most = USUAL_STOCKS[market]
            result.checked += 1
            if not least <= len(table.codes) <= most:
                expected = message("{least} to {most} stocks", least=least, most=most)
                result.fault(table.place, expected, len(table.codes))
    result.need(message("neither KRX nor CONSOLIDATED of one market was asked for"))


@rule(
    title=message("Few stocks are gone since the session published before"),
    looks_at=EACH_STOCK_BEFORE,
    tolerance=CHURN,
    reason=message("a lost page is 100 of 1,330, or 7.5 %; a day's delistings are a handful"),
    severity=Severity.BLOCK,
    remedy=LOOK,
)
def stocks_stay(given: AuditInput, result: CheckResult) -> None:
    """Check that few of the last published session's stocks are gone."""
    for now, before in given.universe_changes(result):
        gone = before.codes[~before.has(now)]
        result.checked += len(before.codes)
        bound = _bound(len(before.codes), UNIVERSE_SHARE, UNIVERSE_LEAST)
        if len(gone) > bound:
            expected = message("at most {count} of {all} gone", count=bound, all=len(before.codes))
            _report(result, now, gone, expected, message("gone, one of {count}", count=len(gone)))


@rule(
    title=message("No stretch of neighbouring stocks is gone"),
    looks_at=EACH_STOCK_BEFORE,
    tolerance=message("{gap} neighbours, or {tail} at the end", gap=GAP_ROWS, tail=TAIL_ROWS),
    reason=message("a sweep cut short loses its tail; a batch of maturing ETNs is smaller"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def no_gap(given: AuditInput, result: CheckResult) -> None:
    """Check that no stretch of the last published stocks is missing, in the middle or at the end."""
    for now, before in given.universe_changes(result):
        here = np.flatnonzero(np.concatenate(([True], before.has(now), [True]))) - 1
        result.checked += len(before.codes)
        for start, end in zip(here[:-1] + 1, here[1:], strict=True):
            most = TAIL_ROWS if end == len(before.codes) else GAP_ROWS
            if end - start > most:
                expected = message("at most {count} neighbours gone", count=most)
                gone = message("gone, one of {count}", count=int(end - start))
                _report(result, now, before.codes[start:end], expected, gone)


@rule(
    title=message("Few stocks are new since the session published before"),
    looks_at=EACH_STOCK,
    tolerance=CHURN,
    reason=message("a day's listings are a handful; more is another market's set"),
    severity=Severity.BLOCK,
    remedy=LOOK,
)
def few_are_new(given: AuditInput, result: CheckResult) -> None:
    """Check that few stocks were not there in the last published session."""
    for now, before in given.universe_changes(result):
        new = now.codes[~now.has(before)]
        result.checked += len(now.codes)
        bound = _bound(len(before.codes), UNIVERSE_SHARE, UNIVERSE_LEAST)
        if len(new) > bound:
            expected = message("at most {count} new", count=bound)
            _report(result, now, new, expected, message("new, one of {count}", count=len(new)))


@rule(
    title=message("Stocks stay in their market"),
    looks_at=EACH_STOCK,
    tolerance=message("{count} a market and venue", count=MOVED_STOCKS),
    reason=message("a move from KOSDAQ to KOSPI is a rare single event"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def stocks_keep_their_market(given: AuditInput, result: CheckResult) -> None:
    """Check that few stocks are in another market than in the last published session."""
    published = given.published_universes(result)
    before = {
        code: market for (market, _), table in published.items() if market in PAIR for code in table.codes.tolist()
    }
    for (market, _), now in given.universes(result).items():
        moved = [code for code in now.codes.tolist() if market in PAIR and before.get(code, market) is not market]
        result.checked += len(now.codes)
        if len(moved) > MOVED_STOCKS:
            expected = message("at most {count} from another market", count=MOVED_STOCKS)
            seen = message("of the other market, one of {count}", count=len(moved))
            _report(result, now, moved, expected, seen)


@rule(
    title=message("Few stocks have another name"),
    looks_at=EACH_STOCK,
    tolerance=message(
        "{share} % of a market and venue, at least {least}", share=percent(RENAMED_SHARE), least=RENAMED_LEAST
    ),
    reason=message("a fund house renames a series; shifted rows rename everything"),
    severity=Severity.BLOCK,
    remedy=LOOK,
)
def names_stay(given: AuditInput, result: CheckResult) -> None:
    """Check that few stocks have another name than in the last published session."""
    for now, before in given.universe_changes(result):
        rows, earlier = common(now, before)
        renamed = rows[before.names[earlier] != now.names[rows]]
        result.checked += len(rows)
        bound = _bound(len(rows), RENAMED_SHARE, RENAMED_LEAST)
        if len(renamed) > bound:
            expected = message("at most {count} renamed", count=bound)
            seen = message("another name, one of {count}", count=len(renamed))
            _report(result, now, now.codes[renamed], expected, seen)


def _outside(result: CheckResult, table: SetTable, good: np.ndarray, expected: Message) -> None:
    result.checked += len(good)
    for row in np.flatnonzero(~good):
        result.fault(table.label, expected, message("not so"), stock=table.stock(row))


def _report(result: CheckResult, table: SetTable, codes: np.ndarray | list[str], expected: Value, seen: Value) -> None:
    for code in codes:
        result.fault(table.place, expected, seen, size=len(codes), stock={"stock_code": str(code)})


def _bound(stocks: int, share: float, least: int) -> int:
    return max(least, int(stocks * share))
