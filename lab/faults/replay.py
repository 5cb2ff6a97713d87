"""Rebuild Tuesday from its raw, with the very functions that the DAG's tasks call in a replay."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from kiwoom_provider.krx import calendar
from kiwoom_provider.parameters import parameter_sets
from kiwoom_provider.pipeline.fetch import replay_set
from kiwoom_provider.pipeline.plan import Mode, Plan
from kiwoom_provider.pipeline.publish import Publisher
from lab.faults.night import SIDES, TUESDAY
from lab.nights.stage import SETS

if TYPE_CHECKING:
    from kiwoom_provider.datasets.store import Store

RUN = "replay"


def replay(store: Store) -> None:
    """Type every set anew, audit and publish; no call is made."""
    krx = calendar()
    session = krx.session(date.fromisoformat(TUESDAY))
    plan = Plan.of(krx, session.session_date, Mode.REPLAY, parameter_sets(SETS | SIDES))
    for parameters in plan.sets:
        replay_set(store, session, parameters)
    publisher = Publisher(store, plan, RUN)
    examined = publisher.examine()
    now = datetime.now(UTC)
    publisher.publish(examined, publisher.audit(examined, now), now)
