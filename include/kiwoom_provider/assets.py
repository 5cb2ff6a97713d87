"""The asset that other DAGs are scheduled by; its events carry the session as partition key."""

from __future__ import annotations

from airflow.sdk import Asset

INVESTOR_TRADING = Asset(name="investor_trading", uri="kiwoom://krx/investor_trading", group="kiwoom")
"""The published table. Raw and typed sets are nobody's outlet: 36 fetches would make 72 events a night."""
