"""One fetch of a session: sweep a parameter set, then ask for what it, and the session before, are held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiwoom_provider.pipeline.sweep import SweepRunner
from kiwoom_provider.proof.evidence import EvidenceStore
from kiwoom_provider.proof.restatements import ask_ahead
from kiwoom_provider.proof.settlement_check import CallCounter

if TYPE_CHECKING:
    from kiwoom_provider.clock import Clock
    from kiwoom_provider.datasets.store import Store
    from kiwoom_provider.parameters import ParameterSet
    from kiwoom_provider.pipeline.plan import Plan
    from kiwoom_provider.pipeline.refetch import Api
    from kiwoom_provider.pipeline.sweep_summary import SweepSummary


def fetch_set(
    store: Store, api: Api, clock: Clock, plan: Plan, parameters: ParameterSet, *, run_id: str
) -> SweepSummary:
    """
    Take one set into the store, with its evidence; return its summary, with the calls made beside the sweep's.

    The session before is looked at again here, a set at a time, since ka10059 has time while ka10066 is swept.

    :raises SessionOverError: when the session's window closes before the sweep ends.
    :raises KiwoomError: as the API fails; pages that arrived are kept.
    """
    evidence = EvidenceStore(store, plan.session.session_date, plan.session_before)
    before = EvidenceStore(store, plan.session_before, plan.session_before)
    asked = CallCounter(api)
    if plan.begins_implied(parameters) and plan.can_fetch(clock.now()):
        evidence.gather_sides(asked, parameters)
    summary, table = SweepRunner(store, api, plan.session, run_id, clock).collect(parameters)
    tonight = evidence.gather(asked, parameters, table=table)
    ask_ahead(before, tonight, asked, parameters, since=plan.session.settles_at)
    return summary.model_copy(update=asked.counts())
