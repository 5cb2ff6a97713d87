"""
Links from a session's tasks to its place on the Kiwoom page.

Airflow asks for them in the worker when a try of the task ends, also when it has failed, and keeps the
answers as XComs. So a link needs what the task knows by then; one that is not known yet is left empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.sdk import BaseOperatorLink

from kiwoom_provider.krx.session import parse_session_date

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey

PAGE = "kiwoom"
"""The page's name in the Airflow UI, and the prefix under which its application is mounted."""


class SessionLink(BaseOperatorLink):
    """The session on the Kiwoom page."""

    name = "Session on the Kiwoom page"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:  # noqa: ARG002 - Airflow passes it
        """Return the URL, empty when the session is not known."""
        return page_url(place) if (place := session_place(operator)) else ""


class DataLink(BaseOperatorLink):
    """Where the session's data lie, on the Kiwoom page: places, sizes, checksum, how to read them."""

    name = "Data"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:  # noqa: ARG002 - Airflow passes it
        """Return the URL, empty when the session is not known."""
        return page_url(f"{place}#data") if (place := session_place(operator)) else ""


class AuditReportLink(BaseOperatorLink):
    """The audit's report of this run, also when the audit has failed."""

    name = "Audit report"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:  # noqa: ARG002 - Airflow passes it
        """Return the URL, empty when no report was written."""
        place, run = session_place(operator), getattr(operator, "report_run", None)
        return page_url(f"{place}/runs/{run}/report") if place and run else ""


def session_place(operator: Any) -> str | None:  # noqa: ANN401 - any operator of a session
    """Return ``sessions/YYYY-MM-DD`` of a task, None before its plan is rendered."""
    plan = getattr(operator, "plan", None) or {}
    try:
        return f"sessions/{parse_session_date(plan['session']['session_date'])}"
    except (ValueError, KeyError, TypeError):
        return None


def page_url(place: str) -> str:
    """
    Return the URL of a place on the page, shown within Airflow's frame.

    Airflow 3.3 shows under ``/plugin/<page>/<path>`` what the server has at ``<path>``, which holds the
    path prefix of ``[api] base_url``. Without a ``base_url`` the link is relative to the host.
    """
    from airflow.sdk.configuration import conf

    base = conf.get("api", "base_url", fallback="/").rstrip("/") + "/"
    return f"{base}plugin/{PAGE}{urlsplit(base).path}{PAGE}/{place}"
