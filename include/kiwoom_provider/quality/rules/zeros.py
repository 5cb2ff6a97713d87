"""Figures that are all zero where there was trading: what is not settled yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.locale import message
from kiwoom_provider.parameters import Side
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import REFETCH, WATCH, rule
from kiwoom_provider.quality.tolerances import (
    ACTIVE_TURNOVER,
    PAGE_ROWS,
    TRADED_TURNOVER,
    ZERO_PAGE,
    ZERO_STRETCH,
)

if TYPE_CHECKING:
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult
    from kiwoom_provider.quality.table import SetTable


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
        silent = ~table.flows.any(axis=1)
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


def _silent_rows(table: SetTable) -> tuple[np.ndarray, np.ndarray]:
    rows = np.flatnonzero(table.turnover >= ACTIVE_TURNOVER)
    return rows, ~table.flows[rows].any(axis=1)


def _longest(flags: np.ndarray) -> tuple[int, int]:
    """Return where the longest stretch of true begins, and its length."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    if not len(edges):
        return 0, 0
    lengths = edges[1::2] - edges[::2]
    best = int(lengths.argmax())
    return int(edges[::2][best]), int(lengths[best])
