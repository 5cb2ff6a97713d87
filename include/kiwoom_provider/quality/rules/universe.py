"""Which stocks there are: between markets, between venues, and in number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.locale import message
from kiwoom_provider.parameters import DEFAULT_MARKETS, Market, Venue
from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import EACH_STOCK, REFETCH, WATCH, rule
from kiwoom_provider.quality.table import common_rows
from kiwoom_provider.quality.tolerances import USUAL_STOCKS

if TYPE_CHECKING:
    from kiwoom_provider.locale import Message
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult
    from kiwoom_provider.quality.table import SetTable

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
    otherwise = message("KOSPI and KOSDAQ were not asked for together")
    for tables in given.along("market", DEFAULT_MARKETS, result, otherwise):
        kospi, kosdaq = tables[Market.KOSPI], tables[Market.KOSDAQ]
        _need_all(result, kospi, ~kospi.has(kosdaq), message("not in KOSDAQ"))


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
        _need_all(result, tables[Venue.NXT], tables[Venue.NXT].has(tables[Venue.KRX]), OF_KRX)


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
        _need_all(result, whole, whole.has(krx), OF_KRX)
        _need_all(result, krx, krx.has(whole), message("a stock of CONSOLIDATED"))


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
    for tables in given.along("market", (Market.ALL, *DEFAULT_MARKETS), result, otherwise):
        whole = tables[Market.ALL]
        found = np.zeros(len(whole.codes), dtype=bool)
        for market in DEFAULT_MARKETS:
            part = tables[market]
            _need_all(result, part, part.has(whole), message("a stock of ALL"))
            found |= whole.has(part)
            inside, rows = common_rows(part, whole)
            for row in inside[(whole.flows[rows] != part.flows[inside]).any(axis=1)]:
                result.fault(part.label, message("the same flows in ALL"), message("others"), stock=part.stock(row))
        _need_all(result, whole, found, message("a stock of KOSPI or KOSDAQ"))


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


def _need_all(result: CheckResult, table: SetTable, good: np.ndarray, expected: Message) -> None:
    result.checked += len(good)
    for row in np.flatnonzero(~good):
        result.fault(table.label, expected, message("not so"), stock=table.stock(row))
