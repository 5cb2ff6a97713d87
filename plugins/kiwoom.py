"""Register with Airflow what the package brings. No logic: Airflow runs this file under its bare stem."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from kiwoom_provider.timetables.krx import KrxSessionTimetable


class KiwoomPlugin(AirflowPlugin):
    """The timetable. The page in the Airflow UI is listed here too, as ``fastapi_apps``, once it exists."""

    name = "kiwoom"
    timetables = [KrxSessionTimetable]  # noqa: RUF012 - Airflow declares it so
