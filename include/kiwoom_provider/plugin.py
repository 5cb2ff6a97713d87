"""What the package brings to Airflow beside the provider: Airflow loads it by the entry point ``airflow.plugins``."""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

import kiwoom_provider.hooks.kiwoom  # noqa: F401 - a scheduler that forks its workers pays for it once, not a task
from kiwoom_provider.deadline import SessionDeadline
from kiwoom_provider.monitor import registration
from kiwoom_provider.timetables.krx import KrxSessionTimetable


class KiwoomPlugin(AirflowPlugin):
    """The timetable, the deadline, and the page: a property, so that only the API server, which asks, imports it."""

    name = "kiwoom"
    timetables = [KrxSessionTimetable]  # noqa: RUF012 - Airflow declares it so
    deadline_references = [SessionDeadline]  # noqa: RUF012 - as above

    @property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The page."""
        return registration.fastapi_apps()

    @property
    def external_views(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """Its place in the navigation."""
        return registration.external_views()
