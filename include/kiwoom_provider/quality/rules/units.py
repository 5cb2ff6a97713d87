"""Amounts and quantities against the prices and the trading of the day: are they in their units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.api.identities import PARTS_WITHIN, SUM_WITHIN
from kiwoom_provider.api.ka10066 import INSTITUTION, MAIN
from kiwoom_provider.locale import message
from kiwoom_provider.parameters import Measure, Side
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import API_CHANGED, WATCH, rule
from kiwoom_provider.quality.table import INVESTOR_NAMES, common_rows
from kiwoom_provider.quality.tolerances import (
    LIMIT_RANGE,
    MAIN_ROUNDING,
    PRICE_RANGE,
    SCALE_RANGE,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult
    from kiwoom_provider.quality.table import SetTable

_NO_GROSS_PAIR = message("amount and quantity of buy or sell were not asked for together")


@rule(
    title=message("Amount ÷ quantity is a price of the day"),
    looks_at=message("each investor of buy and sell, over a whole set"),
    tolerance=message(
        "{low} to {high} times the base price, and {slack} million won a stock",
        low=PRICE_RANGE[0],
        high=PRICE_RANGE[1],
        slack=SUM_WITHIN[Measure.AMOUNT],
    ),
    reason=message("twice the ±30 % limit, as 2x ETNs move ±60 %; 천주 or 원 would be off by 1,000 or more"),
    severity=Severity.BLOCK,
    remedy=API_CHANGED,
)
def units_of_sets(given: AuditInput, result: CheckResult) -> None:
    """Check that each investor's amounts ÷ quantities, over a whole set, are prices of the day."""
    for amount, quantity in _gross_pairs(given, result):
        rows, there = common_rows(amount, quantity)
        base, price = amount.base_price[rows], amount.prices["cur_prc"][rows]
        known = amount.known[rows] & quantity.known[there] & (base > 0)[:, None]
        paid = np.where(known, amount.flows[rows], 0)
        shares = np.where(known, quantity.flows[there], 0)
        low, high = (base * share for share in PRICE_RANGE)
        least = (shares * np.minimum(low, price)[:, None]).sum(axis=0) / 1e6
        most = (shares * np.maximum(high, price)[:, None]).sum(axis=0) / 1e6
        slack = ((paid != 0) | (shares != 0)).sum(axis=0) * float(SUM_WITHIN[Measure.AMOUNT])
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
        slack = len(table.codes) * MAIN_ROUNDING[table.parameters.measure]
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
        parts=PARTS_WITHIN[Measure.AMOUNT],
    ),
    reason=message("KRX's daily limit of ±30 %; not seen on live data yet"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def amount_and_quantity_meet(given: AuditInput, result: CheckResult) -> None:
    """Check that each amount is what its quantity costs at the day's prices, where the price is within the limits."""
    for amount, quantity in _gross_pairs(given, result):
        rows, there = common_rows(amount, quantity)
        base, price = amount.base_price[rows], amount.prices["cur_prc"][rows]
        low, high = (base * share for share in LIMIT_RANGE)
        valid = (base > 0) & (price >= low) & (price <= high)
        shares, seen = quantity.flows[there], amount.flows[rows]
        floor = np.floor(shares * low[:, None] / 1e6).astype(np.int64)
        ceiling = np.ceil(shares * high[:, None] / 1e6).astype(np.int64)
        slack = np.zeros(len(INVESTOR_NAMES), dtype=np.int64)
        slack[INSTITUTION] = PARTS_WITHIN[Measure.AMOUNT]
        known = valid[:, None] & quantity.known[there] & amount.known[rows]
        expected = np.clip(seen, floor, ceiling)
        result.compare(amount, rows, INVESTOR_NAMES, expected=expected, seen=seen, valid=known, tolerance=slack)
    result.need(_NO_GROSS_PAIR)


def _gross_pairs(given: AuditInput, result: CheckResult) -> Iterator[tuple[SetTable, SetTable]]:
    """Yield amounts and quantities of buys, and of sells."""
    otherwise = message("amount and quantity were not asked for together")
    for tables in given.along("measure", tuple(Measure), result, otherwise):
        if tables[Measure.AMOUNT].parameters.side is not Side.NET:
            yield tables[Measure.AMOUNT], tables[Measure.QUANTITY]
