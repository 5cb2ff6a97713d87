"""Airflow Variables that a deployment may leave out."""

from __future__ import annotations


def optional_variable(name: str, default: str) -> str:
    """
    Return the text of the Airflow Variable ``name`` in a task, ``default`` when there is none.

    A task of Airflow 3.3 is told that a Variable does not exist also while the API server is away. So the
    database is asked for the name, which fails when it cannot be asked, before the default is believed.

    :raises AirflowRuntimeError: when it cannot be told whether there is one; the task is tried again.
    """
    from airflow.sdk import Variable

    value = Variable.get(name, default=None)
    if value is None and name in Variable.keys(prefix=name):
        value = Variable.get(name)
    return default if value is None else str(value)
