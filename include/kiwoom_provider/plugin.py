"""What the package brings to Airflow beside the provider: Airflow loads it by the entry point ``airflow.plugins``."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from airflow.plugins_manager import AirflowPlugin

import kiwoom_provider.hooks.kiwoom  # noqa: F401 - a scheduler that forks its workers pays for it once, not a task
from kiwoom_provider.deadline import SessionDeadline
from kiwoom_provider.links.session import PAGE
from kiwoom_provider.timetables.krx import KrxSessionTimetable

log = logging.getLogger(__name__)


@cache
def fastapi_apps() -> list[dict[str, Any]]:
    """Return the page's application. One that cannot be made is logged: Airflow's own API must start without it."""
    try:
        from kiwoom_provider.monitor.app import make_app

        return [{"app": make_app(), "name": "Kiwoom", "url_prefix": f"/{PAGE}"}]
    except Exception:
        log.exception("The Kiwoom page cannot be shown")
        return []


def external_views() -> list[dict[str, Any]]:
    """Return the page's entry in Airflow's navigation; the address holds the path prefix of ``[api] base_url``."""
    from airflow.configuration import conf

    prefix = urlsplit(conf.get("api", "base_url", fallback="/")).path.rstrip("/")
    return [
        {
            "name": "Kiwoom",
            "href": f"{prefix}/{PAGE}/",
            "url_route": PAGE,
            "destination": "nav",
            "nav_top_level": True,
        }
    ]


class KiwoomPlugin(AirflowPlugin):
    """The timetable, the deadline, and the page: a property, so that only the API server, which asks, imports it."""

    name = "kiwoom"
    timetables = [KrxSessionTimetable]  # noqa: RUF012 - Airflow declares it so
    deadline_references = [SessionDeadline]  # noqa: RUF012 - as above

    @property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The page."""
        return fastapi_apps()

    @property
    def external_views(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """Its place in the navigation."""
        return external_views()
