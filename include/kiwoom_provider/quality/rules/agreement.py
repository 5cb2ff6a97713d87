"""Do sets of the same session show the same stocks, names and prices, and different flows."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.locale import message
from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import BLANK, LOOK, REFETCH, WATCH, rule
from kiwoom_provider.quality.table import PRICES, common_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiwoom_provider.parameters import Market
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult
    from kiwoom_provider.quality.table import SetTable

EACH_STOCK = message("each stock of each set")


@rule(
    title=message("All sets of a market and venue have the same stocks"),
    looks_at=EACH_STOCK,
    reason=message("a sweep that ended early lacks stocks that the others have"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def same_stocks(given: AuditInput, result: CheckResult) -> None:
    """Check that all sets of a market and venue have the same stocks."""
    for tables in _several(given, result):
        every = np.unique(np.concatenate([table.codes for table in tables]))
        for table in tables:
            result.checked += len(every)
            for code in np.setdiff1d(every, table.codes):
                stock = {"stock_code": str(code)}
                result.fault(table.label, message("as in the other sets"), message("no such stock"), stock=stock)


@rule(
    title=message("A stock has one name in all sets"),
    looks_at=EACH_STOCK,
    reason=message("another name at the same code is another stock's row"),
    severity=Severity.BLOCK,
    remedy=LOOK,
)
def same_names(given: AuditInput, result: CheckResult) -> None:
    """Check that a stock has one name in all sets, whatever the venue."""
    first: dict[str, str] = {}
    for table in given.each(result):
        pairs = dict(zip(table.codes.tolist(), table.names.tolist(), strict=True))
        result.checked += len(pairs)
        for code, name in pairs.items():
            if first.setdefault(code, name) != name:
                result.fault(table.label, first[code], name, stock={"stock_code": code, "stock_name": name})


@rule(
    title=message("A stock has one price and volume in all sets of a market and venue"),
    looks_at=message("price, change, sign, rate and volume of each stock"),
    reason=message("after 20:00 KST no venue trades, so live fields stand still"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def same_prices(given: AuditInput, result: CheckResult) -> None:
    """Check that a stock has one price, change, rate and volume in all sets of a market and venue."""
    for first, *others in _several(given, result):
        for table in others:
            here, there = common_rows(first, table)
            for name in PRICES:
                _same_price(result, name, (first, here), (table, there))


def _same_price(
    result: CheckResult, name: str, first: tuple[SetTable, np.ndarray], other: tuple[SetTable, np.ndarray]
) -> None:
    """Compare one price field of two sets; one that is blank in one of them only is a difference too."""
    (table, here), (seen, there) = first, other
    known, also = table.priced[name][here], seen.priced[name][there]
    wanted, found = table.prices[name][here][:, None], seen.prices[name][there][:, None]
    result.compare(seen, there, [name], expected=wanted, seen=found, valid=(known == also)[:, None])
    for row in np.flatnonzero(known != also):
        pair = [
            int(values[row, 0]) if is_known[row] else BLANK for values, is_known in ((wanted, known), (found, also))
        ]
        result.checked += 1
        result.fault(seen.label, *pair, stock=seen.stock(there[row]), column=name)


@rule(
    title=message("A stock has one base price at all venues"),
    looks_at=message("each stock of each market"),
    reason=message("NXT takes KRX's last price as its base; not seen on live data yet"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def same_base_price(given: AuditInput, result: CheckResult) -> None:
    """Check that the price less the change is the same at every venue."""
    first: dict[Market, SetTable] = {}
    for (market, _), table in given.universes(result).items():
        other = first.setdefault(market, table)
        if other is not table:
            here, there = common_rows(other, table)
            wanted, seen = other.base_price[here], table.base_price[there]
            known = (wanted > 0) & (seen > 0)
            result.compare_column(table, "cur_prc", wanted, seen, known, rows=there, where=table.place)
    result.need(message("fewer than two venues of one market were asked for"))


@rule(
    title=message("No two sets of a market carry the same flows"),
    looks_at=message("each pair of sets of a market"),
    reason=message("equal sets mean that the API ignored a parameter"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def sets_distinct(given: AuditInput, result: CheckResult) -> None:
    """Check that no two sets of a market carry the same flows: the API did not ignore a parameter."""
    for one, other in combinations(list(given.each(result)), 2):
        if one.parameters.market is not other.parameters.market:
            continue
        result.checked += 1
        here, there = common_rows(one, other)
        if one.flows[here].any() and np.array_equal(one.flows[here], other.flows[there]):
            pair = message("{one} = {other}", one=one.label, other=other.label)
            seen = message("{count} stocks equal", count=len(here))
            result.fault(pair, message("different flows"), seen, size=len(here))
    result.need(message("fewer than two sets of one market were asked for"))


def _several(given: AuditInput, result: CheckResult) -> Iterator[list[SetTable]]:
    """Yield the sets of markets and venues of which at least two were asked for. :raises NotApplicable: for none."""
    asked = [(parameters.market, parameters.venue) for parameters in given.asked]
    if not any(asked.count(place) > 1 for place in asked):
        raise NotApplicable(message("fewer than two sets of one market and venue were asked for"))
    yield from (tables for place, tables in given.places(result).items() if asked.count(place) > 1)
