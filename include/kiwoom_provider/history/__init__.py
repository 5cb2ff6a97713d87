"""
Sessions that were not swept, rebuilt from ka10059: plan, fetch, laws, pivot, publish. Knows no Airflow.

Its figures stand here, where the DAG's text takes them without an import of the stages.
"""

from __future__ import annotations

from datetime import date

CALLS_A_DAY = 20_000
"""Of one key; the most that is publicly known to have been run without trouble."""
SHARE = 0.8
"""Of the permitted rate; the rest is the night's, whose proof asks the same TR."""
NXT_SINCE = date(2025, 3, 4)
"""The first session of Nextrade (NXT); before it there was nothing but KRX."""
AFTER_MARKET_SINCE = date(2026, 9, 14)
"""KRX's own after-market; from then on ka10059's price of a day is its last trade (measured by several clients)."""
