"""Bounds that the laws use, as data, each with its reason. Amounts are KRW million (백만원)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.parameters import Market, Measure, Side

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUNDED_SUM: Mapping[Measure, int] = {Measure.AMOUNT: 1, Measure.QUANTITY: 0}
"""
Three figures tied by a sum. Each amount is a won figure rounded to KRW million, so off by at most
0.5; three of them by at most 1.5, and a difference of whole numbers by at most 1. It holds for a
vendor that cuts instead of rounding, too (three errors below 1 of which two can add up: below 2).
Shares are exact.
"""

ROUNDED_PARTS: Mapping[Measure, int] = {Measure.AMOUNT: 4, Measure.QUANTITY: 0}
"""
기관계 and its eight parts: nine roundings of at most 0.5, so at most 4 as a whole number. Shares are
exact.
"""

LARGEST_PRICE = 10**9
LARGEST_VOLUME = 10**12
LARGEST_FLOW = 10**13
"""Beyond any day's figures of any market by orders of magnitude: 원, shares, KRW million or shares."""

ODD_STOCKS = 0.002
"""Stocks of a market and venue whose price fields may be odd with a warning only: 2 of 1,000."""

EQUAL_COLUMN_CELLS = 10
"""Figures from which two equal columns of a set are no chance: a small investor may trade a handful of stocks."""

PAGE_ROWS = 100
"""Rows on every page but the last (several measurements on real accounts)."""

USUAL_STOCKS: Mapping[Market, tuple[int, int]] = {Market.KOSPI: (1_064, 1_596), Market.KOSDAQ: (1_459, 2_189)}
"""
About 1,330 and 1,824 stocks were measured in 2026; 20 % to either side, so that the two do not
overlap fully.
"""

UNIVERSE_SHARE, UNIVERSE_LEAST = 0.03, 10
"""
Stocks that may come or go between two sessions: 3 %, at least 10. A lost page is 100 of 1,330 (7.5
%).
"""

GAP_ROWS, TAIL_ROWS = 50, 5
"""
Neighbouring stocks that may vanish together: 50 (a batch of maturing ETNs; a page is 100), or 5 at
the end.
"""

MOVED_STOCKS = 5
"""
Stocks that may change market between two sessions: a transfer from KOSDAQ to KOSPI is a rare single
event.
"""

RENAMED_SHARE, RENAMED_LEAST = 0.02, 10
"""
Stocks that may be renamed between two sessions: 2 %, at least 10 (a fund house renames its whole
ETN series).
"""

SCALE_RANGE: Mapping[Side, tuple[float, float]] = {
    Side.BUY: (0.05, 3),
    Side.SELL: (0.05, 3),
    Side.NET: (0, 3),
}
"""
A set's total against its traded volume (or turnover). Buys and sells of the listed investors are
nearly all of it; the bounds only have to tell 1 from 1,000 (천주) or 1,000,000 (원), and leave room
for a venue whose volume field counts the other venue too. A net total can be any part of it.
"""

PRICE_RANGE = (0.4, 1.6)
"""
Prices paid in a day against the base price, for a set's total: twice the ±30 % limit, as 2x ETNs
move ±60 %.
"""

LIMIT_RANGE = (0.7, 1.3)
"""Prices paid in a day against the base price, for one stock: KRX's daily limit of ±30 %."""

ACTIVE_TURNOVER = 100
"""KRW million a day from which a stock counts as active: rounding cannot make all its investors zero."""

ZERO_STRETCH = 12
"""
Neighbouring active stocks with all investors zero. One such stock is odd; a dozen in a row is a
page not settled.
"""

STALE_FIELDS, STALE_SIZE, STALE_ROWS = 3, 100, 2
"""
A row that shows its session: at least 3 fields that are not zero, 100 in all (million or shares).
That a session repeats such a row exactly is chance once in many thousands; two in a set are let
pass, three are not.
"""

RESIDUAL_MARKET, RESIDUAL_STOCK = 0.10, 0.5
"""기타외국인 (not in the answer) as a share of volume: 10 % of a set, half of one active stock."""

BASE_MOVE, BASE_SHARE = 0.30, 0.02
"""
The base price against the last session's price: beyond 30 % for more than 2 % of stocks is no
corporate action.
"""

TURNOVER_FACTOR: Mapping[Side, int] = {Side.BUY: 5, Side.SELL: 5, Side.NET: 20}
"""Totals from one session to the next: more than any ordinary change; net totals swing more."""
