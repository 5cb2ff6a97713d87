"""Figures that are sums of each other: buy and sell, an institution's parts, venues."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.api.identities import PARTS_WITHIN, SUM_WITHIN, net_of, parts_sum
from kiwoom_provider.api.ka10066 import INSTITUTION, PARTS
from kiwoom_provider.locale import message
from kiwoom_provider.parameters import Measure, Side, Venue
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import REFETCH, WATCH, rule
from kiwoom_provider.quality.table import INVESTOR_NAMES, common_rows

if TYPE_CHECKING:
    from kiwoom_provider.parameters import Market
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult

EACH_CELL = message("each stock and investor")
_NOT_ALL_VENUES = message("KRX, NXT and CONSOLIDATED of one market, measure and side were not asked for together")
SUM_TOLERANCE = message(
    "amounts {amount} million won, quantities {quantity}",
    amount=SUM_WITHIN[Measure.AMOUNT],
    quantity=SUM_WITHIN[Measure.QUANTITY],
)


@rule(
    title=message("Buy − sell = net"),
    looks_at=EACH_CELL,
    tolerance=SUM_TOLERANCE,
    reason=message("three figures, each rounded or cut to a million won, are off by 1 at most in whole numbers"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def buy_minus_sell_is_net(given: AuditInput, result: CheckResult) -> None:
    """Check that 매수 - 매도 = 순매수, per stock, investor, venue and measure."""
    otherwise = message("buy, sell and net of one market, venue and measure were not asked for together")
    for tables in given.along("side", tuple(Side), result, otherwise):
        buy, sell, net = tables[Side.BUY], tables[Side.SELL], tables[Side.NET]
        of_buy, of_sell, of_net = common_rows(buy, sell, net)
        result.compare(
            net,
            of_net,
            INVESTOR_NAMES,
            expected=net_of(buy.flows[of_buy], sell.flows[of_sell]),
            seen=net.flows[of_net],
            valid=buy.known[of_buy] & sell.known[of_sell] & net.known[of_net],
            tolerance=SUM_WITHIN[net.parameters.measure],
        )


@rule(
    title=message("Institution = the sum of its eight parts"),
    looks_at=message("each stock of each set"),
    tolerance=message(
        "amounts {amount} million won, quantities {quantity}",
        amount=PARTS_WITHIN[Measure.AMOUNT],
        quantity=PARTS_WITHIN[Measure.QUANTITY],
    ),
    reason=message("nine figures rounded to a million won are off by 4 at most, eight that are cut by 7"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def institution_is_its_parts(given: AuditInput, result: CheckResult) -> None:
    """Check that 기관계 is the sum of its eight parts."""
    for table in given.each(result):
        parts, known = parts_sum(table.by_investor), table.known[:, INSTITUTION : PARTS.stop].all(axis=1)
        within = PARTS_WITHIN[table.parameters.measure]
        result.compare_column(table, "institution", parts, table.flows[:, INSTITUTION], known, tolerance=within)


@rule(
    title=message("KRX + NXT = consolidated"),
    looks_at=EACH_CELL,
    tolerance=SUM_TOLERANCE,
    reason=message("as for net; a stock that NXT does not trade counts zero; not seen on live data yet"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def venues_add_up(given: AuditInput, result: CheckResult) -> None:
    """Check that KRX + NXT = 통합; a stock that a venue does not trade counts zero there."""
    for tables in given.along("venue", tuple(Venue), result, _NOT_ALL_VENUES):
        whole, parts = tables[Venue.CONSOLIDATED], (tables[Venue.KRX], tables[Venue.NXT])
        flows = [part.spread(part.flows, whole.codes, 0) for part in parts]
        known = [part.spread(part.known, whole.codes, absent=True) for part in parts]
        rows = np.arange(len(whole.codes))
        result.compare(
            whole,
            rows,
            INVESTOR_NAMES,
            expected=flows[0] + flows[1],
            seen=whole.flows,
            valid=whole.known & known[0] & known[1],
            tolerance=SUM_WITHIN[whole.parameters.measure],
        )


@rule(
    title=message("The volumes of KRX and NXT add up to the consolidated one"),
    looks_at=message("each stock"),
    reason=message("shares are exact; a stock that NXT does not trade counts zero; not seen on live data yet"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def volumes_add_up(given: AuditInput, result: CheckResult) -> None:
    """Check that the volumes of KRX and NXT are that of 통합, in one set of each."""
    looked: set[Market] = set()
    for tables in given.along("venue", tuple(Venue), result, _NOT_ALL_VENUES):
        whole, parts = tables[Venue.CONSOLIDATED], (tables[Venue.KRX], tables[Venue.NXT])
        if whole.parameters.market in looked:
            continue
        looked.add(whole.parameters.market)
        volumes = [part.spread(part.prices["trde_qty"], whole.codes, 0) for part in parts]
        known = [part.spread(part.priced["trde_qty"], whole.codes, absent=True) for part in parts]
        seen, valid = whole.prices["trde_qty"], whole.priced["trde_qty"] & known[0] & known[1]
        result.compare_column(whole, "trde_qty", volumes[0] + volumes[1], seen, valid, where=whole.place)
