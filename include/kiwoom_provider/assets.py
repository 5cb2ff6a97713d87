"""The assets that other DAGs are scheduled by."""

from __future__ import annotations

from airflow.sdk import Asset

INVESTOR_TRADING = Asset(name="investor_trading", uri="kiwoom://krx/investor_trading", group="kiwoom")
"""
The published table; its events carry the session as partition key.

Airflow hands such events to partitioned timetables only: a DAG follows by
``PartitionedAssetTimetable(assets=INVESTOR_TRADING)``, and by ``schedule=[INVESTOR_TRADING]`` it never runs.

Raw and typed sets are nobody's outlet: 36 fetches would make 72 events a night.
"""
INVESTOR_TRADING_MONTHLY = Asset(
    name="investor_trading_monthly", uri="kiwoom://krx/investor_trading_monthly", group="kiwoom"
)
"""Finished months of it; an event after every session, also where no month had to be made."""
