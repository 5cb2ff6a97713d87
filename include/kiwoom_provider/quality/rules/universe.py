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
    BASE_MOVE,
    GAP_ROWS,
    MASTER_LACKS,
    MASTER_MISSING,
    MOVED_STOCKS,
    NXT_CHURN,
    NXT_DOUBT,
    RENAMED_LEAST,
    RENAMED_SHARE,
    TAIL_ROWS,
    UNIVERSE_A_DAY,
    UNIVERSE_DAYS,
    UNIVERSE_LEAST,
    UNIVERSE_SHARE,
    USUAL_STOCKS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiwoom_provider.locale import Message
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult
    from kiwoom_provider.quality.master import SecuritiesMaster
    from kiwoom_provider.quality.results import Value
    from kiwoom_provider.quality.table import SetTable

PAIR = (Market.KOSPI, Market.KOSDAQ)
EACH_STOCK = message("each stock")
EACH_STOCK_BEFORE = message("each stock of the session published before")
CHURN = message(
    "{share} % of a market and venue, at least {least}", share=percent(UNIVERSE_SHARE), least=UNIVERSE_LEAST
)
OF_KRX = message("a stock of KRX")
LOOK_AT_MASTER = message("Nothing is withheld; look at the master in raw, and ask for it again while it is the day's.")


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
    reason=message("a lost page is 100 of 1,330, or 7.5 %; of 184 days none lost more than 5 stocks and 21 ETNs"),
    severity=Severity.BLOCK,
    remedy=LOOK,
)
def stocks_stay(given: AuditInput, result: CheckResult) -> None:
    """Check that few of the last published session's stocks are gone, but for those that the master explains."""
    for now, before in given.universe_changes(result):
        gone = before.codes[~before.has(now)]
        result.checked += len(before.codes)
        bound = _bound(given, len(before.codes), UNIVERSE_SHARE, UNIVERSE_LEAST)
        if len(gone) > bound:
            expected = message("at most {count} of {all} gone", count=bound, all=len(before.codes))
            seen = message("gone, one of {count}", count=len(gone))
            _report(result, now, gone, expected, seen, unusual=_may_be_gone(given, now, before, gone))


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
        if (listed := _listed(given, now, before.codes)) is not None:
            here |= ~listed
        edges = np.flatnonzero(np.concatenate(([True], here, [True]))) - 1
        result.checked += len(before.codes)
        for start, end in zip(edges[:-1] + 1, edges[1:], strict=True):
            most = TAIL_ROWS if end == len(before.codes) else GAP_ROWS
            if end - start > most:
                expected = message("at most {count} neighbours gone", count=most)
                gone = message("gone, one of {count}", count=int(end - start))
                _report(result, now, before.codes[start:end], expected, gone)


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
        bound = _bound(given, len(before.codes), UNIVERSE_SHARE, UNIVERSE_LEAST)
        if len(new) > bound:
            expected = message("at most {count} new", count=bound)
            seen = message("new, one of {count}", count=len(new))
            _report(result, now, new, expected, seen, unusual=_may_be_new(given, now, new))


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
    before = {
        code: market for (market, _), table in published.items() if market in PAIR for code in table.codes.tolist()
    }
    for (market, _), now in given.universes(result).items():
        moved = [code for code in now.codes.tolist() if market in PAIR and before.get(code, market) is not market]
        result.checked += len(now.codes)
        if len(moved) > MOVED_STOCKS:
            expected = message("at most {count} from another market", count=MOVED_STOCKS)
            seen = message("of the other market, one of {count}", count=len(moved))
            _report(result, now, np.array(moved), expected, seen)


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
        rows, earlier = common(now, before)
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
            _report(result, now, now.codes[rows], expected, seen, unusual=unusual)


@rule(
    title=message("Every stock of the securities master was swept"),
    looks_at=message("each stock of the master, by market and venue"),
    tolerance=message("{count} a market and venue with a warning", count=MASTER_MISSING),
    reason=message("the stocks of ka10066 are the master's without ETFs, to one stock on two days"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def listed_stocks_swept(given: AuditInput, result: CheckResult) -> None:
    """Check that no stock is missing that the master of the day lists, or of NXT's that was traded there."""
    master = _needed_master(given)
    for now in _boards(given, result):
        wanted = master.codes[now.parameters.market]
        if now.parameters.venue is Venue.NXT:
            wanted = wanted[np.isin(wanted, list(master.on_nxt))]
        missing = np.setdiff1d(wanted, now.codes)
        result.checked += len(wanted)
        unusual = np.full(len(missing), len(missing) <= MASTER_MISSING or not _is_of_today(given))
        if now.parameters.venue is Venue.NXT:
            traded = _traded_on_nxt(given, now, missing)
            unusual |= np.ones(len(missing), dtype=bool) if traded is None else ~traded
        seen = message("gone, one of {count}", count=len(missing))
        _report(result, now, missing, message("as the master lists it"), seen, unusual=unusual)


@rule(
    title=message("The securities master has every swept stock"),
    looks_at=message("each stock on KRX and consolidated"),
    tolerance=message("{share} % of a market", share=percent(MASTER_LACKS)),
    reason=message("a master that lacks more is half a board, or another day's; it is then not used"),
    severity=Severity.WARN,
    remedy=LOOK_AT_MASTER,
)
def swept_stocks_listed(given: AuditInput, result: CheckResult) -> None:
    """Check that the master is the board of the day: that it has the stocks which were swept."""
    master = _needed_master(given)
    for (market, venue), now in given.universes(result).items():
        if market in PAIR and venue is not Venue.NXT:
            lacking = master.lacks(now)
            result.checked += len(now.codes)
            seen = message("not in the master, one of {count}", count=len(lacking))
            _report(result, now, lacking, message("listed"), seen)
    if not _is_of_today(given):
        day = str(master.as_of) if master.as_of else message("an unknown day")
        result.fault(message("the securities master"), str(given.session_date), message("the copy of {day}", day=day))
    result.need(message("neither KRX nor CONSOLIDATED of one market was asked for"))


@rule(
    title=message("Stocks have the master's names"),
    looks_at=message("each stock on KRX"),
    reason=message("names may be cut or changed between two TRs; not seen on live data yet"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def names_as_listed(given: AuditInput, result: CheckResult) -> None:
    """Check that stocks are called as the master calls them."""
    for now in _boards(given, result):
        if now.parameters.venue is not Venue.NXT and given.master:
            names = given.master.names[now.parameters.market]
            for row in np.flatnonzero(np.isin(now.codes, list(names))):
                result.checked += 1
                wanted, seen = names[str(now.codes[row])].strip(), str(now.names[row]).strip()
                if wanted != seen:
                    result.fault(now.place, wanted, seen, stock=now.stock(row))
    result.need(message("neither KRX nor CONSOLIDATED of one market was asked for"))


def _needed_master(given: AuditInput) -> SecuritiesMaster:
    """Return the securities master. :raises NotApplicable: when it could not be had."""
    if given.master is None:
        raise NotApplicable(message("the securities master could not be had"))
    return given.master


def _boards(given: AuditInput, result: CheckResult) -> Iterator[SetTable]:
    """Yield a set of each market and venue that the master can speak of. :raises NotApplicable: for none."""
    master = _needed_master(given)
    tables = given.universes(result)
    refuted = {
        market for (market, venue), table in tables.items() if venue is not Venue.NXT and not master.knows(table)
    }
    usable = [table for (market, _), table in tables.items() if market in master.names and market not in refuted]
    if not usable:
        raise NotApplicable(message("the securities master is not the board of these markets"))
    yield from usable


def _is_of_today(given: AuditInput) -> bool:
    return given.master is not None and given.master.as_of in (None, given.session_date)


def _listed(given: AuditInput, now: SetTable, codes: np.ndarray) -> np.ndarray | None:
    """Return which codes the day's master lists in a set's market, and on NXT for a set of NXT; None without one."""
    if given.master is None or not _is_of_today(given) or not given.master.knows(now):
        return None
    listed = given.master.has(now.parameters.market, codes)
    return listed & np.isin(codes, list(given.master.on_nxt)) if now.parameters.venue is Venue.NXT else listed


def _may_be_gone(given: AuditInput, now: SetTable, before: SetTable, gone: np.ndarray) -> np.ndarray:
    """
    Return which of the gone stocks only warn.

    They are not listed any more; or they left NXT alone, whose list is made anew every quarter, and no second sign
    says that they were traded there.
    """
    listed = _listed(given, now, gone)
    if now.parameters.venue is Venue.NXT:
        traded = _traded_on_nxt(given, now, gone)
        if traded is not None:
            return ~traded
        if listed is None:
            return np.full(len(gone), len(gone) <= NXT_CHURN * len(before.codes))
    return np.zeros(len(gone), dtype=bool) if listed is None else ~listed


def _may_be_new(given: AuditInput, now: SetTable, new: np.ndarray) -> np.ndarray:
    """Return which of the new stocks only warn: they are listed, or KRX has them and NXT takes them up."""
    if now.parameters.venue is Venue.NXT:
        krx = _set_of(given, now.parameters.market, Venue.KRX)
        return np.isin(new, krx.codes) if krx else np.ones(len(new), dtype=bool)
    listed = _listed(given, now, new)
    return np.zeros(len(new), dtype=bool) if listed is None else listed


def _traded_on_nxt(given: AuditInput, now: SetTable, codes: np.ndarray) -> np.ndarray | None:
    """
    Return which stocks were traded on NXT: their consolidated volume is larger than KRX's.

    None where it does not tell: the sets are not there, or stocks that are not on NXT show the same.
    """
    krx, whole = (_set_of(given, now.parameters.market, venue) for venue in (Venue.KRX, Venue.CONSOLIDATED))
    if krx is None or whole is None:
        return None
    more = whole.prices["trde_qty"] > krx.spread(krx.prices["trde_qty"], whole.codes, 0)
    others = ~np.isin(whole.codes, now.codes) & ~np.isin(whole.codes, codes)
    if not others.any() or more[others].mean() > NXT_DOUBT:
        return None
    return np.isin(codes, whole.codes[more])


def _set_of(given: AuditInput, market: Market, venue: Venue) -> SetTable | None:
    """Return a readable set of a market and venue."""
    return next((table for p, table in sorted(given.sets.items()) if (p.market, p.venue) == (market, venue)), None)


def _outside(result: CheckResult, table: SetTable, good: np.ndarray, expected: Message) -> None:
    result.checked += len(good)
    for row in np.flatnonzero(~good):
        result.fault(table.label, expected, message("not so"), stock=table.stock(row))


def _report(
    result: CheckResult,
    table: SetTable,
    codes: np.ndarray,
    expected: Value,
    seen: Value,
    *,
    unusual: np.ndarray | None = None,
) -> None:
    for code, warns in zip(codes, np.zeros(len(codes), dtype=bool) if unusual is None else unusual, strict=True):
        stock = {"stock_code": str(code)}
        result.fault(table.place, expected, seen, size=len(codes) + (not warns), stock=stock, unusual=bool(warns))


def _bound(given: AuditInput, stocks: int, share: float, least: int) -> int:
    """Return how many stocks may come or go, with some more for each day since the session published before."""
    days = (given.session_date - given.published_on).days if given.published_on else 0
    return max(least, int(stocks * share)) + max(0, days - UNIVERSE_DAYS) * UNIVERSE_A_DAY
