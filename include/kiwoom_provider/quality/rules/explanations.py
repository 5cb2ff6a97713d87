"""What explains that a stock is gone or new, and how such stocks are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kiwoom_provider.parameters import Market, Venue
from kiwoom_provider.quality.tolerances import NXT_DOUBT

if TYPE_CHECKING:
    from kiwoom_provider.quality.audit_input import AuditInput
    from kiwoom_provider.quality.check import CheckResult
    from kiwoom_provider.quality.results import Value
    from kiwoom_provider.quality.table import SetTable


def listed_codes(given: AuditInput, now: SetTable, codes: np.ndarray) -> np.ndarray | None:
    """Return which codes the day's master lists in a set's market, and on NXT for a set of NXT; None without one."""
    master = given.master
    if master is None or not master.is_of(given.session_date) or not master.knows(now):
        return None
    listed = np.isin(codes, master.codes[now.parameters.market])
    return listed & np.isin(codes, list(master.on_nxt)) if now.parameters.venue is Venue.NXT else listed


def traded_on_nxt(given: AuditInput, now: SetTable, codes: np.ndarray) -> np.ndarray | None:
    """
    Return which stocks were traded on NXT: their consolidated volume is larger than KRX's.

    None where it does not tell: the sets are not there, or stocks that are not on NXT show the same.
    """
    krx, whole = (set_of(given, now.parameters.market, venue) for venue in (Venue.KRX, Venue.CONSOLIDATED))
    if krx is None or whole is None:
        return None
    more = whole.prices["trde_qty"] > krx.spread(krx.prices["trde_qty"], whole.codes, 0)
    others = ~np.isin(whole.codes, now.codes) & ~np.isin(whole.codes, codes)
    if not others.any() or more[others].mean() > NXT_DOUBT:
        return None
    return np.isin(codes, whole.codes[more])


def set_of(given: AuditInput, market: Market, venue: Venue) -> SetTable | None:
    """Return a readable set of a market and venue."""
    return next((table for p, table in sorted(given.sets.items()) if (p.market, p.venue) == (market, venue)), None)


def report_stocks(
    result: CheckResult,
    table: SetTable,
    codes: np.ndarray,
    expected: Value,
    seen: Value,
    *,
    unusual: np.ndarray | None = None,
) -> None:
    """Tell of some stocks of a market and venue; ``unusual`` says which of them only warn."""
    for code, warns in zip(codes, np.zeros(len(codes), dtype=bool) if unusual is None else unusual, strict=True):
        stock = {"stock_code": str(code)}
        result.fault(table.place, expected, seen, size=len(codes) + (not warns), stock=stock, unusual=bool(warns))
