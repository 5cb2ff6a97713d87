"""
Run after every published session, on that session's data.

A DAG of your own that is scheduled by the asset ``investor_trading``: each of its runs has the session as
partition key, also when a session is published late, or again. Copy it beside your other DAGs.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, Asset, ObjectStoragePath, PartitionedAssetTimetable, Variable, get_current_context, task

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

log = logging.getLogger(__name__)

VENUE = "KRX"
MOST = 10


@task
def top_foreign_net_buys() -> list[dict[Any, Any]]:
    """Log and return the stocks that foreigners bought most of, in KRW million."""
    from kiwoom_provider.datasets.reader import read_investor_trading

    session_date = session_of(get_current_context())
    root = ObjectStoragePath(Variable.get("kiwoom_data_root"))
    frame = read_investor_trading(root, session_date, session_date, venues=VENUE, investors="foreigner")
    top = frame.nlargest(MOST, "net_amount")[["stock_code", "stock_name", "net_amount"]]
    log.info("Foreign net buys of session %s at %s, KRW million:\n%s", session_date, VENUE, top.to_string(index=False))
    return top.astype({"net_amount": "int64"}).to_dict("records")


def session_of(context: Context) -> str:
    """Return the run's partition key, which is the session: ``2026-11-20``."""
    key = context["partition_key"]
    if not key:
        raise ValueError("this run has no partition key: trigger it with a session's, such as 2026-11-20")
    return key


with DAG(
    dag_id="top_foreign_net_buys",
    description="After every published session: what foreigners bought most",
    schedule=PartitionedAssetTimetable(assets=Asset(name="investor_trading", uri="kiwoom://krx/investor_trading")),
    catchup=False,
    tags=["krx", "example"],
):
    top_foreign_net_buys()
