"""
Figures for Airflow's own metrics: StatsD, Datadog or OpenTelemetry, whichever the deployment has on.

Without any of them nothing is sent. What each figure means, and which alerts to set: docs/metrics.md.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from airflow.sdk.observability import stats

from kiwoom_provider.datasets import layout
from kiwoom_provider.datasets.store import StoreError
from kiwoom_provider.krx import KST

if TYPE_CHECKING:
    from datetime import date, time

    from kiwoom_provider.api.client import KiwoomClient
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.quality.results import Verdict
    from kiwoom_provider.settings import HostKind

log = logging.getLogger(__name__)


def count_calls(client: KiwoomClient, host: HostKind) -> None:
    """Count what one task has called; zeros are sent too, since an alert needs a series to watch."""
    tags = {"host": str(host)}
    stats.incr("kiwoom.calls", client.calls, tags=tags)
    stats.incr("kiwoom.refused", client.refused, tags=tags)
    stats.incr("kiwoom.token.renewals", client.renewals, tags=tags)
    stats.timing("kiwoom.budget.waited", timedelta(seconds=client.waited_s), tags=tags)


def count_pages(parameters: ParameterSet, *, pages: int, rows: int) -> None:
    """Count the pages that one set took, and the rows that are stored of it."""
    stats.incr("kiwoom.pages", pages, tags=parameters.names())
    stats.incr("kiwoom.rows", rows, tags=parameters.names())


def count_audit(verdict: Verdict | None = None, lowered: int = 0) -> None:
    """
    Count an audit by its result: ``kiwoom.audit.passed``, ``.warned``, ``.blocked`` or ``.released``.

    All four are sent, zeros included: an alert sees an increase only in a series that was there before.

    :param verdict: None counts no audit; the first task of a run sends the zeros of all.
    :param lowered: rules that block by default and only warn in this deployment.
    """
    from kiwoom_provider.quality.results import Verdict

    for each in Verdict:
        stats.incr(f"kiwoom.audit.{each}", int(each is verdict))
    if verdict is not None:
        stats.gauge("kiwoom.audit.lowered", lowered)


def count_restated(rows: int, compared: int) -> None:
    """Count reference rows of the session before of which ka10059 says otherwise now, and those asked again."""
    stats.incr("kiwoom.restated.rows", rows)
    stats.incr("kiwoom.restated.compared", compared)


def gauge_calendar(ends: date, now: datetime) -> None:
    """Tell how many days the calendar still knows; later ones are refused."""
    stats.gauge("kiwoom.calendar.days_left", (ends - now.astimezone(KST).date()).days)


def gauge_published(store: Store, settle_time: time, now: datetime) -> None:
    """
    Tell when the newest published session settled, and how long ago that is.

    Both say the same at this moment. Afterwards only the instant stays true, so an alert is set on that one.

    :param settle_time: time of day in KST from which a session may be fetched.
    """
    try:
        newest = layout.newest_published(store)
    except StoreError as error:
        log.warning("The newest published session cannot be told: %s", error)
        return
    if newest is not None:
        settled_at = datetime.combine(newest, settle_time, settle_time.tzinfo or KST)
        stats.gauge("kiwoom.published.settled_at", settled_at.timestamp())
        stats.gauge("kiwoom.published.age", (now - settled_at).total_seconds())
