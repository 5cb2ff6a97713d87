"""The columns of one set: does every investor trade, and no two the same."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.api.ka10066 import MAIN
from kiwoom_provider.locale import investor, message
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import LOOK, REFETCH, WATCH, rule
from kiwoom_provider.quality.table import INVESTOR_NAMES
from kiwoom_provider.quality.tolerances import EQUAL_COLUMN_CELLS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult
    from kiwoom_provider.quality.table import SetTable

EACH_INVESTOR = message("each investor of each set")

NEVER_SILENT = MAIN[:3]


@rule(
    title=message("No two investors of a set have the same figures throughout"),
    looks_at=message("each pair of investors of each set"),
    tolerance=message("columns with fewer than {count} figures are let pass", count=EQUAL_COLUMN_CELLS),
    reason=message("equal columns mean that one was put in the other's place"),
    severity=Severity.BLOCK,
    remedy=LOOK,
)
def columns_distinct(given: AuditInput, result: CheckResult) -> None:
    """Check that no two investors of a set have the same figures throughout."""
    for table in given.each(result):
        for one, other in combinations(range(len(INVESTOR_NAMES)), 2):
            result.checked += 1
            left, right = table.flows[:, one], table.flows[:, other]
            same = int(np.count_nonzero(left)) if np.array_equal(left, right) else 0
            if same >= EQUAL_COLUMN_CELLS:
                seen = message(
                    "{count} cells equal to those of {investor}", count=same, investor=investor(INVESTOR_NAMES[other])
                )
                result.fault(table.label, message("different figures"), seen, size=same, column=INVESTOR_NAMES[one])


@rule(
    title=message("Individuals, foreigners and institutions all trade"),
    looks_at=EACH_INVESTOR,
    reason=message("before settlement the fields hold zeros"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def main_investors_trade(given: AuditInput, result: CheckResult) -> None:
    """Check that in no set are all of 개인, 외국인 or 기관계 zero."""
    for table in given.each(result):
        _silent(result, table, NEVER_SILENT)


@rule(
    title=message("No other investor falls silent"),
    looks_at=EACH_INVESTOR,
    tolerance=message("a column that was all zero in the session published before, too"),
    reason=message("the smallest, such as the state, may not trade on a day"),
    severity=Severity.WARN,
    remedy=WATCH,
)
def investors_trade(given: AuditInput, result: CheckResult) -> None:
    """Check that no smaller investor's column is all zero that was not so in the last published session."""
    for table in given.each(result):
        before = given.published_set(table.parameters, result)
        spoke = before.flows.any(axis=0) if before else np.ones(len(INVESTOR_NAMES), dtype=bool)
        _silent(result, table, [c for c in range(len(INVESTOR_NAMES)) if c not in NEVER_SILENT and spoke[c]])


def _silent(result: CheckResult, table: SetTable, columns: Sequence[int]) -> None:
    result.checked += len(columns)
    for column in columns:
        if not table.flows[:, column].any():
            result.fault(table.label, message("not all zero"), message("all zero"), column=INVESTOR_NAMES[column])
