"""Finished months of the published table, one file each, sorted by stock: for reading years of a stock."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, Param, PartitionedAssetTimetable

from kiwoom_provider.alerts import run_failed
from kiwoom_provider.assets import INVESTOR_TRADING, INVESTOR_TRADING_MONTHLY
from kiwoom_provider.dag_docs import MONTHLY_DOC
from kiwoom_provider.operators.monthly import MakeMonthsOperator
from kiwoom_provider.retries import RETRY_POLICY

with DAG(
    dag_id="investor_trading_monthly",
    dag_display_name="장마감후투자자별매매 · Months in one file",
    description="After every published session: the files of months that are over, where they are lacking or old",
    doc_md=MONTHLY_DOC,
    schedule=PartitionedAssetTimetable(assets=INVESTOR_TRADING),
    catchup=False,
    dagrun_timeout=timedelta(days=1),
    max_active_runs=1,
    on_failure_callback=run_failed,
    tags=["krx", "kiwoom", "투자자별매매"],
    default_args={
        "owner": "market-data",
        "execution_timeout": timedelta(hours=2),
        "retries": 5,
        "retry_policy": RETRY_POLICY,
    },
    params={
        "months": Param(
            None,
            type=["null", "array"],
            items={"type": "string", "pattern": r"^\d{4}-\d{2}$"},
            title="Months",
            description_md="Such as `2026-11`; empty is every month that is over.",
        )
    },
) as dag:
    MakeMonthsOperator(
        task_id="make_months",
        conf_names=dag.params,
        months=dag.param("months"),
        partition_key="{{ partition_key or '' }}",
        outlets=[INVESTOR_TRADING_MONTHLY],
    )
