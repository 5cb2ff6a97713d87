"""Net figures against the dated totals of the market (ka10051): day, completeness, sign and unit in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.locale import message
from kiwoom_provider.parameters import Market, Measure, Side
from kiwoom_provider.quality.check import NotApplicable
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import WATCH, rule
from kiwoom_provider.quality.table import INVESTOR_NAMES
from kiwoom_provider.quality.tolerances import TOTAL_UNITS

if TYPE_CHECKING:
    from kiwoom_provider.locale import Message
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult
    from kiwoom_provider.quality.table import SetTable
    from kiwoom_provider.quality.witnesses import MarketTotal

UNITS = {Measure.AMOUNT: 100, Measure.QUANTITY: 1000}
"""One unit of a total, 억원 or 천주, in those of ka10066: KRW million, shares."""
FACTORS = (10, 100, 1000, 10_000, 100_000, 1_000_000)


@rule(
    title=message("Net figures add up to the market's dated totals"),
    looks_at=message("each investor of each set of net figures, ETNs left out"),
    tolerance=message(
        "amounts {amount}, quantities {quantity}, in units of 100 million won and 1,000 shares",
        amount=TOTAL_UNITS[Measure.AMOUNT],
        quantity=TOTAL_UNITS[Measure.QUANTITY],
    ),
    reason=message(
        "held on three days by two authors; a witness that speaks for a session, and never alone against it"
    ),
    severity=Severity.WARN,
    remedy=WATCH,
)
def totals_agree(given: AuditInput, result: CheckResult) -> None:
    """Check that the sum over a market's stocks without ETNs is ka10051's total of the day."""
    if not given.totals:
        raise NotApplicable(message("the market's totals could not be had"))
    for total in given.totals:
        where = message("ka10051 · {market} · {venue} · {measure}", **_names(total))
        if total.session_date != given.session_date:
            seen = str(total.session_date)
            result.checked += 1
            result.fault(where, str(given.session_date), seen, size=2)
            continue
        if (table := _net_set(given, total, total.market)) is not None:
            _compare(given, result, total, table)
    result.need(message("no set of net figures was asked for, or the master that names the ETNs could not be had"))


def _compare(given: AuditInput, result: CheckResult, total: MarketTotal, table: SetTable) -> None:
    known = np.array([value is not None for value in total.flows])
    seen = np.array([value or 0 for value in total.flows], dtype=np.int64)
    expected = _sums(given, table)
    far = known & (np.abs(seen - expected) > TOTAL_UNITS[total.measure])
    result.checked += int(known.sum())
    explained = _explain(given, total, seen, known) if far.sum() > known.sum() / 2 else None
    for column in np.flatnonzero(far):
        figure = int(seen[column])
        shown = message("{figure}: {explanation}", figure=figure, explanation=explained) if explained else figure
        difference = float(seen[column] - expected[column])
        wanted = round(float(expected[column]), 1)
        name = INVESTOR_NAMES[column]
        result.fault(table.label, wanted, shown, size=abs(difference), column=name, difference=round(difference, 1))


def _explain(given: AuditInput, total: MarketTotal, seen: np.ndarray, known: np.ndarray) -> Message | None:
    """Return what totals that fit nowhere are: another market's, or in another unit."""
    for market in (Market.KOSPI, Market.KOSDAQ):
        other = _net_set(given, total, market)
        if other is None:
            continue
        sums, bound = _sums(given, other), TOTAL_UNITS[total.measure]
        if market is not total.market and (np.abs(seen - sums)[known] <= bound).all():
            return message("the figures of {market}", market=message(str(market)))
        for factor in FACTORS if market is total.market else ():
            if (np.abs(seen - sums * factor)[known] <= bound * factor).mean() > 1 / 2:
                return message("{factor} times too large: another unit", factor=factor)
            if (np.abs(seen - sums / factor)[known] <= bound).mean() > 1 / 2:
                return message("{factor} times too small: another unit", factor=factor)
    return None


def _net_set(given: AuditInput, total: MarketTotal, market: Market) -> SetTable | None:
    """Return a market's net set of the total's venue and measure, if its ETNs can be told."""
    wanted = (market, total.venue, total.measure, Side.NET)
    found = next((t for p, t in given.sets.items() if (p.market, p.venue, p.measure, p.side) == wanted), None)
    return found if given.master is not None and found is not None and given.master.knows(found) else None


def _sums(given: AuditInput, table: SetTable) -> np.ndarray:
    """Return a set's net figures over all stocks but ETNs, in the total's units."""
    etns = list(given.master.etns) if given.master else []
    sums = table.flows[~np.isin(table.codes, etns)].sum(axis=0)
    return np.asarray(sums / UNITS[table.parameters.measure])


def _names(total: MarketTotal) -> dict[str, str | Message]:
    return {name: message(str(getattr(total, name))) for name in ("market", "venue", "measure")}
