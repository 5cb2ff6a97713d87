"""A DAG with a deadline that ``airflow dags test`` can run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun


class TestableDag(DAG):
    """
    A DAG whose deadline does not stand in the way of :meth:`test`.

    Airflow 3.3.2 takes a deadline for the id of a stored one when a run of ``dags test`` succeeds, and fails
    on that. Nobody waits for the alert of a test run.
    """

    __test__ = False  # a DAG, and no test of pytest's

    def test(self, *args: Any, **kwargs: Any) -> DagRun:
        """Run once in this process, without the deadline."""
        self.deadline = None
        run: DagRun = super().test(*args, **kwargs)
        return run
