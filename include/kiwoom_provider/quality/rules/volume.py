"""Investor fields against the volume and the prices of the day: units, totals, and what is left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.locale import message
from kiwoom_provider.parameters import Measure, Side
from kiwoom_provider.proof.documents import FinalityLaw
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import API_CHANGED, REFETCH, WATCH, percent, rule
from kiwoom_provider.quality.table import INSTITUTION, INVESTOR_NAMES, MAIN, common
from kiwoom_provider.quality.tolerances import (
    ACTIVE_TURNOVER,
    LIMIT_RANGE,
    OTHER_FOREIGN_SEEN,
    PAGE_ROWS,
    PRICE_RANGE,
    RESIDUAL_MARKET,
    RESIDUAL_STOCK,
    ROUNDED_PARTS,
    ROUNDED_SUM,
    SCALE_RANGE,
    TRADED_TURNOVER,
    UNCOVERED,
    UNCOVERED_TIMES,
    ZERO_PAGE,
    ZERO_STRETCH,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult
    from kiwoom_provider.quality.table import SetTable

_ROUNDING = {Measure.AMOUNT: len(MAIN) / 2, Measure.QUANTITY: 0}
_NO_GROSS_PAIR = message("amount and quantity of buy or sell were not asked for together")


@rule(
    title=message("Amount ÷ quantity is a price of the day"),
    looks_at=message("each investor of buy and sell, over a whole set"),
    tolerance=message(
        "{low} to {high} times the base price, and {slack} million won a stock",
        low=PRICE_RANGE[0],
        high=PRICE_RANGE[1],
        slack=ROUNDED_SUM[Measure.AMOUNT],
    ),
    reason=message("twice the ±30 % limit, as 2x ETNs move ±60 %; 천주 or 원 would be off by 1,000 or more"),
    severity=Severity.BLOCK,
    remedy=API_CHANGED,
)
def units_of_sets(given: AuditInput, result: CheckResult) -> None:
    """Check that each investor's amounts ÷ quantities, over a whole set, are prices of the day."""
    for amount, quantity in _gross_pairs(given, result):
        rows, there = common(amount, quantity)
        base, price = amount.base_price[rows], amount.prices["cur_prc"][rows]
        known = amount.known[rows] & quantity.known[there] & (base > 0)[:, None]
        paid = np.where(known, amount.flows[rows], 0)
        shares = np.where(known, quantity.flows[there], 0)
        low, high = (base * share for share in PRICE_RANGE)
        least = (shares * np.minimum(low, price)[:, None]).sum(axis=0) / 1e6
        most = (shares * np.maximum(high, price)[:, None]).sum(axis=0) / 1e6
        slack = ((paid != 0) | (shares != 0)).sum(axis=0) * float(ROUNDED_SUM[Measure.AMOUNT])
        totals = paid.sum(axis=0)
        result.checked += len(INVESTOR_NAMES)
        for column in np.flatnonzero((totals + slack < least) | (totals - slack > most)).tolist():
            bounds = {"low": round(least[column]), "high": round(most[column])}
            seen = message("{figure} million won", figure=int(totals[column]))
            expected = message("{low} to {high} million won", **bounds)
            name = INVESTOR_NAMES[column]
            result.fault(amount.label, expected, seen, size=float(totals[column]), column=name)
    result.need(_NO_GROSS_PAIR)


@rule(
    title=message("A set's total is of the order of its trading"),
    looks_at=message("each set"),
    tolerance=message(
        "buys and sells {low} to {high} times volume or turnover, net up to {net} times",
        low=SCALE_RANGE[Side.BUY][0],
        high=SCALE_RANGE[Side.BUY][1],
        net=SCALE_RANGE[Side.NET][1],
    ),
    reason=message("tells units apart even where only one measure was asked for"),
    severity=Severity.BLOCK,
    remedy=API_CHANGED,
)
def scale_of_sets(given: AuditInput, result: CheckResult) -> None:
    """Check that a set's total is of the order of its trading: shares, not thousands; not won."""
    for table in given.each(result):
        result.checked += 1
        total, whole = int(np.abs(table.flows[:, MAIN]).sum()), float(table.traded.sum())
        low, high = SCALE_RANGE[table.parameters.side]
        slack = len(table.codes) * _ROUNDING[table.parameters.measure]
        halves = 2 if table.parameters.side is Side.NET else 1
        if not low * whole - slack <= total / halves <= high * whole + slack:
            expected = message("{low} to {high} times {figure}", low=low, high=high, figure=round(whole))
            result.fault(table.label, expected, round(total / halves))


@rule(
    title=message("Each amount is within the price limits of its quantity"),
    looks_at=message("each stock and investor of buy and sell"),
    tolerance=message(
        "{low} to {high} times the base price, to the next million won; institution {parts} million",
        low=LIMIT_RANGE[0],
        high=LIMIT_RANGE[1],
        parts=ROUNDED_PARTS[Measure.AMOUNT],
    ),
    reason=message("KRX's daily limit of ±30 %; not seen on live data yet"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def amount_and_quantity_meet(given: AuditInput, result: CheckResult) -> None:
    """Check that each amount is what its quantity costs at the day's prices, where the price is within the limits."""
    for amount, quantity in _gross_pairs(given, result):
        rows, there = common(amount, quantity)
        base, price = amount.base_price[rows], amount.prices["cur_prc"][rows]
        low, high = (base * share for share in LIMIT_RANGE)
        valid = (base > 0) & (price >= low) & (price <= high)
        shares, seen = quantity.flows[there], amount.flows[rows]
        floor = np.floor(shares * low[:, None] / 1e6).astype(np.int64)
        ceiling = np.ceil(shares * high[:, None] / 1e6).astype(np.int64)
        slack = np.zeros(len(INVESTOR_NAMES), dtype=np.int64)
        slack[INSTITUTION] = ROUNDED_PARTS[Measure.AMOUNT]
        known = valid[:, None] & quantity.known[there] & amount.known[rows]
        expected = np.clip(seen, floor, ceiling)
        result.compare(amount, rows, INVESTOR_NAMES, expected=expected, seen=seen, valid=known, tolerance=slack)
    result.need(_NO_GROSS_PAIR)


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
        total, volume = table.flows[:, MAIN].sum(axis=1), table.prices["trde_qty"]
        result.compare(
            table,
            np.arange(len(table.codes)),
            ["all four"],
            expected=np.minimum(total, volume)[:, None],
            seen=total[:, None],
            valid=(table.known[:, MAIN].all(axis=1) & table.priced["trde_qty"])[:, None],
        )
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
    earlier days do. Elsewhere it warns.
    """
    for table in given.each(result):
        if table.parameters.side is Side.NET or table.parameters.measure is Measure.AMOUNT:
            continue
        left, before = _uncovered(table), given.published_set(table.parameters, result)
        usual = _uncovered(before) if before else None
        if left is None:
            continue
        result.checked += 1
        bound = max(UNCOVERED, UNCOVERED_TIMES * (usual or 0))
        if left > bound:
            holds = (usual is not None and usual <= UNCOVERED) or _law_holds(given, table.parameters)
            expected = message("at least {share} % of the volume", share=percent(1 - bound))
            seen = message(
                "the flows cover {share} % of the volume: the after-market is not in yet",
                share=f"{100 * (1 - left):.1f}",
            )
            result.fault(table.label, expected, seen, size=left, unusual=not holds)
    result.need(message("neither buy nor sell quantities were asked for"))


def _uncovered(table: SetTable) -> float | None:
    """Return the part of a set's volume that its flows leave over; None where nothing was traded."""
    known = table.known[:, MAIN].all(axis=1) & table.priced["trde_qty"]
    volume = int(table.prices["trde_qty"][known].sum())
    return 1 - float(table.flows[known][:, MAIN].sum()) / volume if volume else None


def _law_holds(given: AuditInput, parameters: ParameterSet) -> bool:
    """Whether ka10059's earlier days show that flows cover the volume at a market and venue."""
    place = (parameters.market, parameters.venue)
    sets = given.proof.sets if given.proof else ()
    return any((entry.market, entry.venue) == place and entry.finality is FinalityLaw.VOLUME for entry in sets)


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
        rest, whole = table.flows[:, MAIN].sum(axis=1), table.traded
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
    slack = len(rest) * _ROUNDING[table.parameters.measure]
    if table.parameters.side is Side.NET and total > most_all + slack:
        expected = message("at most {figure} in all", figure=round(most_all))
        result.fault(table.label, expected, round(total), size=total)


@rule(
    title=message("No page of traded stocks is all zero"),
    looks_at=message("each page of each set"),
    tolerance=message(
        "pages with fewer than {count} stocks of {turnover} million won a day",
        count=ZERO_PAGE,
        turnover=TRADED_TURNOVER,
    ),
    reason=message("a page of ETNs, or of few active stocks, is settled as the others are"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def no_zero_page(given: AuditInput, result: CheckResult) -> None:
    """Check that of no page's stocks with some turnover all investors are zero or blank."""
    for table in given.each(result):
        traded = table.turnover >= TRADED_TURNOVER
        silent = np.count_nonzero(table.flows, axis=1) == 0
        for start in range(0, len(table.codes), PAGE_ROWS):
            page = slice(start, start + PAGE_ROWS)
            result.checked += 1
            count = int(traded[page].sum())
            if count >= ZERO_PAGE and silent[page][traded[page]].all():
                seen = message("{count} traded stocks are all zero", count=count)
                where = message("{set} · page {number}", set=table.label, number=start // PAGE_ROWS + 1)
                result.fault(where, message("some investor above zero"), seen, size=count, stock=table.stock(start))


@rule(
    title=message("No dozen neighbouring active stocks are all zero"),
    looks_at=message("each set"),
    tolerance=message(
        "{count} in a row; active from {turnover} million won a day", count=ZERO_STRETCH - 1, turnover=ACTIVE_TURNOVER
    ),
    reason=message("one is odd, a dozen in a row is a page that was not settled"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def no_zero_stretch(given: AuditInput, result: CheckResult) -> None:
    """Check that no stretch of neighbouring active stocks has all investors zero."""
    for table in given.each(result):
        result.checked += 1
        rows, silent = _silent_rows(table)
        first, length = _longest(silent)
        if length >= ZERO_STRETCH:
            stock = table.stock(rows[first])
            seen = message("{count} from {code}", count=length, code=stock["stock_code"])
            result.fault(table.label, message("fewer than {count}", count=ZERO_STRETCH), seen, size=length, stock=stock)


@rule(
    title=message("Stocks that traded have buyers and sellers"),
    looks_at=message("each active stock of buy and sell sets"),
    tolerance=message("active from {turnover} million won a day", turnover=ACTIVE_TURNOVER),
    reason=message("below that, rounding may leave only zeros"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def active_stocks_have_flows(given: AuditInput, result: CheckResult) -> None:
    """Check that stocks with turnover have buyers and sellers."""
    for table in given.each(result):
        if table.parameters.side is not Side.NET:
            rows, silent = _silent_rows(table)
            result.checked += len(rows)
            for row in rows[silent]:
                size = float(table.turnover[row])
                expected, seen = message("some investor above zero"), message("all zero")
                result.fault(table.label, expected, seen, size=size, stock=table.stock(row))
    result.need(message("neither buy nor sell was asked for, or no stock was active"))


def _gross_pairs(given: AuditInput, result: CheckResult) -> Iterator[tuple[SetTable, SetTable]]:
    """Yield amounts and quantities of buys, and of sells."""
    otherwise = message("amount and quantity were not asked for together")
    for tables in given.along("measure", tuple(Measure), result, otherwise):
        if tables[Measure.AMOUNT].parameters.side is not Side.NET:
            yield tables[Measure.AMOUNT], tables[Measure.QUANTITY]


def _silent_rows(table: SetTable) -> tuple[np.ndarray, np.ndarray]:
    rows = np.flatnonzero(table.turnover >= ACTIVE_TURNOVER)
    return rows, np.count_nonzero(table.flows[rows], axis=1) == 0


def _longest(flags: np.ndarray) -> tuple[int, int]:
    """Return where the longest stretch of true begins, and its length."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    if not len(edges):
        return 0, 0
    lengths = edges[1::2] - edges[::2]
    best = int(lengths.argmax())
    return int(edges[::2][best]), int(lengths[best])
