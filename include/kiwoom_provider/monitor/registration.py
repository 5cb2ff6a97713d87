"""What the plugin file lists for Airflow. Imports FastAPI when the API server asks for the page, not before."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from kiwoom_provider.links.session import PAGE

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
