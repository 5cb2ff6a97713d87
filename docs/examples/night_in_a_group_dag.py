"""
The tasks of a night in a DAG of your own: one market's net quantities at KRX, in a task group.

The operators know no other task's id and no param of a DAG: each takes what it needs as arguments, the results of
others as XComArgs. What is published lies beside what the package's own DAG publishes, so let one of them have a
data root. Copy it beside your other DAGs.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, TaskGroup, task

from kiwoom_provider.assets import INVESTOR_TRADING
from kiwoom_provider.operators.investor_trading import AssembleOperator, QualityCheckOperator
from kiwoom_provider.operators.ka10066 import Ka10066Operator
from kiwoom_provider.operators.session import ResolveSessionOperator
from kiwoom_provider.retries import RETRY_ARGUMENTS
from kiwoom_provider.sensors.settlement import SettlementSensor
from kiwoom_provider.timetables.krx import KrxSessionTimetable


@task
def count(summary: dict[str, Any]) -> int:
    """Return the rows that were published: a task of your own, after the night's."""
    return summary["published"]["rows"]


with DAG(
    dag_id="kosdaq_at_krx",
    description="KOSDAQ's net quantities at KRX, every session",
    schedule=KrxSessionTimetable(),
    catchup=False,
    default_args={"execution_timeout": timedelta(minutes=30), **RETRY_ARGUMENTS},
    tags=["krx", "example"],
):
    with TaskGroup("kosdaq"):
        plan = ResolveSessionOperator(
            task_id="plan",
            partition_key="{{ partition_key or '' }}",
            markets=["KOSDAQ"],
            venues=["KRX"],
            measures=["quantity"],
            sides=["net"],
        )
        settled = SettlementSensor(task_id="settled", plan=plan.output)
        sets = Ka10066Operator.partial(task_id="sets", plan=plan.output).expand_kwargs(settled.output)
        whole = AssembleOperator(task_id="whole", plan=plan.output)
        publish = QualityCheckOperator(
            task_id="publish",
            plan=plan.output,
            fetched=sets.output,
            looked=settled.output["looked"],
            outlets=[INVESTOR_TRADING],
        )
        sets >> whole >> publish
    count(publish.output)
