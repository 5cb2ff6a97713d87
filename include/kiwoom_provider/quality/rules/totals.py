"""Net figures against the dated totals of the market (ka10051): day, completeness, sign and unit in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.locale import message
from kiwoom_provider.proof.tables import is_etn
from kiwoom_provider.proof.totals import WITHIN, differ, market_sums
from kiwoom_provider.quality.check import CheckResult, NotApplicable
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import WATCH, rule
from kiwoom_provider.quality.table import INVESTOR_NAMES

if TYPE_CHECKING:
    from kiwoom_provider.locale import Message
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.table import SetTable

FACTORS = (10, 100, 1000, 10_000, 100_000, 1_000_000)


@rule(
    title=message("Net figures add up to the market's dated totals"),
    looks_at=message("each investor of each set of net figures, ETNs left out"),
    tolerance=message("{within} in units of 100 million won and 1,000 shares", within=WITHIN),
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
    for parameters, total in given.totals.items():
        table = given.sets.get(parameters)
        if table is None:
            continue
        expected, seen = _sums(table), np.array(total.flows, dtype=np.int64)
        far = differ(expected, total)
        result.checked += len(seen)
        explained = _explain(given, table, seen) if len(far) > len(seen) / 2 else None
        for column in far:
            figure, difference = int(seen[column]), round(float(seen[column] - expected[column]), 1)
            shown = message("{figure}: {explanation}", figure=figure, explanation=explained) if explained else figure
            wanted, name = round(float(expected[column]), 1), INVESTOR_NAMES[column]
            result.fault(table.label, wanted, shown, size=abs(difference), column=name, difference=difference)
    result.need(message("no set of net figures was asked for"))


def _explain(given: AuditInput, table: SetTable, seen: np.ndarray) -> Message | None:
    """Return what totals that fit nowhere are: the published session's before, or in another unit."""
    sums = _sums(table)
    before = given.published_set(table.parameters, CheckResult())
    if before is not None and (np.abs(seen - _sums(before)) <= WITHIN).all():
        return message("as on {day}", day=str(given.published_on))
    for factor in FACTORS:
        if (np.abs(seen - sums * factor) <= WITHIN * factor).all():
            return message("{factor} times too large: another unit", factor=factor)
        if (np.abs(seen - sums / factor) <= WITHIN).all() and np.abs(sums).max() > WITHIN * factor:
            return message("{factor} times too small: another unit", factor=factor)
    return None


def _sums(table: SetTable) -> np.ndarray:
    return market_sums(table.flows, is_etn(table.names.tolist()), table.parameters.measure)
