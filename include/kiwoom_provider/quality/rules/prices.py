"""
Price, change, sign and rate of a stock agree with each other and with what was traded.

``pre_sig``: 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down (Kiwoom's sheet and recorded rows).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.locale import message
from kiwoom_provider.quality.results import Severity
from kiwoom_provider.quality.rule import API_CHANGED, LOOK, REFETCH, percent, rule
from kiwoom_provider.quality.tolerances import ODD_SIGNS, ODD_STOCKS

if TYPE_CHECKING:
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult

EACH_STOCK_OF_A_PLACE = message("each stock of each market and venue")

_DIRECTION = np.array([0, 1, 1, 0, -1, -1])
"""Direction by ``pre_sig``."""


@rule(
    title=message("Sign codes are 1 to 5"),
    looks_at=EACH_STOCK_OF_A_PLACE,
    tolerance=message("{share} % of stocks with a warning", share=percent(ODD_SIGNS)),
    reason=message("the API's own codes; 0 stands in its examples, and others at resets of the reference price"),
    severity=Severity.BLOCK,
    remedy=API_CHANGED,
    allowed_share=ODD_SIGNS,
)
def pre_sig_codes(given: AuditInput, result: CheckResult) -> None:
    """Check that ``pre_sig`` is one of the API's codes."""
    for table in given.universes(result).values():
        codes = table.prices["pre_sig"]
        result.compare_column(table, "pre_sig", np.clip(codes, 1, 5), codes, table.priced["pre_sig"], where=table.place)


@rule(
    title=message("What was traded has a price"),
    looks_at=EACH_STOCK_OF_A_PLACE,
    reason=message("of 119,000 real rows none was traded without one, and suspended stocks keep theirs"),
    severity=Severity.BLOCK,
    remedy=REFETCH,
)
def traded_stocks_have_prices(given: AuditInput, result: CheckResult) -> None:
    """Check that no stock with a volume has a price of 0; a blank is :func:`other_nulls`'."""
    for table in given.universes(result).values():
        valid = table.priced["cur_prc"] & (table.prices["trde_qty"] > 0)
        price = table.prices["cur_prc"]
        result.compare_column(table, "cur_prc", np.maximum(price, 1), price, valid, where=table.place)


@rule(
    title=message("The price change has the direction of its sign code"),
    looks_at=EACH_STOCK_OF_A_PLACE,
    tolerance=message("{share} % of stocks with a warning", share=percent(ODD_STOCKS)),
    reason=message("an odd case, such as a first day of trading, must not hold back a session"),
    severity=Severity.BLOCK,
    remedy=LOOK,
    allowed_share=ODD_STOCKS,
)
def change_has_its_sign(given: AuditInput, result: CheckResult) -> None:
    """Check that the change's direction is the one that the sign code names."""
    for table in given.universes(result).values():
        codes = table.prices["pre_sig"]
        valid = table.priced["pre_sig"] & table.priced["pred_pre"] & (codes > 0) & (codes < len(_DIRECTION))
        named = _DIRECTION[np.where(valid, codes, 0)]
        result.compare_column(table, "pre_sig", named, np.sign(table.prices["pred_pre"]), valid, where=table.place)


@rule(
    title=message("The rate is the change ÷ the base price"),
    looks_at=EACH_STOCK_OF_A_PLACE,
    tolerance=message("0.01 percentage points; {share} % of stocks with a warning", share=percent(ODD_STOCKS)),
    reason=message("the rate has two decimals, rounded or cut"),
    severity=Severity.BLOCK,
    remedy=LOOK,
    allowed_share=ODD_STOCKS,
)
def change_is_its_rate(given: AuditInput, result: CheckResult) -> None:
    """Check that the rate is change ÷ base price, in hundredths of a %, within its last digit."""
    for table in given.universes(result).values():
        base = table.base_price
        valid = (base > 0) & table.priced["flu_rt"]
        rate = np.rint(10_000 * table.prices["pred_pre"] / np.maximum(base, 1)).astype(np.int64)
        result.compare_column(table, "flu_rt", rate, table.prices["flu_rt"], valid, tolerance=1, where=table.place)


@rule(
    title=message("Price less change is above zero"),
    looks_at=EACH_STOCK_OF_A_PLACE,
    tolerance=message("{share} % of stocks with a warning", share=percent(ODD_STOCKS)),
    reason=message("no stock has a base price of nothing"),
    severity=Severity.BLOCK,
    remedy=LOOK,
    allowed_share=ODD_STOCKS,
)
def base_price_is_positive(given: AuditInput, result: CheckResult) -> None:
    """Check that the price less the change is above zero."""
    for table in given.universes(result).values():
        valid = table.priced["cur_prc"] & table.priced["pred_pre"] & (table.prices["cur_prc"] > 0)
        base = table.base_price
        result.compare_column(table, "pred_pre", np.maximum(base, 1), base, valid, where=table.place)
