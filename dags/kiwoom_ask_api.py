"""Ask Kiwoom's API what only it can tell: every assumption of the package, and what was seen."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, Param

from kiwoom_provider.operators.ask import AskOperator

with DAG(
    dag_id="kiwoom_ask_api",
    dag_display_name="kiwoom API 확인 · Ask the API",
    description="At most 80 calls at one a second; the log says how every assumption about the API stands",
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    max_active_runs=1,
    tags=["kiwoom"],
    default_args={"owner": "market-data", "execution_timeout": timedelta(minutes=30), "retries": 0},
    params={
        "kiwoom_conn_id": Param(
            "kiwoom_default",
            type="string",
            title="Connection",
            description_md="The connection to ask with. No data root is needed, and nothing is written.",
        )
    },
) as dag:
    AskOperator(task_id="ask", conf_names=dag.params, kiwoom_conn_id="{{ params.kiwoom_conn_id }}")
