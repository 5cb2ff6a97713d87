"""A DAG with one task that does nothing: what Airflow itself costs."""

from __future__ import annotations

from airflow.sdk import DAG, BaseOperator


class Nothing(BaseOperator):
    """Does nothing."""

    def execute(self, context: object) -> None:
        """Do nothing."""


with DAG(dag_id="empty", schedule=None):
    Nothing(task_id="nothing")
