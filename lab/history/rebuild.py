"""The history's stages in one process, without Airflow: plan, fetch, pivot, totals, publish."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kiwoom_provider.history.fetch_chunk import ChunkFetcher
from kiwoom_provider.history.history_plan import HistoryError, make_plan
from kiwoom_provider.history.pivot import Pivot
from kiwoom_provider.history.rebuilt_publisher import RebuiltPublisher
from kiwoom_provider.krx import calendar
from kiwoom_provider.pipeline.errors import SessionError
from kiwoom_provider.pipeline.fetch_securities import keep_securities
from kiwoom_provider.pipeline.plan import Mode, Plan

if TYPE_CHECKING:
    from datetime import date, datetime

    from kiwoom_provider.api.call_source import CallSource
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.history.history_plan import HistoryPlan

RUN = "manual__history"


@dataclass
class Rebuilt:
    """
    What became of a range.

    :ivar refused: rows that broke a law, by law.
    :ivar published: sessions.
    :ivar withheld: sessions that were not published, with the reason.
    """

    calls: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    published: list[date] = field(default_factory=list)
    withheld: dict[date, str] = field(default_factory=dict)


def keep_master(store: Store, source: CallSource, day: date) -> None:
    """Keep the securities of a session, which the plan goes by."""
    keep_securities(source, store, Plan.of(calendar(), day, Mode.LIVE, ()), RUN)


def plan_of(store: Store, start: date, end: date, now: datetime, **asked: Any) -> HistoryPlan:
    """Plan a range, without a day's bound on its calls."""
    return make_plan(store, calendar(), {"start": str(start), "end": str(end)} | asked, now, calls_a_day=10**9)


def fetch(store: Store, source: CallSource, plan: HistoryPlan, now: datetime) -> int:
    """Fetch every chunk, and return the calls."""
    fetcher = ChunkFetcher(store, source, RUN, lambda: now, _nothing, _nothing)
    return sum(fetcher.fetch(chunk).calls for chunk in plan.chunks)


def publish(store: Store, source: CallSource, plan: HistoryPlan, now: datetime) -> Rebuilt:
    """Turn what is fetched into sets, and publish every session of it that passes."""
    done = Rebuilt()
    for place in plan.places:
        done.refused.update(Pivot.of(store, plan, place, RUN).write(plan.blocks[place[-1]]).refused)
    for day in plan.sessions:
        try:
            _publish(store, source, plan, day, now)
        except (SessionError, HistoryError) as error:
            done.withheld[day] = str(error)
        else:
            done.published.append(day)
    return done


def _publish(store: Store, source: CallSource, history: HistoryPlan, day: date, now: datetime) -> None:
    publisher = RebuiltPublisher(store, history.plan_of(day), RUN, replace=history.replace)
    publisher.gather_totals(source)
    examined = publisher.examine()
    report, _ = publisher.audit_and_report(examined, now)
    publisher.publish_and_summarise(examined, report, now)


def _nothing() -> None:
    """No rate, and no night that goes first."""
