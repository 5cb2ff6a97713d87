"""The documents' examples in a real Airflow and on really published sessions."""

from __future__ import annotations

from timetables.conftest import airflow_database

__all__ = ["airflow_database"]
