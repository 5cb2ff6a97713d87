"""Stored nights for tests of the Kiwoom page: what a session's runs leave, made of literals."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from kiwoom_provider.datasets import layout
from published import AUDITED

if TYPE_CHECKING:
    from kiwoom_provider.datasets.store import Store

INVESTORS = (
    "individual",
    "foreigner",
    "institution",
    "financial_investment",
    "insurance",
    "investment_trust",
    "other_financial",
    "bank",
    "pension_fund",
    "private_fund",
    "state",
    "other_corporation",
)
PLACES = [(market, venue) for market in ("KOSPI", "KOSDAQ") for venue in ("KRX", "NXT", "CONSOLIDATED")]
FULL = AUDITED | {
    "sizes": [{"market": market, "venue": venue, "rows": 7980, "stocks": 1330} for market, venue in PLACES],
    "flows": {
        "unit": "KRW million",
        "net": {
            market: {
                venue: {name: 1000 - 7 * n for n, name in enumerate(INVESTORS)} for at, venue in PLACES if at == market
            }
            for market in ("KOSPI", "KOSDAQ")
        },
    },
    "sweep": {
        "began": "2026-11-20T11:35:00+00:00",
        "ended": "2026-11-20T11:36:35+00:00",
        "rate": 5.0,
        "floor_s": 90.2,
        "waited_s": 512.5,
    },
    "calendar_warnings": [],
}
"""A published run's summary with all that a run of this release leaves."""
BLOCKED = {"audit": "blocked", "published": None, "findings": ["buy_minus_sell_is_net (fail): 1 of 9 cells"]}


@dataclass(frozen=True)
class Night:
    """Puts what a session leaves in its places."""

    store: Store

    def publish(self, day: str) -> None:
        """Put a published file; its content is never looked at by the page."""
        self.store.write(layout.published_key(date.fromisoformat(day)), b"parquet")

    def collect(self, day: str) -> None:
        """Put one page of raw."""
        prefix = layout.session_prefix(layout.RAW, date.fromisoformat(day))
        key = f"{prefix}/market=KOSPI/venue=KRX/measure=amount/side=net/sweep=1/page-0001.json.gz"
        self.store.write(key, b"gz")

    def audit(self, day: str, hour: int = 12, **changes) -> str:
        """Put a run's summary, audited at ``hour`` UTC; return what the run is called."""
        audited_at = datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)
        run = (
            FULL | {"session_date": day, "run_id": f"run {day} {hour}", "audited_at": audited_at.isoformat()} | changes
        )
        name = layout.run_name(run["run_id"], audited_at)
        self.put(day, name, layout.SUMMARY, json.dumps(run, ensure_ascii=False, indent=1).encode())
        return name

    def put(self, day: str, run: str, suffix: str, data: bytes) -> None:
        """Put one part of a run."""
        self.store.write(f"{layout.session_prefix(layout.REPORTS, date.fromisoformat(day))}/{run}.{suffix}", data)

    def good(self, day: str, **changes) -> str:
        """Put a session that was published in one run."""
        self.publish(day)
        self.collect(day)
        return self.audit(day, **changes)
